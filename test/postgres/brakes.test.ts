/** The brakes of migrations/0005_brakes.sql: what keeps a deployment from running away. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { MIDNIGHT, requests, START, save } from './steps.ts';

describe.each(hasPostgres ? (['embedded', 'real'] as const) : (['embedded'] as const))(
  'brakes on %s Postgres',
  (kind) => {
    let db: TestDatabase;
    let step: ReturnType<typeof requests>;
    beforeAll(async () => {
      db = await testDatabase(kind);
      step = requests(db);
    });
    beforeEach(() => db.setNow(START));
    afterEach(() => db.pool.query('update brakes set stopped = false, claims_per_day = 10000'));
    afterAll(() => db?.close());

    type Claim = { fence?: number; retryInMs?: number | null };
    const claim = (id: string, invocation: string = randomUUID()) => db.database.call<Claim>('claim', id, invocation);
    const saved = (id: string, fence: number) => db.database.call('save', id, fence, JSON.stringify(save()), '[]');
    const pass = async (id: string) => {
      const { fence } = await claim(id);
      await saved(id, fence!);
    };
    const sweep = () => db.database.call<{ due: { id: string }[]; nextDue: string }>('sweep', 1_000);
    const set = (change: string) => db.pool.query(`update brakes set ${change}`);
    const entries = (id: string) =>
      db.rows(`select seq, type, data ->> 'reason' as reason from agent_events where session_id = $1 order by seq`, id);

    it('is off at first, and there is one of it', async () => {
      expect(await db.rows('select stopped, claims_per_day from brakes')).toEqual([
        { stopped: 'f', claims_per_day: '10000' },
      ]);
      await expect(db.pool.query('insert into brakes default values')).rejects.toThrow(/brakes_pkey/);
    });

    it('stops every claim and sweep, and what is due goes on when it is let go', async () => {
      const id = await step.session(await step.user());
      await set('stopped = true');
      expect(await claim(id)).toEqual({ retryInMs: null });
      expect((await sweep()).due).toEqual([]);
      expect(Date.parse((await sweep()).nextDue)).toBeLessThanOrEqual(START + 60_000);
      await set('stopped = false');
      expect((await sweep()).due.map((due) => due.id)).toContain(id);
      expect(await claim(id)).toMatchObject({ fence: 1 });
    });

    it('lets whoever is under way end its iteration', async () => {
      const { id, fence } = await step.owned(await step.user());
      await set('stopped = true');
      await saved(id, fence);
      expect(await claim(id)).toEqual({ retryInMs: null });
    });

    it('holds a session back till midnight once it was claimed too often, and says so in the journal', async () => {
      const id = await step.session(await step.user());
      await set('claims_per_day = 3');
      for (const _ of [1, 2, 3]) await pass(id);
      const { retryInMs } = await claim(id);
      expect(retryInMs).toBeGreaterThan(MIDNIGHT - START - 60_000);
      expect(retryInMs).toBeLessThanOrEqual(MIDNIGHT - START);
      expect((await sweep()).due.map((due) => due.id)).not.toContain(id);
      expect((await entries(id)).at(-1)).toEqual({ seq: '2', type: 'agent.retrying', reason: 'daily_claims' });
      await claim(id);
      expect(await entries(id)).toHaveLength(2);
      await db.setNow(MIDNIGHT + 1_000);
      await pass(id);
      expect(await db.rows('select day, fence from session_days where session_id = $1', id)).toEqual([
        { day: '2026-11-11', fence: '3' },
      ]);
    });

    it('counts each session by itself', async () => {
      const user = await step.user();
      const [busy, calm] = [await step.session(user), await step.session(user)];
      await set('claims_per_day = 1');
      await pass(busy);
      await claim(busy);
      expect(await claim(calm)).toMatchObject({ fence: 1 });
    });

    it('answers a repeat of the last claim that was let through as it answered first', async () => {
      const id = await step.session(await step.user());
      await set('claims_per_day = 1');
      const invocation = randomUUID();
      expect(await claim(id, invocation)).toMatchObject({ fence: 1 });
      expect(await claim(id, invocation)).toMatchObject({ fence: 1 });
    });

    it('lets a cancel through', async () => {
      const user = await step.user();
      const id = await step.session(user);
      await set('claims_per_day = 1');
      await pass(id);
      await db.database.call('nudge', user, id, randomUUID(), JSON.stringify({ type: 'cancel' }));
      expect(await claim(id)).toMatchObject({ fence: 2, wishes: { desired: 'cancel' } });
    });

    it('writes one row a day, not one a claim', async () => {
      const id = await step.session(await step.user());
      await pass(id);
      const version = () => db.rows('select xmin, ctid from session_days where session_id = $1', id);
      const before = await version();
      for (const _ of [1, 2, 3]) await pass(id);
      expect(await version()).toEqual(before);
    });

    it('measures overdue from the last movement, not from an old due_at', async () => {
      const user = await step.user();
      const [moved, stuck] = [await step.session(user), await step.session(user)];
      await db.setNow(START + 600_000);
      await pass(moved);
      await db.setNow(START + 660_000);
      await db.passBackoff();
      await db.pool.query(`update agent_sessions set hint_at = 'infinity' where id not in ($1, $2)`, [moved, stuck]);
      type Sweep = { due: { id: string }[]; overdueMs: number };
      const { due, overdueMs } = await db.database.call<Sweep>('sweep', 1_000);
      expect(due.map(({ id }) => id).sort()).toEqual([moved, stuck].sort());
      expect(overdueMs).toBeGreaterThanOrEqual(655_000);
      await db.pool.query(`update agent_sessions set hint_at = '-infinity' where id = $1`, [moved]);
      const again = await db.database.call<Sweep>('sweep', 1_000);
      expect(again.due).toEqual([expect.objectContaining({ id: moved })]);
      expect(again.overdueMs).toBeGreaterThanOrEqual(55_000);
      expect(again.overdueMs).toBeLessThan(120_000);
    });
  },
);
