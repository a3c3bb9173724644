/**
 * One execution environment: a child process that runs one invocation at a time. It is ended by SIGKILL at the invocation's timeout, as on
 * Lambda. If the process ends during an invocation, that invocation is rejected only when the process is gone: then no part of it still runs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Answer, FunctionError, type Invocation, type LambdaFunction } from './function.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

export type Environment = {
  readonly pid: number | undefined;
  run(invocation: Invocation): void;
  /** Ends the process; resolves when it is gone. */
  kill(): Promise<void>;
};

export type Hooks = {
  /** The environment asked for an invocation: its handler is loaded, or the last one is over. */
  onIdle: (environment: Environment) => void;
  /** The process is gone, whatever the cause; its invocation has been rejected. `failed`: it never asked for one, and why. */
  onGone: (environment: Environment, failed: FunctionError | null) => void;
  /** What the child wrote to its standard output and error. */
  onOutput: (text: string) => void;
};

const bootstrap = fileURLToPath(new URL('./bootstrap.ts', import.meta.url));

function spawnChild(fn: LambdaFunction, port: number, onOutput: (text: string) => void): ChildProcess {
  // What a handler throws names the line of its source, not of its bundle.
  const flags = ['--enable-source-maps', `--max-old-space-size=${fn.memoryMb}`];
  const child = spawn(process.execPath, [...flags, bootstrap], {
    cwd: fn.root,
    env: {
      ...fn.env,
      TZ: 'UTC',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
      LAMBDA_TASK_ROOT: fn.root,
      _HANDLER: fn.handler,
    },
    // The fourth is the socket by which the child notices that this process is gone (deathwatch.ts).
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) wholeLines(stream, onOutput);
  child.stdio[3]?.on('error', () => {});
  return child;
}

/** Lines of several children, and of a child's two streams, must not be cut in pieces of each other. What has no end is told at the end. */
function wholeLines(stream: Readable | null, onOutput: (text: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) onOutput(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  stream?.on('end', () => rest && onOutput(`${rest}\n`));
}

const exited = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal: ${signal}` : `exit status ${code}`));
  });

type State = {
  current: Invocation | null;
  loaded: boolean;
  hand: ((invocation: Invocation) => void) | null;
  child: ChildProcess | null;
  /** Why the process ends, if that is known before it does. */
  cause: FunctionError | null;
  killed: boolean;
  timer?: NodeJS.Timeout;
};

function kill(state: State): void {
  state.killed = true;
  clearTimeout(state.timer);
  state.child?.kill('SIGKILL');
}

function killAfter(state: State, ms: number, what: string): void {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => {
    state.cause = new FunctionError('Sandbox.Timedout', `${what} timed out after ${(ms / 1000).toFixed(2)} seconds`);
    kill(state);
  }, ms);
}

function give(fn: LambdaFunction, state: State): void {
  const { current, hand } = state;
  if (!current || !hand) return;
  state.hand = null;
  killAfter(state, fn.timeoutMs, `RequestId: ${current.id} Task`);
  if (fn.freeze) state.child?.kill('SIGCONT');
  hand(current);
}

/** Starts a child at once; it asks for its first invocation as soon as its handler is loaded. */
export function startEnvironment(fn: LambdaFunction, hooks: Hooks): Environment {
  const state: State = { current: null, loaded: false, hand: null, child: null, cause: null, killed: false };

  const onNext = (hand: (invocation: Invocation) => void): void => {
    if (state.killed) return;
    clearTimeout(state.timer);
    state.loaded = true;
    state.hand = hand;
    state.current = null;
    if (fn.freeze) state.child?.kill('SIGSTOP');
    hooks.onIdle(environment);
  };
  const onAnswer = (answer: Answer): void => state.current?.resolve(answer);
  const onError = (error: FunctionError): void => {
    if (state.loaded) state.current?.reject(error);
    else state.cause = error;
  };

  const live = async (): Promise<void> => {
    let api: RuntimeApi | null = null;
    let how = 'not started';
    try {
      api = await startRuntimeApi(fn, { onNext, onAnswer, onError });
      if (!state.killed) {
        state.child = spawnChild(fn, api.port, hooks.onOutput);
        killAfter(state, fn.initTimeoutMs ?? 10_000, 'Init');
        how = await exited(state.child);
      }
    } catch (error) {
      how = String(error);
    }
    clearTimeout(state.timer);
    await api?.close();
    const { current, cause, loaded } = state;
    state.current = null;
    const id = current ? `RequestId: ${current.id} ` : '';
    const error = cause ?? new FunctionError('Runtime.ExitError', `${id}Error: Runtime exited with error: ${how}`);
    current?.reject(error);
    hooks.onGone(environment, loaded ? null : error);
  };
  const gone = live();

  const environment: Environment = {
    get pid() {
      return state.child?.pid;
    },
    run: (invocation) => {
      state.current = invocation;
      give(fn, state);
    },
    kill: () => {
      kill(state);
      return gone;
    },
  };
  return environment;
}
