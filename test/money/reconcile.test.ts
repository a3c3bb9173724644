/** Reconciliation on Postgres and an embedded Redis: every kind of drift is found, named and, where the ledger proves it, repaired. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresBooks } from '../../lib/adapters/postgres/audit.ts';
import { upstashBooks } from '../../lib/adapters/upstash/audit.ts';
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
    books: postgresBooks(db.database),
    liveBooks: upstashBooks(upstash),
    provider,
  });
  const look = () => reconcile(needs(), { repair: false, today: TODAY });
  const repair = () => reconcile(needs(), { repair: true, today: TODAY });
  const kinds = ({ findings }: Awaited<ReturnType<typeof look>>) => findings.map(({ kind }) => kind).sort();
  /** Without the live view's part, which has tests of its own. */
  const own = ({ findings }: Awaited<ReturnType<typeof look>>) =>
    findings.filter(({ kind }) => !kind.startsWith('live_'));
  const change = (text: string, ...values: unknown[]) => db.rows(text, ...values);
  const key = () => `circadian:user:${user}:day`;
  const mirror = async (spent = 1_000n) => {
    const day = (await needs().books.day(user))!.day;
    const view = {
      ...{ sessionId: id, userId: user, fence: 1, seq: 1, status: 'working' },
      wakeAt: null,
      cost: spent,
      due: START,
    };
    await upstashLive(upstash).mirror(
      { ...view, seq: ++seq, status: 'working', day },
      { op: `m${seq}`, at: START, onlyToday: true },
    );
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
    expect(await look()).toEqual({ findings: [], checked: { days: 1, sessions: 0, providerDays: 0 }, away: [] });
    expect(linesOf(await look())).toEqual([
      "0 found, 0 left (1 open days, 0 sessions, 0 days of the provider's report).",
    ]);
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

    it.each([
      ['lost', () => peek.del(key())],
      ['spoilt', () => peek.hset(key(), 'spent', 'Aborted')],
      ['wrong', () => peek.hset(key(), 'spent', '9')],
      ['older', () => peek.hset(key(), 'revision', '1', 'held', '0')],
    ])('%s, is found and written anew', async (_, spoil) => {
      await spoil();
      expect(kinds(await look())).toEqual(['live_day']);
      expect((await repair()).findings).toMatchObject([{ kind: 'live_day', expected: 6_000n, repaired: true }]);
      expect(await peek.hmget(key(), 'spent', 'held', 'resets_at')).toEqual([
        '1000',
        '5000',
        '2026-11-11T00:00:00.000Z',
      ]);
      expect(await peek.ttl(key())).toBeGreaterThan(89_000);
      expect((await look()).findings).toEqual([]);
    });

    it('newer than Postgres is wrong all the same: it was restored, or the view spoilt', async () => {
      await peek.hset(key(), 'revision', '99', 'spent', '9999');
      expect((await repair()).findings).toMatchObject([{ kind: 'live_day', repaired: true }]);
      expect(await peek.hget(key(), 'spent')).toBe('1000');
    });

    it('newer than what was read of Postgres before is as it should be', async () => {
      const { books, liveBooks } = needs();
      const day = async (of: string) => {
        await change('update budget_days set held = held, revision = revision + 1');
        await mirror();
        return liveBooks.day(of);
      };
      const told = await reconcile(
        { books, liveBooks: { ...liveBooks, day }, provider: null },
        { repair: true, today: TODAY },
      );
      expect(told.findings).toEqual([]);
    });

    it('that is written while it is looked at is not overwritten', async () => {
      const { books, liveBooks } = needs();
      await peek.hset(key(), 'spent', '9');
      const putDay: typeof liveBooks.putDay = async (...args) => {
        await upstashLive(upstash).close({ userId: user, op: 'a' }, true);
        return liveBooks.putDay(...args);
      };
      const told = await reconcile(
        { books, liveBooks: { ...liveBooks, putDay }, provider: null },
        { repair: true, today: TODAY },
      );
      expect(told.findings).toMatchObject([{ kind: 'live_day', repaired: false }]);
      expect(await peek.hkeys(key())).toContain('busy:a');
    });

    it("of a user for whom something is under way is nobody's business yet", async () => {
      await peek.hset(key(), 'spent', '9', 'busy:a', String(Date.now() + 60_000));
      expect((await look()).findings).toEqual([]);
    });

    it('that does not answer keeps nothing else from being compared', async () => {
      await change('update budget_days set spent = 7');
      const liveBooks = upstashBooks({ url: 'http://127.0.0.1:1', token: 'none' });
      const told = await reconcile({ ...needs(), liveBooks }, { repair: false, today: TODAY });
      expect(kinds(told)).toEqual(['spent']);
      expect(told.away).toEqual([expect.stringMatching(/^live view: /)]);
    });
  });

  describe("the live view's sessions", () => {
    const cost = () => `circadian:session:${id}:cost`;
    const state = () => `circadian:session:${id}:state`;
    const atRest = async () => {
      const [row] = await change('select fence from agent_sessions');
      await db.database.call('settle', id, Number(row!.fence), JSON.stringify(settlement({ n: 1, cost: '2000' })));
      await db.database.call('save', id, Number(row!.fence), JSON.stringify(save()), '[]');
      await mirror(3_000n);
    };

    it.each([
      ['the plain counter', () => peek.set(cost(), '9')],
      ['the counter beside the state', () => peek.hset(state(), 'cost', '9')],
      ['garbage', () => peek.set(cost(), 'Aborted')],
      ['a key of another type', () => peek.del(cost()).then(() => peek.set(state(), 'x'))],
    ])('are found and set right: %s', async (what, spoil) => {
      await atRest();
      expect(await look()).toMatchObject({ findings: [], checked: { sessions: 1 } });
      await spoil();
      const lost = what === 'a key of another type';
      const { findings } = await repair();
      expect(findings).toMatchObject(
        lost ? [] : [{ kind: 'live_session', sessionId: id, expected: 3_000n, repaired: true }],
      );
      if (!lost) expect([await peek.get(cost()), await peek.hget(state(), 'cost')]).toEqual(['3000', '3000']);
      expect((await look()).findings).toEqual([]);
    });

    it('are let be while they work', async () => {
      await peek.set(cost(), '9');
      expect((await look()).findings).toEqual([]);
      await atRest();
      await peek.set(cost(), '9');
      await upstashLive(upstash).open(id, Date.now() + 60_000, { userId: user, op: 'a' });
      expect((await look()).findings).toEqual([]);
    });
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
