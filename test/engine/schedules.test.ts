/** The sweep fires schedules: each due instant once, whatever dies in between; what was missed once; over changes of clocks. */
import { describe, expect, it } from 'vitest';
import { wakeDue } from '../../lib/engine/wake.ts';
import { newId } from '../../lib/ids.ts';
import type { NewSchedule, Ordered, Schedule } from '../../lib/ports/index.ts';
import { nextRun } from '../../lib/schedules/cron.ts';
import { Crash, crashAt, crashesAt, type Mode, NEVER } from '../kit/dying.ts';
import { type Around, throughPorts } from '../kit/through-ports.ts';
import { newSession, settleDown, testWorld, withUser } from '../kit/world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A world whose agents are done with their first reply, and one user. */
async function setup(now: string) {
  const t = testWorld(() => [{ type: 'text', text: 'Done.' }], { now });
  await withUser(t, 10_000_000n);
  const lines: string[] = [];
  const order = async (schedule: Schedule, dueAt: number): Promise<Ordered> => ({
    session: newSession({ id: newId('ses'), goal: `${schedule.name} ${new Date(dueAt).toISOString()}` }),
    ...{ mostLive: null, full: '' },
  });
  const world = { ...t, order, log: ({ message }: { message: string }) => void lines.push(message) };
  const schedule = async (over: Partial<NewSchedule> & { cron: string; timeZone: string }) => {
    const id = newId('sch');
    const nextRunAt = nextRun(over.cron, over.timeZone, t.now());
    const terms = { name: over.cron, template: {}, overlap: 'skip', maxCost: 1n, enabled: true } as const;
    await t.userSchedules.create('u1', { id, nextRunAt, ...terms, ...over }, null);
    return id;
  };
  const runs = async (id: string) => {
    const page = await t.userSchedules.runs('u1', id, { limit: 100, cursor: null });
    return page!.data.reverse().map(({ dueAt, status }) => `${new Date(dueAt).toISOString().slice(0, 16)} ${status}`);
  };
  const wake = (more: object = {}) => wakeDue({ ...world, ...more }, { cron: 'schedule', now: t.now });
  return { t, world, schedule, runs, wake, lines };
}

describe('schedules over a change of clocks', () => {
  it.each([
    [
      'forward',
      '2027-03-26T20:00:00Z',
      {
        'Europe/Berlin': ['03-27T01:30', '03-28T01:00', '03-29T00:30'],
        'America/New_York': ['03-27T06:30', '03-28T06:30', '03-29T06:30'],
        'Australia/Sydney': ['03-26T22:00', '03-27T22:00', '03-28T22:00'],
      },
    ],
    [
      'back',
      '2027-10-29T20:00:00Z',
      {
        'Europe/Berlin': ['10-30T00:30', '10-31T00:30', '11-01T01:30'],
        'America/New_York': ['10-30T06:30', '10-31T06:30', '11-01T06:30'],
        'Australia/Sydney': ['10-29T22:00', '10-30T22:00', '10-31T22:00'],
      },
    ],
  ])('run once a day by the local clock, which goes %s', async (_, start, expected) => {
    const { t, schedule, runs, wake } = await setup(start);
    const cron = (zone: string) => (zone === 'Australia/Sydney' ? '0 9 * * *' : '30 2 * * *');
    const ids = new Map<string, string>();
    for (const timeZone of Object.keys(expected)) ids.set(timeZone, await schedule({ cron: cron(timeZone), timeZone }));
    for (let i = 0; i < 2.9 * 24 * 4; i++) {
      t.advance(HOUR_MS / 4);
      await wake();
      await settleDown(t);
    }
    for (const [zone, instants] of Object.entries(expected))
      expect(await runs(ids.get(zone)!), zone).toEqual(instants.map((at) => `2027-${at} started`));
    const { data } = await t.userSessions.list('u1', { limit: 50, cursor: null });
    expect(data.map(({ status }) => status)).toEqual(Array(9).fill('completed'));
  });
});

it('makes one run of all that were missed, and goes on after now', async () => {
  const { t, schedule, runs, wake } = await setup('2026-11-10T08:00:00Z');
  const id = await schedule({ cron: '0 * * * *', timeZone: 'UTC' });
  t.advance(3 * DAY_MS + HOUR_MS / 2);
  for (let i = 0; i < 3; i++) await wake();
  await settleDown(t);
  expect(await runs(id)).toEqual(['2026-11-10T09:00 started']);
  t.advance(HOUR_MS / 2);
  await wake();
  expect(await runs(id)).toEqual(['2026-11-10T09:00 started', '2026-11-13T09:00 started']);
});

it('pauses a schedule whose pattern cannot be read any more, with a sentence', async () => {
  const { t, schedule, runs, wake, lines } = await setup('2026-11-10T08:00:00Z');
  const id = await schedule({ cron: '0 9 * * *', timeZone: 'UTC' });
  await t.userSchedules.change('u1', id, { cron: '' });
  t.advance(HOUR_MS);
  for (let i = 0; i < 2; i++) await wake();
  expect([lines.includes('schedule not fired'), await runs(id)]).toEqual([false, ['2026-11-10T09:00 refused']]);
  expect(await t.userSchedules.get('u1', id)).toMatchObject({ enabled: false, nextRunAt: Infinity });
});

