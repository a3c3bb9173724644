/** The database's clock: an instant bounds an index, moves within a transaction, and is never one from before a wait for a lock (R1). */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { type Connection, connection } from './side-by-side.ts';
import { MIDNIGHT, requests, START } from './steps.ts';

describe.skipIf(!hasPostgres)('the instant that a request goes by', () => {
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

  it.each(['agent_sessions', 'webhook_deliveries'])('bounds the index of what is due in %s', async (table) => {
    await db.rows('set enable_seqscan = off');
    const plan = await db.rows(`explain select from ${table} where due_at <= app_now() and due_at < 'infinity'`);
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*app_now\(\)/);
  });

  it('moves within a transaction, with the settable clock and with time', async () => {
    const a = await another();
    await a.begin();
    const first = await a.call('app_now');
    const second = await a.call('app_now');
    expect(Date.parse(second as string)).toBeGreaterThan(Date.parse(first as string));
    await db.setNow(MIDNIGHT);
    expect(Date.parse((await a.call('app_now')) as string)).toBeGreaterThanOrEqual(MIDNIGHT);
  });

  it('is that after the wait: a claim that waited over midnight works on the new day', async () => {
    const userId = await t.user();
    const id = await t.session(userId);
    const [a, b] = [await another(), await another()];
    await a.begin();
    await a.call('lock_session', id);
    const claim = await b.callBlocked('claim', id, randomUUID());
    await db.setNow(MIDNIGHT + 60_000);
    await a.commit();
    const { at } = (await claim.answer) as { at: string };
    expect(Date.parse(at)).toBeGreaterThanOrEqual(MIDNIGHT + 60_000);
    expect(await db.rows(`select day from session_days where session_id = '${id}'`)).toEqual([{ day: '2026-11-11' }]);
  });

  it('is that after the wait: a command that waited is due when it came, not before', async () => {
    const userId = await t.user();
    const id = await t.session(userId);
    await db.rows(`update agent_sessions set due_at = 'infinity' where id = '${id}'`);
    const [a, b] = [await another(), await another()];
    await a.begin();
    await a.call('lock_session', id);
    const wish = await b.callBlocked('request_action', userId, id, randomUUID(), { type: 'wake' });
    await db.setNow(MIDNIGHT);
    await a.commit();
    await wish.answer;
    const [row] = await db.rows(`select due_at from agent_sessions where id = '${id}'`);
    expect(Date.parse(row!.due_at!)).toBeGreaterThanOrEqual(MIDNIGHT);
  });
});
