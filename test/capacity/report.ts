/** What a run means: each service's use against its quota, the first bottleneck, and the dollars of a day. */
import type { Result } from './run.ts';
import type { Scenario } from './scenario.ts';

/** `change`: what to do when it is the bottleneck. `source`: where the limit stands. */
export type Load = { name: string; used: number; limit: number; unit: string; source: string; change: string };
export type Cost = { name: string; dollars: number; how: string };

/** Statements of the protocol a second and core, measured on two cores with 64 callers and every commit on disk. An assumption for Neon. */
const STATEMENTS_PER_CU = 650;
/** Neon scales a compute by itself up to this size. Source: https://neon.com/docs/introduction/plans (Launch, Scale) */
const MOST_CU = 16;

/** List prices in dollars, us-east-1, arm64. */
const PRICES = {
  // https://aws.amazon.com/lambda/pricing/
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 1.33334e-5,
  // https://aws.amazon.com/sqs/pricing/ (standard) and https://aws.amazon.com/eventbridge/pricing/ (Scheduler)
  sqsRequest: 0.4e-6,
  schedule: 1e-6,
  // https://upstash.com/pricing/redis
  upstashCommand: 2e-6,
  // https://neon.com/pricing (Launch)
  neonCuHour: 0.106,
  // https://aws.amazon.com/cloudwatch/pricing/
  logGb: 0.5,
};
const LOG_BYTES = 3_000;
const GB = { iterate: 1, wake: 0.5 };

export const percentile = (ascending: Float32Array, part: number): number =>
  ascending.length === 0 ? Number.NaN : ascending[Math.min(ascending.length - 1, Math.floor(part * ascending.length))]!;

export const loads = (scenario: Scenario, { peak }: Result): Load[] => {
  const minutes = scenario.horizonSeconds / 60;
  const wanted = (scenario.sleepers + scenario.working) * scenario.iterationsADay;
  return [
    {
      ...{
        name: 'model calls',
        used: wanted,
        limit: scenario.requestsPerMinute * minutes,
        unit: 'in the time simulated',
      },
      source: 'given: --rpm, the provider’s limit of requests per minute',
      change:
        'a higher limit or tier, a second model for part of the users, batches for what is not urgent, a longer day’s window',
    },
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
      ...{ name: 'Postgres', used: peak.postgres, limit: STATEMENTS_PER_CU * MOST_CU, unit: 'statements/s' },
      source: 'neon.com/docs/introduction/plans: 16 CU; 650 statements/s and CU measured on PostgreSQL 15, not on Neon',
      change: 'a fixed compute of up to 56 CU, then users split over several projects',
    },
    {
      ...{ name: 'Upstash', used: peak.upstash, limit: 10_000, unit: 'commands/s' },
      source: 'upstash.com/pricing/redis (pay as you go)',
      change: 'a fixed plan, or several databases by user',
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

/** Little's law: workers that are busy when every call the limit allows is under way. */
const neededAtOnce = ({ requestsPerMinute, callSeconds, overheadSeconds }: Scenario): number =>
  Math.ceil((requestsPerMinute / 60) * (callSeconds * Math.exp(0.45 ** 2 / 2) + overheadSeconds));

/** The one that is used to the greatest part of its limit; of equals the first, which is the one that cannot be raised. */
export const bottleneck = (all: Load[]): Load =>
  all.reduce((worst, load) => (load.used / load.limit > worst.used / worst.limit ? load : worst));

/** Of one day, the model's own bill left out. */
export const costs = (scenario: Scenario, { peak, totals }: Result): Cost[] => {
  const days = scenario.horizonSeconds / 86_400;
  const per = (dollars: number) => dollars / days;
  const invocations = totals.iterations + totals.refusals + totals.vain;
  const cu = Math.max(0.25, totals.postgres / scenario.horizonSeconds / STATEMENTS_PER_CU);
  const cost = (name: string, dollars: number, how: string): Cost => ({ name, dollars: per(dollars), how });
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
      'Neon',
      cu * (scenario.horizonSeconds / 3_600) * PRICES.neonCuHour,
      `${cu.toFixed(2)} CU on average, peak ${whole(peak.postgres)} statements/s`,
    ),
    cost(
      'CloudWatch logs',
      (invocations * LOG_BYTES * PRICES.logGb) / 1e9,
      `${((invocations * LOG_BYTES) / 1e9).toFixed(1)} GB`,
    ),
  ];
};

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
