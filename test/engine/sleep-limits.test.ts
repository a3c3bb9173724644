/** Whatever the day brings: where a session falls asleep for want of money, its journal and its view name the same limit and the same amounts. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { SLEEP_LIMITS } from '../../lib/budget/sleep-limit.ts';
import type { EventData, LogEntry } from '../../lib/core/events.ts';
import { drive } from '../../lib/engine/drive.ts';
import { defineTool } from '../../lib/tools/define.ts';
import { newSession, type Script, testWorld, withUser } from '../kit/world.ts';

const works: Script = (_turns, i) => [
  { type: 'tool_use', id: `toolu_${i}`, name: i % 2 === 0 ? 'look' : 'buy', input: { key: `${i}` } },
];

/** Held for 4,000 microdollars. What it did cost it says every other time. */
const buy = () => {
  let calls = 0;
  return defineTool({
    ...{ name: 'buy', description: 'buy', effect: 'pure', input: z.object({ key: z.string() }), price: 4_000n },
    run: ({ key }) => ({ content: `bought ${key}`, isError: false, cost: calls++ % 2 === 0 ? 2_500n : null }),
  });
};

const share = fc.option(fc.integer({ min: 5, max: 100 }));
const days = fc.record({
  daily: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.integer({ min: 1_000, max: 300_000 }) },
  ),
  shares: fc.array(share, { minLength: 1, maxLength: 4 }),
  leastOutputTokens: fc.integer({ min: 256, max: 6_000 }),
});

const seen = new Set<string>();

type Known = Awaited<ReturnType<ReturnType<typeof testWorld>['userSessions']['get']>>;

/** Nobody else spends: what the sleep and the meter before it say is what there is, with the price of the last tool in it. */
async function agreesOnMoney(
  { accounts }: ReturnType<typeof testWorld>,
  view: NonNullable<Known>,
  journal: LogEntry[],
) {
  const { spent } = (await accounts.budget('u1')).day;
  const told = (type: LogEntry['type']) => journal.findLast((entry) => entry.type === type)?.data;
  if (view.share === null)
    expect(told('agent.sleeping')).toMatchObject({ available_microdollars: Number(view.available) });
  if (view.iterationNumber > 0)
    expect(told('agent.budget_updated')).toMatchObject({
      ...{ spent_microdollars: Number(spent), cost_microdollars: Number(view.cost) },
    });
}

/** Sessions in turn, until each of them rests. */
async function playDay({ daily, shares, leastOutputTokens }: typeof days extends fc.Arbitrary<infer D> ? D : never) {
  const policy = { maxOutputTokens: 6_000, leastOutputTokens, repetitionGuard: false };
  const t = testWorld(works, { policy, tools: [buy()] });
  await withUser(t, BigInt(daily));
  const ids = shares.map((_, i) => `ses_${i}`);
  for (const [i, one] of shares.entries())
    await t.userSessions.create('u1', newSession({ id: ids[i]!, share: one }), null);
  for (let moved = true; moved; ) {
    moved = false;
    for (const id of ids) {
      if ((await t.userSessions.get('u1', id))?.status !== 'working') continue;
      moved = true;
      await drive(t.world, { sessionId: id, userId: 'u1' }, { remaining: () => 300_000 });
      const view = (await t.userSessions.get('u1', id))!;
      if (view.sleepReason !== 'allowance') continue;
      const { journal } = t.store.sessions.get(id)!;
      const { data } = journal.findLast(({ type }) => type === 'agent.sleeping')!;
      expect(data).toMatchObject({ limit: view.sleepLimit });
      if (shares.length === 1) await agreesOnMoney(t, view, journal);
      const { needed_microdollars: needed, available_microdollars: available } = data as EventData<'agent.sleeping'>;
      if (needed !== undefined) {
        expect(needed).toBeGreaterThan(available!);
        expect(['next_step', 'share']).toContain(view.sleepLimit);
      }
      seen.add(String(view.sleepLimit));
    }
  }
}

it('the journal and the view agree, by each of the four limits', async () => {
  await fc.assert(fc.asyncProperty(days, playDay), { numRuns: 40, seed: 20_261_130 });
  expect([...seen].sort()).toEqual([...SLEEP_LIMITS].sort());
});
