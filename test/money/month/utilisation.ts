/**
 * How much of a day's allowance one agent comes to use, with a long context that is nearly all read from the cache. Each call is held at the
 * price of a cold cache, since nobody can know that it is warm; so the longer the context, the earlier the last call does not fit.
 */
import { newSession, settleDown, testWorld, withUser } from '../../kit/world.ts';

export const DAILY = 1_670_000n;
export const MODELS = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'] as const;
export const CONTEXTS = [20_000, 60_000, 100_000] as const;
const OUTPUT = 600;

/** Per cent of the allowance that is spent when the agent goes to sleep. `context`: tokens of each prompt, all but 1,000 read from the cache. */
export async function utilisation(model: string, context: number): Promise<number> {
  const t = testWorld(() => [], { policy: { compaction: false, repetitionGuard: false, maxOutputTokens: 8_000 } });
  let calls = 0;
  t.world.model.think = async () => {
    calls += 1;
    const usage = {
      input_tokens: 0,
      cache_read_input_tokens: calls === 1 ? 0 : context - 1_000,
      cache_creation_input_tokens: calls === 1 ? context : 1_000,
      output_tokens: OUTPUT,
    };
    const call = { type: 'tool_use', id: `call_${calls}`, name: 'look', input: { key: `k${calls}` } };
    return { type: 'replied', reply: { id: `msg_${calls}`, model, content: [call], stopReason: 'tool_use', usage } };
  };
  t.world.model.count = async () => context;
  await withUser(t, DAILY);
  // As long as its tokens say, so that the bound by bytes is no better than the count.
  await t.userSessions.create('u1', newSession({ model, maxIterations: 100_000, goal: 'word '.repeat(context) }), null);
  await settleDown(t, t.world, 5_000);
  const { day } = await t.accounts.budget('u1');
  return Number((day.spent * 1_000n) / day.allowance) / 10;
}

/** As lines of text. */
export async function utilisationTable(): Promise<string> {
  const rows = await Promise.all(
    MODELS.map(async (model) => {
      const cells = await Promise.all(CONTEXTS.map((context) => utilisation(model, context)));
      return `${model.padEnd(20)}${cells.map((percent) => `${percent.toFixed(1)} %`.padStart(12)).join('')}`;
    }),
  );
  const heads = CONTEXTS.map((context) => `${context / 1_000}k tokens`.padStart(12)).join('');
  return [`Used of a day's $${Number(DAILY) / 1e6}, warm cache:`, `${''.padEnd(20)}${heads}`, ...rows].join('\n');
}
