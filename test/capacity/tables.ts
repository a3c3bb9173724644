/** What a deployment costs, as tables: idle for a month, and per 1,000 iterations. docs/operations.md has them, and `npm run simulate` prints them. */
import { FREE, NEON, PRICES } from './prices.ts';
import { BYTES, DEFAULTS, meanCallSeconds, PER_ITERATION, PER_LOOK, SANDBOX } from './scenario.ts';

/** `dollars` by list price, `free` what is left of it with the vendors' free tiers. */
export type CostLine = { name: string; terms: string; dollars: number; free: number };

/** What watches a production: lib/infra/alarms.ts. Other stages have neither, unless asked. */
export const WATCHED = { alarms: 10, dashboards: 1 };

const HOURS = 720;
const MINUTES = HOURS * 60;
const WAKE_GB = 0.5;
const HOURLY = 720;
/** The midnight and the daily cron, which wake Postgres for five minutes. The hourly one does not, without an admin key of Anthropic. */
const WAKES = 60;
const AWAKE_HOURS = WAKES / 12;

const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
const line = (name: string, terms: string, used: number, price: number, given: number): CostLine => ({
  ...{ name, terms, dollars: used * price },
  free: Math.max(0, used - given) * price,
});

/** Nobody works and nobody watches. */
export const idleMonth = (): CostLine[] => {
  const polls = 2 * 5 * 3 * MINUTES;
  const looks = MINUTES * PER_LOOK.upstash;
  const lambda = (MINUTES * 0.05 + HOURLY * 0.2 + WAKES * 2) * WAKE_GB;
  const runs = MINUTES + HOURLY + WAKES;
  const metrics = (3 * 30) / HOURS;
  const logs = (MINUTES * 1_200) / 1e9;
  return [
    line(
      'crons, Lambda',
      `(${count(MINUTES)} × 0.05 s + ${HOURLY} × 0.2 s + ${WAKES} × 2 s) × ${WAKE_GB} GB × $0.0000133334`,
      lambda,
      PRICES.lambdaGbSecond,
      FREE.lambdaGbSeconds,
    ),
    line('crons, requests', `${count(runs)} × $0.20 / M`, runs, PRICES.lambdaRequest, FREE.lambdaRequests),
    line('crons, Scheduler', `${count(runs)} × $1.00 / M`, runs, PRICES.schedule, FREE.schedules),
    line(
      'recovery cron, Upstash',
      `${count(MINUTES)} × ${PER_LOOK.upstash} commands × $0.20 / 100,000`,
      looks,
      PRICES.upstashCommand,
      FREE.upstashCommands,
    ),
    line(
      'queue polling by Lambda',
      `2 queues × 5 pollers × 3 / min × ${count(MINUTES)} min × $0.40 / M`,
      polls,
      PRICES.sqsRequest,
      FREE.sqsRequests,
    ),
    line('alarms', `${WATCHED.alarms} × $0.10`, WATCHED.alarms, PRICES.alarm, FREE.alarms),
    line('dashboard', `${WATCHED.dashboards} × $3.00`, WATCHED.dashboards, PRICES.dashboard, FREE.dashboards),
    line('own metrics', '3 × $0.30 × 30 / 720 h, for hours with values', metrics, PRICES.metric, FREE.metrics),
    line('logs', `${count(MINUTES)} × 1.2 kB × $0.50 / GB`, logs, PRICES.logGb, FREE.logGb),
    line('Neon, storage', '1 GB × $0.35 on Launch; up to 0.5 GB the Free plan costs nothing', 1, PRICES.neonGbMonth, 0),
    line(
      'Neon, woken by crons',
      `${WAKES} × 5 min × ${NEON.leastCu} CU × $0.106 / h`,
      AWAKE_HOURS * NEON.leastCu,
      PRICES.neonCuHour,
      0,
    ),
  ];
};

