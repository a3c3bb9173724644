/**
 * The Lambda service on localhost: a pool of execution environments per function, one invocation in each at a time, the rest queued in
 * order. Every child process is ended by `close`, and ends by itself when this process dies.
 */
import { randomUUID } from 'node:crypto';
import { type Environment, startEnvironment } from './environment.ts';
import { type Answer, FunctionError, type Invocation, type LambdaFunction, PAYLOAD_LIMIT } from './function.ts';

export type Invoker = {
  /** Runs the function and waits. Throws `FunctionError` for whatever goes wrong in it. A streamed answer arrives with its prelude. */
  invoke(name: string, event: unknown): Promise<Answer>;
  /**
   * Event invocation: returns at once, runs up to two more times if it fails, then tells `onFailure`. What waits for a retry when the
   * invoker closes is dropped, since these hints live in memory.
   */
  invokeAsync(name: string, event: unknown): void;
  /** Starts no further invocation until `resume`; resolves when none runs. Those asked for meanwhile queue. */
  pause(): Promise<void>;
  resume(): void;
  /** Resolves when nothing runs and nothing is queued. */
  drain(): Promise<void>;
  /** Processes of a function, idle ones included. */
  pids(name: string): number[];
  /** Ends every child by SIGKILL; running and queued invocations are rejected. Resolves when all are gone. */
  close(): Promise<void>;
};

export type InvokerOptions = {
  functions: LambdaFunction[];
  /** What children print, line by line or not. */
  onOutput?: (name: string, text: string) => void;
  /** An event invocation that failed for the last time. */
  onFailure?: (name: string, error: FunctionError) => void;
  /** Delays before the retries of an event invocation. One and two minutes on Lambda. */
  retryDelaysMs?: number[];
};

/** `starting`: environments that have not loaded their handler yet. */
type Pool = {
  fn: LambdaFunction;
  all: Set<Environment>;
  starting: Set<Environment>;
  idle: Environment[];
  queue: Invocation[];
};

const emptyPool = (fn: LambdaFunction): Pool => ({ fn, all: new Set(), starting: new Set(), idle: [], queue: [] });

/**
 * Gives work to whoever is free, and starts environments for what is left. One that is freed meanwhile takes the work, since a warm one
 * is sooner there than a cold one is up.
 */
function fill(pool: Pool, start: () => Environment): void {
  while (pool.idle.length > 0 && pool.queue.length > 0) pool.idle.pop()?.run(pool.queue.shift()!);
  while (pool.starting.size < pool.queue.length && pool.all.size < pool.fn.concurrency) {
    const environment = start();
    pool.all.add(environment);
    pool.starting.add(environment);
  }
}

export function startInvoker(options: InvokerOptions): Invoker {
  const pools = new Map(options.functions.map((fn): [string, Pool] => [fn.name, emptyPool(fn)]));
  const each = [...pools.values()];
  const retries = new Set<NodeJS.Timeout>();
  const delays = options.retryDelaysMs ?? [60_000, 120_000];
  let waiters: { until: () => boolean; resolve: () => void }[] = [];
  let paused = false;
  let closed = false;

  const quiet = () => each.every((pool) => pool.all.size === pool.idle.length + pool.starting.size);
  const empty = () => quiet() && each.every((pool) => pool.queue.length === 0);
  const when = (until: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiters.push({ until, resolve });
      settle();
    });
  const settle = (): void => {
    const done = waiters.filter((waiter) => waiter.until());
    waiters = waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  };

  const dispatch = (pool: Pool): void => {
    if (!paused && !closed) fill(pool, () => start(pool));
    settle();
  };
  const start = (pool: Pool): Environment =>
    startEnvironment(pool.fn, {
      onIdle: (environment) => {
        pool.starting.delete(environment);
        pool.idle.push(environment);
        dispatch(pool);
      },
      onGone: (environment, failed) => {
        pool.all.delete(environment);
        pool.starting.delete(environment);
        pool.idle = pool.idle.filter((other) => other !== environment);
        // Whoever waited longest learns that the function cannot be loaded; the next one tries anew.
        if (failed) pool.queue.shift()?.reject(failed);
        dispatch(pool);
      },
      onOutput: (text) => options.onOutput?.(pool.fn.name, text),
    });

  const invoke = async (name: string, event: unknown): Promise<Answer> => {
    const pool = pools.get(name);
    if (!pool) throw new FunctionError('ResourceNotFoundException', `Function not found: ${name}`);
    if (closed) throw new FunctionError('ServiceException', 'The local Lambda service is closed.');
    const payload = JSON.stringify(event) ?? 'null';
    if (Buffer.byteLength(payload) > PAYLOAD_LIMIT) {
      throw new FunctionError('RequestTooLargeException', `Request must be smaller than ${PAYLOAD_LIMIT} bytes.`);
    }
    return new Promise((resolve, reject) => {
      pool.queue.push({ id: randomUUID(), payload, resolve, reject });
      dispatch(pool);
    });
  };

  const attempt = (name: string, event: unknown, tried: number): void => {
    invoke(name, event).catch((error: FunctionError) => {
      const delay = delays[tried];
      if (closed) return;
      if (delay === undefined) return options.onFailure?.(name, error);
      const timer = setTimeout(() => {
        retries.delete(timer);
        attempt(name, event, tried + 1);
      }, delay);
      retries.add(timer);
    });
  };

  return {
    invoke,
    invokeAsync: (name, event) => attempt(name, event, 0),
    pause: () => {
      paused = true;
      return when(quiet);
    },
    resume: () => {
      paused = false;
      for (const pool of each) dispatch(pool);
    },
    drain: () => when(empty),
    pids: (name) => [...(pools.get(name)?.all ?? [])].flatMap((environment) => environment.pid ?? []),
    close: async () => {
      closed = true;
      for (const timer of retries) clearTimeout(timer);
      for (const pool of each) {
        const dropped = pool.queue.splice(0);
        for (const invocation of dropped)
          invocation.reject(new FunctionError('ServiceException', 'The local Lambda service was closed.'));
      }
      await Promise.all(each.flatMap((pool) => [...pool.all].map((environment) => environment.kill())));
    },
  };
}
