import { describe, expect, it } from 'vitest';
import { processBatch } from '../../lib/engine/sqs-batch.ts';
import { cronOf, wakeDue, wakeOrFail } from '../../lib/engine/wake.ts';
import type { Log } from '../../lib/ports/index.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import { anEntry } from '../kit/events.ts';

const NIGHT = Date.parse('2026-11-11T00:00:00Z');
const LONG_AGO = 20 * 60_000;

/** A sweeper with `due` sessions, which gives each of them once; it counts how often it is asked. */
const sweeperOf = (due: number, nextDue: number | null = null) => {
  const ids = Array.from({ length: due }, (_, n) => ({ id: `ses_${n}`, userId: 'u' }));
  const asked: number[] = [];
  const sweep = async (limit: number) => {
    asked.push(limit);
    return { due: ids.splice(0, limit), nextDue, now: NIGHT };
  };
  let purged = 0;
  const purge = async () => {
    purged += 1;
    return 0;
  };
  return { asked, purges: () => purged, sweeper: { sweep, purge, recordDeadLetter: async () => {} } };
};

const setup = (due: number, nextDue: number | null = null) => {
  const { queue, live, outbox, webhook, schedules, order } = memoryWorld();
  const swept = sweeperOf(due, nextDue);
  const lines: Parameters<Log>[0][] = [];
  return {
    ...swept,
    lines,
    world: {
      queue,
      live,
      outbox,
      webhook,
      schedules,
      order,
      sweeper: swept.sweeper,
      log: (line: Parameters<Log>[0]) => void lines.push(line),
    },
  };
};

