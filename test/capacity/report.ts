/** What a run means: each service's use against its quota, the first bottleneck, and the dollars of a day. */
import { iterationsFor } from '../../lib/infra/concurrency.ts';
import { NEON, NEON_TRANSFER_GB, PRICES } from './prices.ts';
import type { Result } from './run.ts';
import { BYTES, callsPerMinute, meanCallSeconds, type Scenario } from './scenario.ts';

/** `change`: what to do when it is the bottleneck. `source`: where the limit stands. */
export type Load = { name: string; used: number; limit: number; unit: string; source: string; change: string };
export type Cost = { name: string; dollars: number; how: string };

/** Statements of the protocol a second and core, measured on two cores with 64 callers and every commit on disk. An assumption for Neon. */
const STATEMENTS_PER_CU = 650;
const GB = { iterate: 1, wake: 0.5 };

export const percentile = (ascending: Float32Array, part: number): number =>
  ascending.length === 0 ? Number.NaN : ascending[Math.min(ascending.length - 1, Math.floor(part * ascending.length))]!;

const MODEL = {
  requests: { flag: 'rpm', each: () => 1, allowed: (of: Scenario) => of.requestsPerMinute },
  'input tokens': {
    ...{ flag: 'itpm', each: (of: Scenario) => of.inputTokens, allowed: (of: Scenario) => of.inputTokensPerMinute },
  },
  'output tokens': {
    ...{ flag: 'otpm', each: (of: Scenario) => of.outputTokens, allowed: (of: Scenario) => of.outputTokensPerMinute },
  },
};

/** Smallest compute that Neon allows beside this largest one. */
const leastCu = ({ maxCu }: Scenario): number =>
  maxCu > NEON.scaledCu ? maxCu : Math.max(NEON.leastCu, maxCu - NEON.widestCu);

export const loads = (scenario: Scenario, { peak, totals }: Result): Load[] => {
  const minutes = scenario.horizonSeconds / 60;
  const wanted = (scenario.sleepers + scenario.working) * scenario.iterationsADay;
  return [
    ...(['requests', 'input tokens', 'output tokens'] as const).map((what) => ({
      name: `model, ${what}`,
      used: wanted * MODEL[what].each(scenario),
      limit: MODEL[what].allowed(scenario) * minutes,
      unit: 'in the time simulated',
      source: `given: --${MODEL[what].flag}, the provider’s limit of ${what} per minute`,
      change:
        'a higher limit or tier, a second model for part of the users, batches for what is not urgent, a longer day’s window',
    })),
    {
      ...{
        name: 'event source mapping',
        used: neededAtOnce(scenario),
        limit: 1_000,
        unit: 'iterations at once, to use the model’s limit up',
      },
      source: 'docs.aws.amazon.com/lambda/latest/dg/API_ScalingConfig.html',
      change: 'a second queue and function for half of the users, or a quota request',
    },
    {
      ...{
        name: 'queue’s concurrency',
        used: neededAtOnce(scenario),
        limit: scenario.atOnce,
        unit: 'iterations at once, to use the model’s limit up',
      },
      source: 'given: --at-once (ITERATIONS_AT_ONCE)',
      change: 'raise ITERATIONS_AT_ONCE, to 1,000 at most',
    },
    {
      ...{ name: 'Lambda concurrency', used: peak.workers + peak.wakes, limit: 1_000, unit: 'at once' },
      source:
        'docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (default; a new account may start at 10)',
      change: 'a quota request, tens of thousands are granted',
    },
    {
      ...{ name: 'Postgres', used: peak.postgres, limit: STATEMENTS_PER_CU * scenario.maxCu, unit: 'statements/s' },
      source: 'given: --cu (NEON_MAX_CU); 650 statements/s and CU measured on PostgreSQL 15, not on Neon',
      change:
        'a larger NEON_MAX_CU (2 on the Free plan, 16 on the others) with a NEON_MIN_CU at most 8 below it, then a fixed one of up to 56, then users split over several projects',
    },
    {
      ...{ name: 'Upstash', used: peak.upstash, limit: 10_000, unit: 'commands/s' },
      source: 'upstash.com/pricing/redis (pay as you go)',
      change: 'a fixed plan, or several databases by user',
    },
    {
      ...{ name: 'Upstash budget', used: 30 * perDay(scenario, totals.upstash * PRICES.upstashCommand) },
      ...{ limit: scenario.upstashBudget, unit: 'dollars a month' },
      source: 'given: --upstash-budget (UPSTASH_BUDGET), after which Upstash throttles',
      change: 'raise UPSTASH_BUDGET, or a fixed plan',
    },
    {
      ...{ name: 'CreateSchedule', used: peak.schedules, limit: 1_000, unit: 'requests/s' },
      source: 'docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html (1,000 to 5,000 by region)',
      change: 'remember in the warm function which minutes have their schedule already',
    },
    {
      ...{ name: 'messages in flight', used: peak.workers, limit: 120_000, unit: 'at once' },
      source: 'docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
      change: 'cannot be reached before the concurrency is',
    },
  ];
};

