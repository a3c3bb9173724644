/**
 * What the provider's report of whole hours proves about calls of unknown outcome. Pure. A report does not name calls, and other programs may
 * use the same workspace. So it proves one thing only: all doubtful calls together cost no more than the report leaves after the certain
 * calls.
 */
import { costMicrodollars, type Usage } from './pricing.ts';

export const HOUR_MS = 3_600_000;
/** Clocks differ, and the provider does not say whether a call counts for the hour of its first or of its last byte. */
const EDGE_MS = 5 * 60_000;
/** No call outlives its invocation. */
const LONGEST_CALL_MS = 15 * 60_000;

type Doubtful = { model: string; cost: bigint; usage: Usage | null; at: number; ended: number };
/** Whole hours of one model in which these calls, and no other doubtful ones, can have been counted. */
export type Span<D extends Doubtful> = { model: string; from: number; to: number; doubts: D[] };

/** The model without the date of a dated id. */
export const undated = (model: string): string => model.replace(/-\d{8}$/, '');

/** The hours that each call may count for, joined where they touch the same hour. */
export function spansOf<D extends Doubtful>(doubts: readonly D[]): Span<D>[] {
  const spans: Span<D>[] = [];
  const reach = (doubt: D) => ({
    model: undated(doubt.model),
    from: HOUR_MS * Math.floor((doubt.at - EDGE_MS) / HOUR_MS),
    to: HOUR_MS * Math.ceil((Math.min(doubt.ended, doubt.at + LONGEST_CALL_MS) + EDGE_MS) / HOUR_MS),
  });
  for (const doubt of [...doubts].sort((a, b) => a.at - b.at)) {
    const { model, from, to } = reach(doubt);
    const open = spans.findLast((span) => span.model === model);
    if (open && from < open.to) {
      open.to = Math.max(open.to, to);
      open.doubts.push(doubt);
    } else spans.push({ model, from, to, doubts: [doubt] });
  }
  return spans;
}

/** Of a call, how much of a span's edges is left out when it is to lie wholly within it. */
export const certainWithin = ({ from, to }: { from: number; to: number }): { from: number; to: number } => ({
  from: from + EDGE_MS,
  to: to - EDGE_MS,
});

/** What is known of a call's cost whatever its outcome: a cut stream's prompt. All of it where that has no price. */
function leastOf({ model, cost, usage, at }: Doubtful): bigint {
  if (!usage) return 0n;
  try {
    const known = costMicrodollars({ model, usage, at });
    return known < cost ? known : cost;
  } catch {
    return cost;
  }
}

/**
 * The costs of a span's doubtful calls. Together they are what `remainder` leaves for them, never less. None is more than the call was
 * charged. Each call gets its known part, and of the rest a share in proportion to the rest of its charge, rounded up.
 *
 * Null: nothing can be given back. The remainder is not below the charges, or it is below what is known, so that the report cannot be whole.
 */
export function shared<D extends Doubtful>(
  doubts: readonly D[],
  remainder: bigint,
): { doubt: D; cost: bigint }[] | null {
  const all = doubts.map((doubt) => ({ doubt, least: leastOf(doubt) }));
  const least = all.reduce((sum, one) => sum + one.least, 0n);
  const charged = doubts.reduce((sum, { cost }) => sum + cost, 0n);
  if (remainder >= charged || remainder < least) return null;
  const open = charged - least;
  return all.map((one) => {
    const part = (one.doubt.cost - one.least) * (remainder - least);
    return { doubt: one.doubt, cost: one.least + (part + open - 1n) / open };
  });
}
