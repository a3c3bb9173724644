/**
 * What the paid invoices of a subscription give, pure: each line gives, or takes back, the budget of its price in proportion to what is billed. Its twins
 * in SQL are `worth_of`, `paid_until`, `cycles_of` and `paid_terms` (schema/functions/stripe.sql); test/contract/payments-order.ts holds them together.
 */
import { MOST_MICRODOLLARS } from '../budget/rules.ts';

/** What a budget means that a subscription pays: a tier, and microdollars for each whole period of the price. */
export type PaidPlan = { tier: string; budget: bigint };

/** By the id of a price. */
export type PaidPlans = Readonly<Record<string, PaidPlan>>;

/**
 * What a whole period of a price costs, in the smallest unit of its currency. It never changes: Stripe makes another price. `isExact`: the price itself
 * was told, and not only a line that it was billed by.
 */
export type UnitPrice = { id: string; unitAmount: number; currency: string; isExact: boolean };

/**
 * A line of an invoice for a price of its subscription. `amount`: in the smallest unit of `currency`, after discounts; below nought: it is credited.
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

/**
 * A cycle that a subscription pays for. Days are in UTC: it counts from `from` on, and `until` is no more of it. `budget`: microdollars of its invoices,
 * below nought where these credit more than they bill.
 */
export type PaidCycle = PaidPlan & { from: string; until: string };

/**
 * What a user has of all subscriptions on a day. `total`: microdollars of all cycles that begin before `until`. What a cycle may spend is that, less what
 * cycles before have used up. So nothing is spent twice, whatever is credited or told later. `ended`: of those that were over when the user's cycle
 * began. They count as used up until a cycle that was paid has ended.
 */
export type PaidTerms = { tier: string; until: string; total: bigint; ended: bigint };

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
 * The cycles of one subscription, in order. An invoice whose period begins after the one before has ended begins a cycle. One whose period begins
 * earlier, as after a change of price, belongs to the running cycle and moves its end.
 */
export function cyclesOf(invoices: readonly PaidInvoice[]): PaidCycle[] {
  const cycles: PaidCycle[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { startsAt, endsAt, tier, budget } of [...invoices].sort(inOrder)) {
    const last = cycles.at(-1);
    const until = paidUntil(endsAt);
    if (last && startsAt < end) Object.assign(last, { tier, until, budget: last.budget + budget });
    else cycles.push({ tier, budget, from: laterOf(dateOf(startsAt), last?.until ?? ''), until });
    end = endsAt;
  }
  return cycles;
}

/**
 * What a user's subscriptions pay for on `day`; null: it is not paid. `since`: the day on which the user's cycle began. Of several that pay for the day, the
 * cycle with the largest budget tells tier and end, and of equal ones the one that ends last. The money of all counts.
 */
export function paidTerms(
  subscriptions: ReadonlyMap<string, readonly PaidCycle[]>,
  day: string,
  since: string,
): PaidTerms | null {
  const all = [...subscriptions].flatMap(([id, cycles]) => cycles.map((cycle) => ({ ...cycle, id })));
  const [best] = all
    .filter(({ from, until }) => from <= day && until > day)
    .sort((a, b) => Number(b.budget - a.budget) || compare(b.until, a.until) || compare(a.id, b.id));
  if (!best) return null;
  const sum = (of: PaidCycle[]) => of.reduce((total, { budget }) => total + budget, 0n);
  const { tier, until } = best;
  const total = sum(all.filter(({ from }) => from < until));
  const ended = within(sum(all.filter((cycle) => cycle.until <= since)), 0n);
  return { tier, until, total, ended };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const laterOf = (a: string, b: string): string => (a > b ? a : b);

/** What of `total` is left to a cycle, when cycles before have used up `used`. */
export const leftOfPaid = (total: bigint, used: bigint): bigint => within(total - used, 0n);

/**
 * What is used up once a cycle has ended, microdollars: what was `paid` for it, since the rest lapses, or what was `spent` of it, where more was credited
 * since. What the operator gave beside, by a larger `budget`, is spent first.
 */
export function usedUp(used: bigint, cycle: { paid: bigint; budget: bigint; spent: bigint }): bigint {
  const beside = cycle.budget > cycle.paid ? cycle.budget - cycle.paid : 0n;
  const own = cycle.spent - beside;
  return within(used + (own > cycle.paid ? own : cycle.paid), -MOST_MICRODOLLARS);
}

const within = (amount: bigint, least: bigint): bigint =>
  amount < least ? least : amount > MOST_MICRODOLLARS ? MOST_MICRODOLLARS : amount;

/** The id only makes it one order. */
const inOrder = (a: PaidInvoice, b: PaidInvoice): number =>
  a.startsAt - b.startsAt || a.endsAt - b.endsAt || (a.id < b.id ? -1 : 1);

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