/** One session by itself, whose computing nobody shares. */
export const thousandIterations = (): CostLine[] => {
  const seconds = meanCallSeconds(DEFAULTS) + DEFAULTS.overheadSeconds;
  const hours = (1_000 * seconds) / 3_600;
  const history = ((1_000 * BYTES.history) / 1e9) * (DEFAULTS.restoreHours / HOURS);
  const per = (name: string, terms: string, used: number, price: number) => line(name, terms, used, price, 0);
  return [
    per(
      'Lambda',
      `1,000 × ${seconds.toFixed(2)} s (of which the model ${meanCallSeconds(DEFAULTS).toFixed(2)}) × 1 GB × $0.0000133334`,
      1_000 * seconds,
      PRICES.lambdaGbSecond,
    ),
    per(
      'Lambda, sandbox',
      `1,000 × ${SANDBOX.calls} calls × ${SANDBOX.seconds} s × ${SANDBOX.gb.toFixed(2)} GB × $0.0000133334`,
      1_000 * SANDBOX.calls * SANDBOX.seconds * SANDBOX.gb,
      PRICES.lambdaGbSecond,
    ),
    per(
      'Lambda, requests',
      `1,000 × ${1 + SANDBOX.calls} × $0.20 / M`,
      1_000 * (1 + SANDBOX.calls),
      PRICES.lambdaRequest,
    ),
    per('SQS', `1,000 × (send, receive, delete) × $0.40 / M`, 1_000 * PER_ITERATION.sqs, PRICES.sqsRequest),
    per(
      'Upstash',
      `1,000 × ${PER_ITERATION.upstash} commands × $0.20 / 100,000`,
      1_000 * PER_ITERATION.upstash,
      PRICES.upstashCommand,
    ),
    per(
      'Neon, compute',
      `one session by itself: ${hours.toFixed(2)} h × ${NEON.leastCu} CU × $0.106; shared by all that work at once`,
      hours * NEON.leastCu,
      PRICES.neonCuHour,
    ),
    per(
      'Neon, history',
      `1,000 × ${count(BYTES.history / 1e3)} kB for ${DEFAULTS.restoreHours} h × $0.20 / GB and month`,
      history,
      PRICES.neonHistoryGbMonth,
    ),
    per(
      'Neon, transfer',
      `1,000 × ${count(BYTES.answered / 1e3)} kB × $0.10 / GB, after the first 100 GB of a month`,
      (1_000 * BYTES.answered) / 1e9,
      PRICES.neonTransferGb,
    ),
    per('logs', `1,000 × ${count(BYTES.logged / 1e3)} kB × $0.50 / GB`, (1_000 * BYTES.logged) / 1e9, PRICES.logGb),
  ];
};

export const sum = (lines: CostLine[], of: 'dollars' | 'free'): number => lines.reduce((all, one) => all + one[of], 0);

const table = (head: string[], rows: string[][], align: string): string =>
  [head.join(' | '), align, ...rows.map((cells) => cells.join(' | '))].map((row) => `| ${row} |`).join('\n');

/** Both tables as a document has them. */
export const costTables = (): string => {
  const idle = idleMonth();
  const busy = thousandIterations();
  return `${table(
    ['idle, a month', 'terms', 'list price, $', 'with free tiers, $'],
    [
      ...idle.map(({ name, terms, dollars, free }) => [name, terms, dollars.toFixed(2), free.toFixed(2)]),
      ['**together**', '', `**${sum(idle, 'dollars').toFixed(2)}**`, `**${sum(idle, 'free').toFixed(2)}**`],
    ],
    '--- | --- | ---: | ---:',
  )}

${table(
  ['1,000 iterations', 'terms', '$'],
  [
    ...busy.map(({ name, terms, dollars }) => [name, terms, dollars.toFixed(4)]),
    ['**together**', '', `**${sum(busy, 'dollars').toFixed(2)}**`],
  ],
  '--- | --- | ---:',
)}`;
};
