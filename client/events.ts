/** The journal of a session as it is written, over as many connections as it takes. */
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
};

/** Beyond the end of every journal; the answer is where it ends. */
export const BEYOND = Number.MAX_SAFE_INTEGER;
/** With a time this long the server says that an ended session's journal has been given whole. */
const OVER_MS = 3_600_000;
const LONGEST_PAUSE_MS = 30_000;

type Place = { after: number; retryMs: number; over: boolean };

/**
 * Each event of a session once, in order, until the session has ended and the last is given. A connection that breaks, or is silent for `timeoutMs`, is
 * made anew from the last number. Throws `CircadianError` where asking again is in vain: the session is deleted, the key is revoked.
 */
export async function* follow(
  transport: Transport,
  id: string,
  { after = 0, signal = new AbortController().signal, deltas = false, onBreak }: EventsOptions = {},
): AsyncGenerator<SessionEvent> {
  const place: Place = { after: after === 'now' ? BEYOND : after, retryMs: 1_000, over: false };
  const drafts = new Map<string, string>();
  for (let failures = 0; !signal.aborted && !place.over; ) {
    let pauseMs = 0;
    try {
      for await (const message of connection(transport, id, place, signal)) {
        failures = 0;
        const event = JSON.parse(message.data) as SessionEvent;
        if (event.type === 'agent.delta') {
          if (deltas) yield merged(drafts, event);
          continue;
        }
        const seq = Number(message.id);
        if (event.type !== 'agent.resync' && seq <= place.after) continue;
        const asked = place.after === BEYOND && after === 'now';
        place.after = seq;
        if (event.type !== 'agent.resync' || !asked) yield event;
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
  id: string,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const address = `${url}/v1/sessions/${encodeURIComponent(id)}/events/stream`;
  const headers = { accept: 'text/event-stream', ...(place.after > 0 && { 'last-event-id': String(place.after) }) };
  const response = await send(new Request(address, { headers, signal }));
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
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parser.feed(decoder.decode(part.value, { stream: true }));
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