describe('wakeDue', () => {
  it('sends every session that is due, page by page', async () => {
    const { world, asked } = setup(5);
    expect(await wakeDue(world, { cron: 'schedule', pageSize: 2 })).toEqual({ hinted: 5, away: false });
    expect(world.queue.sent.map(({ sessionId }) => sessionId)).toEqual(['ses_0', 'ses_1', 'ses_2', 'ses_3', 'ses_4']);
    expect(asked).toHaveLength(3);
  });

  it('asks again after a full last page, and sends nothing for an empty one', async () => {
    const { world, asked } = setup(4);
    expect(await wakeDue(world, { cron: 'midnight', pageSize: 2 })).toEqual({ hinted: 4, away: false });
    expect(asked).toHaveLength(3);
    expect(world.queue.sent).toHaveLength(4);
  });

  it('leaves Postgres asleep on the recovery cron until something is due again', async () => {
    const { world, asked } = setup(0, NIGHT + 3_600_000);
    const asksAt = async (now: number) => {
      const before = asked.length;
      await wakeDue(world, { cron: 'recovery', now: () => now });
      return asked.length > before;
    };
    // Who has no marker yet asks for as long as an invocation that nobody knows of could last.
    expect(await asksAt(NIGHT - LONG_AGO)).toBe(true);
    expect(await asksAt(NIGHT)).toBe(true);
    expect(await asksAt(NIGHT + 60_000)).toBe(false);
    expect(await asksAt(NIGHT + 3_599_000)).toBe(false);
    expect(await asksAt(NIGHT + 3_600_000)).toBe(true);
  });

  it('asks Postgres on the recovery cron while an invocation may still be about', async () => {
    const { world, asked } = setup(0);
    const asks: boolean[] = [];
    await wakeDue(world, { cron: 'recovery', now: () => NIGHT - LONG_AGO });
    await world.live.open(null, NIGHT + 60_000, 'u1');
    for (const now of [NIGHT, NIGHT + 59_000, NIGHT + 61_000, NIGHT + 120_000]) {
      const before = asked.length;
      await wakeDue(world, { cron: 'recovery', now: () => now });
      asks.push(asked.length > before);
    }
    expect(asks).toEqual([true, true, true, false]);
  });

  it('asks Postgres on an alarm and at midnight whatever the live view says', async () => {
    const { world, asked } = setup(0);
    for (const cron of ['recovery', 'schedule', 'midnight'] as const) await wakeDue(world, { cron, now: () => NIGHT });
    expect(asked).toHaveLength(3);
  });

  it('tells how overdue sessions are, the worst of all pages, and also where none may be hinted', async () => {
    const { world, lines } = setup(0);
    const pages = [
      { due: [{ id: 'ses_1', userId: 'u' }], nextDue: null, now: NIGHT, overdueMs: 7_000 },
      { due: [], nextDue: NIGHT - 900_000, now: NIGHT, overdueMs: 5_000 },
      { due: [], nextDue: NIGHT - 900_000, now: NIGHT, overdueMs: 900_000 },
    ];
    const sweeper = { ...world.sweeper, sweep: async () => pages.shift()! };
    const asks = { cron: 'recovery', pageSize: 1, now: () => NIGHT } as const;
    await wakeDue({ ...world, sweeper }, asks);
    await wakeDue({ ...world, sweeper }, asks);
    expect(lines.map(({ metrics }) => metrics)).toEqual([
      { hinted: 1, oldest_due_seconds: 7 },
      { hinted: 0, oldest_due_seconds: 900 },
    ]);
  });

  it('does its work with the live view away', async () => {
    const { world, lines } = setup(1);
    const away = async () => Promise.reject(new Error('away'));
    const live = { ...world.live, idle: async () => null, nextDue: away };
    expect(await wakeDue({ ...world, live }, { cron: 'recovery' })).toEqual({ hinted: 1, away: true });
    expect(lines.map(({ level }) => level)).toContain('warn');
  });

  it('fails as a function only where the recovery cron has no live view, and after its work', async () => {
    const { world, asked } = setup(2);
    const away = async () => Promise.reject(new Error('away'));
    const live = { ...world.live, idle: async () => null, nextDue: away };
    expect(await wakeOrFail({ ...world, live }, { cron: 'schedule', pageSize: 1 })).toEqual({ hinted: 2 });
    expect(await wakeOrFail(world, { cron: 'recovery' })).toEqual({ hinted: 0 });
    await expect(wakeOrFail({ ...world, live }, { cron: 'recovery' })).rejects.toThrow(
      /^The live view in Redis is away/,
    );
    const late = setup(1);
    const refused = wakeOrFail({ ...late.world, live }, { cron: 'recovery' });
    await expect(refused).rejects.toThrow('woken all the same');
    expect(asked.length + late.asked.length).toBeGreaterThan(4);
  });

  it('keeps the marker where it was when the queue refuses, so that the next run asks again', async () => {
    const { world } = setup(1, NIGHT + 3_600_000);
    const queue = { ...world.queue, sendAll: async () => Promise.reject(new Error('refused')) };
    await expect(wakeDue({ ...world, queue }, { cron: 'schedule', now: () => NIGHT })).rejects.toThrow('refused');
    expect(await world.live.idle(NIGHT + 60_000)).not.toBe(true);
  });

  it('stops before its time is over and leaves the rest to the next run', async () => {
    const { world } = setup(6);
    const left = [60_000, 30_000, 9_000];
    expect(await wakeDue(world, { cron: 'schedule', pageSize: 2, remainingMs: () => left.shift() ?? 0 })).toEqual({
      ...{ hinted: 4, away: false },
    });
    expect(await world.live.idle(Date.now())).not.toBe(true);
    expect(await wakeDue(world, { cron: 'schedule', pageSize: 2 })).toEqual({ hinted: 2, away: false });
  });

  it('clears deleted sessions at midnight only, and does not fail over it', async () => {
    const { world, purges } = setup(0);
    await wakeDue(world, { cron: 'schedule' });
    expect(purges()).toBe(0);
    await wakeDue(world, { cron: 'midnight' });
    expect(purges()).toBe(1);
    const sweeper = { ...world.sweeper, purge: async () => Promise.reject(new Error('busy')) };
    expect(await wakeDue({ ...world, sweeper }, { cron: 'midnight' })).toEqual({ hinted: 0, away: false });
  });

  it('clears after it has sent, so that no look grows old meanwhile', async () => {
    const { world } = setup(0);
    const told: string[] = [];
    const entries = [{ ...anEntry('agent.tool.result'), seq: 1, at: NIGHT, iteration: 1 }];
    const trace = { sessionId: 'ses_1', userId: 'u', agent: 'assistant', seq: 0, stretch: null, entries };
    const due = [[trace]];
    const traces = { sweep: async () => ({ due: due.pop() ?? [], nextDue: null, now: NIGHT }), settle: async () => {} };
    const receiver = {
      async post() {
        told.push('sent');
        return { type: 'taken' as const, rejected: 0, reason: null };
      },
    };
    const purge = async () => told.push('cleared') && 0;
    const tracing = { traces, receiver, service: 'circadian', content: false };
    await wakeDue({ ...world, tracing, sweeper: { ...world.sweeper, purge } }, { cron: 'midnight' });
    expect(told).toEqual(['sent', 'cleared']);
  });
});

describe('cronOf', () => {
  it.each([
    [{ cron: 'recovery' }, 'recovery'],
    [{ cron: 'midnight' }, 'midnight'],
    [{ type: 'alarm', at: '2026-11-11T00:00:00.000Z' }, 'schedule'],
    [{ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }, 'schedule'],
    [{ cron: 'rate(1 minute)' }, 'schedule'],
    [null, 'schedule'],
    [undefined, 'schedule'],
  ])('reads %j as %s', (event, cron) => {
    expect(cronOf(event)).toBe(cron);
  });
});

describe('eachHint', () => {
  const record = (messageId: string, body: unknown) => ({
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

  it('works on each message and names those that failed', async () => {
    const seen: string[] = [];
    const Records = [record('a', { sessionId: 's1', userId: 'u' }), record('b', { sessionId: 's2', userId: 'u' })];
    const answer = await processBatch(
      () => {},
      { Records },
      async ({ sessionId }) => {
        seen.push(sessionId);
        if (sessionId === 's1') throw new Error('broken');
      },
    );
    expect(seen).toEqual(['s1', 's2']);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] });
  });

  it('accepts and logs what is no hint, since it never becomes one', async () => {
    const lines: string[] = [];
    const Records = [record('a', 'not json'), record('b', { sessionId: 7 }), record('c', 'null')];
    const answer = await processBatch(
      ({ message }) => void lines.push(message),
      { Records },
      async () => expect.unreachable(),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(lines).toEqual(['not a hint', 'not a hint', 'not a hint']);
  });
});
