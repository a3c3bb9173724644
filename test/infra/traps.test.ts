/** Traps of AWS that lie in the code rather than in the configuration: what is sent, and what is done before Lambda ends an invocation. */
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqsQueue } from '../../lib/adapters/aws/queue.ts';
import { schedulerAlarm } from '../../lib/adapters/aws/scheduler.ts';
import type { Effect } from '../../lib/core/effect.ts';
import { MARGIN_MS, perform } from '../../lib/engine/perform.ts';
import type { Run } from '../../lib/engine/run.ts';
import { startScheduler } from '../../lib/local/scheduler.ts';
import { startSqs } from '../../lib/local/sqs.ts';
import type { Thought } from '../../lib/ports/index.ts';
import { testWorld } from '../kit/world.ts';

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(() => void vi.unstubAllEnvs());

describe('B8: what is under way ends while there is time left to settle and save it', () => {
  const { world } = testWorld(() => []);
  const run = (remainingMs: number): Run => ({
    ...{ id: 'ses_1', userId: 'ann', fence: 1, iteration: 0, at: () => 0, remaining: () => remainingMs },
    ...{
      watched: false,
      desired: 'run',
      checkedAt: 0,
      files: null,
      from: 1,
      past: null,
      shared: null,
      memory: null,
      view: null,
    },
    web: { access: null, knows: async () => false },
  });
  const request = { model: 'm', max_tokens: 1, system: [], tools: [], messages: [] };
  const ended: Thought = { type: 'failed', failure: { type: 'lost', message: 'cut' } } as unknown as Thought;

  it('a model call', async () => {
    const think = vi.fn(
      (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise<Thought>((resolve) => signal.addEventListener('abort', () => resolve(ended))),
    );
    const model = { ...world.model, think };
    await perform({ ...world, model }, run(MARGIN_MS + 1), { type: 'think', request } as unknown as Effect);
    expect(think.mock.calls[0]?.[1].signal.reason).toEqual(new Error('the invocation ends'));
  });

  it('tools, of which those that had no turn are not run', async () => {
    const ran: string[] = [];
    const reasons: unknown[] = [];
    const hang = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));
    const tools: typeof world.tools = {
      ...world.tools,
      effectOf: () => 'pure',
      run: async ({ name }, { signal }) => {
        ran.push(name);
        await hang(signal);
        reasons.push(signal.reason);
        return { content: 'cut', isError: true, ran: true };
      },
    };
    const calls = ['a', 'b'].map((name) => ({ id: name, name, input: {}, startedBy: null }));
    const acted = await perform({ ...world, tools }, run(MARGIN_MS + 1), { type: 'act', calls } as unknown as Effect);
    expect(ran).toEqual(['a']);
    expect(reasons).toEqual([new Error('the invocation ends')]);
    expect(acted).toMatchObject({ results: [{ id: 'a' }, { id: 'b', ran: false }] });
  });
});

describe('B13: messages and schedules carry ids only, whatever the caller’s object carries', () => {
  /** What AWS takes is 256 KB or 1 MB, by service; this is nothing near. */
  const MOST_BYTES = 1_000;
  const idsOnly = (body: string, keys: string[]) => {
    expect(Object.keys(JSON.parse(body)).sort()).toEqual(keys);
    expect(Buffer.byteLength(body)).toBeLessThan(MOST_BYTES);
  };
  const hint = { sessionId: 'ses_1', userId: 'ann', goal: 'x'.repeat(300_000) };

  it('a message', async () => {
    const sqs = await startSqs();
    const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region });
    onTestFinished(async () => {
      client.destroy();
      await sqs.close();
    });
    const queue = sqsQueue(sqs);
    await queue.send(hint, 0);
    await queue.sendAll([hint]);
    const ask = new ReceiveMessageCommand({ QueueUrl: sqs.queueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await client.send(ask);
    expect(Messages).toHaveLength(2);
    for (const { Body } of Messages) idsOnly(Body!, ['sessionId', 'userId']);
  });

  it('a schedule', async () => {
    const delivered: string[] = [];
    const clock = { now: Date.parse('2031-03-02T00:00:00Z') };
    const deliver = async ({ Input }: { Input?: string }) => void delivered.push(Input ?? '');
    const scheduler = await startScheduler({ now: () => clock.now, deliver });
    onTestFinished(() => scheduler.close());
    const { endpoint } = scheduler;
    const alarm = schedulerAlarm({ endpoint, groupName: 'g', roleArn: 'r', targetArn: 'w', region: 'us-east-1' });
    await alarm.schedule(clock.now + 60_000);
    clock.now += 60_000;
    await scheduler.fireDue();
    expect(delivered).toHaveLength(1);
    for (const input of delivered) idsOnly(input, ['at', 'type']);
  });

  it('is a rule that notices more than that', () => {
    const keys = ['sessionId', 'userId'];
    expect(() => idsOnly(JSON.stringify(hint), keys)).toThrow();
    expect(() => idsOnly(JSON.stringify({ ...hint, goal: undefined, sessionId: 'x'.repeat(2_000) }), keys)).toThrow();
    expect(() => idsOnly('{"sessionId":"ses_1"}', keys)).toThrow();
  });
});
