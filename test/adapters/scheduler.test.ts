/** Alarm over the AWS SDK, on the local EventBridge Scheduler; and that scheduler itself, through the same SDK. */
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { schedulerAlarm } from '../../lib/adapters/aws/scheduler.ts';
import { startScheduler } from '../../lib/local/scheduler.ts';
import type { Deliver } from '../../lib/local/scheduler-agenda.ts';
import { ALARM_START, alarmContract } from '../contract/timer.ts';

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const TARGET = {
  groupName: 'circadian',
  region: 'us-east-1',
  targetArn: 'arn:aws:lambda:us-east-1:000000000000:function:wake',
  roleArn: 'arn:aws:iam::000000000000:role/wake',
};

async function start(deliver?: Deliver) {
  const clock = { now: ALARM_START };
  const delivered: Parameters<Deliver>[0][] = [];
  const scheduler = await startScheduler({
    now: () => clock.now,
    deliver: async (target) => {
      delivered.push(target);
      await deliver?.(target);
    },
    retryMs: 1,
  });
  const { endpoint } = scheduler;
  const client = new SchedulerClient({ endpoint, region: 'us-east-1', maxAttempts: 1 });
  const moveTo = async (at: number) => {
    clock.now = at;
    await scheduler.fireDue();
  };
  const close = async () => {
    client.destroy();
    await scheduler.close();
  };
  return { timer: schedulerAlarm({ ...TARGET, endpoint }), client, delivered, moveTo, close };
}

alarmContract('EventBridge Scheduler on localhost', async () => {
  const { timer, delivered, moveTo, close } = await start();
  const rung = () => delivered.map((target) => Date.parse(JSON.parse(target.Input ?? '{}').at));
  return { timer, moveTo, rung, close };
});

describe('the alarm as a schedule', () => {
  it('is named after its minute in UTC, invokes the wake function and deletes itself', async () => {
    const { timer, client, delivered, moveTo, close } = await start();
    onTestFinished(close);
    await timer.schedule(Date.parse('2031-03-02T00:03:10.5Z'));
    const wake = { Name: 'wake-20310302T0004', GroupName: 'circadian' };
    expect(await client.send(new GetScheduleCommand(wake))).toMatchObject({
      ...wake,
      ScheduleExpression: 'at(2031-03-02T00:04:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: TARGET.targetArn,
        RoleArn: TARGET.roleArn,
        Input: '{"type":"alarm","at":"2031-03-02T00:04:00.000Z"}',
        RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 3_600 },
      },
    });
    await moveTo(Date.parse('2031-03-02T00:04:00Z'));
    expect(delivered).toHaveLength(1);
    await expect(client.send(new GetScheduleCommand(wake))).rejects.toThrow('does not exist');
  });

  it('asks for the next minute where the scheduler refuses the past, and only then', async () => {
    const { createServer } = await import('node:http');
    const asked: string[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const at = /at\((.*)\)/.exec(JSON.parse(Buffer.concat(chunks).toString()).ScheduleExpression)![1]!;
      asked.push(at);
      const past = Date.parse(`${at}Z`) <= Date.now() || at.startsWith('2099');
      response.writeHead(past ? 400 : 200, past ? { 'x-amzn-errortype': 'ValidationException' } : {});
      response.end(past ? '{"Message":"Invalid Schedule Expression"}' : '{"ScheduleArn":"arn"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as import('node:net').AddressInfo;
    const timer = schedulerAlarm({ ...TARGET, endpoint: `http://127.0.0.1:${port}` });
    await timer.schedule(Date.parse('2020-01-01T00:00:00Z'));
    expect(asked).toHaveLength(2);
    expect(Date.parse(`${asked[1]}Z`) - Date.now()).toBeLessThanOrEqual(60_000);
    await expect(timer.schedule(Date.parse('2099-01-01T00:00:00Z'))).rejects.toThrow('Invalid Schedule Expression');
  });
});

