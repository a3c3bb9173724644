/**
 * A month of three agents on one subscription: the real core and loop, ports in memory, the clock moved from event to event. One works
 * for as long as there is money, one does its twenty steps a day, one looks in every hour; all on one allowance.
 */
import { costMicrodollars } from '../../../lib/budget/index.ts';
import { compactionPrompt } from '../../../lib/core/runtime-messages.ts';
import type { Block, ModelRequest } from '../../../lib/core/session.ts';
import { drive } from '../../../lib/engine/drive.ts';
import type { Thought } from '../../../lib/ports/index.ts';
import { randomFrom } from '../../crash/torture/loop.ts';
import { newSession, type TestWorld, testWorld } from '../../kit/world.ts';

export const DAYS = 31;
export const BUDGET = 62_000_000n;
const START = Date.parse('2026-12-01T00:00:00Z');
const RENEWAL = '2027-01-01';
const DAY_MS = 86_400_000;
const CACHE_MS = 300_000;

/** A day as it ended; money in microdollars. `left`: of the cycle's budget, after it. `awakeMinutes`: with at least one call in it. */
export type DayOfMonth = {
  date: string;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  left: bigint;
  wakes: number;
  calls: number;
  awakeMinutes: number;
};
export type Month = { days: DayOfMonth[]; budget: bigint; bill: bigint; seconds: number };

const AGENTS = [
  { id: 'ses_builder', model: 'claude-opus-5-5' },
  { id: 'ses_writer', model: 'claude-sonnet-5-5' },
  { id: 'ses_watcher', model: 'claude-haiku-5-5' },
];

/** `handOffPart`: see the memory store. */
export async function simulate(seed = 1, handOffPart: bigint | null = null): Promise<Month> {
  const began = performance.now();
  const t = testWorld(() => [], {
    now: new Date(START).toISOString(),
    policy: { maxOutputTokens: 4_000, leastOutputTokens: 512, repetitionGuard: false },
  });
  t.store.handOffPart = handOffPart;
  const calls: { at: number; cost: bigint }[] = [];
  t.world.model.think = provider(t, calls, randomFrom(seed));
  await t.accounts.putUser('u1', { tier: 'premium', budget: BUDGET, renewalDate: RENEWAL, wakePolicy: 'auto' });
  for (const agent of AGENTS) await t.userSessions.create('u1', newSession({ ...agent, maxIterations: 100_000 }), null);

  const days: DayOfMonth[] = [];
  for (let day = 0; day < DAYS; day++) {
    const midnight = START + (day + 1) * DAY_MS;
    await until(t, midnight);
    const date = new Date(midnight - DAY_MS).toISOString().slice(0, 10);
    days.push(dayOf(t, date, calls));
    t.setNow(midnight);
  }
  const bill = calls.reduce((sum, { cost }) => sum + cost, 0n);
  return { days, budget: BUDGET, bill, seconds: (performance.now() - began) / 1_000 };
}

/** Plays queue, alarms and recovery cron: whatever is due before `end` runs, then the clock goes to what is due next. */
async function until(t: TestWorld, end: number): Promise<void> {
  for (;;) {
    t.passLease();
    const { due, nextDue } = await t.sweeper.sweep(100);
    for (const { id, userId } of due) await drive(t.world, { sessionId: id, userId }, { remaining: () => 300_000 });
    if (due.length > 0) continue;
    if (nextDue === null || nextDue >= end) return;
    t.setNow(nextDue);
  }
}

function dayOf(t: TestWorld, date: string, calls: { at: number }[]): DayOfMonth {
  const row = t.store.days.get('u1')?.get(date);
  if (!row) throw new Error(`nothing happened on ${date}`);
  const today = (at: number) => new Date(at).toISOString().startsWith(date);
  const journal = [...t.store.sessions.values()].flatMap((session) => session.journal);
  const spentSoFar = [...t.store.days.get('u1')!.values()].reduce((sum, { spent }) => sum + spent, 0n);
  const own = calls.filter(({ at }) => today(at));
  return {
    ...{ date, allowance: row.allowance, ceiling: row.ceiling, spent: row.spent, left: BUDGET - spentSoFar },
    wakes: journal.filter(({ type, at }) => type === 'agent.waking' && today(at)).length,
    calls: own.length,
    awakeMinutes: new Set(own.map(({ at }) => Math.floor(at / 60_000))).size,
  };
}

/** Replies take their time, prompts are cached for five minutes, and what is served is on the bill. */
function provider(t: TestWorld, calls: { at: number; cost: bigint }[], random: () => number) {
  const lastAt = new Map<string, number>();
  const perDay = new Map<string, number>();
  return async (request: ModelRequest): Promise<Thought> => {
    const { model, messages, max_tokens } = request;
    const at = t.now();
    const prompt = Math.ceil(JSON.stringify(messages).length / 4) + 2_000;
    const read = at - (lastAt.get(model) ?? 0) < CACHE_MS ? Math.floor(prompt * 0.95) : 0;
    const usage = {
      input_tokens: 0,
      cache_creation_input_tokens: prompt - read,
      cache_read_input_tokens: read,
      output_tokens: Math.min(max_tokens, 300 + Math.floor(random() * 1_500)),
    };
    calls.push({ at, cost: costMicrodollars({ model, usage, at }) });
    t.advance(20_000 + Math.floor(random() * 100_000));
    lastAt.set(model, t.now());
    const key = `${model} ${new Date(at).toISOString().slice(0, 10)}`;
    perDay.set(key, (perDay.get(key) ?? 0) + 1);
    const compacting = JSON.stringify(messages.at(-1)).includes(
      JSON.stringify(compactionPrompt.content[0]).slice(10, 100),
    );
    const content = compacting ? text('All is well so far.') : said(model, calls.length, perDay.get(key)!);
    const stopReason = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
    return { type: 'replied', reply: { id: `msg_${calls.length}`, model, content, stopReason, usage } };
  };
}

const text = (words: string): Block[] => [{ type: 'text', text: words }];

function said(model: string, n: number, today: number): Block[] {
  const use = (name: string, input: Record<string, unknown>): Block[] => [
    { type: 'tool_use', id: `call_${n}`, name, input },
  ];
  if (model.includes('haiku')) return use('sleep', { minutes: 60, note: 'Nothing new.' });
  if (model.includes('sonnet') && today >= 20) return use('sleep', { note: 'Twenty steps done, more tomorrow.' });
  return use('look', { key: `k${n}` });
}
