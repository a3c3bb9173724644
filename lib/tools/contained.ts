/**
 * A process of its own for each job of the sandbox. WebAssembly, buffers and native code take memory that no limit of a thread bounds. So the
 * process is bounded. It has no environment, may read only the sandbox's own files, and may start nothing. It is the first process that the
 * kernel ends when memory is short. It is watched and ended from here, and it ends itself when this process is gone.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunEnd, RunOutcome, SandboxBounds, SandboxWeb } from '../ports/index.ts';
import { bodyOf, contentOf, framed, readBodies } from './sandbox/frame.ts';
import type { Answered, JobName, Question, Sent } from './sandbox/jobs.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Beside a bundle lies what lib/infra/sandbox.ts has made of the sources: there is no promise that a Lambda function can run TypeScript. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(`./sandbox/main.${IS_SOURCE ? 'ts' : 'mjs'}`, import.meta.url));

/** pnpm gives each package a folder of its own, and all of them lie in one. */
const PNPM = /^.*[\\/]node_modules[\\/]\.pnpm(?=[\\/])/;

/** The folders that the process may read: its own files, the packages, and with the sources also the texts that both sides share. */
function readable(): string[] {
  const own = fileURLToPath(new URL(IS_SOURCE ? '..' : './sandbox', import.meta.url));
  const beside = realpathSync(join(findPackageJSON('just-bash', pathToFileURL(ENTRY))!, '../..'));
  const packages = PNPM.exec(beside)?.[0] ?? beside;
  return [realpathSync(own), packages].map((folder) => `${folder}/*`);
}

/**
 * The kernel's own bounds: first to go when memory is short, no core file, and an end even without a watcher. Raising one's own
 * `oom_score_adj` needs no right (proc(5)). Where one of them cannot be had, the others hold.
 */
const MOST_CPU_SECONDS = 120;
const PRELUDE = `{ echo 1000 > /proc/self/oom_score_adj; ulimit -t ${MOST_CPU_SECONDS}; ulimit -c 0; } 2>/dev/null; exec "$0" "$@"`;

function start(name: JobName, heapMb: number): Child {
  const flags = ['--permission', '--allow-worker', ...readable().map((path) => `--allow-fs-read=${path}`)];
  const child = spawn('/bin/sh', ['-c', PRELUDE, process.execPath, ...flags, ENTRY, name, String(heapMb)], {
    // Not of the terminal's group: the host ends in good order on Ctrl-C, and its tools with it.
    ...{ env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  });
  // A process that is gone before it has read all: its end says so.
  child.stdin.on('error', () => {});
  return child;
}

/** Long enough for the model's next reply; an idle system keeps no process. */
const READY_MS = 60_000;

/** A process that waits for its first job, which is its only one. It has loaded what it needs, and keeps nothing here from ending. */
type Ready = { child: Child; name: JobName; heapMb: number };
let ready: Ready | null = null;

/** Starts a process ahead of its job, if none is ready. It takes a tenth of a second that the next call then need not wait. */
export function prepare(name: JobName, heapMb: number): void {
  if (ready !== null) return;
  const child = start(name, heapMb);
  const mine: Ready = { child, name, heapMb };
  ready = mine;
  const forget = () => {
    if (ready === mine) ready = null;
  };
  child.once('error', forget);
  child.once('exit', forget);
  const letGo = () => {
    if (ready !== mine) return;
    forget();
    child.kill('SIGKILL');
  };
  setTimeout(letGo, READY_MS).unref();
  for (const handle of handlesOf(child)) handle.unref();
}

type Handle = { ref(): unknown; unref(): unknown };
/** The process and its pipes, which are sockets. */
const handlesOf = (child: Child): Handle[] => [child, child.stdin, child.stdout, child.stderr] as unknown as Handle[];

function take(name: JobName, heapMb: number): Child {
  if (ready === null || ready.name !== name || ready.heapMb !== heapMb) return start(name, heapMb);
  const { child } = ready;
  ready = null;
  for (const handle of handlesOf(child)) handle.ref();
  return child;
}

const GLANCE_MS = 25;

/** The most that an answer may have: a whole tree with its names, and a page of output. */
const MOST_ANSWER_BYTES = 96_000_000;
const MOST_COMPLAINT_CHARACTERS = 2000;

const noWeb: SandboxWeb = async () => ({ refused: 'There is no network.' });

/** Has a job done, and waits for its answer or for the reason that there is none. The process is gone when this resolves. */
export async function contained(
  name: JobName,
  job: unknown,
  { wallMs, heapMb, processMb, answerBytes = MOST_ANSWER_BYTES }: SandboxBounds,
  signal: AbortSignal,
  web: SandboxWeb = noWeb,
): Promise<RunOutcome> {
  const child = take(name, heapMb);
  let peakMb = 0;
  let complaint = '';
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stderr.on('data', (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-MOST_COMPLAINT_CHARACTERS);
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>();
  const over = new AbortController();
  const watch = setInterval(() => {
    const now = memoryMb(child.pid);
    peakMb = Math.max(peakMb, now);
    if (now > processMb) end('memory');
  }, GLANCE_MS);
  const timer = setTimeout(() => end('time'), wallMs);
  const stop = () => end('called off');
  signal.addEventListener('abort', stop, { once: true });
  child.once('error', (error) => end({ failed: error.message }));
  child.once('exit', (code, by) => end(endingOf(code, by, complaint)));
  try {
    const write = (message: unknown) => {
      for (const piece of framed(bodyOf(message))) child.stdin.write(piece);
    };
    const answer = new Promise<{ sent: unknown } | { ending: RunEnd }>((resolve, reject) => {
      const take = async (body: Buffer) => {
        const said = contentOf(body) as Sent | Question;
        if (!('asking' in said)) return resolve({ sent: said });
        write({ asked: said.asking, answer: await web(said.request, over.signal) } satisfies Answered);
      };
      readBodies(
        child.stdout,
        answerBytes,
        (body) => void take(body).catch(reject),
        () => resolve({ ending: 'answer' }),
      );
    });
    write(job);
    return { ...(await Promise.race([answer, ended.then((ending) => ({ ending }))])), peakMb };
  } finally {
    clearInterval(watch);
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    over.abort();
    child.kill('SIGKILL');
    await gone;
  }
}

/** V8 ends its process by one of these when the heap is full. Source: `V8::FatalProcessOutOfMemory`, which aborts. */
const ABORTS: (string | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

function endingOf(code: number | null, by: NodeJS.Signals | null, complaint: string): RunEnd {
  if (ABORTS.includes(by)) return 'heap';
  if (by !== null) return 'system';
  return { failed: `the sandbox ended with status ${code}. ${complaint}`.trim() };
}

/** What the kernel has given it, in megabytes; 0 if it is gone. The larger number holds what came and went between two glances. */
export function memoryMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}
