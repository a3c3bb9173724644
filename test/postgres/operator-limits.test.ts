/** The operator's limits (schema/tables/operator-limits.ts): what keeps a deployment from running away. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { drive } from '../../lib/engine/drive.ts';
import { hasPostgres } from '../kit/servers.ts';
import { testWorld } from '../kit/world.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { MIDNIGHT, requests, START, save } from './steps.ts';

describe.each(hasPostgres ? (['embedded', 'real'] as const) : (['embedded'] as const))(
  'operator limits on %s Postgres',
  (kind) => {
    let db: TestDatabase;
    let step: ReturnType<typeof requests>;
    beforeAll(async () => {
      db = await testDatabase(kind);
      step = requests(db);
    });
    beforeEach(() => db.setNow(START));
    afterEach(() => db.pool.query('update operator_limits set stopped = false, claims_per_day = 10000'));
    afterAll(() => db?.close());

    type Claim = { fence?: number; retryInMs?: number | null };
    const claim = (id: string, invocation: string = randomUUID()) => db.database.call<Claim>('claim', id, invocation);
    const saved = (id: string, fence: number) => db.database.call('save', id, fence, JSON.stringify(save()), '[]');
    const pass = async (id: string) => {
      const { fence } = await claim(id);
      await saved(id, fence!);
    };
    const sweep = () => db.database.call<{ due: { id: string }[]; nextDue: string }>('sweep', 1_000);
    const set = (change: string) => db.pool.query(`update operator_limits set ${change}`);
    const entries = (id: string) =>
      db.rows(`select seq, type, data ->> 'reason' as reason from agent_events where session_id = $1 order by seq`, id);

    it('is off at first, and there is one of it', async () => {
      expect(await db.rows('select stopped, claims_per_day from operator_limits')).toEqual([
        { stopped: 'f', claims_per_day: '10000' },
      ]);
      await expect(db.pool.query('insert into operator_limits default values')).rejects.toThrow(/operator_limits_pkey/);
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

    it('sleeps till midnight once it was claimed too often, and says so in the journal', async () => {
      const user = await step.user();
      const id = await step.session(user);
      await set('claims_per_day = 3');
      for (const _ of [1, 2, 3]) await pass(id);
      const t = testWorld(() => {
        throw new Error('no model is called');
      });
      const { sessions } = postgres(db.url);
      const hint = { sessionId: id, userId: user };
      await drive({ ...t.world, sessions }, hint, { remaining: () => 300_000 });
      const [row] = await db.rows(
        'select state, sleep_reason, wants_microdollars, due_at from agent_sessions where id = $1',
        id,
      );
      expect(row).toMatchObject({ state: 'sleeping', sleep_reason: 'claim_limit', wants_microdollars: null });
      expect(Date.parse(row!.due_at!)).toBe(MIDNIGHT);
      expect((await sweep()).due.map((due) => due.id)).not.toContain(id);
      expect((await entries(id)).at(-1)).toEqual({ seq: '2', type: 'agent.retrying', reason: 'daily_claims' });
      const { retryInMs } = await claim(id);
      expect(retryInMs).toBeGreaterThan(MIDNIGHT - START - 60_000);
      expect(retryInMs).toBeLessThanOrEqual(MIDNIGHT - START);
      expect(await entries(id)).toHaveLength(2);
      await db.setNow(MIDNIGHT + 1_000);
      await pass(id);
      expect(await db.rows('select day, fence from session_days where session_id = $1', id)).toEqual([
        { day: '2026-11-11', fence: '4' },
      ]);
    });

    it('counts each session by itself', async () => {
      const user = await step.user();
      const [busy, calm] = [await step.session(user), await step.session(user)];
      await set('claims_per_day = 1');
      await pass(busy);
      expect(await claim(busy)).toMatchObject({ claims: { today: 2, most: 1 } });
      expect(await claim(calm)).toMatchObject({ fence: 1, claims: { today: 1, most: 1 } });
    });

    it('answers a repeat of the last claim that was let through as it answered first', async () => {
      const id = await step.session(await step.user());
      await set('claims_per_day = 1');
      const invocation = randomUUID();
      expect(await claim(id, invocation)).toMatchObject({ fence: 1, claims: { today: 1 } });
      expect(await claim(id, invocation)).toMatchObject({ fence: 1, claims: { today: 1 } });
    });

    it('lets a cancel through', async () => {
      const user = await step.user();
      const id = await step.session(user);
      await set('claims_per_day = 1');
      await pass(id);
      await db.database.call('request_action', user, id, randomUUID(), JSON.stringify({ type: 'cancel' }));
      expect(await claim(id)).toMatchObject({ fence: 2, pending: { desired: 'cancel' } });
    });

    it('writes one row a day, not one a claim', async () => {
      const id = await step.session(await step.user());
      await pass(id);
      const version = () => db.rows('select xmin, ctid from session_days where session_id = $1', id);
      const before = await version();
      for (const _ of [1, 2, 3]) await pass(id);
      expect(await version()).toEqual(before);
    });

    describe('overdue', () => {
      // What other tests left behind sleeps for good.
      beforeEach(() => db.pool.query(`update agent_sessions set due_at = 'infinity' where state <> 'ended'`));
      const overdue = async () => (await db.database.call<{ overdueMs: number }>('sweep', 1_000)).overdueMs;
      const minutes = (n: number) => db.setNow(START + n * 60_000);
      const marks = () => db.rows('select id, hint_at from agent_sessions order by id');

      it('is nothing where nothing is due', async () => expect(await overdue()).toBe(0));

      it('is measured from the last movement, not from an old due_at', async () => {
        const id = await step.session(await step.user());
        await minutes(10);
        await pass(id);
        await minutes(11);
        expect(await overdue()).toBeGreaterThanOrEqual(55_000);
        expect(await overdue()).toBeLessThan(120_000);
      });

      it('is told by every sweep, also of a session that waits for its next hint', async () => {
        const id = await step.session(await step.user());
        await minutes(20);
        expect((await sweep()).due.map((due) => due.id)).toEqual([id]);
        await minutes(21);
        expect((await sweep()).due).toEqual([]);
        expect(await overdue()).toBeGreaterThanOrEqual(21 * 60_000 - 1_000);
        expect(await overdue()).toBeLessThan(22 * 60_000);
      });

      it('is told while everything is stopped, and nothing is marked', async () => {
        await step.session(await step.user());
        await set('stopped = true');
        const before = await marks();
        await minutes(20);
        expect(await overdue()).toBeGreaterThanOrEqual(20 * 60_000 - 1_000);
        expect((await sweep()).due).toEqual([]);
        expect(await marks()).toEqual(before);
      });

      it('counts neither who is at work nor who may sleep', async () => {
        const user = await step.user();
        await step.owned(user);
        await minutes(20);
        expect(await overdue()).toBe(0);
        await db.pool.query(
          `update agent_sessions set lease_until = clock_timestamp() - interval '1 s' where lease_until is not null`,
        );
        expect(await overdue()).toBeGreaterThanOrEqual(19 * 60_000);
        await db.pool.query(`update agent_sessions set due_at = app_now() + interval '1 h' where due_at < 'infinity'`);
        expect(await overdue()).toBe(0);
      });
    });
  },
);
