/**
 * The real local system, as `npm start` runs it, with its sample session at its end. More sessions are put in by the API itself: an export is made
 * larger, and imported.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { run } from '../../crash/restart/running.ts';

type Entry = { seq: number; at: string; iteration: number; type: string; data: Record<string, unknown> };
type SessionFile = {
  session: { goal: string; max_iterations: number };
  state: object;
  iteration: number;
  messages: { content: { text?: string }[] }[];
  journal: Entry[];
};

export type BenchSystem = {
  url: string;
  /** The link that `npm start` prints: it signs in. */
  link: string;
  /** Until the user has so many sessions, none of which moved lately. */
  fill(sessions: number): Promise<void>;
  /** The id of a session with at least so many iterations. */
  long(iterations: number): Promise<string>;
};

const START = '2026-11-10T08:00:00Z';
const DAY_MS = 86_400_000;
/** A stream of all events begins with the sessions that moved in the last minutes. After so long none of them is one. */
const REST_MS = 600_000;
const PATIENCE_MS = 180_000;
/** Of ten sessions. Those that an import leaves as they are, so that nothing moves while something is measured. */
const STATES = [
  { state: 'waiting', question: 'Barn owls, or eagle owls?' },
  { state: 'paused', error: null },
  {
    state: 'ended',
    outcome: 'failed',
    result: null,
    error: { code: 'tool_failed', message: 'The page is not there.' },
  },
];

/** Its data is in memory. It ends with `stack`, and with this process. */
export async function startSystem(stack: AsyncDisposableStack): Promise<BenchSystem> {
  const running = run({ DATA_DIR: 'memory', NOW: START, SAMPLE: '1', LOG: '' });
  process.once('exit', running.sweep);
  stack.defer(async () => {
    running.sweep();
    await running.gone();
  });
  const { url } = await running.ready;
  const link = /^Dashboard +(\S+)/m.exec(running.printed())?.[1] ?? '';
  const headers = { authorization: `Bearer ${/key=(\S+)/.exec(link)?.[1]}` };
  const ask = async <T>(path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<T> => {
    const sent = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(url + path, { headers, ...sent });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const put = (session: object) => ask<{ id: string }>('/v1/sessions/import', gzipSync(JSON.stringify(session)));
  const file = await ask<SessionFile>(`/v1/sessions/${await sample(ask)}/export`);
  let made = 1;
  return {
    ...{ url, link },
    async fill(sessions) {
      for (; made < sessions; made++) await put(small(file, made));
      await ask('/local/clock', JSON.stringify({ advance_ms: REST_MS }));
    },
    async long(iterations) {
      made += 1;
      return (await put(longer(file, iterations))).id;
    },
  };
}

/** The id of the sample session, once it has ended. */
async function sample(ask: <T>(path: string) => Promise<T>): Promise<string> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { data } = await ask<{ data: { id: string; status: string }[] }>('/v1/sessions');
    if (data[0]?.status === 'completed') return data[0].id;
    await delay(500);
  }
  throw new Error(`The sample session did not end within ${PATIENCE_MS / 1_000} s.`);
}

/** Another goal and state, and the beginning of its journal alone. */
function small(file: SessionFile, number: number): object {
  const goal = `Write report ${number} on the owls of northern forests, with sources`;
  const [first, ...others] = file.messages;
  const messages = [{ ...first, content: [{ ...first!.content[0], text: goal }] }, ...others];
  const state = STATES[number % 10] ?? file.state;
  return {
    ...file,
    session: { ...file.session, goal },
    messages,
    state,
    journal: file.journal.slice(0, 1),
    files: [],
    ledger: [],
  };
}

/** Its journal again and again, each time some days later; the last time ends today. */
function longer(file: SessionFile, iterations: number): object {
  const { journal, iteration: each } = file;
  const days = Math.ceil((Date.parse(journal.at(-1)!.at) - Date.parse(journal[0]!.at)) / DAY_MS) + 1;
  const times = Math.ceil(iterations / each);
  const within = journal.filter(({ type }) => type !== 'agent.started' && type !== 'agent.completed');
  const entries = Array.from({ length: times }, (_, time) =>
    within.map((entry) => ({
      ...entry,
      at: new Date(Date.parse(entry.at) - (times - 1 - time) * days * DAY_MS).toISOString(),
      iteration: entry.iteration + time * each,
      data:
        'tool_use_id' in entry.data ? { ...entry.data, tool_use_id: `${entry.data.tool_use_id}_${time}` } : entry.data,
    })),
  );
  const started = { ...journal[0]!, at: entries[0]![0]!.at };
  const all = [started, ...entries.flat(), journal.at(-1)!].map((entry, i) => ({ ...entry, seq: i + 1 }));
  const session = { ...file.session, max_iterations: 100_000 };
  return { ...file, session, iteration: times * each, journal: all, files: [], ledger: [] };
}