describe('the local scheduler', () => {
  const open = async (deliver?: Deliver) => {
    const parts = await start(deliver);
    onTestFinished(parts.close);
    return parts;
  };
  const schedule = (change: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput => ({
    Name: 'one',
    ScheduleExpression: 'at(2031-03-01T13:00:00)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: { Arn: TARGET.targetArn, RoleArn: TARGET.roleArn },
    ...change,
  });
  const one = Date.parse('2031-03-01T13:00:00Z');
  const errorOf = async (promise: Promise<unknown>) => (await promise.catch((error: Error) => error)) as Error;

  it('answers conflicts, unknown names and bad requests by their names', async () => {
    const { client } = await open();
    await client.send(new CreateScheduleCommand(schedule()));
    expect((await errorOf(client.send(new CreateScheduleCommand(schedule())))).name).toBe('ConflictException');
    const nobody = { Name: 'nobody' };
    expect((await errorOf(client.send(new GetScheduleCommand(nobody)))).name).toBe('ResourceNotFoundException');
    expect((await errorOf(client.send(new DeleteScheduleCommand(nobody)))).name).toBe('ResourceNotFoundException');
    const update = new UpdateScheduleCommand(schedule({ Name: 'nobody' }));
    expect((await errorOf(client.send(update))).name).toBe('ResourceNotFoundException');
    for (const bad of [
      schedule({ Name: 'two', ScheduleExpression: 'at(tomorrow)' }),
      schedule({ Name: 'two', ScheduleExpression: 'at(2031-13-41T00:00:00)' }),
      schedule({ Name: 'two', ScheduleExpression: 'rate(1 minute)' }),
      schedule({ Name: 'no spaces' }),
      schedule({ Name: 'two', Target: undefined }),
    ]) {
      expect((await errorOf(client.send(new CreateScheduleCommand(bad)))).name).toBe('ValidationException');
    }
  });

  it('takes a repeated request for the same one', async () => {
    const { client } = await open();
    const first = await client.send(new CreateScheduleCommand(schedule({ ClientToken: 'a' })));
    const again = await client.send(new CreateScheduleCommand(schedule({ ClientToken: 'a' })));
    expect(again.ScheduleArn).toBe(first.ScheduleArn);
    const other = client.send(new CreateScheduleCommand(schedule({ ClientToken: 'b' })));
    expect((await errorOf(other)).name).toBe('ConflictException');
  });

  it('keeps groups apart', async () => {
    const { client, delivered, moveTo } = await open();
    await client.send(new CreateScheduleCommand(schedule({ GroupName: 'a' })));
    await client.send(new CreateScheduleCommand(schedule({ GroupName: 'b' })));
    await client.send(new DeleteScheduleCommand({ Name: 'one', GroupName: 'a' }));
    await moveTo(one);
    expect(delivered).toHaveLength(1);
  });

  it('fires what was updated at its new time, and what was deleted never', async () => {
    const { client, delivered, moveTo } = await open();
    await client.send(new CreateScheduleCommand(schedule({ Name: 'gone' })));
    await client.send(new DeleteScheduleCommand({ Name: 'gone' }));
    await client.send(new CreateScheduleCommand(schedule()));
    await client.send(new UpdateScheduleCommand(schedule({ ScheduleExpression: 'at(2031-03-01T14:00:00)' })));
    await moveTo(one);
    expect(delivered).toEqual([]);
    await moveTo(one + 3_600_000);
    expect(delivered).toHaveLength(1);
  });

  it('fires a disabled one only once it is enabled', async () => {
    const { client, delivered, moveTo } = await open();
    await client.send(new CreateScheduleCommand(schedule({ State: 'DISABLED' })));
    await moveTo(one);
    expect(delivered).toEqual([]);
    await client.send(new UpdateScheduleCommand(schedule({ State: 'ENABLED' })));
    await moveTo(one);
    expect(delivered).toHaveLength(1);
  });

  it('keeps a completed one that is not to be deleted, and does not fire it again', async () => {
    const { client, delivered, moveTo } = await open();
    await client.send(new CreateScheduleCommand(schedule({ ActionAfterCompletion: 'NONE' })));
    await moveTo(one);
    await moveTo(one + 1);
    expect(delivered).toHaveLength(1);
    expect(await client.send(new GetScheduleCommand({ Name: 'one' }))).toMatchObject({ Name: 'one' });
  });

  it('tries again when the delivery fails, then deletes it', async () => {
    let failures = 2;
    const { client, delivered, moveTo } = await open(async () => {
      if (failures-- > 0) throw new Error('throttled');
    });
    await client.send(new CreateScheduleCommand(schedule()));
    await moveTo(one);
    await vi.waitFor(async () => {
      expect((await errorOf(client.send(new GetScheduleCommand({ Name: 'one' })))).name).toBe(
        'ResourceNotFoundException',
      );
    });
    expect(delivered).toHaveLength(3);
  });

  it('gives up after the attempts that the schedule allows', async () => {
    const { client, delivered, moveTo } = await open(async () => {
      throw new Error('always');
    });
    const RetryPolicy = { MaximumRetryAttempts: 2 };
    await client.send(new CreateScheduleCommand(schedule({ Target: { ...schedule().Target!, RetryPolicy } })));
    await moveTo(one);
    await vi.waitFor(async () => {
      expect((await errorOf(client.send(new GetScheduleCommand({ Name: 'one' })))).name).toBe(
        'ResourceNotFoundException',
      );
    });
    expect(delivered).toHaveLength(3);
  });

  it('fires by itself when the time comes, with the clock flowing', async () => {
    const began = Date.now();
    const delivered: string[] = [];
    const scheduler = await startScheduler({
      now: () => one - 50 + (Date.now() - began),
      deliver: async (target) => void delivered.push(target.Arn),
    });
    const client = new SchedulerClient({ endpoint: scheduler.endpoint, region: 'us-east-1' });
    onTestFinished(async () => {
      client.destroy();
      await scheduler.close();
    });
    await client.send(new CreateScheduleCommand(schedule()));
    await vi.waitFor(() => expect(delivered).toEqual([TARGET.targetArn]));
    expect(Date.now() - began).toBeGreaterThanOrEqual(50);
  });
});
