/**
 * Closing a day and changing a budget, in both orders, to the microdollar (R3, R8). A hold that commits while the next day is frozen
 * must be in that day's sum or on that day itself: in neither, and the cycle's budget is passed.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { type Connection, connection } from './side-by-side.ts';
import { MIDNIGHT, requests, START } from './steps.ts';

const MODEL = 'claude-haiku-5-5';

type Request = [name: string, ...args: unknown[]];

const DAY_MS = 86_400_000;
/** Twenty days from the eleventh to the first of December. */
const shareOfEleventh = (left: number) => String(Math.floor(left / 20));

describe.skipIf(!hasPostgres)('midnight and money', () => {
  let db: TestDatabase;
  let t: ReturnType<typeof requests>;
  let open: Connection[] = [];
  const another = async () => {
    const one = await connection(db.pool);
    open.push(one);
    return one;
  };

  beforeAll(async () => {
    db = await testDatabase('real');
    t = requests(db);
  });
  afterAll(() => db?.close());
  beforeEach(() => db.setNow(START));
  afterEach(() => {
    for (const one of open) one.end();
    open = [];
  });

  it('R8: freezing waits for a hold that is under way on the day before, and counts it', async () => {
    const userId = await t.user();
    const [first, second] = [await t.owned(userId), await t.owned(userId)];
    const [a, b] = [await another(), await another()];
    await a.begin();
    await a.call('reserve', first.id, first.fence, 1, 400_000, 400_000, MODEL, false, []);
    await db.setNow(MIDNIGHT);
    const next = await b.callBlocked('reserve', second.id, second.fence, 1, 1_000, 1_000, MODEL, false, []);
    await a.commit();
    expect(await next.answer).toEqual({ granted: '1000', day: '2026-11-11' });
    expect(await t.today(userId)).toMatchObject({ allowance: shareOfEleventh(20_600_000), held: '1000' });
  });

  it('R8: a reserve that comes late to a closed day is sent back, and then holds on the new one', async () => {
    const userId = await t.user();
    const [first, second] = [await t.owned(userId), await t.owned(userId)];
    const [a, b, c] = [await another(), await another(), await another()];
    await c.begin();
    await c.call('lock_session', first.id);
    const late = await a.callBlocked('reserve', first.id, first.fence, 1, 400_000, 400_000, MODEL, false, []);
    await db.setNow(MIDNIGHT);
    await b.begin();
    expect(await b.call('reserve', second.id, second.fence, 1, 1_000, 1_000, MODEL, false, [])).toMatchObject({
      day: '2026-11-11',
    });
    await c.commit();
    // It knew of no other day than the tenth, and now waits for the lock under which that is being closed.
    await waitsFor(db, 'reserve');
    await b.commit();
    expect(await late.answer).toEqual({ code: 'AGAIN' });
    expect(await t.reserve(first.id, first.fence, 400_000)).toEqual({ granted: '400000', day: '2026-11-11' });
    const eleventh = { allowance: shareOfEleventh(21_000_000), held: '401000' };
    expect(await t.today(userId)).toMatchObject({ date: '2026-11-11', ...eleventh });
  });

  it('R8: a reserve that waited on the session over midnight opens or finds the new day', async () => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    const [a, c] = [await another(), await another()];
    await c.begin();
    await c.call('lock_session', id);
    const late = await a.callBlocked('reserve', id, fence, 1, 1_000, 1_000, MODEL, false, []);
    await db.setNow(MIDNIGHT);
    await c.commit();
    expect(await late.answer).toEqual({ code: 'AGAIN' });
    expect(await t.reserve(id, fence, 1_000)).toMatchObject({ day: '2026-11-11' });
  });

  it.each(['top-up first', 'reserve first'] as const)('R3: a top-up and the opening of a day, %s', async (order) => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    await db.setNow(MIDNIGHT);
    const [a, b] = [await another(), await another()];
    const reserve: Request = ['reserve', id, fence, 1, 1_000, 1_000, MODEL, false, []];
    const topUp: Request = ['top_up', userId, 2_000_000, 'cycle', randomUUID(), 'print'];
    const [one, other] = order === 'top-up first' ? [topUp, reserve] : [reserve, topUp];
    await a.begin();
    await a.call(...one);
    const waiting = await b.callBlocked(...other);
    await a.commit();
    await waiting.answer;
    expect(await t.today(userId)).toMatchObject({ allowance: shareOfEleventh(23_000_000), held: '1000', spent: '0' });
  });

  it.each([
    ['the first look at a day', MIDNIGHT, ['today'], 20_000_000],
    ['a top-up', START, ['top_up', 2_000_000, 'cycle', 'key', 'print'], 21_000_000],
  ] as const)(
    'R3: %s that meets a plan change under way does not bring back the old plan',
    async (_, now, look, left) => {
      const userId = await t.user();
      await db.setNow(now);
      const [a, b] = [await another(), await another()];
      await a.begin();
      await a.call('put_user', userId, { budget: String(left - (look[1] ?? 0)) });
      const [name, ...args] = look;
      const waiting = await b.callBlocked(name, userId, ...args);
      await a.commit();
      await waiting.answer;
      expect(await t.today(userId)).toMatchObject({ allowance: '1000000' });
    },
  );

  it('R3: top-ups, plan changes, messages and holds at once on new days: exact sums, no deadlock', async () => {
    const userId = await t.user();
    const owners = await Promise.all(Array.from({ length: 5 }, () => t.owned(userId)));
    // One attempt each: a second one would hide a deadlock.
    const { call } = connect(db.url, { attempts: 1 });
    for (let day = 1; day <= 8; day++) {
      await db.setNow(START + day * DAY_MS);
      await Promise.all([
        ...owners.map(({ id, fence }) => call('reserve', id, fence, day, 1_000, 1_000, MODEL, 'false', '[]')),
        ...[1, 2, 3].map(() => call('top_up', userId, 50_000, 'cycle', randomUUID(), 'print')),
        call('put_user', userId, JSON.stringify({ budget: String(21_000_000 + day) })),
        ...owners.map(({ id }) => call('request_action', userId, id, randomUUID(), '{"type":"wake"}')),
        t.session(userId),
      ]);
      const left = 21_000_000 + day + day * 150_000 - (day - 1) * 5_000;
      const allowance = String(Math.floor(left / (21 - day)));
      expect(await t.today(userId)).toMatchObject({ allowance, held: '5000' });
    }
  });
});

/** Returns once a statement that calls `name` waits for the lock of another than the one it waited for first. */
async function waitsFor(db: TestDatabase, name: string): Promise<void> {
  const waiting = `select 1 from pg_stat_activity where query like 'select ${name}(%' and wait_event_type = 'Lock' and datname = current_database()
    and exists (select from pg_stat_activity blocker where blocker.pid = any(pg_blocking_pids(pg_stat_activity.pid)) and blocker.query like 'select reserve(%')`;
  while ((await db.rows(waiting)).length === 0);
}
