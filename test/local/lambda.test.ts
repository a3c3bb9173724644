import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer, FunctionError, LambdaFunction } from '../../lib/local/lambda/function.ts';
import { type Invoker, type InvokerOptions, startInvoker } from '../../lib/local/lambda/invoker.ts';

const root = fileURLToPath(new URL('./fixtures', import.meta.url));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const fixture = (name: string, change: Partial<LambdaFunction> = {}): LambdaFunction => ({
  name,
  root,
  handler: `handlers.${name}`,
  timeoutMs: 30_000,
  initTimeoutMs: 60_000,
  memoryMb: 128,
  concurrency: 2,
  env: {},
  ...change,
});

const start = (functions: LambdaFunction[], options: Partial<InvokerOptions> = {}): Invoker => {
  const invoker = startInvoker({ functions, ...options });
  closers.push(() => invoker.close());
  return invoker;
};

/** A server that handlers connect to, to show that they run; `meeting` resolves with the next one. */
const rendezvous = async () => {
  const server: Server = createServer();
  const arrived: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    const next = waiting.shift();
    if (next) next(socket);
    else arrived.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const meeting = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = arrived.shift();
      if (socket) resolve(socket);
      else waiting.push(resolve);
    });
  return { port: (server.address() as AddressInfo).port, meeting, arrived };
};

const payloadOf = (answer: Answer) => (answer as { payload: Record<string, unknown> }).payload;
const failureOf = (running: Promise<unknown>): Promise<FunctionError> =>
  running.then(
    () => expect.unreachable('the invocation should fail'),
    (error) => error,
  );
const textOf = async (answer: Answer): Promise<string> => {
  let text = '';
  if (answer.type === 'streamed') for await (const chunk of answer.body) text += chunk;
  return text;
};

