/** The order of locks in what a command sends as one batch (R3): a command whose view must open the day takes the user before the session. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { connection } from './side-by-side.ts';
import { MIDNIGHT, requests, START } from './steps.ts';

describe.skipIf(!hasPostgres)('a command at midnight', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase('real');
  });
  afterAll(() => db?.close());

  const someoneWaits = async () => {
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await db.rows(waiting)).length === 0);
  };

  it('waits for the user without holding the session, so that a top-up cannot deadlock with it', async () => {
    await db.setNow(START);
    const t = requests(db);
    const userId = await t.user();
    const id = await t.session(userId);
    await db.setNow(MIDNIGHT);
    const topUp = await connection(db.pool);
    onTestFinished(() => topUp.end());
    await topUp.begin();
    expect(await topUp.call('lock_to_open', userId)).toBe('t');
    const wish = postgresUserSessions(db.database).command(userId, id, { type: 'wake' }, randomUUID());
    await someoneWaits();
    const free = await db.rows('select id from agent_sessions where id = $1 for no key update nowait', id);
    expect(free).toEqual([{ id }]);
    await topUp.commit();
    expect(await wish).toMatchObject({ ended: false, view: { status: 'working' } });
  });

  it('waits for the session without holding the day before, so that a settlement cannot deadlock with it', async () => {
    await db.setNow(START);
    const t = requests(db);
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    await t.reserve(id, fence, 1_000);
    await db.setNow(MIDNIGHT);
    const settlement = await connection(db.pool);
    onTestFinished(() => settlement.end());
    await settlement.begin();
    await settlement.call('lock_session', id);
    const wish = postgresUserSessions(db.database).command(userId, id, { type: 'pause' }, randomUUID());
    await someoneWaits();
    const free = `select day::text from budget_days where user_id = $1 for no key update nowait`;
    expect(await db.rows(free, userId)).toEqual([{ day: '2026-11-10' }]);
    await settlement.commit();
    expect(await wish).toMatchObject({ ended: false });
  });
});