describe('a sweep that dies', async () => {
  const PORTS = ['sweeper', 'queue', 'live', 'schedules', 'order', 'outbox'] as const;
  /** Wakes in a process that dies at its `at`-th call, and then in one that lives; answers what was called. */
  async function dead(at: number, mode: Mode) {
    const s = await setup('2026-11-10T08:00:00Z');
    const ids = [
      await s.schedule({ cron: '0 9 * * *', timeZone: 'UTC' }),
      await s.schedule({ cron: '0 9 * * *', timeZone: 'UTC' }),
    ];
    s.t.advance(HOUR_MS);
    const dies = crashAt(at, mode);
    // Once dead, nothing more happens.
    const around: Around = (call, act) => (call > at ? Promise.reject(new Crash()) : dies(call, act));
    const { world, names } = throughPorts(s.world, around, PORTS);
    await s.wake(world).catch(() => {});
    const idle = await s.t.live.idle(s.t.now() + 60_000);
    s.t.advance(60_000);
    await s.wake();
    return { ...s, ids, names, idle };
  }

  const { names } = await dead(NEVER, 'before');

  it('is tried at each of its calls', () => {
    for (const name of [
      'sweeper.sweep',
      'live.nextDue',
      'schedules.due',
      'order',
      'schedules.fire',
      'queue.sendAll',
      'outbox.sweep',
    ])
      expect(names).toContain(name);
  });

  it.each(crashesAt(names))(
    'at call %d, %s, %s it took effect, has made each run once by the next minute',
    async (at, _name, mode) => {
      const { t, ids, runs, idle } = await dead(at, mode);
      for (const id of ids) expect(await runs(id)).toEqual(['2026-11-10T09:00 started']);
      expect((await t.userSessions.list('u1', { limit: 9, cursor: null })).data).toHaveLength(2);
      expect(idle, 'the recovery cron asks Postgres in that minute').not.toBe(true);
      expect(new Set(t.queue.sent.map(({ sessionId }) => sessionId)).size, 'each session is in the queue').toBe(2);
    },
  );
});

it('wakes the recovery cron for the next instant', async () => {
  const { t, world, schedule, runs } = await setup('2026-11-10T08:00:00Z');
  const id = await schedule({ cron: '0 9 * * *', timeZone: 'UTC' });
  const recovery = () => wakeDue(world, { cron: 'recovery', now: t.now });
  await recovery();
  t.advance(30 * 60_000);
  await recovery();
  expect(await t.live.idle(t.now() + 60_000)).toBe(true);
  t.advance(30 * 60_000);
  await recovery();
  expect(await runs(id)).toEqual(['2026-11-10T09:00 started']);
});

it('keeps nobody waiting for a schedule that fails, and tries it again', async () => {
  const { t, world, schedule, runs, wake, lines } = await setup('2026-11-10T08:00:00Z');
  const [bad, good] = [
    await schedule({ cron: '0 9 * * *', timeZone: 'UTC', name: 'bad' }),
    await schedule({ cron: '0 9 * * *', timeZone: 'UTC' }),
  ];
  t.advance(HOUR_MS);
  const order = async (schedule: Schedule, dueAt: number) => {
    if (schedule.name === 'bad') throw new Error('away');
    return world.order(schedule, dueAt);
  };
  await wake({ order });
  expect([await runs(bad), await runs(good)]).toEqual([[], ['2026-11-10T09:00 started']]);
  expect(lines).toContain('schedule not fired');
  await wake();
  expect(await runs(bad)).toEqual(['2026-11-10T09:00 started']);
});

it('fails no sweep where the schedules cannot be read, and looks for notices after them', async () => {
  const { t, world, schedule, runs, wake, lines } = await setup('2026-11-10T08:00:00Z');
  const id = await schedule({ cron: '0 9 * * *', timeZone: 'UTC' });
  t.advance(HOUR_MS);
  const asked: string[] = [];
  const outbox = {
    ...world.outbox,
    sweep(...how: Parameters<typeof world.outbox.sweep>) {
      asked.push('notices');
      return world.outbox.sweep(...how);
    },
  };
  const due = async () => Promise.reject(new Error('away'));
  await wake({ outbox, schedules: { ...world.schedules, due } });
  expect([asked, lines.includes('schedules not read')]).toEqual([['notices'], true]);
  const fire: typeof world.schedules.fire = (...run) => {
    asked.push('run');
    return world.schedules.fire(...run);
  };
  await wake({ outbox, schedules: { ...world.schedules, fire } });
  expect(asked).toEqual(['notices', 'run', 'notices']);
  expect(await runs(id)).toEqual(['2026-11-10T09:00 started']);
});
