/** The journal of a session, or of all, as it is written, over as many connections as it takes. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { components } from './contract.ts';
import { CircadianError, errorOf } from './error.ts';
import { isLost, pause, type Transport } from './transport.ts';

/** An entry of the journal, numbered from 1 without gaps. */
export type JournalEvent = components['schemas']['Event'];

/** Of the reply that is being written: `text` is all of this kind so far, and from `offset` on it is new. It is in no journal and has no number. */
export type DeltaEvent = {
  type: 'agent.delta';
  session_id: string;
  iteration: number;
  kind: 'text' | 'thought';
  offset: number;
  text: string;
};

/** The journal ends at `seq`, before the number that was asked for: it was restored from a copy. Read the session and its events anew. */
export type ResyncEvent = { type: 'agent.resync'; session_id: string; seq: number; after: number };

export type SessionEvent = JournalEvent | DeltaEvent | ResyncEvent;

export type EventsOptions = {
  /** The last `seq` that you have; 0, the default, gives the whole journal, and `now` only what comes. */
  after?: number | 'now';
  /** Ends the iteration without an error. */
  signal?: AbortSignal;
  /** Also gives the reply that is being written. */
  deltas?: boolean;
  /** Told of each connection that breaks; the next one follows by itself. */
  onBreak?: (error: unknown) => void;
  /** Told of the number to go on after, as `after`: of an event's once the next one is asked for. With `now`, first of where the journal ends. */
  onCursor?: (after: number) => void;
};

/** `cursor`: where to go on from, as `after`. */
export type CursoredEvent = (JournalEvent | AllResyncEvent) & { cursor: string };

/** Entries were lost: the cursor was of more than a day ago, or of a database that was restored since. Read your sessions anew. */
export type AllResyncEvent = { type: 'agent.resync' };

export type AllEventsOptions = Pick<EventsOptions, 'signal' | 'onBreak'> & {
  /** The `cursor` of the last event that you have; without it, only what comes. */
  after?: string;
  /** Told of each place to go on from, as `after`: first of where the stream begins, and of an event's place once the next one is asked for. */
  onCursor?: (cursor: string) => void;
};

/** Beyond the end of every journal; the answer is where it ends. */
export const BEYOND = Number.MAX_SAFE_INTEGER;
/** With a time this long the server says that an ended session's journal has been given whole. */
const OVER_MS = 3_600_000;
const LONGEST_PAUSE_MS = 30_000;
/** Whose last number is remembered, so that none comes twice. */
const MOST_SESSIONS = 10_000;

/** A frame that only says where a stream is. It is shorter than what is kept of a frame, so that none is the end of another. */
const PLACE = /^id: ([^\n]{1,20000})\n\n$/;
const KEPT = 20_100;

type Place = { after: string; retryMs: number; over: boolean };
type Following = { signal: AbortSignal; onBreak?: (error: unknown) => void };

/**
 * Each event of a session once, in order, until the session has ended and the last is given. A connection that breaks, or is silent for `timeoutMs`, is
 * made anew from the last number. Throws `CircadianError` where asking again is in vain: the session is deleted, the key is revoked.
 */
export async function* follow(
  transport: Transport,
  id: string,
  { after = 0, signal = new AbortController().signal, deltas = false, onBreak, onCursor }: EventsOptions = {},
): AsyncGenerator<SessionEvent> {
  const place = {
    after: after === 'now' ? String(BEYOND) : after > 0 ? String(after) : '',
    retryMs: 1_000,
    over: false,
  };
  let last = after === 'now' ? BEYOND : after;
  const drafts = new Map<string, string>();
  const path = `/v1/sessions/${encodeURIComponent(id)}/events/stream`;
  for await (const message of messagesOf(transport, path, place, { signal, onBreak })) {
    if (message.data === '') continue;
    const event = JSON.parse(message.data) as SessionEvent;
    if (event.type === 'agent.delta') {
      if (deltas) yield merged(drafts, event);
      continue;
    }
    const seq = Number(message.id);
    if (event.type !== 'agent.resync' && seq <= last) continue;
    const asked = last === BEYOND && after === 'now';
    last = seq;
    place.after = String(seq);
    if (event.type !== 'agent.resync' || !asked) yield event;
    onCursor?.(seq);
  }
}

