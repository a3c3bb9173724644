/** What a billing cycle leaves of the money topped up. Pure; the renewal of a cycle is `nextRenewal` in rules.ts. */

/** A top-up, and what its cycle had spent and held when it came: only what is spent from then on can be paid with it. Microdollars. */
export type CycleTopUp = { amountMicrodollars: bigint; committedBeforeMicrodollars: bigint };

/**
 * What of the money topped up is left, and carries over a renewal; the plan's own money lapses. Spending takes topped-up money first, and of
 * that none which came later. So what is left is the most that the whole, or any top-up and all after it, leave over what was
 * spent since; at least 0. `topUps` in the order in which they came; `carriedMicrodollars` came before all of them, with the cycle.
 */
export function topUpsLeft(input: {
  carriedMicrodollars: bigint;
  topUps: readonly CycleTopUp[];
  committedMicrodollars: bigint;
}): bigint {
  const { carriedMicrodollars, topUps, committedMicrodollars } = input;
  const all = [{ amountMicrodollars: carriedMicrodollars, committedBeforeMicrodollars: 0n }, ...topUps];
  let since = 0n;
  let most = 0n;
  for (const { amountMicrodollars, committedBeforeMicrodollars } of all.reverse()) {
    since += amountMicrodollars;
    const used = committedMicrodollars - committedBeforeMicrodollars;
    const left = since - (used > 0n ? used : 0n);
    if (left > most) most = left;
  }
  return most;
}
