/** Evidence gives back: calls of unknown outcome are settled down to what the provider's report of their hours leaves, and never below. */
import { beforeEach, expect, it } from 'vitest';
import { anthropicUsage } from '../../lib/adapters/anthropic/usage-report.ts';
import { postgresEvidence } from '../../lib/adapters/postgres/evidence.ts';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import { giveBack } from '../../lib/ops/evidence.ts';
import { aNight, aSave, aSettlement, MIDNIGHT, START, type Steps } from '../contract/harness.ts';
import { faults, onPostgres } from './kit.ts';
import { type Billed, usageReport } from './usage-report.ts';

const MODEL = 'claude-haiku-5-5';
const MINUTE = 60_000;
const NOON = Date.parse('2026-11-10T12:30:00Z');
const HOLD = 200_000n;
const used = { input_tokens: 10_000, output_tokens: 1_000 };
const COST = costMicrodollars({ model: MODEL, usage: used });
const served = (at: number): Billed => ({ at, model: MODEL, input: 10_000, output: 1_000 });

/** How a report is asked for; `earlier`: one more call, hours before. */
type Comparison = { now?: number; workspaceId?: string; perPage?: number; earlier?: 'certain' };

onPostgres('evidence', (t, db) => {
  beforeEach(() => db().empty());

  /** One call at an instant: of known cost, or of unknown outcome, whose whole hold is charged. */
  async function call(
    user: string,
    at: number,
    outcome: 'certain' | 'doubtful' | 'cut',
    over: Partial<Parameters<Steps['session']>[0]> = {},
  ) {
    await t().setNow(at);
    const id = await t().session(over, user);
    const { fence } = await t().claim(id);
    await t().hold(id, fence, HOLD);
    await t().setNow(at + MINUTE);
    const none = { turns: [], journal: [], iterated: false };
    if (outcome === 'certain') await t().sessions.settle(id, fence, aSettlement({ cost: COST, usage: used }));
    else if (outcome === 'doubtful')
      await t().sessions.settle(id, fence, aSettlement({ ...none, cost: null, class: 'unknown' }));
    else
      await t().sessions.settle(
        id,
        fence,
        aSettlement({ ...none, cost: 150_000n, class: 'unknown', usage: { ...used, output_tokens: 1 } }),
      );
    await t().sessions.save(id, fence, aSave(), []);
    return id;
  }

  async function compare(billed: Billed[], { now = NOON, workspaceId, perPage = 24 }: Comparison = {}) {
    await t().setNow(now);
    const { baseURL, asked } = await usageReport({ billed, now: () => now, perPage });
    const usage = anthropicUsage({ adminKey: 'sk-ant-admin-x', baseURL, workspaceId });
    const marks: string[] = [];
    const live = {
      open: async () => ({ watched: Boolean(marks.push('open')) }),
      forget: async () => void marks.push('forget'),
    };
    const given = await giveBack({ evidence: postgresEvidence(db().database), usage, live, log: () => {} });
    expect(await faults(db().rows)).toEqual([]);
    return { ...given, asked, marks };
  }
  const paid = async (user: string) => {
    const [row] = await t().accounts.usage(user, { from: '2026-11-01', to: '2026-11-30' }, 'model');
    return [row?.cost, row?.unknown];
  };
  const at = (time: string) => Date.parse(`2026-11-10T${time}:00Z`);

  it('gives all of it back where the report has no more than the certain calls, shown in usage and the journal', async () => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    const id = await call(user, at('08:30'), 'doubtful');
    expect(await paid(user)).toEqual([COST + HOLD, HOLD]);
    const { given, calls, asked, marks } = await compare([served(at('08:10'))], { perPage: 10 });
    // One microdollar for the rounding of each certain call stays.
    expect([given, calls]).toEqual([HOLD - 1n, 1]);
    expect(await paid(user)).toEqual([COST + 1n, 0n]);
    expect(asked.length).toBeGreaterThan(1);
    expect(marks).toEqual(['open', 'forget']);
    const [last] = (await t().userSessions.events(user, id, { after: 0, limit: 100 }))!.slice(-1);
    expect(last).toMatchObject({
      type: 'agent.cost_corrected',
      data: { reason: 'provider_report', charged_microdollars: Number(HOLD), cost_microdollars: 1 },
    });
    expect(await compare([served(at('08:10'))])).toMatchObject({ given: 0n, calls: 0 });
  });

  it('keeps what the report has beyond the certain calls, shared over several calls, sessions and users of the hour', async () => {
    const [ada, bob] = [await t().user(), await t().user()];
    await call(ada, at('08:10'), 'certain');
    await call(ada, at('08:20'), 'doubtful');
    await call(ada, at('08:25'), 'doubtful');
    await call(bob, at('08:30'), 'doubtful');
    const { given } = await compare([served(at('08:10')), served(at('08:22')), served(at('08:31'))]);
    const left = 2n * COST + 1n;
    expect(3n * HOLD - given).toBeGreaterThanOrEqual(left);
    expect(3n * HOLD - given).toBeLessThan(left + 3n);
    const [[spentByAda], [spentByBob]] = [await paid(ada), await paid(bob)];
    expect((spentByAda ?? 0n) + (spentByBob ?? 0n)).toBeGreaterThanOrEqual(3n * COST);
  });

  it.each([
    [
      'other programs used as much in that hour',
      [served(at('08:10')), { at: at('08:40'), model: MODEL, output: 900_000 }],
      {},
    ],
    ['the report lacks what is known to have been billed', [], {}],
    ['it lacks a certain call of another hour', [served(at('08:10'))], { earlier: 'certain' as const }],
    ['it is of another workspace', [{ ...served(at('08:10')), workspace: 'wrkspc_b' }], { workspaceId: 'wrkspc_a' }],
    ['the hour has ended too recently', [served(at('08:10'))], { now: at('09:59') }],
    ['the call may count for an hour that is not over for long', [served(at('08:10'))], { now: at('09:30') }],
  ])('gives nothing back where %s', async (_, billed, { earlier, ...how }: Comparison) => {
    const user = await t().user();
    if (earlier) await call(user, at('05:10'), earlier);
    await call(user, at('08:10'), 'certain');
    await call(user, at('08:30'), 'doubtful');
    expect(await compare(billed, how)).toMatchObject({ given: 0n });
    expect(await paid(user)).toEqual([(earlier ? 2n : 1n) * COST + HOLD, HOLD]);
  });

  it.each([
    ['the hour after', { at: at('09:10'), model: MODEL, output: 900_000 }, HOLD - 1n],
    ['another model', { at: at('08:40'), model: 'claude-sonnet-5-5', output: 900_000 }, HOLD - 1n],
    ['the same model by its dated id', { at: at('08:40'), model: `${MODEL}-20260901`, output: 900_000 }, 0n],
  ])('counts what %s used as what it is', async (_, other, given) => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    await call(user, at('08:30'), 'doubtful');
    expect(await compare([served(at('08:10')), other])).toMatchObject({ given });
  });

  it('gives nothing back where no call of ours shows that the report is of this key', async () => {
    const user = await t().user();
    await call(user, at('08:30'), 'doubtful');
    expect(await compare([])).toMatchObject({ given: 0n, left: 1 });
  });

  it('looks at both hours of a call at their edge, and takes no other call at an edge for one within', async () => {
    const user = await t().user();
    await call(user, at('07:30'), 'certain');
    await call(user, at('08:57'), 'doubtful');
    await call(user, at('09:58'), 'certain');
    const all = [served(at('07:30')), served(at('09:01')), served(at('09:59'))];
    const { given } = await compare(all);
    // What was served at 09:01 may have been it, and what was served at 09:59 lies at the edge: both count against it.
    expect(HOLD - given).toBeGreaterThanOrEqual(2n * COST);
  });

  it('leaves of a cut stream what is known of its prompt', async () => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    await call(user, at('08:30'), 'cut');
    const known = costMicrodollars({ model: MODEL, usage: { ...used, output_tokens: 1 } });
    const half = [served(at('08:10')), { at: at('08:31'), model: MODEL, input: 5_000 }];
    expect(await compare(half)).toMatchObject({ given: 0n, left: 1 });
    expect(
      await compare([served(at('08:10')), { at: at('08:31'), model: MODEL, input: 10_000, output: 40 }]),
    ).toMatchObject({ calls: 1 });
    const [cost] = await paid(user);
    expect(cost).toBeGreaterThanOrEqual(COST + known);
  });

  it('wakes who sleeps for want of money that has become free', async () => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    for (const minute of ['20', '25', '30', '35', '40']) await call(user, at(`08:${minute}`), 'doubtful');
    const id = await t().session({}, user);
    const { fence } = await t().claim(id);
    const ask = { n: 1, least: 300_000n, wanted: 300_000n, model: MODEL, handOff: true, journal: [] };
    expect(await t().sessions.reserve(id, fence, ask)).toMatchObject({ refused: 'day' });
    await t().sessions.save(id, fence, aNight(MIDNIGHT), []);
    expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'sleeping' });
    await compare([served(at('08:10'))]);
    expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'working' });
    const again = await t().claim(id);
    expect(await t().sessions.reserve(id, again.fence, ask)).toMatchObject({ granted: 300_000n });
  });

  it('of a day before becomes money of the days that are left', async () => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    await call(user, at('08:30'), 'doubtful');
    await t().setNow(MIDNIGHT + MINUTE);
    const before = (await t().accounts.budget(user)).day.allowance;
    await compare([served(at('08:10'))], { now: MIDNIGHT + 60 * MINUTE });
    const { allowance } = (await t().accounts.budget(user)).day;
    expect(allowance - before).toBe((HOLD - 1n) / 20n);
  });

  it('is given once, also by two at once, and not over a settlement that came meanwhile', async () => {
    const user = await t().user();
    await call(user, at('08:10'), 'certain');
    const id = await call(user, at('08:30'), 'doubtful');
    const evidence = postgresEvidence(db().database);
    await t().setNow(NOON);
    const [doubt] = await evidence.doubts(START);
    expect(doubt).toMatchObject({ sessionId: id, cost: HOLD, at: expect.any(Number) });
    const both = await Promise.all([1, 2].map(() => evidence.lower(user, [{ doubt: doubt!, cost: 7n }])));
    expect(both.sort()).toEqual([0n, HOLD - 7n].sort());
    expect(await evidence.lower(user, [{ doubt: doubt!, cost: 3n }])).toBe(0n);
    expect(await evidence.lower(await t().user(), [{ doubt: doubt!, cost: 3n }])).toBe(0n);
    expect(await faults(db().rows)).toEqual([]);
  });

  it('is nothing where the call is charged otherwise by now, is certain, or would cost more', async () => {
    const user = await t().user();
    const certain = await call(user, at('08:10'), 'certain');
    await call(user, at('08:30'), 'doubtful');
    const evidence = postgresEvidence(db().database);
    const doubt = (await evidence.doubts(START))[0]!;
    const corrections = [
      { doubt: { ...doubt, cost: HOLD + 1n }, cost: 7n },
      { doubt: { ...doubt, sessionId: certain, cost: COST }, cost: 7n },
      { doubt, cost: HOLD + 1n },
    ];
    expect(await evidence.lower(user, corrections)).toBe(0n);
    expect(await paid(user)).toEqual([COST + HOLD, HOLD]);
  });

  it('is asked for as the provider wants it, and whatever it does not want is an error', async () => {
    const { baseURL } = await usageReport({ billed: [], now: () => NOON });
    const from = at('08:00');
    await expect(anthropicUsage({ adminKey: 'sk-ant-api', baseURL }).byHour(from, NOON)).rejects.toThrow('401');
    await expect(anthropicUsage({ adminKey: 'sk-ant-admin-x', baseURL }).byHour(NOON, from)).rejects.toThrow('400');
    expect(await anthropicUsage({ adminKey: 'sk-ant-admin-x', baseURL }).byHour(from, at('10:00'))).toEqual([]);
  });
});
