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
/** For how long pages are begun. */
const SENDING_MS = 15_000;
/** For the last one and its cursors. */
const MARGIN_MS = 15_000;

/** What is to be sent first, and when there will be more. `sender`: who has asked, and alone may send for a minute. */
export type TraceLook = TraceSweep & { sender: string };

/** One request. Null where it failed; the next minute tries again. */
export async function lookForTraces({ tracing, log }: SendDeps): Promise<TraceLook | null> {
  try {
    const sender = randomUUID();
    return { ...(await tracing.traces.sweep({ sender, sessions: SESSIONS, entries: ENTRIES })), sender };
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

async function sendAll(world: SendDeps, { sender, due: first }: TraceLook, time: SendTime): Promise<void> {
  const { traces } = world.tracing;
  const start = time.elapsed();
  for (let due = first; due.length > 0; ) {
    const isOver = () => time.elapsed() - start > SENDING_MS || time.remaining() < MARGIN_MS;
    const { taken, away } = await sendPage(world, due, isOver);
    const failed = away && { waitMs: away.waitMs };
    const last = failed !== null || isOver();
    await traces.settle({ sender, taken, failed, last });
    if (last) return;
    ({ due } = await traces.sweep({ sender, sessions: SESSIONS, entries: ENTRIES }));
    if (due.length === 0) await traces.settle({ sender, taken: [], failed: null, last: true });
  }
}

type Read = TakenTrace & { spans: TraceSpan[] };
type Away = Extract<SpansAnswer, { type: 'away' }>;
type Sent = { taken: TakenTrace[]; away: Away | null };

async function sendPage(world: SendDeps, due: DueTrace[], isOver: () => boolean): Promise<Sent> {
  const read = due.map((one) => readOf(world, one));
  const sent = await deliver(world, read, isOver);
  if (sent.away) world.log({ level: 'warn', message: 'receiver of traces away', error: sent.away.reason });
  return sent;
}

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

/** What is refused is sent in halves, until it is known whose spans nobody takes: these are given up, and no others. */
async function deliver(world: SendDeps, sessions: Read[], isOver: () => boolean): Promise<Sent> {
  const { log, tracing } = world;
  const spans = sessions.flatMap((one) => one.spans);
  const taken = sessions.map(({ sessionId, seq, stretch }) => ({ sessionId, seq, stretch }));
  if (spans.length === 0) return { taken, away: null };
  const answer = await tracing.receiver.post(requestOf(spans, tracing.service));
  if (answer.type === 'away') return { taken: [], away: answer };
  if (answer.type === 'taken') {
    const { rejected, reason } = answer;
    log({ level: 'info', message: 'traces sent', spans: spans.length - rejected });
    if (rejected > 0 || reason !== null)
      log({ level: 'warn', message: 'receiver rejected spans', spans: rejected, error: reason });
    return { taken, away: null };
  }
  if (sessions.length === 1) {
    const session = sessions[0]?.sessionId;
    log({ level: 'error', message: 'spans given up', session, spans: spans.length, error: answer.reason });
    return { taken, away: null };
  }
  const half = Math.ceil(sessions.length / 2);
  const first = await deliver(world, sessions.slice(0, half), isOver);
  if (first.away || isOver()) return first;
  const second = await deliver(world, sessions.slice(half), isOver);
  return { taken: [...first.taken, ...second.taken], away: second.away };
}
