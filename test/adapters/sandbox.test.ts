/** The sandbox as a function, over the AWS SDK and HTTP: the real handler in a process of its own, behind Lambda's `Invoke` on loopback. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lambdaSandbox } from '../../lib/adapters/aws/sandbox.ts';
import { FunctionError } from '../../lib/local/lambda/function.ts';
import { type Invoker, startInvoker } from '../../lib/local/lambda/invoker.ts';
import type { Sandbox } from '../../lib/ports/index.ts';
import { answerOf, bashJob, sandboxContract } from '../contract/sandbox.ts';
import { startLambdaApi } from '../kit/lambda-api.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BOUNDS = { wallMs: 20_000, heapMb: 256, processMb: 400 };
const NEVER = new AbortController().signal;

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** `invoke`: left out, the real function. What runs beside is noted, and answered with its job. */
async function start(invoke?: Invoker['invoke']) {
  const invoker = startInvoker({
    functions: [
      {
        ...{ name: 'sandbox', root: ROOT, handler: 'functions/sandbox.handler', env: {}, concurrency: 1 },
        ...{ timeoutMs: 60_000, initTimeoutMs: 60_000, memoryMb: 1_769 },
      },
    ],
  });
  const api = await startLambdaApi(invoke ?? invoker.invoke);
  const beside: unknown[] = [];
  const here: Sandbox = {
    async run(job) {
      beside.push(job);
      return { sent: { answer: 'from beside' }, peakMb: 1 };
    },
  };
  const log = vi.fn();
  const sandbox = lambdaSandbox({ functionName: 'sandbox', here, log, region: 'us-east-1', endpoint: api.endpoint });
  const close = async () => {
    await api.close();
    await invoker.close();
  };
  return { sandbox, api, invoker, beside, log, close };
}

sandboxContract('a function of its own', start);

describe('the function of the sandbox', () => {
  it('serves one job after the other in one process, of which none finds anything of another', async () => {
    const { sandbox, invoker, close, beside } = await start();
    onTestFinished(close);
    const run = async (command: string) => answerOf(await sandbox.run(bashJob(command), BOUNDS, NEVER)).stdout;
    expect(await run('echo 1 > /tmp/left; echo 2 > left; cat /tmp/left')).toBe('1\n');
    const [pid] = invoker.pids('sandbox');
    expect(await run('ls /tmp; ls')).toBe('');
    expect(invoker.pids('sandbox')).toEqual([pid]);
    expect(beside).toEqual([]);
  });

  it('takes a workspace of text far above Lambda’s limit, packed', async () => {
    const { sandbox, api, close, beside } = await start();
    onTestFinished(close);
    const text = Buffer.from('A line of a report that repeats itself.\n'.repeat(120_000));
    const files = Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`/${n}`, text]));
    const outcome = await sandbox.run(bashJob('wc -l < 3', files), { ...BOUNDS, processMb: 800 }, NEVER);
    expect(answerOf(outcome).stdout.trim()).toBe('120000');
    expect(Math.max(...api.bytes)).toBeLessThan(1_000_000);
    expect(beside).toEqual([]);
  });

  it.each([
    [
      'a job that does not fit an invocation',
      bashJob('ls', { '/random': randomBytes(4_800_000) }),
      async () => expect.unreachable(),
      'it is too large for an invocation',
    ],
    [
      'a job whose answer does not fit',
      bashJob('ls'),
      async () => ({ type: 'buffered', payload: { tooLarge: 7_000_000 } }),
      'its answer is too large for an invocation',
    ],
  ] as const)('runs %s beside the iteration, and says so in the log', async (_, job, invoke, why) => {
    const { sandbox, log, close, beside } = await start(invoke as Invoker['invoke']);
    onTestFinished(close);
    expect(await sandbox.run(job, BOUNDS, NEVER)).toEqual({ sent: { answer: 'from beside' }, peakMb: 1 });
    expect(beside).toEqual([job]);
    expect(log.mock.calls).toEqual([[expect.objectContaining({ level: 'info', job: 'bash', why })]]);
  });

  it('has its job done beside where the account has no room for it', async () => {
    const { sandbox, api, log, close, beside } = await start();
    onTestFinished(close);
    api.throttled = true;
    await sandbox.run(bashJob('ls'), BOUNDS, NEVER);
    expect(beside).toHaveLength(1);
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ why: 'Lambda has no room for it' }));
  });

  it.each([
    ['Sandbox.Timedout', 'Task timed out after 60.00 seconds', 'time'],
    ['Runtime.OutOfMemory', 'Runtime exited with error: signal: killed', 'system'],
    ['Runtime.ExitError', 'Runtime exited with error: signal: killed', 'system'],
    ['TypeError', 'x is not a function', { failed: 'the sandbox failed: TypeError x is not a function' }],
    [
      'ResourceNotFoundException',
      'Function not found',
      {
        failed: 'the sandbox gave no answer (ResourceNotFoundException). No file was changed: call it again',
      },
    ],
  ])('that fails with %s has ended for that reason, and is not asked again', async (type, message, ending) => {
    const invoke = vi.fn(() => Promise.reject(new FunctionError(type, message)));
    const { sandbox, close, beside } = await start(invoke);
    onTestFinished(close);
    expect(await sandbox.run(bashJob('ls'), BOUNDS, NEVER)).toEqual({ ending, peakMb: 0 });
    expect(invoke).toHaveBeenCalledTimes(1);
    expect(beside).toEqual([]);
  });

  it('whose answer is lost is not asked again, since that would be paid for', async () => {
    const { sandbox, api, close, beside } = await start(() => Promise.reject(new Error('the connection breaks')));
    onTestFinished(close);
    const outcome = await sandbox.run(bashJob('ls'), BOUNDS, NEVER);
    expect(outcome).toMatchObject({ ending: { failed: expect.stringContaining('gave no answer') } });
    expect(api.bytes).toHaveLength(1);
    expect(beside).toEqual([]);
  });
});
