import { describe, expect, it, vi } from 'vitest';
import { costMicrodollars } from '../../../lib/budget/index.ts';
import { type Answer, call, failing, rateLimited, reply } from '../../../lib/local/model/answer.ts';
import { types } from './journal.ts';
import { costing, DAYS, type Json, type Person, RENEWAL, START, stage } from './stage.ts';

const local = stage({ concurrency: 8 });

let steps = 0;
/** Some work that needs nothing; never twice the same, which would be going in circles. */
const narrate = () => reply(call('narrate', { phase_name: 'Work', text: `Step ${++steps}.` }));
const finish = reply(call('finish', { result: 'Done.' }));
const usage = async (user: Person, by: string): Promise<Json[]> =>
  (await user.call('GET', `/usage?group_by=${by}`)).json.data;
const cost = (rows: Json[]): number => rows.reduce((sum, row) => sum + row.cost_microdollars, 0);

describe('one allowance', () => {
  it('is shared by the sessions of one user; that of another is untouched', async () => {
    const [rich, other] = [await local.person({ daily: 400_000 }), await local.person({ daily: 400_000 })];
    const before = await other.budget();
    // One spends most of the day; the other one then has to sleep, and so has a third, before its first call.
    const steps = [150_000, 150_000, 30_000].map((cost) => costing(cost, narrate()));
    const one = await rich.start([...steps, costing(30_000, finish)]);
    await rich.until(one.id, { status: 'completed' });
    const two = await rich.start([finish]);
    await rich.until(two.id, { status: 'sleeping', sleep_reason: 'allowance', cost_microdollars: 0 });
    expect(two.requests).toEqual([]);
    const free = await other.start([costing(100_000, finish)]);
    expect(before).toMatchObject({ spent_microdollars: 0, daily_budget_microdollars: 400_000 });
    await other.until(free.id, { status: 'completed' });
    expect(await other.budget()).toMatchObject({ spent_microdollars: 100_000, daily_budget_microdollars: 400_000 });
    expect(await rich.budget()).toMatchObject({ spent_microdollars: 360_000, percentage: 90 });
    for (const user of [rich, other]) {
      const { json } = await user.call('GET', '/sessions');
      expect(json.data.map(({ user_id }: Json) => user_id)).toEqual(json.data.map(() => user.id));
    }
  });

  it('is told field by field as the contract has it, the day held apart from the subscription', async () => {
    const user = await local.person({ daily: 1_000_000 });
    const { id } = await user.start([costing(123_400, finish)]);
    await user.until(id, { status: 'completed' });
    const budget = await user.budget();
    expect(budget).toMatchObject({
      date: START.slice(0, 10),
      daily_budget_microdollars: 1_000_000,
      spent_microdollars: 123_400,
      held_microdollars: 0,
      remaining_microdollars: 876_600,
      percentage: 12.34,
      graceful_threshold_microdollars: 900_000,
      hard_ceiling_microdollars: 1_100_000,
      resets_at: '2026-11-11T00:00:00.000Z',
      subscription: {
        budget_microdollars: 20_000_000,
        spent_microdollars: 123_400,
        remaining_microdollars: 19_876_600,
        days_left: DAYS,
        renewal_date: RENEWAL,
      },
    });
    const { spent_microdollars: spent, daily_budget_microdollars: allowance } = budget;
    expect(budget.percentage).toBe((100 * spent) / allowance);
    const [event] = (await user.journal(id)).filter(({ type }) => type === 'agent.budget_updated');
    expect(event).toMatchObject({ budget_pct: 12.34, cost_microdollars: 123_400, spent_microdollars: 123_400 });
  });

  it('shows what a call under way holds, and lets it go to the microdollar', async () => {
    const user = await local.person();
    const gate = Promise.withResolvers<Answer>();
    const { id } = await user.start([() => gate.promise]);
    await user.until(id, { status: 'working', step: 'think' });
    const { held_microdollars: held, remaining_microdollars, daily_budget_microdollars } = await user.budget();
    expect(held).toBeGreaterThan(160_000);
    expect(remaining_microdollars).toBe(daily_budget_microdollars - held);
    gate.resolve(costing(7_770, finish));
    await user.until(id, { status: 'completed' });
    expect(await user.budget()).toMatchObject({ held_microdollars: 0, spent_microdollars: 7_770 });
  });
});

