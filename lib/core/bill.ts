/**
 * The bill of a call: what its usage costs, and whether that usage is to be believed (G3). Pure.
 *
 * Only a usage that says both counts and that can have come about is certain. Any other usage is doubt:
 * - the reply is kept;
 * - the charge is the most that the call can have cost, and its class is `unknown`;
 * - the provider's own figures stay in the ledger;
 * - the journal says so.
 *
 * The provider itself enforces `max_tokens` and the model's window. So a figure beyond these limits is more likely wrong than due. It is
 * charged up to the hold and no further, since one wrong number must not spend a user's month. A late settlement may still correct the entry
 * (R7). The provider's report can only lower it.
 */
import { costMicrodollars, isKnownModel, modelLimits, type Usage } from '../budget/pricing.ts';
import { isCount, keptUsage, meter } from '../budget/usage.ts';
import type { LogEntry } from './events.ts';
import type { Reply, Session } from './session.ts';

type Thinking = Extract<Session, { state: 'thinking' }>;

/** `cost` null: the whole hold. `usage`: as it can be kept. */
export type Bill = {
  cost: bigint | null;
  class: 'settled' | 'unknown';
  model: string;
  usage: Usage;
  /** A reply came, so no outage goes on. */
  outage: 'over';
  journal: LogEntry[];
};

/** The model whose price counts: a dated id of the model that was asked for is that model. */
function pricedAs(s: Thinking, answered: string): string {
  const asked = s.call.request.model;
  const dated =
    !isKnownModel(answered) && answered.startsWith(`${asked}-`) && /^\d{8}$/.test(answered.slice(asked.length + 1));
  return dated ? asked : answered;
}

/** The cost at the price of the model that answered. Null if it cannot be determined: the full hold is then charged. */
function costOf(model: string, usage: Usage, at: number): bigint | null {
  try {
    return costMicrodollars({ model, usage, at });
  } catch {
    return null;
  }
}

/** What the usage says that cannot be, or null. Throws where `costOf` has no answer. */
function beyond(s: Thinking, model: string, usage: Usage): string | null {
  const { parts, searches } = meter(usage);
  const output = parts.reduce((sum, part) => sum + part.output, 0n);
  const asked = BigInt(s.hold.maxTokens) * BigInt(parts.length);
  if (output > asked) return `it counted ${output} output tokens of the ${asked} that were asked for`;
  const window = BigInt(modelLimits(model).contextWindow);
  const prompts = parts.map((part) => part.input + part.cacheRead + part.cacheWrite5m + part.cacheWrite1h);
  if (prompts.some((prompt) => prompt > window)) return `it counted a prompt larger than the model's window`;
  return searches > 0n ? `it counted ${searches} web searches, of which none was asked for` : null;
}

const atMost = (hold: bigint, cost: bigint): bigint => (cost < hold ? cost : hold);

/** The bill of a reply. */
export function billOf(s: Thinking, { model: answered, usage }: Reply, at: number): Bill {
  const model = pricedAs(s, answered);
  const bill = { model: answered, usage: keptUsage(usage), outage: 'over' as const };
  const doubt = (cost: bigint | null, why: string): Bill => ({
    ...bill,
    cost,
    class: 'unknown',
    journal: [
      {
        type: 'agent.bill_in_doubt',
        data: { message: sentence(why), charged_microdollars: Number(cost ?? s.hold.amount) },
      },
    ],
  });
  if (!isCount(usage.output_tokens)) {
    return doubt(cutCost(s, answered, usage, at), 'it sent no final count of output tokens that could be one');
  }
  const cost = isCount(usage.input_tokens) ? costOf(model, usage, at) : null;
  if (cost === null) return doubt(null, 'no price can be worked out from the counts that it sent');
  const impossible = beyond(s, model, usage);
  if (impossible) return doubt(atMost(s.hold.amount, cost), impossible);
  return { ...bill, cost, class: 'settled', journal: [] };
}

const sentence = (why: string): string =>
  `The provider's bill for this reply is in doubt: ${why}. The most that the call can have cost is charged until there is evidence; the reply is kept.`;

/** Exact input, and all the output that could still have come: what a cut stream can have cost at most. Null: the whole hold. */
export function cutCost(s: Thinking, answered: string, told: Usage, at: number): bigint | null {
  const model = pricedAs(s, answered);
  const usage = { ...told, output_tokens: s.hold.maxTokens };
  const cost = isCount(told.input_tokens) && !told.iterations ? costOf(model, usage, at) : null;
  if (cost === null) return null;
  return beyond(s, model, usage) ? atMost(s.hold.amount, cost) : cost;
}
