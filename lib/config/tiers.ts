/** Settings that say something of each tier, as `TIER=VALUE` pairs. Each throws one sentence for a pair that is wrong. */
import { EFFORTS, type Effort, isKnownModel, retiredOn, retirement, successorOn } from '../budget/index.ts';

export const tierModels = (pairs: string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', model = ''] = pair.split('=');
      if (!tier || !isKnownModel(model))
        throw new Error(`TIER_MODELS: ${pair} is not TIER=MODEL with a model that has a price.`);
      return [tier, model];
    }),
  );

/** Throws unless every pair is TIER=EFFORT. */
export const tierEfforts = (pairs: string[]): Record<string, Effort> =>
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
 * Throws for a tier whose model is retired: none of its users could start a session that names no model. Asked where a deployment or a system
 * begins and not by the API. Otherwise the end of one model would make the API fail for all users on that day.
 */
export function served(tiers: Record<string, string>): void {
  const today = new Date().toISOString().slice(0, 10);
  const gone = Object.entries(tiers).find(([, model]) => retiredOn(model, today));
  if (!gone) return;
  const [tier, model] = gone;
  throw new Error(
    `TIER_MODELS: ${model} of the tier ${tier} was retired on ${retirement(model)?.at}; set ${tier}=${successorOn(model, today) ?? 'another model'}.`,
  );
}

/** Throws unless every pair is TIER=NUMBER with a whole number from `least`. */
export const tierNumbers = (variable: string, pairs: string[], least: number): Record<string, number> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', number = ''] = pair.split('=');
      if (!tier || !/^\d{1,15}$/.test(number) || Number(number) < least)
        throw new Error(`${variable}: ${pair} is not TIER=NUMBER with a whole number from ${least}.`);
      return [tier, Number(number)];
    }),
  );
