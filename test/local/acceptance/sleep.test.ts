import { describe, expect, it } from 'vitest';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { call, rateLimited, reply } from '../../../lib/local/model/answer.ts';
import { types } from './journal.ts';
import { costing, DAYS, type Json, type Person, stage } from './stage.ts';

/** The tests share the clock, which only goes on: each begins on whatever day it is by then. */
const local = stage();

const DAY_MS = 86_400_000;
/** An allowance of 42 cents: two calls of 16 cents, which is the longest reply, leave room for small ones. */
const DAILY = 420_000;

let steps = 0;
/** Some work that needs nothing; never twice the same, which would be going in circles. */
const narrate = () => reply(call('narrate', { phase_name: 'Work', text: `Step ${++steps}.` }));
const finish = (result = 'Done.') => reply(call('finish', { result }));
const night = reply('That is it for today.', call('sleep', { note: 'Tomorrow the rest.' }));
/** Spends so much that another reply of half this length would not fit beside what is kept for handing off, so that it winds down. */
const spending = [160_000, 160_000].map((cost) => costing(cost, narrate()));

/** All that was said since the last reply: what users, tools and the runtime said. */
const newest = ({ messages }: MessagesRequest): string =>
  JSON.stringify(messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1));
const today = async (): Promise<string> => (await now()).slice(0, 10);
const now = async (): Promise<string> => (await local.ask('GET', '/local/clock')).json.now;
const midnight = async (): Promise<string> => new Date(Date.parse(await today()) + DAY_MS).toISOString();
const pass = async (body: object): Promise<string> => {
  const { status, json } = await local.moveClock(body);
  expect(status).toBe(200);
  return json.now;
};

/** Who has so much a day from today on, whatever day it is. */
const person = async (daily = DAILY, more: object = {}): Promise<Person> => {
  const renewal = new Date(Date.parse(await today()) + DAYS * DAY_MS).toISOString().slice(0, 10);
  return local.person({ daily, subscription_renewal_date: renewal, ...more });
};
/** A session that sleeps because the day's money is spent. */
const sleeper = async (user: Person, ...then: Parameters<Person['start']>[0]) => {
  const started = await user.start([...spending, night, ...then]);
  return { ...started, view: await user.until(started.id, { status: 'sleeping' }) };
};
/** One who cannot pay the next call today, though there is money left. */
const broke = async (...then: Parameters<Person['start']>[0]) => {
  const user = await person(120_000);
  const started = await user.start([costing(60_000, narrate()), costing(54_000, narrate()), ...then]);
  await user.until(started.id, { status: 'sleeping', sleep_reason: 'allowance' });
  return { user, ...started };
};
const spentByDay = async (user: Person): Promise<Json[]> => (await user.call('GET', '/usage?group_by=day')).json.data;

