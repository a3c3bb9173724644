/** Reconciliation on Postgres and an embedded Redis: every kind of drift is found, named and, where the ledger proves it, repaired. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { anthropicCosts } from '../../lib/adapters/anthropic-costs.ts';
import { postgresBooks } from '../../lib/adapters/postgres/books.ts';
import { upstashLive } from '../../lib/adapters/upstash.ts';
import { upstashBooks } from '../../lib/adapters/upstash-books.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import type { ProviderCosts } from '../../lib/ports.ts';
import { linesOf, reconcile } from '../../lib/reconcile.ts';
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
  const own = ({ findings }: Awaited<ReturnType<typeof look>>) => findings.filter(({ kind }) => kind !== 'live_day');
  const change = (text: string, ...values: unknown[]) => db.rows(text, ...values);
  const key = () => `circadian:user:${user}:day:${TODAY}`;
  const mirror = async () => {
    const day = (await needs().books.days(TODAY)).find(({ userId }) => userId === user)!.day;
    const view = {
      ...{ sessionId: id, userId: user, fence: 1, seq: 1, status: 'working' },
      wakeAt: null,
      cost: 0n,
      due: START,
    };
    await upstashLive(upstash).mirror({ ...view, status: 'working', day });
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
    expect(await look()).toEqual({ findings: [], checked: { days: 1, providerDays: 0 }, away: [] });
    expect(linesOf(await look())).toEqual(["0 found, 0 left (1 open days, 0 days of the provider's report)."]);
  });

  it.each([
    ['spent', 'update budget_days set spent = 7', '1000', '7'],
    ['held', 'update budget_days set held = held + 1', '5000', '5001'],
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
    await change('update budget_days set held = held + 3000');
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

    it('that is newer than what was read is left alone', async () => {
      await peek.hset(key(), 'revision', '99', 'spent', '9999');
      expect((await repair()).findings).toEqual([]);
      expect(await peek.hget(key(), 'spent')).toBe('9999');
    });

    it('that does not answer keeps nothing else from being compared', async () => {
      await change('update budget_days set spent = 7');
      const liveBooks = upstashBooks({ url: 'http://127.0.0.1:1', token: 'none' });
      const told = await reconcile({ ...needs(), liveBooks }, { repair: false, today: TODAY });
      expect(kinds(told)).toEqual(['spent']);
      expect(told.away).toEqual([expect.stringMatching(/^live view: /)]);
    });
  });

  it('is a command whose exit status tells', async () => {
    const run = (env: Record<string, string>, ...args: string[]) =>
      promisify(execFile)(process.execPath, ['lib/reconcile-cli.ts', ...args], {
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

describe('the cost report of the Admin API', () => {
  const serve = async (pages: object[], seen: { url: string; key: unknown }[] = []) => {
    const server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', key: request.headers['x-api-key'] });
      const page = pages[seen.length - 1];
      response.writeHead(page ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(page ?? {}));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const row = (amount: string, workspace_id: string | null = null) => ({
    amount,
    currency: 'USD',
    workspace_id,
    cost_type: 'tokens',
  });
  const bucket = (day: string, ...results: object[]) => ({
    starting_at: `${day}T00:00:00Z`,
    ending_at: 'later',
    results,
  });

  it('is read to its last page, cents as microdollars, days summed', async () => {
    const seen: { url: string; key: unknown }[] = [];
    const baseURL = await serve(
      [
        { data: [bucket('2026-11-09', row('123.45'), row('0.00019'))], has_more: true, next_page: 'page_2' },
        { data: [bucket('2026-11-09', row('1')), bucket('2026-11-10')], has_more: false, next_page: null },
      ],
      seen,
    );
    const costs = await anthropicCosts({ adminKey: 'sk-ant-admin-x', baseURL }).byDay('2026-11-09', '2026-11-10');
    expect([...costs]).toEqual([
      ['2026-11-09', 1_244_501n],
      ['2026-11-10', 0n],
    ]);
    expect(seen[0]).toMatchObject({ key: 'sk-ant-admin-x', url: expect.stringContaining('ending_at=2026-11-11') });
    expect(seen[1]!.url).toContain('page=page_2');
  });

  it('counts one workspace when it is named', async () => {
    const data = [bucket('2026-11-09', row('1', 'wrkspc_a'), row('2', 'wrkspc_b'), row('4'))];
    const baseURL = await serve([{ data, has_more: false, next_page: null }]);
    const costs = anthropicCosts({ adminKey: 'k', workspaceId: 'wrkspc_b', baseURL });
    expect((await costs.byDay('2026-11-09', '2026-11-09')).get('2026-11-09')).toBe(20_000n);
  });

  it('that is refused, or means something else, throws', async () => {
    const refused = anthropicCosts({ adminKey: 'k', baseURL: await serve([]) });
    await expect(refused.byDay('2026-11-09', '2026-11-09')).rejects.toThrow(/403/);
    const strange = anthropicCosts({
      adminKey: 'k',
      baseURL: await serve([{ data: [bucket('2026-11-09', { amount: 'much' })] }]),
    });
    await expect(strange.byDay('2026-11-09', '2026-11-09')).rejects.toThrow();
  });
});
