/**
 * The tiers: those of every deployment, those of circadian.config.ts, and those of the settings that say something of each tier as `TIER=VALUE`
 * pairs. Of two that say something else the later one counts. A pair that is wrong throws one sentence.
 */
import { EFFORTS, type Effort, isKnownModel, retiredOn, retirement, successorOn } from '../budget/index.ts';
import type { PaidPlan } from '../payments/paid-invoices.ts';

/** The tiers that every deployment has. */
const MODELS = { economy: 'claude-haiku-5-5', standard: 'claude-sonnet-5-5', premium: 'claude-opus-5-5' };

/** Effort of the tiers' sessions: what a tier pays for is thought as much as the model. */
const EFFORT_OF: Record<string, Effort> = { economy: 'low', standard: 'medium', premium: 'high' };

type Defined = {
  agents?: readonly { name: string; model?: string }[];
  tiers?: Readonly<
    Record<
      string,
      {
        model: string;
        effort?: Effort;
        budgetMicrodollars?: number;
        mostSessions?: number;
        stripePrices?: readonly string[];
      }
    >
  >;
};
type TierSetting = 'TIER_MODELS' | 'TIER_BUDGETS' | 'TIER_SESSIONS' | 'TIER_EFFORT' | 'TIER_STRIPE_PRICES';
type Pairs = { [Name in TierSetting]?: string[] | undefined };

export function tiersOf(env: Pairs, { tiers = {} }: Defined) {
  const models = { ...MODELS, ...each(tiers, ({ model }) => model), ...tierModels(env.TIER_MODELS ?? []) };
  const budgets = {
    ...each(tiers, ({ budgetMicrodollars: budget }) => (budget === undefined ? undefined : BigInt(budget))),
    ...each(tierNumbers('TIER_BUDGETS', env.TIER_BUDGETS ?? [], 0), BigInt),
  };
  return {
    tierModels: models,
    tierBudgets: budgets,
    tierSessions: {
      ...each(tiers, ({ mostSessions }) => mostSessions),
      ...tierNumbers('TIER_SESSIONS', env.TIER_SESSIONS ?? [], 1),
    },
    paidPlans: paidPlans([...definedPrices(tiers), ...pricePairs(env.TIER_STRIPE_PRICES ?? [])], models, budgets),
  };
}

const definedPrices = (tiers: NonNullable<Defined['tiers']>): [string, string][] =>
  Object.entries(tiers).flatMap(([tier, { stripePrices = [] }]) =>
    stripePrices.map((price): [string, string] => [tier, price]),
  );

/** Throws unless every pair is TIER=PRICE. The id of a plan from before there were prices may have an equals sign. */
const pricePairs = (pairs: string[]): [string, string][] =>
  pairs.map((pair) => {
    const [, tier, price] = /^([^=]+)=(.{1,255})$/.exec(pair) ?? [];
    if (!tier || !price) throw new Error(`TIER_STRIPE_PRICES: ${pair} is not TIER=PRICE with the id of a price.`);
    return [tier, price];
  });

/** By price. Throws for a tier that is not there or has no budget: who pays for it would get nothing. */
function paidPlans(
  prices: [string, string][],
  models: Record<string, string>,
  budgets: Record<string, bigint>,
): Record<string, PaidPlan> {
  const plans = prices.map(([tier, price]): [string, PaidPlan] => {
    if (!Object.hasOwn(models, tier))
      throw new Error(
        `TIER_STRIPE_PRICES: the price ${price} is of the tier ${tier}, which has no model; set TIER_MODELS.`,
      );
    const budget = Object.hasOwn(budgets, tier) ? budgets[tier] : undefined;
    if (budget === undefined)
      throw new Error(
        `TIER_STRIPE_PRICES: the price ${price} is of the tier ${tier}, which has no budget; set TIER_BUDGETS.`,
      );
    return [price, { tier, budget }];
  });
  return Object.fromEntries(plans);
}

export const effortsOf = ({ TIER_EFFORT = [] }: Pairs, { tiers = {} }: Defined): Record<string, Effort> => ({
  ...EFFORT_OF,
  ...each(tiers, ({ effort }) => effort),
  ...tierEfforts(TIER_EFFORT),
});

/** Without those that say nothing. */
const each = <T, U>(of: Readonly<Record<string, T>>, told: (one: T) => U | undefined): Record<string, U> =>
  Object.fromEntries(
    Object.entries(of).flatMap(([name, one]) => {
      const value = told(one);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const tierModels = (pairs: string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', model = ''] = pair.split('=');
      if (!tier || !isKnownModel(model))
        throw new Error(`TIER_MODELS: ${pair} is not TIER=MODEL with a model that has a price.`);
      return [tier, model];
    }),
  );

/** Throws unless every pair is TIER=EFFORT. */
const tierEfforts = (pairs: string[]): Record<string, Effort> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', effort = ''] = pair.split('=');
      const level = EFFORTS.find((one) => one === effort);
      if (!tier || !level)
        throw new Error(`TIER_EFFORT: ${pair} is not TIER=EFFORT with one of ${EFFORTS.join(', ')}.`);
      return [tier, level];
    }),
  );

/**
 * Throws for a tier or an agent whose model is retired: no session that names no model could be started. Asked where a deployment or a system
 * begins and not by the API. Otherwise the end of one model would make the API fail for all users on that day.
 */
export function served(tiers: Record<string, string>, { agents = [] }: Defined): void {
  const today = new Date().toISOString().slice(0, 10);
  const told = (source: string, model: string, of: string, mend: string) =>
    `${source}: ${model} of the ${of} was retired on ${retirement(model)?.at}; set ${mend}${successorOn(model, today) ?? 'another model'}.`;
  for (const [tier, model] of Object.entries(tiers))
    if (retiredOn(model, today)) throw new Error(told('TIER_MODELS', model, `tier ${tier}`, `${tier}=`));
  for (const { name, model } of agents)
    if (model && retiredOn(model, today))
      throw new Error(told('circadian.config.ts', model, `agent ${name}`, 'its model to '));
}

/** Throws unless every pair is TIER=NUMBER with a whole number from `least`. */
const tierNumbers = (variable: string, pairs: string[], least: number): Record<string, number> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', number = ''] = pair.split('=');
      if (!tier || !/^\d{1,15}$/.test(number) || Number(number) < least)
        throw new Error(`${variable}: ${pair} is not TIER=NUMBER with a whole number from ${least}.`);
      return [tier, Number(number)];
    }),
  );
