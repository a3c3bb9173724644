/**
 * `npm run simulate -- [--sleepers N] [--working N] [--users N] [--rpm N] [--itpm N] [--otpm N] [--input-tokens N] [--output-tokens N]
 * [--call-seconds N] [--at-once N] [--cu N] [--upstash-budget DOLLARS] [--window SECONDS] [--hours N] [--seed N] [--first-come]`
 */
import { parseArgs } from 'node:util';
import { bottleneck, costs, type Load, loads, neededAtOnce, percentile, whole } from './report.ts';
import { simulate } from './run.ts';
import { callsPerMinute, DEFAULTS, meanCallSeconds, type Scenario } from './scenario.ts';
import { costTables } from './tables.ts';

type Flag = { of: keyof Scenario; least: number; most: number; unit?: number };
/** Flag → what of the scenario it sets, whole numbers from `least` to `most`, in units of `unit`. The first user owns the swarm. */
const FLAGS: Record<string, Flag> = {
  sleepers: { of: 'sleepers', least: 1, most: 5_000_000 },
  working: { of: 'working', least: 1, most: 5_000_000 },
  users: { of: 'users', least: 2, most: 5_000_000 },
  rpm: { of: 'requestsPerMinute', least: 1, most: 10_000_000 },
  itpm: { of: 'inputTokensPerMinute', least: 1, most: 10_000_000_000 },
  otpm: { of: 'outputTokensPerMinute', least: 1, most: 10_000_000_000 },
  'input-tokens': { of: 'inputTokens', least: 1, most: 1_000_000 },
  'output-tokens': { of: 'outputTokens', least: 1, most: 300_000 },
  'call-seconds': { of: 'callSeconds', least: 1, most: 840 },
  cu: { of: 'maxCu', least: 1, most: 56 },
  'upstash-budget': { of: 'upstashBudget', least: 1, most: 10_000_000 },
  'at-once': { of: 'atOnce', least: 2, most: 1_000_000 },
  window: { of: 'windowSeconds', least: 1, most: 86_400 },
  iterations: { of: 'iterationsADay', least: 1, most: 100_000 },
  seed: { of: 'seed', least: 0, most: 2 ** 32 - 1 },
  hours: { of: 'horizonSeconds', least: 1, most: 24 * 7, unit: 3_600 },
};

const read = (): Scenario => {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  const parsed = parseArgs({ options: { ...options, 'first-come': { type: 'boolean' } } });
  const values: Record<string, string | boolean | undefined> = parsed.values;
  const given = Object.entries(FLAGS).flatMap(([flag, { of, least, most, unit = 1 }]) => {
    if (values[flag] === undefined) return [];
    const value = Number(values[flag]);
    const fits = /^\d+$/.test(String(values[flag])) && value >= least && value <= most;
    if (!fits) throw new Error(`--${flag} takes a whole number from ${whole(least)} to ${whole(most)}.`);
    return [[of, value * unit]];
  });
  return { ...DEFAULTS, ...Object.fromEntries(given), fair: !values['first-come'] };
};

const print = (line = ''): void => void process.stdout.write(`${line}\n`);
const time = (seconds: number): string =>
  Number.isNaN(seconds) ? 'never' : seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
const part = ({ used, limit }: Load): string => `${((100 * used) / limit).toFixed(1)} %`;

const show = (scenario: Scenario): void => {
  const began = performance.now();
  const result = simulate(scenario);
  const { lags, peak, totals, depths, unwoken } = result;
  const { calls, boundBy } = callsPerMinute(scenario);
  print(
    `${whole(scenario.sleepers)} sleepers wake at midnight within ${time(scenario.windowSeconds)}, ${whole(scenario.working)} sessions work on;`,
  );
  print(
    `${whole(calls)} model calls a minute (${boundBy} bind), ${whole(scenario.atOnce)} iterations at once, ${scenario.fair ? 'fair queue' : 'first come, first served'}, seed ${scenario.seed}.`,
  );
  print(
    `A call takes ${meanCallSeconds(scenario).toFixed(1)} s on average: ITERATIONS_AT_ONCE=${neededAtOnce(scenario)} would use these limits up.`,
  );
  print();
  print(
    `Iterations ${whole(totals.iterations)}, refused by the model's limit ${whole(totals.refusals)}, sessions done for the day ${whole(totals.sessionsDone)}.`,
  );
  print(
    `Hints by sweeps ${whole(totals.hints)}, a second one or more for whatever waits long; messages that came in vain ${whole(totals.vain)}.`,
  );
  print(
    `Queue: at most ${whole(peak.queue)}, ${time(peak.queueAt)} after midnight; each hour: ${depths.map(whole).join(' ')}.`,
  );
  for (const [name, lag] of Object.entries({
    'Wake lag, all': lags.all,
    '  of one user’s swarm': lags.swarm,
    '  of everybody else': lags.others,
  })) {
    const [p50, p90, p99, most] = [0.5, 0.9, 0.99, 1].map((at) => time(percentile(lag, at)));
    print(`${name.padEnd(22)} p50 ${p50}, p90 ${p90}, p99 ${p99}, last ${most}.`);
  }
  if (unwoken > 0) print(`Not woken by the end: ${whole(unwoken)}.`);
  print();
  print('Peak or sum against its limit');
  for (const load of loads(scenario, result)) {
    print(
      `  ${load.name.padEnd(22)}${part(load).padStart(9)}   ${whole(load.used)} of ${whole(load.limit)} ${load.unit}   [${load.source}]`,
    );
  }
  const worst = bottleneck(loads(scenario, result));
  print();
  print(`First bottleneck: ${worst.name}, at ${part(worst)}. What to change: ${worst.change}.`);
  print();
  print('Dollars a day, list prices, without the model');
  const all = costs(scenario, result);
  for (const { name, dollars, how } of all) print(`  ${name.padEnd(22)}${dollars.toFixed(2).padStart(9)}   ${how}`);
  print(
    `  ${'together'.padEnd(22)}${all
      .reduce((sum, { dollars }) => sum + dollars, 0)
      .toFixed(2)
      .padStart(9)}`,
  );
  print();
  print(`What a deployment costs, list prices, without the model\n\n${costTables()}`);
  print();
  print(`Simulated in ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
};

try {
  show(read());
} catch (error) {
  print((error as Error).message);
  process.exit(2);
}