describe('an allowance that is spent', () => {
  it('sends the session to sleep till midnight; the next day wakes it, and it completes', async () => {
    const user = await person();
    const { id, done, requests, view } = await sleeper(user, finish('Took two days.'));
    expect(view).toMatchObject({ sleep_reason: 'allowance', wake_at: await midnight() });
    expect(newest(requests[2]!)).toContain("Today's allowance does not reach much further");
    expect(newest(requests[1]!)).not.toContain("Today's allowance does not reach much further");

    expect(Date.parse(await pass({ now: view.wake_at }))).toBeGreaterThanOrEqual(Date.parse(view.wake_at));
    expect(['working', 'completed']).toContain((await user.get(id)).status);
    const ended = await user.until(id, { status: 'completed', result: 'Took two days.', wake_at: null });
    expect(ended.iteration_number).toBe(4);
    expect(newest(requests[3]!)).toContain('You slept from');
    const journal = types(await user.journal(id));
    const nightly = ['agent.winding_down', 'agent.sleeping', 'agent.waking', 'agent.completed'];
    expect(journal.filter((type) => nightly.includes(type))).toEqual(nightly);
    const days = await spentByDay(user);
    expect(days).toHaveLength(2);
    for (const { cost_microdollars } of days) expect(cost_microdollars).toBeLessThanOrEqual(DAILY * 1.1);
    done();
  });

  it('is never passed by more than a tenth, however many days an eager agent takes', async () => {
    const user = await person(200_000);
    const greedy = Array.from({ length: 12 }, () => costing(70_000, narrate()));
    const { id, done } = await user.start([...greedy, finish()]);
    let view: Json = {};
    for (let days = 0; days < 12 && view.status !== 'completed'; days++) {
      if (view.wake_at) await pass({ now: view.wake_at });
      view = await user.until(id, { step: null, status: expect.stringMatching(/sleeping|completed/) });
    }
    expect(view).toMatchObject({ status: 'completed', iteration_number: 13 });
    const days = await spentByDay(user);
    expect(days.length).toBeGreaterThan(3);
    const allowances = await local.rows(
      'select day, allowance, ceiling, spent, held from budget_days where user_id = $1',
      [user.id],
    );
    for (const { allowance, ceiling, spent, held } of allowances) {
      expect(Number(ceiling)).toBeLessThanOrEqual(Number(allowance) * 1.1);
      expect(Number(spent)).toBeLessThanOrEqual(Number(ceiling));
      expect(Number(held)).toBe(0);
    }
    expect(days.reduce((sum, day) => sum + day.cost_microdollars, 0)).toBe(view.cost_microdollars);
    done();
  });

  it('gives three more iterations, then the runtime stops at a safe point; nothing new is begun', async () => {
    const user = await person();
    const three = [narrate(), narrate(), narrate()].map((reply) => costing(22_000, reply));
    const { id, done } = await user.start([...spending, ...three, finish()]);
    const view = await user.until(id, { status: 'sleeping' });
    expect(view).toMatchObject({ iteration_number: 5, sleep_reason: 'allowance' });
    const late = await user.start([finish('Begun a day later.')]);
    expect(await user.until(late.id, { status: 'sleeping' })).toMatchObject({
      iteration_number: 0,
      wake_at: view.wake_at,
    });
    await pass({ now: view.wake_at });
    await user.until(id, { status: 'completed' });
    await user.until(late.id, { status: 'completed' });
    late.done();
    done();
  });

  it('that cannot pay the next call at all lets it sleep without one', async () => {
    const { user, id, requests, done } = await broke(finish());
    expect(requests).toHaveLength(2);
    await pass({ now: await midnight() });
    await user.until(id, { status: 'completed' });
    done();
  });
});

describe('the clock', () => {
  it('moves by a span, and lets an agent sleep for as long as it said', async () => {
    const user = await person();
    const nap = reply(call('sleep', { note: 'The oven needs ninety minutes.', minutes: 90 }));
    const { id, done } = await user.start([nap, finish('Baked.')]);
    const view = await user.until(id, { status: 'sleeping', sleep_reason: 'agent' });
    const [slept] = (await user.journal(id)).filter(({ type }) => type === 'agent.sleeping');
    expect(slept).toMatchObject({ reason: 'agent', wake_at: view.wake_at, note: 'The oven needs ninety minutes.' });
    await pass({ advance_ms: 60 * 60_000 });
    expect((await user.get(id)).status).toBe('sleeping');
    const before = Date.parse(await now());
    const after = Date.parse(await pass({ advance_ms: 30 * 60_000 }));
    expect(after - before).toBeGreaterThanOrEqual(30 * 60_000);
    await user.until(id, { status: 'completed', result: 'Baked.' });
    done();
  });

  it('does not go back, and says so', async () => {
    const at = await now();
    for (const body of [{ now: '2026-11-09T00:00:00Z' }, { advance_ms: -1_000 }]) {
      const { status, json } = await local.moveClock(body);
      expect([status, json.code]).toEqual([409, 'clock_backwards']);
    }
    for (const body of [{ now: 'tomorrow' }, { advance_ms: 0.5 }, {}, { now: at, advance_ms: 1 }]) {
      const { status, json } = await local.moveClock(body);
      expect([status, json.code]).toEqual([422, 'invalid_request']);
    }
    expect(Date.parse(await now())).toBeGreaterThanOrEqual(Date.parse(at));
  });

  it('passes over several days in one step; what was not used flows into the days that are left', async () => {
    const user = await person();
    const { id, view, done } = await sleeper(user, finish());
    const { spent_microdollars: spent } = await user.budget();
    const later = new Date(Date.parse(view.wake_at) + 4 * DAY_MS).toISOString();
    await pass({ now: later });
    await user.until(id, { status: 'completed' });
    const budget = await user.budget();
    expect(budget.date).toBe(later.slice(0, 10));
    expect(budget.subscription.days_left).toBe(DAYS - 5);
    expect(budget.daily_budget_microdollars).toBe(Math.floor((DAILY * DAYS - spent) / (DAYS - 5)));
    expect((await user.journal(id)).filter(({ type }) => type === 'agent.waking')).toHaveLength(1);
    done();
  });
});