describe('an invocation', () => {
  it('gets its event and context, and an environment that holds only what was passed', async () => {
    const invoker = start([fixture('echo', { env: { GIVEN: 'yes' } })]);
    const payload = payloadOf(await invoker.invoke('echo', { hello: 'wörld' }));
    expect(payload).toMatchObject({ event: { hello: 'wörld' }, name: 'echo', calls: 1 });
    expect(payload.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload.remaining).toBeGreaterThan(0);
    expect(payload.remaining).toBeLessThanOrEqual(30_000);
    const own = ['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_RUNTIME_API', 'GIVEN'];
    expect(payload.env).toEqual([...own, 'LAMBDA_TASK_ROOT', 'TZ', '_HANDLER']);
  });

  it('is killed at its timeout, even in a busy loop, and the next one gets a new process', async () => {
    const invoker = start([fixture('spin', { timeoutMs: 300 }), fixture('echo')]);
    const error = await failureOf(invoker.invoke('spin', {}));
    expect(error).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(error.message).toContain('Task timed out after 0.30 seconds');
    expect(invoker.pids('spin')).toEqual([]);
    expect(await failureOf(invoker.invoke('spin', {}))).toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  it('reports what the handler threw and keeps the process', async () => {
    const invoker = start([fixture('fail')]);
    const error = await failureOf(invoker.invoke('fail', {}));
    expect(error).toMatchObject({ errorType: 'RangeError', message: 'out of range' });
    await invoker.drain();
    expect(invoker.pids('fail')).toHaveLength(1);
  });

  it('that ends its process is a Runtime.ExitError', async () => {
    const invoker = start([fixture('exit')]);
    const error = await failureOf(invoker.invoke('exit', {}));
    expect(error.errorType).toBe('Runtime.ExitError');
    expect(error.message).toContain('exit status 3');
  });

  it('of a handler that is not there names it', async () => {
    const invoker = start([fixture('absent'), fixture('nowhere', { handler: 'missing.handler' })]);
    expect(await failureOf(invoker.invoke('absent', {}))).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
    expect((await failureOf(invoker.invoke('nowhere', {}))).message).toContain('missing.ts');
    expect((await failureOf(invoker.invoke('unknown', {}))).errorType).toBe('ResourceNotFoundException');
  });

  it('fails when loading the handler takes too long', async () => {
    const invoker = start([fixture('echo', { initTimeoutMs: 1 })]);
    const error = await failureOf(invoker.invoke('echo', {}));
    expect(error).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(error.message).toContain('Init timed out');
  });

  it('may take and answer 6 MB and no more', async () => {
    const invoker = start([fixture('large')]);
    const limit = 6 * 1024 * 1024;
    expect((await invoker.invoke('large', { bytes: limit - 2 })) as object).toMatchObject({ type: 'buffered' });
    expect((await failureOf(invoker.invoke('large', { bytes: limit }))).errorType).toBe(
      'Function.ResponseSizeTooLarge',
    );
    const error = await failureOf(invoker.invoke('large', 'x'.repeat(limit)));
    expect(error.errorType).toBe('RequestTooLargeException');
  });
});

describe('the pool', () => {
  it('uses a warm process again', async () => {
    const invoker = start([fixture('echo')]);
    const first = payloadOf(await invoker.invoke('echo', {}));
    await invoker.drain();
    const second = payloadOf(await invoker.invoke('echo', {}));
    expect(second).toMatchObject({ pid: first.pid, calls: 2 });
  });

  it('thaws a frozen process for its next invocation', async () => {
    const invoker = start([fixture('echo', { freeze: true })]);
    const first = payloadOf(await invoker.invoke('echo', {}));
    await invoker.drain();
    expect(payloadOf(await invoker.invoke('echo', {}))).toMatchObject({ pid: first.pid, calls: 2 });
  });

  it('runs no more at a time than its concurrency, and the rest in turn', async () => {
    const { port, meeting, arrived } = await rendezvous();
    const invoker = start([fixture('meet', { concurrency: 2 })]);
    const running = [1, 2, 3].map(() => invoker.invoke('meet', { port }));
    const [first, second] = [await meeting(), await meeting()];
    expect(invoker.pids('meet')).toHaveLength(2);
    expect(arrived).toHaveLength(0);
    first.write('go');
    const third = await meeting();
    expect(invoker.pids('meet')).toHaveLength(2);
    for (const socket of [second, third]) socket.write('go');
    const pids = (await Promise.all(running)).map((answer) => answer.type === 'buffered' && answer.payload);
    expect(new Set(pids).size).toBe(2);
  });

  it('pauses between invocations and starts none until it is resumed', async () => {
    const { port, meeting } = await rendezvous();
    const invoker = start([fixture('meet'), fixture('echo')]);
    const running = invoker.invoke('meet', { port });
    const socket = await meeting();
    let quiet = false;
    const paused = invoker.pause().then(() => {
      quiet = true;
    });
    const later = invoker.invoke('echo', {});
    expect(quiet).toBe(false);
    socket.write('go');
    await running;
    await paused;
    expect(invoker.pids('echo')).toEqual([]);
    invoker.resume();
    expect(payloadOf(await later).calls).toBe(1);
  });

  it('retries an event invocation twice and then gives it up', async () => {
    const { port, meeting } = await rendezvous();
    const given = Promise.withResolvers<FunctionError>();
    const onFailure = (_name: string, error: FunctionError) => given.resolve(error);
    const invoker = start([fixture('flaky')], { retryDelaysMs: [0, 0], onFailure });
    invoker.invokeAsync('flaky', { port });
    for (let tries = 0; tries < 3; tries += 1) (await meeting()).write('go');
    expect((await given.promise).message).toBe('again');
  });

  it('ends its children when it closes, and with it what they ran', async () => {
    const { port, meeting } = await rendezvous();
    const invoker = start([fixture('orphan', { concurrency: 1 })]);
    const running = [failureOf(invoker.invoke('orphan', { port })), failureOf(invoker.invoke('orphan', { port }))];
    const socket = await meeting();
    const gone = once(socket.resume(), 'close');
    await invoker.close();
    await gone;
    expect((await Promise.all(running)).map((error) => error.errorType)).toEqual([
      'Runtime.ExitError',
      'ServiceException',
    ]);
  });

  it('leaves no orphan: a child in a busy loop dies when its parent is killed', async () => {
    const { port, meeting } = await rendezvous();
    const script = fileURLToPath(new URL('./fixtures/orphan-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [script, String(port)], { stdio: 'inherit' });
    closers.push(() => parent.kill('SIGKILL'));
    const socket = await meeting();
    const gone = once(socket.resume(), 'close');
    parent.kill('SIGKILL');
    await gone;
    expect(socket.destroyed).toBe(true);
  });
});

describe('a streamed response', () => {
  it('arrives with its prelude, then chunk by chunk', async () => {
    const invoker = start([fixture('stream')]);
    const answer = await invoker.invoke('stream', { chunks: ['data: 1\n\n', 'data: 2\n\n'] });
    expect(answer).toMatchObject({
      type: 'streamed',
      prelude: { statusCode: 201, headers: { 'content-type': 'text/event-stream' }, cookies: ['a=1'] },
    });
    expect(await textOf(answer)).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('may be empty but for its prelude', async () => {
    const invoker = start([fixture('stream')]);
    const answer = await invoker.invoke('stream', { chunks: [] });
    expect(answer).toMatchObject({ prelude: { statusCode: 201 } });
    expect(await textOf(answer)).toBe('');
  });

  it('needs no prelude', async () => {
    const invoker = start([fixture('plainStream')]);
    const answer = await invoker.invoke('plainStream', {});
    expect(answer).toMatchObject({ type: 'streamed', prelude: null });
    expect(await textOf(answer)).toBe('plain');
  });

  it('that fails before its first byte is a failed invocation', async () => {
    const invoker = start([fixture('plainStream')]);
    expect((await failureOf(invoker.invoke('plainStream', { early: true }))).message).toBe('before the first byte');
  });

  it('that fails midway breaks off, and the process goes on', async () => {
    const invoker = start([fixture('stream')]);
    const answer = await invoker.invoke('stream', { chunks: ['data: 1\n\n'], fail: true });
    await expect(textOf(answer)).rejects.toThrow('broke off');
    await invoker.drain();
    expect(await textOf(await invoker.invoke('stream', { chunks: ['x'] }))).toBe('x');
  });
});
