/**
 * Sends what the journals have to the receiver of traces, from the wake function, beside its notices: after its sweep, and within a time of its own. A
 * session's spans leave in order, one request at a time. Its cursor moves after the receiver took them: a sender that dies in between sends them
 * again, under the same ids.
 */
import { randomUUID } from 'node:crypto';
import type { DueTrace, Log, SpanReceiver, SpansAnswer, TakenTrace, TraceSweep, Traces } from '../ports/index.ts';
import { requestOf, type TraceSpan } from './otlp.ts';
import { spansOf } from './spans.ts';

/** `service`: the name of the service in each request. `content`: whether texts, arguments and results are sent. */
export type Tracing = { traces: Traces; receiver: SpanReceiver; service: string; content: boolean };

type SendDeps = { tracing: Tracing; log: Log };

/** Milliseconds. `remaining`: what is left of the invocation; `elapsed`: real time that only grows. */
type SendTime = { remaining: () => number; elapsed: () => number };

/** A page: at most two megabytes without content, and ten with it. */
const SESSIONS = 20;
const ENTRIES = 100;
/** For how long requests are begun, from the look on: with the last one well within the minute for which a sender has the right. */
const SENDING_MS = 15_000;
/** For the last one and its cursors. */
const MARGIN_MS = 15_000;

/** What is to be sent first, and when there will be more. `sender`: who has asked, and alone may send for a minute from `since`, in elapsed time. */
export type TraceLook = TraceSweep & { sender: string; since: number };

/** One request. Null where it failed; the next minute tries again. */
export async function lookForTraces({ tracing, log }: SendDeps, time: SendTime): Promise<TraceLook | null> {
  try {
    const [sender, since] = [randomUUID(), time.elapsed()];
    return { ...(await tracing.traces.sweep({ sender, sessions: SESSIONS, entries: ENTRIES })), sender, since };
  } catch (error) {
    log({ level: 'warn', message: 'traces failed', error: String(error) });
    return null;
  }
}

/** Never throws: what is not sent comes up again. */
export async function sendTraces(world: SendDeps, look: TraceLook, time: SendTime): Promise<void> {
  try {
    await sendAll(world, look, time);
  } catch (error) {
    world.log({ level: 'warn', message: 'traces failed', error: String(error) });
  }
}

async function sendAll(world: SendDeps, { sender, since, due: first }: TraceLook, time: SendTime): Promise<void> {
  const { log, tracing } = world;
  const run: Run = {
    isOver: () => time.elapsed() - since > SENDING_MS || time.remaining() < MARGIN_MS,
    wasTaken: false,
    held: new Map(),
  };
  for (let due = first; due.length > 0; ) {
    const page = due.filter(({ sessionId }) => !run.held.has(sessionId));
    const { away: said, ...told } = await sendPage(world, page, run);
    const isOver = run.isOver();
    // What was refused stands behind all others, so a page of nothing else is the last.
    const away = said ?? (page.length === 0 || isOver ? refusesAll(run) : null);
    if (away) log({ level: 'warn', message: 'receiver of traces away', error: away.reason });
    const [failed, last] = [away && { waitMs: away.waitMs }, away !== null || isOver];
    await tracing.traces.settle({ sender, ...told, took: run.wasTaken, failed, last });
    if (last) return;
    ({ due } = await tracing.traces.sweep({ sender, sessions: SESSIONS, entries: ENTRIES }));
    if (due.length === 0)
      await tracing.traces.settle({ sender, taken: [], refused: [], took: run.wasTaken, failed: null, last: true });
  }
}

/**
 * `wasTaken`: whether the receiver took any request of this run, so that what it refuses is the fault of that alone. `held`: by session, what it refused
 * before it took any. It is not asked for these again in this run.
 */
type Run = { isOver: () => boolean; wasTaken: boolean; held: Map<string, Refused> };
type Read = TakenTrace & { spans: TraceSpan[] };
type Refused = { cursor: TakenTrace; spans: number; reason: string };
type Away = Extract<SpansAnswer, { type: 'away' }>;
type Sent = { taken: TakenTrace[]; refused: string[]; away: Away | null };
/** `refused`: each of these alone. */
type Delivered = { taken: Read[]; refused: Refused[]; away: Away | null };

/** What the receiver refused is given up once it has taken something, and is put behind all others until then. */
async function sendPage(world: SendDeps, due: DueTrace[], run: Run): Promise<Sent> {
  const read = due.map((one) => readOf(world, one));
  const { taken, refused, away } = await deliver(world, read, run);
  for (const one of refused) run.held.set(one.cursor.sessionId, one);
  const cursors = taken.map(cursorOf);
  if (!run.wasTaken) return { taken: cursors, refused: refused.map(({ cursor }) => cursor.sessionId), away };
  const givenUp = [...run.held.values()];
  run.held.clear();
  for (const { cursor, spans, reason } of givenUp)
    world.log({ level: 'error', message: 'spans given up', session: cursor.sessionId, spans, error: reason });
  return { taken: [...cursors, ...givenUp.map(({ cursor }) => cursor)], refused: [], away };
}

/** Who takes nothing at all is set up wrongly, or is no receiver of OTLP in JSON. All is kept until that is mended. */
function refusesAll({ held }: Run): Away | null {
  const [first] = held.values();
  return first ? { type: 'away', reason: `it takes nothing: ${first.reason}`, waitMs: null } : null;
}

const cursorOf = ({ sessionId, seq, stretch }: Read): TakenTrace => ({ sessionId, seq, stretch });

/** A journal that cannot be read, which an import may have brought, holds nobody up: its entries are passed over. */
function readOf({ tracing, log }: SendDeps, due: DueTrace): Read {
  const { sessionId, entries, seq } = due;
  try {
    return { ...spansOf(due, tracing), sessionId };
  } catch (error) {
    log({ level: 'error', message: 'spans given up', session: sessionId, error: String(error) });
    return { sessionId, seq: entries.at(-1)?.seq ?? seq, stretch: null, spans: [] };
  }
}

/** What is refused is sent in halves, until it is known whose spans are not taken. */
async function deliver(world: SendDeps, sessions: Read[], run: Run): Promise<Delivered> {
  const { log, tracing } = world;
  const spans = sessions.flatMap((one) => one.spans);
  const none = { taken: [], refused: [], away: null };
  if (spans.length === 0) return { ...none, taken: sessions };
  if (run.isOver()) return none;
  const answer = await tracing.receiver.post(requestOf(spans, tracing.service));
  if (answer.type === 'away') return { ...none, away: answer };
  if (answer.type === 'taken') {
    const { rejected, reason } = answer;
    run.wasTaken = true;
    log({ level: 'info', message: 'traces sent', spans: spans.length - rejected });
    if (rejected > 0 || reason !== null)
      log({ level: 'warn', message: 'receiver rejected spans', spans: rejected, error: reason });
    return { ...none, taken: sessions };
  }
  const [session] = sessions;
  if (session && sessions.length === 1)
    return { ...none, refused: [{ cursor: cursorOf(session), spans: spans.length, reason: answer.reason }] };
  const half = Math.ceil(sessions.length / 2);
  const first = await deliver(world, sessions.slice(0, half), run);
  if (first.away) return first;
  const second = await deliver(world, sessions.slice(half), run);
  return {
    taken: [...first.taken, ...second.taken],
    refused: [...first.refused, ...second.refused],
    away: second.away,
  };
}