describe('the ledger', () => {
  const used = (more: object): Answer['usage'] => ({
    ...{ input_tokens: 1_234, cache_creation_input_tokens: 900, cache_read_input_tokens: 4_567, output_tokens: 321 },
    ...more,
  });
  const tool = (name: string, input: Record<string, unknown>, more: object = {}): Answer => ({
    ...reply(call(name, input)),
    usage: used(more),
  });

  it('holds each call at the published price of the usage that was reported, and adds up in every view', async () => {
    const user = await local.person();
    const first = await user.start([
      tool('bash', { command: 'echo 1' }),
      tool('bash', { command: 'echo 2' }, { input_tokens: 7, cache_read_input_tokens: 15_001 }),
      tool('write_file', { path: 'a', content: 'b' }, { service_tier: 'standard', inference_geo: 'us' }),
      tool(
        'finish',
        { result: 'Done.' },
        { cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 400 } },
      ),
    ]);
    const second = await user.start([finish], { model: 'claude-haiku-5-5' });
    const views = [
      await user.until(first.id, { status: 'completed' }),
      await user.until(second.id, { status: 'completed' }),
    ];

    const ledger = await local.rows(
      'select session_id, model, cost, class, usage from usage_ledger where user_id = $1 order by fence',
      [user.id],
    );
    expect(ledger).toHaveLength(5);
    for (const { model, cost: charged, usage: reported, class: kind } of ledger) {
      const at = Date.parse(START);
      expect(BigInt(charged)).toBe(costMicrodollars({ model, usage: JSON.parse(reported), at }));
      expect(kind).toBe('settled');
    }
    for (const [i, { bill, id }] of [first, second].entries()) {
      const billed = bill().reduce((sum, line) => sum + line.cost_microdollars, 0);
      expect(views[i].cost_microdollars).toBe(billed);
      expect((await usage(user, 'session')).find(({ key }) => key === id)).toMatchObject({ cost_microdollars: billed });
    }
    const total = views[0].cost_microdollars + views[1].cost_microdollars;
    for (const by of ['day', 'session', 'model', 'tool']) expect(cost(await usage(user, by)), by).toBe(total);
    expect((await user.budget()).spent_microdollars).toBe(total);
    expect((await usage(user, 'day')).map(({ key, calls }) => [key, calls])).toEqual([['2026-11-10', 5]]);
    expect((await usage(user, 'model')).map(({ key }) => key)).toEqual(['claude-haiku-5-5', 'claude-sonnet-5-5']);
    const byTool = Object.fromEntries((await usage(user, 'tool')).map(({ key, calls }) => [key, calls]));
    expect(byTool).toMatchObject({ bash: 2, write_file: 1, finish: 2 });
    const none = await user.call('GET', '/usage?from=2026-11-11');
    expect(none.json).toEqual({ data: [], next_cursor: null });
  });

  it('charges a stream that broke at what it can have cost at most, and reports that apart', async () => {
    const user = await local.person();
    const broken = failing({ kind: 'cut', after: 4 }, { ...reply('It was a dark and'), usage: used({}) });
    const { id, bill } = await user.start([broken, costing(10_000, finish)]);
    await user.carried(id, { status: 'completed' });
    const [day] = await usage(user, 'day');
    const unknown = day.unknown_microdollars;
    const worst = costMicrodollars({ model: 'claude-sonnet-5-5', usage: { ...used({}), output_tokens: 16_000 } });
    expect(BigInt(unknown)).toBe(worst);
    expect(day).toMatchObject({ calls: 2, cost_microdollars: unknown + 10_000 });
    expect(day.cost_microdollars).toBeGreaterThan(bill().reduce((sum, line) => sum + line.cost_microdollars, 0));
    expect(types(await user.journal(id))).toContain('agent.retrying');
    expect((await user.budget()).held_microdollars).toBe(0);
  });

  it('charges nothing for a call that was turned away', async () => {
    const user = await local.person();
    const { id } = await user.start([rateLimited(1), costing(10_000, finish)]);
    await user.until(id, { status: 'completed', cost_microdollars: 10_000 });
    expect(await user.budget()).toMatchObject({ spent_microdollars: 10_000, held_microdollars: 0 });
  });
});

