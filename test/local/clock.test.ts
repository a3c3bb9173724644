import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, type LocalClock, openClock } from '../../lib/local/clock.ts';
import { clockRoute } from '../../lib/local/clock-route.ts';
import type { LocalProblem } from '../../lib/local/front-problem.ts';
import type { Invoker } from '../../lib/local/lambda/invoker.ts';
import type { Poller } from '../../lib/local/poller.ts';
import { startTime, type Time } from '../../lib/local/time.ts';

const DAY = 86_400_000;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'circadian-clock-'));
  closers.push(() => rmSync(dir, { recursive: true }));
  return dir;
};

/** The part of the database that the clock speaks to. `overdue`: how often it still answers that sleepers are due. */
const fakeDatabase = (state = { shift: 0, used: false, overdue: 0 }) => {
  const query: Database['query'] = async (text, values = []) => {
    const asked = Date.parse(String(values[0])) - Date.now();
    if (text.includes('update app_clock') && !state.used) state.shift = asked;
    if (text.includes('advance_clock')) state.shift = Math.max(state.shift, asked);
    if (text.includes('as overdue')) {
      state.overdue -= 1;
      return { rows: [{ overdue: state.overdue >= 0 }] };
    }
    return { rows: [{ now: String(Date.now() + state.shift) }] };
  };
  return { state, query };
};

/** Within the seconds that a test may take. */
const about = (instant: number) => ({
  asymmetricMatch: (actual: number) => Math.abs(actual - instant) < 30_000,
  toString: () => new Date(instant).toISOString(),
});

describe('the local clock', () => {
  it('shows real time, then flows on from where it was moved to', async () => {
    const clock = await openClock({ database: fakeDatabase(), dataDir: null, startAt: null });
    expect(clock.now()).toEqual(about(Date.now()));
    const target = Date.now() + 40 * DAY;
    expect(await clock.moveTo(target)).toEqual(about(target));
    expect(clock.now()).toEqual(about(target));
  });

  it('never goes back', async () => {
    const database = fakeDatabase();
    const clock = await openClock({ database, dataDir: null, startAt: null });
    await clock.moveTo(Date.now() + DAY);
    expect(await clock.moveTo(Date.now())).toEqual(about(Date.now() + DAY));
    expect(database.state.shift).toBeGreaterThan(DAY - 1_000);
  });

  it.each([-300, 300])('starts a new data directory at NOW, %i days from today', async (days) => {
    const startAt = Date.now() + days * DAY;
    const clock = await openClock({ database: fakeDatabase(), dataDir: folder(), startAt });
    expect(clock.now()).toEqual(about(startAt));
  });

  it('ignores NOW for a data directory that has a clock, and lasts in it', async () => {
    const [dataDir, database] = [folder(), fakeDatabase()];
    const first = await openClock({ database, dataDir, startAt: Date.now() - 10 * DAY });
    await first.moveTo(Date.now() - 5 * DAY);
    const second = await openClock({ database, dataDir, startAt: Date.now() + 10 * DAY });
    expect(second.now()).toEqual(about(Date.now() - 5 * DAY));
  });

  it('does not let NOW turn back a database that has been used', async () => {
    const database = fakeDatabase({ shift: DAY, used: true, overdue: 0 });
    const clock = await openClock({ database, dataDir: folder(), startAt: Date.now() - 10 * DAY });
    expect(clock.now()).toEqual(about(Date.now() + DAY));
  });

  it('takes the later of file and database when they disagree', async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'clock.json'), JSON.stringify({ offsetMs: 3 * DAY }));
    const database = fakeDatabase();
    expect((await openClock({ database, dataDir, startAt: null })).now()).toEqual(about(Date.now() + 3 * DAY));
    expect(database.state.shift).toEqual(about(3 * DAY));
    database.state.shift = 4 * DAY;
    expect((await openClock({ database, dataDir, startAt: null })).now()).toEqual(about(Date.now() + 4 * DAY));
  });
});

