/**
 * More shapes from the issue trackers of other systems, driven through whole sessions: the real core and loop, ports in memory, a model
 * that keeps its own bill.
 */
import { expect, it } from 'vitest';
import { forecast } from '../../lib/budget/index.ts';
import type { Thought } from '../../lib/ports/index.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const DAY_MS = 86_400_000;
const policy = { maxOutputTokens: 2_000, leastOutputTokens: 256, compaction: false, repetitionGuard: false };
/** Never comes to an end by itself. */
const busy: Script = (_, index) => [
  { type: 'tool_use', id: `call_${index}`, name: 'look', input: { key: `k${index}` } },
];
const sum = (amounts: bigint[]) => amounts.reduce((a, b) => a + b, 0n);
const spentOf = async (t: TestWorld, id = 'ses_1') => (await t.userSessions.get('u1', id))!.cost;

const midnight = (t: TestWorld) => t.setNow((Math.floor(t.now() / DAY_MS) + 1) * DAY_MS);

it('peers 3: a hard stop that acts only between runs: $5.11 on a cap of $0.50 (paperclip #11276)', async () => {
  const t = testWorld(busy, { policy });
  await withUser(t, 100_000_000n);
  await t.userSessions.create('u1', newSession({ maxCost: 500_000n, maxIterations: 10_000 }), null);
  await settleDown(t, t.world, 2_000);
  expect(sum(t.bill)).toBeLessThanOrEqual(500_000n);
  expect(sum(t.bill)).toBe(await spentOf(t));
  // And it used what it was given: the next call would not have fitted.
  expect(sum(t.bill)).toBeGreaterThan(440_000n);
});

it('peers 4: without a budget it never wakes the model, and does not turn in circles (paperclip #4027)', async () => {
  const t = testWorld(busy, { policy });
  await withUser(t, 0n);
  await t.userSessions.create('u1', newSession(), null);
  let invocations = 0;
  for (let day = 0; day < 12; day++) {
    invocations += await settleDown(t);
    midnight(t);
  }
  expect(t.bill).toEqual([]);
  expect(invocations).toBeLessThanOrEqual(13);
});

it('peers 5: a budget stop neither loses nor repeats work (opencompany #1847, tracker #68)', async () => {
  const t = testWorld((turns, index) => (index < 40 ? busy(turns, index) : [{ type: 'text', text: 'Done.' }]), {
    policy,
  });
  await withUser(t, 100_000n);
  await t.userSessions.create('u1', newSession(), null);
  let nights = 0;
  await settleDown(t);
  while ((await t.userSessions.get('u1', 'ses_1'))!.status === 'sleeping') {
    nights += 1;
    midnight(t);
    await settleDown(t);
  }
  const view = (await t.userSessions.get('u1', 'ses_1'))!;
  expect(nights).toBeGreaterThan(2);
  expect(view).toMatchObject({ status: 'completed', iterationNumber: t.bill.length, cost: sum(t.bill) });
  expect([...t.effects.values()].every((times) => times === 1)).toBe(true);
});

it('peers 6: the reserved report turn was eaten by the others, and nothing came back for 434k tokens (Codewhale #6277)', async () => {
  const last = (turns: Parameters<Script>[0]) => JSON.stringify(turns.at(-1)?.content.at(-1));
  const reports: Script = (turns, index) =>
    last(turns).includes('Wind down')
      ? [{ type: 'tool_use', id: `call_${index}`, name: 'sleep', input: { note: `Up to step ${index}.` } }]
      : busy(turns, index);
  const script: Script = (turns, index) =>
    (JSON.stringify(turns[0]).includes('Report.') ? reports : busy)(turns, index);
  const t = testWorld(script, { policy });
  await withUser(t, 150_000n);
  await t.userSessions.create('u1', newSession({ id: 'ses_report', goal: 'Report.' }), null);
  for (let i = 0; i < 5; i += 1)
    await t.userSessions.create('u1', newSession({ id: `ses_rush${i}`, goal: 'Rush.' }), null);
  await settleDown(t, t.world, 4_000);
  const { day } = await t.accounts.budget('u1');
  expect(day.spent + day.held).toBeLessThanOrEqual(day.ceiling);
  expect(t.store.sessions.get('ses_report')!.memory).toMatchObject({
    handOff: expect.stringContaining('Up to step'),
  });
});

it('peers 7: it wakes by itself though every alarm and hint was lost (claude-code #92418) …', async () => {
  const t = testWorld(busy, { policy });
  await withUser(t, 50_000n);
  await t.userSessions.create('u1', newSession(), null);
  await settleDown(t);
  const first = t.bill.length;
  t.timer.take(Number.POSITIVE_INFINITY);
  t.queue.take();
  midnight(t);
  await settleDown(t);
  expect(t.bill.length).toBeGreaterThan(first);
});

it('peers 7: … and never against the will of its user (claude-code #95803)', async () => {
  const t = testWorld(busy, { policy });
  await withUser(t, 50_000n);
  await t.accounts.putUser('u1', { wakePolicy: 'manual' });
  await t.userSessions.create('u1', newSession(), null);
  await settleDown(t);
  const first = t.bill.length;
  for (let day = 0; day < 5; day++) {
    midnight(t);
    expect(await settleDown(t)).toBe(0);
  }
  expect(t.bill).toHaveLength(first);
});

it('peers 14: a reply of an unpriced model voided the budget (open-bank #3298): its whole hold is charged', async () => {
  const unpriced: Thought = {
    type: 'replied',
    reply: {
      ...{
        id: 'msg_x',
        model: 'claude-hasUnreadMessages-of',
        content: [{ type: 'text', text: 'Hi.' }],
        stopReason: 'end_turn',
      },
      usage: { input_tokens: 10, output_tokens: 1 },
    },
  };
  const t = testWorld(() => unpriced, { policy });
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  t.world.model.think = async () => unpriced;
  await settleDown(t);
  const [row] = await t.accounts.usage('u1', { from: '2026-11-22', to: '2026-11-22' }, 'session');
  expect(row!.unknown).toBe(row!.cost);
  // At least the output that was held: 2,000 tokens at $10 a million.
  expect(row!.cost).toBeGreaterThan(20_000n);
});

it('peers 14: a fallback that is dearer is charged at its own price (litellm #41344)', async () => {
  const t = testWorld(() => [], { policy });
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession({ model: 'claude-haiku-5-5' }), null);
  const usage = { input_tokens: 1_000, output_tokens: 100 };
  const content = [{ type: 'text', text: 'Done.' } as const];
  t.world.model.think = async () => ({
    type: 'replied',
    reply: { id: 'msg_x', model: 'claude-opus-5-5', content, stopReason: 'end_turn', usage },
  });
  await settleDown(t);
  expect(await spentOf(t)).toBe(6_000n);
});

it('peers 16: chronic burn has no spike to alert on, $541 in 57 days (hermit #339); the forecast shows it', () => {
  const day = { allowance: 1_000_000n, ceiling: 1_100_000n, spent: 240_000n, held: 0n };
  const cycle = {
    start: '2026-11-01',
    budget: 30_000_000n,
    spent: 960_000n * 9n + 240_000n,
    daysLeft: 21,
    renewalDate: '2026-12-01',
  };
  const told = forecast({ now: '2026-11-10T06:00:00Z', day, works: true, cycle });
  expect(told).toMatchObject({ day: 960_000n, cycle: 28_800_000n, unused: 1_200_000n });
  expect(told.gracefulAt).toBe(Date.parse('2026-11-10T22:30:00Z'));
});
