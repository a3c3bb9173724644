/**
 * What the paid invoices of a subscription give, pure: each line gives, or takes back, the budget of its price in proportion to what is billed. Its twins
 * in SQL are `worth_of`, `paid_until` and `paid_for` (schema/functions/stripe.sql); test/contract/payments-order.ts holds them together.
 */
import { MOST_MICRODOLLARS } from '../budget/rules.ts';

/** What a budget means that a subscription pays: a tier, and microdollars for each whole period of the price. */
export type PaidPlan = { tier: string; budget: bigint };

/** By the id of a price. */
export type PaidPlans = Readonly<Record<string, PaidPlan>>;

/** What a whole period of a price costs, in the smallest unit of its currency. It never changes: Stripe makes another price. */
export type UnitPrice = { id: string; unitAmount: number; currency: string };

/**
 * A line of an invoice for a price of its subscription. `amount`: in the smallest unit of `currency`, before discounts; below nought: it is credited.
 * `isProrated`: after a change, for a part of a period. Instants are milliseconds UTC; the end is not part of the period.
 */
export type InvoiceLine = {
  price: string;
  amount: number;
  currency: string;
  isProrated: boolean;
  startsAt: number;
  endsAt: number;
};

/** An invoice as it counts. `budget`: microdollars; below nought: more is credited than billed. */
export type PaidInvoice = PaidPlan & { id: string; startsAt: number; endsAt: number };

/** `until`: the UTC day on which the cycle ends, which is not part of it. */
export type PaidCycle = PaidPlan & { until: string };

const DAY_MS = 86_400_000;
/** Stripe takes the money of a period about an hour after it began. Until then the agents work on from what they have. */
const GRACE_MS = 3 * 3_600_000;

/**
 * What an invoice gives; null: none of its lines costs or credits a price of a tier. Tier and period are those of the line that begins last, and of
 * these of the one that ends first; a credit has them only where all are credits.
 */
export function worthOf(
  lines: readonly InvoiceLine[],
  units: ReadonlyMap<string, UnitPrice>,
  plans: PaidPlans,
): Omit<PaidInvoice, 'id'> | null {
  const priced = lines.flatMap((line) =>
    Object.hasOwn(plans, line.price) && line.amount !== 0 ? [{ line, plan: plans[line.price]! }] : [],
  );
  const [first] = [...priced].sort(
    ({ line: a }, { line: b }) =>
      Number(b.amount > 0) - Number(a.amount > 0) || b.startsAt - a.startsAt || a.endsAt - b.endsAt,
  );
  if (!first) return null;
  const { startsAt, endsAt } = first.line;
  const sum = priced.reduce((all, { line, plan }) => all + partOf(plan.budget, line, units.get(line.price)), 0n);
  return { tier: first.plan.tier, budget: within(sum, -MOST_MICRODOLLARS), startsAt, endsAt };
}

/** In whole microdollars, rounded down. Where the price of a whole period is not known in this currency, a whole period counts as one. */
function partOf(budget: bigint, { amount, currency, isProrated }: InvoiceLine, unit: UnitPrice | undefined): bigint {
  if (!unit || unit.currency !== currency) return isProrated || amount < 0 ? 0n : budget;
  const [exact, whole] = [budget * BigInt(amount), BigInt(unit.unitAmount)];
  return exact / whole - (exact < 0n && exact % whole !== 0n ? 1n : 0n);
}

/** The first UTC day that a paid period does not cover: the one that begins at least three hours after its end. */
export const paidUntil = (endsAt: number): string => dateOf(Math.ceil((endsAt + GRACE_MS) / DAY_MS) * DAY_MS);

/**
 * The cycle that pays for `day`; null: `day` is not paid. An invoice whose period begins after the one before has ended begins a cycle. One whose period
 * begins earlier, as after a change of price, belongs to the running cycle and moves its end. What was credited beyond a cycle's budget is taken
 * from the next one. `since`: the day on which the user's cycle began. A period that covers no day since then was given in a cycle before.
 */
export function paidFor(invoices: readonly PaidInvoice[], day: string, since: string): PaidCycle | null {
  let cycle: Cycle | null = null;
  for (const invoice of [...invoices].sort(inOrder)) {
    if (!cycle || invoice.startsAt >= cycle.endsAt) {
      if (cycle && paidUntil(cycle.endsAt) > day) break;
      const debt: bigint = cycle && cycle.sum < 0n ? cycle.sum : 0n;
      cycle = { startsAt: invoice.startsAt, endsAt: 0, tier: '', sum: debt, given: 0n };
    }
    cycle.sum += invoice.budget;
    if (paidUntil(invoice.endsAt) <= since) cycle.given += invoice.budget;
    cycle.endsAt = invoice.endsAt;
    cycle.tier = invoice.tier;
  }
  if (!cycle || dateOf(cycle.startsAt) > day) return null;
  const until = paidUntil(cycle.endsAt);
  return until > day ? { tier: cycle.tier, budget: within(cycle.sum - cycle.given, 0n), until } : null;
}

const within = (amount: bigint, least: bigint): bigint =>
  amount < least ? least : amount > MOST_MICRODOLLARS ? MOST_MICRODOLLARS : amount;

/** `sum`: microdollars of its invoices, less what the cycle before was short of. `given`: the part of it that a cycle before has given. */
type Cycle = { startsAt: number; endsAt: number; tier: string; sum: bigint; given: bigint };

/** The id only makes it one order. */
const inOrder = (a: PaidInvoice, b: PaidInvoice): number =>
  a.startsAt - b.startsAt || a.endsAt - b.endsAt || (a.id < b.id ? -1 : 1);

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