describe('/local/clock', () => {
  const start = Date.parse('2026-11-10T08:00:00Z');
  const setup = () => {
    const moves: string[] = [];
    let now = start;
    const move = async (at: number) => {
      moves.push(new Date(at).toISOString());
      now = at;
      return at;
    };
    const route = clockRoute({ now: () => now, move });
    const post = (body: unknown) =>
      route('POST', '/local/clock', Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    return { moves, route, post };
  };
  const problemOf = (answer: Promise<unknown>): Promise<Pick<LocalProblem, 'status' | 'code'>> =>
    answer.then(
      () => expect.unreachable('should be refused'),
      ({ status, code }) => ({ status, code }),
    );

  it('tells the time, moves to an instant and by an amount', async () => {
    const { route, post } = setup();
    expect(await route('GET', '/local/clock', Buffer.alloc(0))).toEqual({ now: '2026-11-10T08:00:00.000Z' });
    expect(await post({ now: '2026-11-11T00:00:00Z' })).toEqual({ now: '2026-11-11T00:00:00.000Z' });
    expect(await post({ now: '2026-11-11T02:00:00+01:00' })).toEqual({ now: '2026-11-11T01:00:00.000Z' });
    expect(await post({ now: '2026-11-12' })).toEqual({ now: '2026-11-12T00:00:00.000Z' });
    expect(await post({ advance_ms: 86_400_000 })).toEqual({ now: '2026-11-13T00:00:00.000Z' });
    expect(await post({ advance_ms: 0 })).toEqual({ now: '2026-11-13T00:00:00.000Z' });
  });

  it.each([{ now: '2026-11-10T07:59:59Z' }, { advance_ms: -1 }])('does not go back: %j', async (body) => {
    const { post, moves } = setup();
    expect(await problemOf(post(body))).toEqual({ status: 409, code: 'clock_backwards' });
    expect(moves).toEqual([]);
  });

  it.each([
    ['', 400, 'invalid_json'],
    ['{', 400, 'invalid_json'],
    ['null', 422, 'invalid_request'],
    [{}, 422, 'invalid_request'],
    [{ now: 'tomorrow' }, 422, 'invalid_request'],
    [{ now: 5 }, 422, 'invalid_request'],
    [{ now: '2026-02-30T00:00:00Z' }, 422, 'invalid_request'],
    [{ now: '2026-11-11T00:00:00' }, 422, 'invalid_request'],
    [{ advance_ms: 1.5 }, 422, 'invalid_request'],
    [{ advance_ms: '1' }, 422, 'invalid_request'],
    ['{"advance_ms":1e300}', 422, 'invalid_request'],
    [{ advance_ms: Number.MAX_SAFE_INTEGER }, 422, 'invalid_request'],
    [{ now: '2026-11-11T00:00:00Z', advance_ms: 1 }, 422, 'invalid_request'],
    [{ later: 1 }, 422, 'invalid_request'],
  ])('refuses %j', async (body, status, code) => {
    const { post, moves } = setup();
    expect(await problemOf(post(body))).toEqual({ status, code });
    expect(moves).toEqual([]);
  });

  it('knows no other path or method', async () => {
    const { route } = setup();
    const empty = Buffer.alloc(0);
    expect(await problemOf(route('POST', '/local/other', empty))).toEqual({ status: 404, code: 'not_found' });
    expect(await problemOf(route('DELETE', '/local/clock', empty))).toEqual({
      status: 405,
      code: 'method_not_allowed',
    });
  });

  it('makes one move after the other, each from where the one before ended', async () => {
    const { post, moves } = setup();
    await Promise.all([post({ advance_ms: 1000 }), post({ advance_ms: 1000 }), post({}).catch(() => {})]);
    await post({ advance_ms: 1000 });
    expect(moves.map((at) => at.slice(17, 19))).toEqual(['01', '02', '03']);
  });
});

describe('moving the clock', () => {
  const setup = async (overdue = 0, sleepers = fakeDatabase({ shift: 0, used: false, overdue })) => {
    const steps: string[] = [];
    const startAt = Date.parse('2026-11-10T08:00:00Z');
    const real = await openClock({ database: sleepers, dataDir: null, startAt });
    const clock: LocalClock = {
      now: real.now,
      moveTo: (at) => {
        steps.push('set');
        return real.moveTo(at);
      },
    };
    const step = (name: string) => async () => void steps.push(name);
    const poller = { pause: step('poller pauses'), resume: step('poller resumes'), close: step('') } as Poller;
    const cronOf = (event: unknown) => (event as { cron: string }).cron;
    const invoker = {
      pause: step('invoker pauses'),
      resume: step('invoker resumes'),
      invoke: async (name, event) => {
        steps.push(`${name} ${cronOf(event)}`);
        return { type: 'buffered', payload: null };
      },
      invokeAsync: (name, event) => void steps.push(`${name} ${cronOf(event)} by itself`),
    } as Partial<Invoker> as Invoker;
    const time: Time = startTime({
      clock,
      database: sleepers,
      invoker,
      pollers: [poller],
      fireDue: step('alarms'),
      forget: step('snapshots'),
    });
    closers.push(() => time.close());
    return { steps, time, clock, sleepers };
  };

  it('happens while nothing runs, and then wakes what has become due', async () => {
    const { steps, time } = await setup();
    expect(steps.splice(0)).toEqual(['wake schedule by itself']);
    const target = Date.parse('2026-11-10T09:00:00Z');
    expect(await time.move(target)).toEqual(about(target));
    const still = ['poller pauses', 'invoker pauses', 'set', 'invoker resumes', 'poller resumes'];
    expect(steps).toEqual([...still, 'snapshots', 'alarms', 'wake schedule']);
  });

  it('over midnights runs the midnight cron, once for however many', async () => {
    const { steps, time } = await setup();
    await time.move(Date.parse('2026-12-24T00:00:00Z'));
    expect(steps.filter((step) => step === 'wake midnight')).toHaveLength(1);
    await time.move(Date.parse('2026-12-24T12:00:00Z'));
    expect(steps.filter((step) => step === 'wake midnight')).toHaveLength(1);
  });

  it('waits until no sleeper is overdue', async () => {
    const { time, sleepers } = await setup(3);
    await time.move(Date.parse('2026-11-11T00:00:00Z'));
    expect(sleepers.state.overdue).toBe(-1);
  });

  it('goes on with everything even if the database cannot be reached', async () => {
    const { steps, time, sleepers } = await setup();
    sleepers.query = async () => Promise.reject(new Error('away'));
    steps.length = 0;
    await expect(time.move(Date.parse('2026-11-11T00:00:00Z'))).rejects.toThrow();
    expect(steps.slice(-2)).toEqual(['invoker resumes', 'poller resumes']);
  });
});
