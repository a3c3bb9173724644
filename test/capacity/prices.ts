/**
 * List prices in dollars, us-east-1 and arm64, and what each vendor gives away a month. Neon's as of 2026-11-12, Upstash's as of 2026-11-09,
 * AWS's as of November 2026. The cost tables of docs/operations.md and `npm run simulate` reckon with these alone.
 */
export const PRICES = {
  // https://aws.amazon.com/lambda/pricing/
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 1.33334e-5,
  // https://aws.amazon.com/sqs/pricing/ (standard) and https://aws.amazon.com/eventbridge/pricing/ (Scheduler)
  sqsRequest: 0.4e-6,
  schedule: 1e-6,
  // https://aws.amazon.com/cloudwatch/pricing/
  alarm: 0.1,
  dashboard: 3,
  metric: 0.3,
  logGb: 0.5,
  // https://upstash.com/pricing/redis (pay as you go)
  upstashCommand: 2e-6,
  // https://neon.com/docs/introduction/plans (Launch). No least bill, but what is under $0.50 is not collected.
  neonCuHour: 0.106,
  neonGbMonth: 0.35,
  neonHistoryGbMonth: 0.2,
  neonTransferGb: 0.1,
} as const;

/** What a month costs nothing for: AWS's tiers without end, Upstash's free database, and Neon's Free plan. */
export const FREE = {
  lambdaRequests: 1e6,
  lambdaGbSeconds: 400_000,
  sqsRequests: 1e6,
  schedules: 14e6,
  alarms: 10,
  dashboards: 3,
  metrics: 10,
  logGb: 5,
  upstashCommands: 500_000,
} as const;

/** Included in each of Neon's paid plans. */
export const NEON_TRANSFER_GB = 100;

/** What Neon's plans end at. Larger computes than `scaledCu` are of a fixed size. Source: https://neon.com/docs/introduction/plans */
export const NEON = { leastCu: 0.25, widestCu: 8, scaledCu: 16 } as const;
