/** `npm run simulate` as a user starts it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { costTables } from './tables.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const run = (...args: string[]) =>
  new Promise<{ status: number; output: string }>((resolve) =>
    execFile(process.execPath, [MAIN, ...args], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    ),
  );

it('prints the lags, each limit, the first bottleneck and the dollars of a day', async () => {
  const scenario = '--sleepers 1000 --working 10 --users 50 --rpm 600 --at-once 100 --window 60 --hours 1 --seed 3';
  const { status, output } = await run(...scenario.split(' '));
  expect(status, output).toBe(0);
  expect(output).toMatch(/^1,000 sleepers wake at midnight within 60 s, 10 sessions work on;/);
  expect(output).toMatch(/Wake lag, all +p50 .*, p99 .*, last /);
  expect(output).toMatch(/^First bottleneck: \S.*, at [\d.]+ %\. What to change: /m);
  expect(output).toMatch(/^ {2}together +\d+\.\d\d$/m);
  expect(output).toMatch(/^A call takes 7\.\d s on average: ITERATIONS_AT_ONCE=\d+ would use these limits up\.$/m);
  expect(output, 'the tables of docs/operations.md').toContain(costTables());
});

it.each([
  [['--users', '1'], '--users takes a whole number from 2 to 5,000,000.'],
  [['--sleepers', '1e12'], '--sleepers takes a whole number from 1 to 5,000,000.'],
  [['--rpm', 'many'], '--rpm takes a whole number from 1 to 10,000,000.'],
  [['--hours', '0.5'], '--hours takes a whole number from 1 to 168.'],
  [['--sleeper', '1'], "Unknown option '--sleeper'"],
])('refuses %j in one sentence', async (args, says) => {
  const { status, output } = await run(...args);
  expect(status).toBe(2);
  expect(output).toContain(says);
  expect(output.trim().split('\n')).toHaveLength(1);
});