/**
 * Each event of all of a user's sessions once, in the order of each session, until the signal. Begins now, or after a cursor of at most a day ago.
 * `agent.resync` says that some were lost: read your sessions anew. Throws `CircadianError` where asking again is in vain: the key is revoked.
 */
export async function* followAll(
  transport: Transport,
  { after = '', signal = new AbortController().signal, onBreak, onCursor }: AllEventsOptions = {},
): AsyncGenerator<CursoredEvent> {
  const place: Place = { after, retryMs: 1_000, over: false };
  const given = new Map<string, number>();
  for await (const { id, data } of messagesOf(transport, '/v1/events', place, { signal, onBreak })) {
    if (id) place.after = id;
    const event = data === '' ? null : (JSON.parse(data) as CursoredEvent);
    if (event && isNew(given, event)) yield { ...event, cursor: place.after };
    if (id) onCursor?.(id);
  }
}

/** `given`: the last number of each session, which this one becomes. */
function isNew(given: Map<string, number>, event: CursoredEvent): boolean {
  if (event.type === 'agent.resync') {
    given.clear();
    return true;
  }
  const { session_id: session, seq } = event;
  if (seq <= (given.get(session) ?? 0)) return false;
  // The one that has rested longest is forgotten first: its events are no longer among those that may come twice.
  given.delete(session);
  given.set(session, seq);
  if (given.size > MOST_SESSIONS) given.delete(given.keys().next().value!);
  return true;
}

/** Messages over as many connections as it takes, each from `place.after` on, which the caller moves. */
async function* messagesOf(
  transport: Transport,
  path: string,
  place: Place,
  { signal, onBreak }: Following,
): AsyncGenerator<EventSourceMessage> {
  for (let failures = 0; !signal.aborted && !place.over; ) {
    let pauseMs = 0;
    try {
      for await (const message of connection(transport, path, place, signal)) {
        failures = 0;
        yield message;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      onBreak?.(error);
      pauseMs = Math.max(waitOf(error), Math.min(LONGEST_PAUSE_MS, place.retryMs * 2 ** failures++));
    }
    if (!place.over) await pause(pauseMs || place.retryMs, signal).catch(() => undefined);
  }
}

/** The messages of one connection, whole ones only. Throws where it breaks or falls silent. */
async function* connection(
  { url, send }: Transport,
  path: string,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const headers = { accept: 'text/event-stream', ...(place.after && { 'last-event-id': place.after }) };
  const response = await send(new Request(url + path, { headers, signal }));
  if (!response.ok) throw errorOf(await response.json().catch(() => null), response);
  if (!/^text\/event-stream/.test(response.headers.get('content-type') ?? ''))
    throw new CircadianError('unknown', `What answers at ${url} is no stream of events.`, response);
  const reader = response.body!.getReader();
  const hangUp = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', hangUp);
  const messages: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onRetry(ms) {
      if (ms >= OVER_MS) place.over = true;
      else place.retryMs = ms;
    },
  });
  const decoder = new TextDecoder();
  let frame = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const text = decoder.decode(part.value, { stream: true });
      for (const piece of text.split(/(?<=\n)/)) {
        parser.feed(piece);
        // A frame without data the parser gives to nobody.
        frame = (frame + piece).slice(-KEPT);
        const [, id] = PLACE.exec(frame) ?? [];
        if (id) messages.push({ id, data: '', event: undefined });
        if (frame.endsWith('\n\n')) frame = '';
      }
      yield* messages.splice(0);
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

/** A network that fails, or a server that is busy or replaced, may be otherwise later. Everything else would be the same again. */
function isPassing(error: unknown): boolean {
  return isLost(error) || (error instanceof CircadianError && (error.status === 429 || error.status >= 500));
}

const waitOf = (error: unknown): number => (error instanceof CircadianError ? (error.retryAfter ?? 0) * 1_000 : 0);

function merged(drafts: Map<string, string>, delta: DeltaEvent): DeltaEvent {
  const { iteration, kind, offset } = delta;
  const name = `${iteration} ${kind}`;
  if (!drafts.has(name)) for (const old of drafts.keys()) if (!old.startsWith(`${iteration} `)) drafts.delete(old);
  const text = (drafts.get(name) ?? '').slice(0, offset) + delta.text;
  drafts.set(name, text);
  return { ...delta, text };
}
