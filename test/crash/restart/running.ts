/** The local system as a user runs it: one process, with all that it starts in a process group of its own, so that none can hide. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../lib/local/main.ts', import.meta.url));
/** Children notice within milliseconds that their parent is gone; a loaded machine may take a little longer to let them. */
const PATIENCE_MS = 20_000;

/** A line of a function's log; see lib/engine/drive.ts. */
export type LogLine = { level: string; message: string; session?: string; iteration?: number };

export type Running = {
  /** Rejects with all that was printed if the process ends before it is ready. */
  ready: Promise<{ url: string; adminKey: string; startMs: number }>;
  exit: Promise<number | string>;
  printed(): string;
  /** What it printed on standard error, but for the log of what went well. */
  complaints: string[];
  onLine(listener: (line: LogLine) => void): void;
  /** What its functions logged last, by session. */
  last: Map<string, string>;
  signal(name: NodeJS.Signals): void;
  /** Milliseconds until nothing of it was left. Throws if something stays. */
  gone(): Promise<number>;
  /** Ends whatever is left. For the test's end. */
  sweep(): void;
};

export const run = (env: Record<string, string>): Running => {
  const spawned = performance.now();
  const child = spawn(process.execPath, [MAIN], {
    env: { PORT: '0', SAMPLE: '0', LOG: 'all', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exit = once(child, 'exit').then(([code, signal]): number | string => code ?? signal);
  const listeners: ((line: LogLine) => void)[] = [];
  const last = new Map<string, string>();
  const complaints: string[] = [];
  let printed = '';

  eachLine(child.stderr, (text) => {
    const line = logLine(text);
    if (line?.level !== 'info') {
      printed += `${text}\n`;
      complaints.push(text);
    }
    if (!line) return;
    if (line.session) last.set(line.session, line.message);
    for (const listener of listeners) listener(line);
  });

  const ready = new Promise<{ url: string; adminKey: string; startMs: number }>((resolve, reject) => {
    let url: string | null = null;
    let startMs = 0;
    eachLine(child.stdout, (text) => {
      printed += `${text}\n`;
      if (url === null) {
        startMs = performance.now() - spawned;
        url = text;
      }
      const adminKey = /^Admin key +(\S+)/.exec(text)?.[1];
      if (adminKey) resolve({ url, adminKey, startMs });
    });
    void exit.then((how) => reject(new Error(`ended with ${how} before it was ready:\n${printed}`)));
  });
  ready.catch(() => {});

  return {
    ready,
    exit,
    last,
    complaints,
    printed: () => printed,
    onLine: (listener) => void listeners.push(listener),
    signal: (name) => void child.kill(name),
    gone: async () => {
      await exit;
      const from = performance.now();
      while (living(child.pid ?? 0).length > 0) {
        if (performance.now() - from > PATIENCE_MS) throw new Error(`${living(child.pid ?? 0).length} processes stay`);
        await sleep(5);
      }
      return performance.now() - from;
    },
    sweep: () => {
      try {
        process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
      } catch {
        // Nothing is left of it.
      }
    },
  };
};

const eachLine = (stream: ChildProcess['stdout'], take: (line: string) => void): void => {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
};

const logLine = (text: string): LogLine | null => {
  try {
    return text.startsWith('{') ? (JSON.parse(text) as LogLine) : null;
  } catch {
    return null;
  }
};

/** Processes of a group. One that has ended but was not fetched by its new parent yet is none. */
const living = (group: number): number[] =>
  statesOf().flatMap(([pid, itsGroup, state]) => (itsGroup === group && !/^[ZX]/.test(state) ? [pid] : []));

const statesOf = (): [pid: number, group: number, state: string][] => {
  if (!existsSync('/proc/self/stat')) {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat='], { encoding: 'utf8' });
    return table.split('\n').map((row) => {
      const [pid, group, state = ''] = row.trim().split(/ +/);
      return [Number(pid), Number(group), state];
    });
  }
  return readdirSync('/proc').flatMap((name): [number, number, string][] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [[Number(name), Number(group), state]];
    } catch {
      return [];
    }
  });
};
