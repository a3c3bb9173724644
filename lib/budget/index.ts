/** Money: what a call costs, what a day may cost, and how both are checked. Amounts are bigint microdollars. */
export {
  calcDailyBudget,
  checkRunaway,
  daysToRenewal,
  getBudgetPercentage,
  gracefulThreshold,
  hardCeiling,
  isAtGracefulThreshold,
} from './allowance.ts';
export { type CycleTopUp, topUpsLeft } from './cycle.ts';
export { BudgetExceededError, UnknownModelError, UnpriceableUsageError } from './errors.ts';
export { type Forecast, forecast, type Pace } from './forecast.ts';
export { effortFor, type Retirement, retiredOn, retirement, retiringSoon, successorOn, thinkingOf } from './models.ts';
export { type PriceConfig, parsePrices, withPrices } from './price-config.ts';
export {
  EFFORTS,
  type Effort,
  isKnownModel,
  knownModels,
  MODEL_COST_WEIGHTS,
  modelLimits,
  type Price,
  type PriceTable,
  priceOf,
  type Rates,
  usePrices,
} from './prices.ts';
export { affordableOutput, costMicrodollars, type Usage, worstCaseMicrodollars } from './pricing.ts';
export { type CallRecord, memoryPurse, recordCallCost } from './purse.ts';
export { resumeCost } from './resume-cost.ts';
export { MOST_MICRODOLLARS } from './rules.ts';
export { isWoundDown, SLEEP_LIMITS, type SleepLimit, sleepLimit } from './sleep-limit.ts';
export { topUpToWake } from './top-up-to-wake.ts';
