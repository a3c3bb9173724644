/** Reconciliation on Postgres and an embedded Redis: every kind of drift is found, named and, where the ledger proves it, repaired. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { upstashAudit } from '../../lib/adapters/upstash/audit.ts';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import { linesOf, reconcile } from '../../lib/ops/reconcile.ts';
import type { ProviderCosts } from '../../lib/ports/index.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { requests, START, save, settlement } from '../postgres/steps.ts';
import { faults, KIND } from './kit.ts';

const TODAY = '2026-11-10';

describe(`reconcile (${KIND} Postgres)`, () => {
  let db: TestDatabase;
  let redis: LocalRedis;
  let upstash: LocalUpstash;
  let peek: Redis;
  let user: string;
  let id: string;
  let seq = 0;
  beforeAll(async () => {
    db = await testDatabase(KIND);
    redis = await startRedis();
    upstash = await startUpstash({ redisUrl: redis.url });
    peek = new Redis(redis.url);
  });
  afterAll(async () => {
    peek?.disconnect();
    await upstash?.close();
    await redis?.close();
    await db?.close();
  });

  const needs = (provider: ProviderCosts | null = null) => ({
    audit: postgresAudit(db.database),
    liveAudit: upstashAudit(upstash),
    provider,
  });
  const look = () => reconcile(needs(), { repair: false, today: TODAY });
  const repair = () => reconcile(needs(), { repair: true, today: TODAY });
  const kinds = ({ findings }: Awaited<ReturnType<typeof look>>) => findings.map(({ kind }) => kind).sort();
  /** Without the live view's part, which has tests of its own. */
  const own = ({ findings }: Awaited<ReturnType<typeof look>>) =>
    findings.filter(({ kind }) => !kind.startsWith('live_'));
  const change = (text: string, ...values: unknown[]) => db.rows(text, ...values);
  const mirror = async (cost = 1_000n) => {
    const { day } = await postgres(db.url).accounts.budget(user);
    const view = { sessionId: id, userId: user, fence: 1, seq: ++seq, wakeAt: null, cost, due: START, day };
    await upstashLive(upstash).mirror(view);
  };

  /** One session with one settled call of 1,000 µ$ and one under way that holds 5,000. */
  beforeEach(async () => {
    await db.empty();
    await db.setNow(START);
    await peek.flushdb();
    const t = requests(db);
    user = await t.user();
    const owned = await t.owned(user);
    id = owned.id;
    await t.reserve(id, owned.fence, 3_000);
    await db.database.call('settle', id, owned.fence, JSON.stringify(settlement()));
    await db.database.call('save', id, owned.fence, JSON.stringify(save()), '[]');
    const { fence } = await db.database.call<{ fence: number }>('claim', id, crypto.randomUUID());
    await t.reserve(id, fence, 5_000);
    await mirror();
  });

  it('finds nothing where all agrees, holds under way included', async () => {
    expect(await look()).toEqual({ findings: [], checked: { sessions: 0, providerDays: 0 }, away: [] });
    expect(linesOf(await look())).toEqual(["0 found, 0 left (0 sessions, 0 days of the provider's report)."]);
  });

  it.each([
    ['spent', 'update budget_days set spent = 7', '1000', '7'],
    ['held', 'update budget_days set held = held + 1', '5000', '5001'],
    ['session_day_spent', 'update session_days set spent = 7', '1000', '7'],
    ['session_day_held', 'update session_days set held = 7', '5000', '7'],
    ['session_day_handed_off', 'update budget_holds set hand_off = true', '6000', '0'],
    ['session_cost', 'update agent_sessions set cost_microdollars = 0', '1000', '0'],
  ])('finds and repairs a wrong %s', async (kind, spoil, expected, found) => {
    await change(spoil);
    const before = await look();
    expect(own(before)).toMatchObject([{ kind, repaired: false, expected: BigInt(expected), found: BigInt(found) }]);
    const repaired = await repair();
    expect(own(repaired)).toMatchObject([{ kind, repaired: true }]);
    expect(linesOf(repaired)[0]).toMatch(new RegExp(`^repaired ${kind} .*: ${found} where ${expected} is right`));
    expect(await faults(db.rows)).toEqual([]);
    expect((await look()).findings).toEqual([]);
  });

  it('frees a hold whose call is in the ledger', async () => {
    await change(`update budget_holds set class = 'held' where fence = 1`);
    for (const table of ['budget_days', 'session_days']) await change(`update ${table} set held = held + 3000`);
    expect(own(await look())).toMatchObject([{ kind: 'stale_hold', found: 3_000n }]);
    await repair();
    expect(await db.rows('select spent, held from budget_days')).toEqual([{ spent: '1000', held: '5000' }]);
    expect((await look()).findings).toEqual([]);
  });

  it('charges a hold that no claim will ever charge', async () => {
    await change(`update agent_sessions set state = 'ended', outcome = 'failed', due_at = null`);
    expect(kinds(await look())).toEqual(['stranded_hold']);
    await repair();
    expect(await db.rows('select spent, held from budget_days')).toEqual([{ spent: '6000', held: '0' }]);
    expect(await db.rows(`select cost, class from usage_ledger where class = 'unknown'`)).toEqual([
      { cost: '5000', class: 'unknown' },
    ]);
    expect(await faults(db.rows)).toEqual([]);
    expect((await look()).findings).toEqual([]);
  });

  it('says what it cannot prove, and leaves it alone', async () => {
    await change('delete from usage_ledger');
    const repaired = await repair();
    expect(repaired.findings.find(({ kind }) => kind === 'unbooked_hold')).toMatchObject({ repaired: false });
    expect(await db.rows('select class from budget_holds order by fence')).toEqual([
      { class: 'settled' },
      { class: 'held' },
    ]);
  });

  describe('the live view', () => {
    afterEach(() => db.setNow(START));

    it('that does not answer keeps nothing else from being compared', async () => {
      await change('update agent_sessions set saved_fence = fence');
      await change('update budget_days set spent = 7');
      const liveAudit = upstashAudit({ url: 'http://127.0.0.1:1', token: 'none' });
      const told = await reconcile({ ...needs(), liveAudit }, { repair: false, today: TODAY });
      expect(kinds(told)).toEqual(['spent']);
      expect(told.away).toEqual([expect.stringMatching(/^live view: /)]);
    });
  });

  describe("the live view's costs", () => {
    const cost = () => `circadian:session:${id}:cost`;
    const settled = async () => {
      const [row] = await change('select fence from agent_sessions');
      await db.database.call('settle', id, Number(row!.fence), JSON.stringify(settlement({ n: 1, cost: '2000' })));
      await db.database.call('save', id, Number(row!.fence), JSON.stringify(save()), '[]');
    };
    const atRest = async () => {
      await settled();
      await mirror(3_000n);
    };

    it.each([
      ['another amount', () => peek.set(cost(), '9')],
      ['garbage', () => peek.set(cost(), 'Aborted')],
      ['a key of another type', () => peek.del(cost()).then(() => peek.hset(cost(), 'a', 'x'))],
    ])('are found and set right: %s', async (_, spoil) => {
      await atRest();
      expect(await look()).toMatchObject({ findings: [], checked: { sessions: 1 } });
      await spoil();
      expect((await repair()).findings).toMatchObject([
        { kind: 'live_session', sessionId: id, expected: 3_000n, repaired: true },
      ]);
      expect(await peek.get(cost())).toBe('3000');
      expect(await peek.ttl(cost())).toBeGreaterThan(89_000);
      expect((await look()).findings).toEqual([]);
    });

    it('that were lost are no drift: the next mirror writes them', async () => {
      await atRest();
      await peek.del(cost());
      expect((await look()).findings).toEqual([]);
    });

    it('are let be while the session works, and where it has moved since they were read', async () => {
      await peek.set(cost(), '9');
      expect((await look()).findings).toEqual([]);
      await atRest();
      await peek.set(cost(), '9');
      const { audit, liveAudit } = needs();
      const costs: typeof liveAudit.costs = async (ids) => {
        const found = await liveAudit.costs(ids);
        await change('update agent_sessions set cost_microdollars = cost_microdollars + 1');
        return found;
      };
      const moving = { audit, liveAudit: { ...liveAudit, costs }, provider: null };
      const { findings } = await reconcile(moving, { repair: true, today: TODAY });
      expect(findings.filter(({ kind }) => kind === 'live_session')).toEqual([]);
    });

    it('that were mirrored since they were found are not overwritten', async () => {
      await atRest();
      await peek.set(cost(), '9');
      const { audit, liveAudit } = needs();
      const putCost: typeof liveAudit.putCost = async (...args) => {
        await peek.set(cost(), '4000');
        return liveAudit.putCost(...args);
      };
      const raced = { audit, liveAudit: { ...liveAudit, putCost }, provider: null };
      const { findings } = await reconcile(raced, { repair: true, today: TODAY });
      expect(findings).toEqual([]);
      expect(await peek.get(cost())).toBe('4000');
    });
  });

  it('forgets the snapshots of a user whose sums it repaired', async () => {
    const { version } = await upstashLive(upstash).snapshot(user, null);
    expect((await look()).findings).toEqual([]);
    expect((await upstashLive(upstash).snapshot(user, null)).version).toBe(version);
    await change('update budget_days set spent = 7');
    await repair();
    expect((await upstashLive(upstash).snapshot(user, null)).version).not.toBe(version);
  });

  it('is a command whose exit status tells', async () => {
    const run = (env: Record<string, string>, ...args: string[]) =>
      promisify(execFile)(process.execPath, ['lib/ops/cli/reconcile.ts', ...args], {
        env: { PATH: process.env.PATH, ...env },
      }).then(
        ({ stdout }) => ({ code: 0, said: stdout }),
        ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
      );
    const env = {
      ...{ DATABASE_URL: db.url, UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
      ...{ QUEUE_URL: 'http://127.0.0.1:1/q', SCHEDULE_GROUP: 'g', SCHEDULE_ROLE_ARN: 'r', WAKE_FUNCTION_ARN: 'w' },
      ...{ ANTHROPIC_API_KEY: 'none', ADMIN_API_KEY: 'an-admin-key-of-some-length' },
    };
    expect(await run(env)).toMatchObject({ code: 0, said: expect.stringMatching(/^0 found, 0 left/) });
    await change('update budget_days set spent = 7');
    expect(await run(env)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^DRIFT {4}spent .*\n1 found, 1 left/),
    });
    expect(await run(env, '--repair')).toMatchObject({ code: 0, said: expect.stringMatching(/^repaired spent/) });
    expect(await run({})).toMatchObject({ code: 2, said: expect.stringMatching(/DATABASE_URL is missing/) });
    expect(await run(env, '--days', 'many')).toMatchObject({ code: 2 });
  });

  describe("the provider's report", () => {
    const TOMORROW = '2026-11-11';
    const says = (amount: bigint): ProviderCosts => ({ byDay: async () => new Map([[TODAY, amount]]) });
    const compare = (provider: ProviderCosts) => reconcile(needs(provider), { repair: true, today: TOMORROW });

    it('above the ledger is drift that nothing here can repair', async () => {
      const { findings, checked } = await compare(says(500_000n));
      expect(findings.filter(({ kind }) => kind === 'provider')).toMatchObject([
        { day: TODAY, expected: 1_000n, found: 500_000n, repaired: false },
      ]);
      expect(checked.providerDays).toBe(1);
    });

    it('below it, or above by rounding, is as it should be', async () => {
      expect(kinds(await compare(says(0n)))).toEqual([]);
      expect(kinds(await compare(says(1_000n + 10_000n)))).toEqual([]);
    });

    it('that does not come is named', async () => {
      const broken = { byDay: () => Promise.reject(new Error('the cost report answered 401')) };
      expect((await compare(broken)).away).toEqual(['provider: the cost report answered 401']);
    });
  });
});