describe('a sleeper wakes early', () => {
  it.each(['today', 'cycle'])('by a top-up (%s) that suffices, and not by one that does not', async (spread) => {
    const { user, id, done } = await broke(finish('Paid for.'));
    const times = spread === 'today' ? 1 : DAYS;
    const topUp = async (amount: number) => {
      const body = { amount_microdollars: amount * times, spread };
      const { status, json } = await user.call('POST', '/budget/top-ups', body, { 'idempotency-key': `${amount}` });
      expect(status).toBe(200);
      return json;
    };
    expect((await topUp(100)).daily_budget_microdollars).toBe(120_100);
    expect((await user.get(id)).status).toBe('sleeping');
    expect((await topUp(100)).daily_budget_microdollars).toBe(120_100);
    expect((await topUp(400_000)).daily_budget_microdollars).toBe(520_100);
    await user.until(id, { status: 'completed', result: 'Paid for.' });
    expect((await user.journal(id)).find(({ type }) => type === 'agent.waking')).toMatchObject({ early: true });
    done();
  });

  it('when the operator raises the budget', async () => {
    const user = await person();
    const { id, done } = await sleeper(user, finish());
    await user.put({ subscription_budget_microdollars: 2 * DAILY * DAYS });
    await user.until(id, { status: 'completed' });
    done();
  });

  it('when a user says so, but the allowance still holds', async () => {
    const user = await person();
    const napping = await user.start([reply(call('sleep', { note: 'Zzz.' })), finish('Woken.')]);
    await user.until(napping.id, { status: 'sleeping', sleep_reason: 'agent', wake_at: await midnight() });
    expect((await user.wish(napping.id, 'wake')).status).toBe('working');
    await user.until(napping.id, { status: 'completed', result: 'Woken.' });
    napping.done();

    const { user: poor, id } = await broke();
    const before = await poor.get(id);
    const refused = await poor.call('POST', `/sessions/${id}/wake`);
    expect([refused.status, refused.json.code]).toEqual([409, 'allowance_used']);
    const told = (await poor.journal(id)).at(-1);
    expect(told).toMatchObject({ type: 'agent.sleeping', available_microdollars: before.sleep.available_microdollars });
    expect(before.sleep).toMatchObject({ reason: 'allowance', wakes_at: await midnight(), limit: told?.limit });
    expect(await poor.get(id)).toEqual(before);
    await poor.wish(id, 'cancel');
  });

  it('and by nobody else under the wake policy `manual`', async () => {
    const user = await person(DAILY, { wake_policy: 'manual' });
    const { id, view, done } = await sleeper(user, finish());
    expect(view).toMatchObject({ sleep_reason: 'allowance', wake_at: null });
    await pass({ now: await midnight() });
    expect((await user.get(id)).status).toBe('sleeping');
    await user.wish(id, 'wake');
    await user.until(id, { status: 'completed' });
    done();
  });
});

describe('a provider that is short of capacity', () => {
  it('is slept upon as it asks (retry-after), and asked again without anybody doing anything', async () => {
    const user = await person();
    const { id, done, requests } = await user.start([rateLimited(2), finish('Second try.')]);
    const view = await user.until(id, { status: 'sleeping', sleep_reason: 'rate_limit' });
    expect(view).toMatchObject({ cost_microdollars: 0, iteration_number: 0 });
    expect((await user.budget()).held_microdollars).toBe(0);
    await user.until(id, { status: 'completed', result: 'Second try.' });
    expect(requests[1]?.messages).toEqual(requests[0]?.messages);
    done();
  });
});

it('nothing failed on the way', () => expect(local.failures).toEqual([]));