/** Iterations at once when every call that the limits allow is under way. */
export const neededAtOnce = (scenario: Scenario): number =>
  iterationsFor(callsPerMinute(scenario).calls, meanCallSeconds(scenario) + scenario.overheadSeconds);

const perDay = ({ horizonSeconds }: Scenario, value: number): number => value / (horizonSeconds / 86_400);

/** The one that is used to the greatest part of its limit; of equals the first, which is the one that cannot be raised. */
export const bottleneck = (all: Load[]): Load =>
  all.reduce((worst, load) => (load.used / load.limit > worst.used / worst.limit ? load : worst));

/** Of one day, the model's own bill left out. */
export const costs = (scenario: Scenario, { peak, totals }: Result): Cost[] => {
  const invocations = totals.iterations + totals.refusals + totals.vain;
  const cu = Math.max(leastCu(scenario), totals.postgres / scenario.horizonSeconds / STATEMENTS_PER_CU);
  const history = perDay(scenario, (totals.iterations * BYTES.history) / 1e9) * (scenario.restoreHours / 24);
  const answered = perDay(scenario, (totals.iterations * BYTES.answered) / 1e9);
  const sent = Math.max(0, answered - NEON_TRANSFER_GB / 30);
  const cost = (name: string, dollars: number, how: string): Cost => ({
    ...{ name, how },
    dollars: perDay(scenario, dollars),
  });
  return [
    cost(
      'Lambda, iterate',
      totals.iterateSeconds * GB.iterate * PRICES.lambdaGbSecond + invocations * PRICES.lambdaRequest,
      `${whole(totals.iterateSeconds)} GB-s, ${whole(invocations)} requests`,
    ),
    cost(
      'Lambda, wake',
      totals.wakeSeconds * GB.wake * PRICES.lambdaGbSecond,
      `${whole(totals.wakeSeconds * GB.wake)} GB-s`,
    ),
    cost('SQS', totals.sqs * PRICES.sqsRequest, `${whole(totals.sqs)} requests`),
    cost(
      'EventBridge Scheduler',
      totals.schedules * PRICES.schedule,
      `at most ${whole(totals.schedules)} invocations, far fewer since minutes share one`,
    ),
    cost('Upstash', totals.upstash * PRICES.upstashCommand, `${whole(totals.upstash)} commands`),
    cost(
      'Neon, compute',
      cu * (scenario.horizonSeconds / 3_600) * PRICES.neonCuHour,
      `${cu.toFixed(2)} CU on average, peak ${whole(peak.postgres)} statements/s`,
    ),
    {
      ...{ name: 'Neon, history', dollars: (history * PRICES.neonHistoryGbMonth) / 30 },
      how: `${history.toFixed(1)} GB, the changes of ${scenario.restoreHours} hours, at $0.20 a month`,
    },
    {
      ...{ name: 'Neon, transfer', dollars: sent * PRICES.neonTransferGb },
      how: `${answered.toFixed(1)} GB, of which 100 GB a month are included`,
    },
    cost(
      'CloudWatch logs',
      (invocations * BYTES.logged * PRICES.logGb) / 1e9,
      `${((invocations * BYTES.logged) / 1e9).toFixed(1)} GB`,
    ),
  ];
};

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
