/** Why a session sleeps, in amounts, and what waking it would come to. */
import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

const MIDNIGHT = '2026-11-11T00:00:00.000Z';

const WINDOW = { from: MIDNIGHT, to: '2026-11-11T00:02:00.000Z' };

const setUp = async (spent: bigint, least: bigint) => {
  const t = api();
  const key = await t.user('ada');
  const id = await t.start(key);
  await t.asleep(id);
  t.world.store.sessions.get(id)!.least = least;
  const call = { userId: 'ada', sessionId: 'ses_other', iteration: 1, model: 'claude-haiku-5-5', usage: {}, at: 0 };
  await t.world.purse.record({ ...call, cost: spent });
  const read = async () => (await t.call('GET', `/v1/sessions/${id}`, { key })).json;
  const wake = () => t.call('POST', `/v1/sessions/${id}/wake`, { key });
  return { ...t, key, id, read, wake };
};

describe('a session that sleeps for want of money', () => {
  it('whose next step does not fit says what it needs and what there is, and is not woken', async () => {
    const { read, wake, world, id } = await setUp(800_000n, 400_000n);
    expect((await read()).sleep).toEqual({
      ...{ reason: 'allowance', wakes_at: MIDNIGHT, wake_window: WINDOW, limit: 'next_step' },
      ...{ needed_microdollars: 400_000, available_microdollars: 300_000, kept_for_hand_offs_microdollars: 0 },
      ...{ top_up_to_wake_microdollars: 140_000, resume_cost_microdollars: null, note: null },
    });
    const before = world.store.sessions.get(id)!.commandSeq;
    const { status, json } = await wake();
    expect([status, json.code]).toEqual([409, 'allowance_used']);
    expect(json.detail).toBe(
      `The next step needs at least $0.40, and $0.30 is free below today's ceiling. Nothing was done and nothing was spent; it wakes by itself at ${MIDNIGHT}, or sooner where a top-up makes room.`,
    );
    expect(world.store.sessions.get(id)!.commandSeq).toBe(before);
  });

  it('after the wind-down of its day is not woken to write its note once more', async () => {
    const { read, wake } = await setUp(900_000n, 1_000n);
    expect((await read()).sleep).toMatchObject({ limit: 'wind_down', available_microdollars: 200_000 });
    expect((await wake()).json.detail).toMatch(/^90 % of today's allowance is spent, and the rest is for hand-offs\./);
  });

  it('and never wakes by itself is promised no wake', async () => {
    const { wake, world, id } = await setUp(800_000n, 400_000n);
    const row = world.store.sessions.get(id)!;
    Object.assign(row, { due: Number.POSITIVE_INFINITY, state: { ...row.state, until: Number.POSITIVE_INFINITY } });
    expect((await wake()).json.detail).toMatch(/nothing was spent; it does not wake by itself, so wake it again/);
  });

  it('and has no plan that is paid says so, and goes on when there is one', async () => {
    const { read, wake, world } = await setUp(0n, 400_000n);
    await world.accounts.putUser('ada', { budget: 0n, renewalDate: null });
    expect((await read()).sleep).toMatchObject({ limit: 'cycle', available_microdollars: 0 });
    expect((await wake()).json.detail).toBe(
      'The cycle has no money left, or none is paid for it. Nothing was done and nothing was spent; it goes on once a renewal or a top-up brings money.',
    );
    await world.accounts.putUser('ada', { budget: 21_000_000n, renewalDate: '2026-12-01' });
    expect((await read()).status).toBe('working');
  });

  it('is woken once there is money again, by a top-up or by another wish', async () => {
    const { call, key, id, wake, read } = await setUp(800_000n, 400_000n);
    await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 700_000, spread: 'today' } });
    expect((await read()).status).toBe('working');
    expect((await wake()).status).toBe(200);
    const other = await setUp(800_000n, 400_000n);
    const said = await other.call('POST', `/v1/sessions/${other.id}/messages`, {
      key: other.key,
      body: { content: 'Stop after chapter 3.' },
    });
    expect([said.status, (await other.read()).sleep, id === other.id]).toEqual([202, null, false]);
  });
});

it('a session that has handed off, since a step did not fit, is not woken for another note, whatever is left', async () => {
  const { read, wake, world, id } = await setUp(800_000n, 1_000n);
  const windDown = { day: '2026-11-10', iterations: 1, short: '1100000', needs: '290000', ceiling: '1100000' };
  Object.assign(world.store.sessions.get(id)!, { memory: { windDown } });
  const asleep = { limit: 'next_step', needed_microdollars: 290_000, available_microdollars: 300_000 };
  expect((await read()).sleep).toMatchObject({ ...asleep, top_up_to_wake_microdollars: 20_000 });
  const { status, json } = await wake();
  expect([status, json.code, json.detail]).toEqual([
    409,
    'allowance_used',
    expect.stringMatching(/^A step of at least \$0\.29 did not fit/),
  ]);
});

it('a session with a share of its own says that the share is the limit, and is not woken for another note', async () => {
  const { read, wake, world, id } = await setUp(100_000n, 400_000n);
  const windDown = { day: '2026-11-10', iterations: 1, short: '1100000', needs: '290000', ceiling: '1100000' };
  const row = world.store.sessions.get(id)!;
  Object.assign(row, { share: 10, memory: { windDown } });
  expect((await read()).sleep).toMatchObject({ limit: 'share' });
  expect((await wake()).json.detail).toMatch(/^Its share of the day has no room for a step of at least \$0\.40\./);
  Object.assign(row, { memory: {} });
  expect((await read()).sleep).toMatchObject({ limit: 'share', top_up_to_wake_microdollars: null });
  const call = { userId: 'ada', sessionId: id, iteration: 1, model: 'claude-haiku-5-5', usage: {}, at: 0 };
  await world.purse.record({ ...call, cost: 95_000n });
  expect((await wake()).json.detail).toMatch(
    /^90 % of its share of today's allowance is spent, and the rest is for its/,
  );
});

it('a sleeper tells its note, and what reading its context anew costs', async () => {
  const { read, world, id } = await setUp(900_000n, 1_000n);
  const counted = { model: 'claude-sonnet-5-5', tokens: 50_001, n: 3, head: '' };
  Object.assign(world.store.sessions.get(id)!, { memory: { handOff: 'Chapter 3 is next.', counted } });
  // $2.50 per million tokens written to the cache.
  expect((await read()).sleep).toMatchObject({ resume_cost_microdollars: 125_003, note: 'Chapter 3 is next.' });
});

it('a session that sleeps of its own accord has no amounts, and is woken', async () => {
  const { call, rest, user, start } = api();
  const key = await user('ada');
  const id = await start(key);
  await rest(id, { state: 'sleeping', until: Date.parse(MIDNIGHT), reason: 'agent' });
  const { sleep } = (await call('GET', `/v1/sessions/${id}`, { key })).json;
  expect(sleep).toEqual({
    ...{ reason: 'agent', wakes_at: MIDNIGHT, wake_window: WINDOW, limit: null },
    ...{ needed_microdollars: null, available_microdollars: null, kept_for_hand_offs_microdollars: null },
    ...{ top_up_to_wake_microdollars: null, resume_cost_microdollars: null, note: null },
  });
  const woken = await call('POST', `/v1/sessions/${id}/wake`, { key });
  expect([woken.status, woken.json.status, woken.json.sleep]).toEqual([200, 'working', null]);
});
