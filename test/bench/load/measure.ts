/** What a run did, out of the functions' log lines and the times of their invocations. */
import type { CloudRequest, Invocation } from '../../../lib/local/options.ts';

/** A line of a transition: `ms` is what its effect took, `at` when it was over (milliseconds). */
type Line = { at: number; message: string; session: string; ms: number };
export type Error = { at: number; what: string };

export type Collected = { invocations: Invocation[]; lines: Line[]; requests: Map<string, number>; errors: Error[] };
export type Percentiles = { median: number; p99: number; most: number };
export type Measured = {
  seconds: number;
  iterations: number;
  perSecond: number;
  /** Of each iteration: all of its invocation but the model call. And between a message's sending and its delivery. Milliseconds. */
  overhead: Percentiles;
  model: Percentiles;
  waited: Percentiles;
  /** The median of each step, milliseconds. */
  steps: Record<string, number>;
  /** Requests per iteration, by service and name. */
  requests: Record<string, number>;
  errors: Error[];
};

const STEPS = ['claimed', 'reserve', 'think', 'settle', 'act', 'save', 'chain'];

export function collector(): Collected & {
  onLog(line: string): void;
  onRequest(request: CloudRequest): void;
  onInvocation(done: Invocation): void;
  reset(): void;
} {
  const collected: Collected = { invocations: [], lines: [], requests: new Map(), errors: [] };
  return {
    ...collected,
    onLog(text) {
      const line = parsed(text);
      if (!line || line.level === 'error')
        return void collected.errors.push({ at: Date.now(), what: text.slice(0, 500) });
      const { message, session, ms = 0 } = line;
      if (STEPS.includes(message ?? ''))
        collected.lines.push({ at: Date.parse(line.at ?? ''), message: message!, session: session!, ms });
    },
    onRequest({ service, what }) {
      const name = `${service} ${nameOf(service, what)}`;
      collected.requests.set(name, (collected.requests.get(name) ?? 0) + 1);
    },
    onInvocation(done) {
      collected.invocations.push(done);
      if (done.failed) collected.errors.push({ at: Date.now(), what: `an invocation of ${done.sessionId} failed` });
    },
    reset() {
      for (const list of [collected.invocations, collected.lines, collected.errors]) list.length = 0;
      collected.requests.clear();
    },
  };
}

type LogLine = { level?: string; at?: string; message?: string; session?: string; ms?: number };

/** Null for what is no log line: what a process said when it died. */
function parsed(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}

const nameOf = (service: CloudRequest['service'], what: string): string => {
  if (service === 'postgres')
    return (/ from workspace\(/.test(what) ? 'files' : /^select (\w+)\(/.exec(what)?.[1]) ?? 'other';
  return service === 'upstash' ? '' : what.split(' ')[0]!;
};

export function measured({ invocations, lines, requests, errors }: Collected, seconds: number): Measured {
  const bySession = Map.groupBy(lines, ({ session }) => session);
  const done = invocations.flatMap((invocation) => {
    const { sessionId, from, ms } = invocation;
    const within = (bySession.get(sessionId) ?? []).filter(({ at }) => at >= from - 1 && at <= from + ms + 1);
    const think = within.find(({ message }) => message === 'think');
    return think ? [{ ...invocation, think: think.ms, claimed: (within[0]?.at ?? from) - from }] : [];
  });
  const times = (name: string) => lines.filter(({ message }) => message === name).map(({ ms }) => ms);
  const steps = STEPS.filter((name) => name !== 'claimed').map((name) => [name, percentiles(times(name)).median]);
  return {
    seconds,
    iterations: done.length,
    perSecond: done.length / seconds,
    overhead: percentiles(done.map(({ ms, think }) => ms - think)),
    model: percentiles(done.map(({ think }) => think)),
    waited: percentiles(done.map(({ waitedMs }) => waitedMs)),
    steps: { 'open and claim': percentiles(done.map(({ claimed }) => claimed)).median, ...Object.fromEntries(steps) },
    requests: Object.fromEntries([...requests].sort().map(([name, n]) => [name.trim(), n / Math.max(1, done.length)])),
    errors: [...errors],
  };
}

function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? Number.NaN };
}