describe('the ceiling', () => {
  // Who is refused since others hold waits for longer each time: half a minute and more where the machine is slow. Each
  // reply is within the least output that a call may be held with, so that none is cut where a hold is smaller than asked.
  it('is never passed by eight first calls at once of which it fits fewer, and none of them is lost', {
    timeout: 180_000,
  }, async () => {
    const user = await local.person({ daily: 400_000 });
    const sessions = await Promise.all(Array.from({ length: 8 }, () => user.start([costing(10_000, finish)])));
    const ended = { timeout: 150_000, interval: 200 };
    for (const { id } of sessions)
      await vi.waitFor(async () => expect((await user.get(id)).status).toBe('completed'), ended);
    for (const { done } of sessions) done();
    const [top] = await local.rows(
      'select max(committed) as most, max(ceiling) as ceiling, count(*) as holds from budget_holds where user_id = $1',
      [user.id],
    );
    expect(Number(top.most)).toBeLessThanOrEqual(440_000);
    expect(Number(top.ceiling)).toBe(440_000);
    expect(await user.budget()).toMatchObject({ spent_microdollars: 80_000, held_microdollars: 0 });
  });

  it('ends the day for a session whose bill was above its hold; the next day it goes on', async () => {
    const user = await local.person({ daily: 200_000 });
    const dear: Answer = { ...narrate(), usage: { input_tokens: 200_000, output_tokens: 10 } };
    const { id, done } = await user.start([dear, finish]);
    const view = await user.until(id, { status: 'budget_exceeded', wake_at: '2026-11-11T00:00:00.000Z' });
    const { spent_microdollars, hard_ceiling_microdollars } = await user.budget();
    expect(spent_microdollars).toBeGreaterThan(hard_ceiling_microdollars);
    expect(view.cost_microdollars).toBe(spent_microdollars);
    expect(types(await user.journal(id))).toContain('agent.budget_exceeded');
    expect((await local.moveClock({ now: view.wake_at })).status).toBe(200);
    await user.until(id, { status: 'completed' });
    done();
  });

  it('of the session itself ends it before the call that would pass it', async () => {
    const user = await local.person();
    const steps = [
      costing(90_000, narrate()),
      costing(60_000, narrate()),
      costing(25_000, narrate()),
      narrate(),
      finish,
    ];
    const { id } = await user.start(steps, { max_cost_microdollars: 180_000 });
    const view = await user.until(id, { status: 'failed', outcome: 'cost_cap_reached' });
    expect(view.error).toMatchObject({ code: 'cost_cap_reached', message: expect.stringContaining('cost cap') });
    expect(view.cost_microdollars).toBeGreaterThanOrEqual(150_000);
    expect(view.cost_microdollars).toBeLessThanOrEqual(180_000);

    const hopeless = await user.call('POST', '/sessions', { goal: 'Go.', max_cost_microdollars: 1_000 });
    expect([hopeless.status, hopeless.json.errors[0].path]).toEqual([422, 'max_cost_microdollars']);
    const [, enough] = /; (\d+) is enough for it$/.exec(hopeless.json.errors[0].message) ?? [];
    const least = await user.start([finish], { max_cost_microdollars: Number(enough) });
    await user.until(least.id, { status: 'completed' });
  });
});

it('nothing failed on the way', () => expect(local.failures).toEqual([]));
