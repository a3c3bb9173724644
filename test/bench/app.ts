/**
 * `npm run bench:app`: how soon the dashboard is there, and how smoothly its longest lists scroll, in a real Chromium before the whole local
 * system. Options: --runs N (paints of each kind; a third as many of browsers that have just started, a fifth as many of each scroll),
 * --json FILE. Ends with 1 if a bound is broken. What else the machine does makes it slower, so the load stands beside each figure.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { CHROMIUM, launch, WITHOUT } from '../app/browser.ts';
import { paints } from './app/paint.ts';
import { type Measure, markdown, type Report, violationsOf } from './app/report.ts';
import { control, type Long, scrolls } from './app/scroll.ts';
import { startSystem } from './app/system.ts';

const SESSIONS = 1_000;
const ITERATIONS = 5_000;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' }, json: { type: 'string' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be a whole number above 0');
if (!CHROMIUM) throw new Error(WITHOUT);

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

// Only then do the system and the browser end with this process.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code));

async function measured(): Promise<{ chromium: string; measures: Measure[] }> {
  await using stack = new AsyncDisposableStack();
  say('The local system starts, and its sample session works to its end.');
  const system = await startSystem(stack);
  const browser = await launch();
  stack.defer(() => browser.close());
  const chromium = browser.version();
  await system.fill(5);
  say('First paint of Today.');
  const measures = await paints(browser, system.link, runs);
  say(`${SESSIONS} sessions, and one of ${ITERATIONS} iterations.`);
  const id = await system.long(ITERATIONS);
  await system.fill(SESSIONS);
  const lists: Long[] = [
    { name: 'Today, 1,000 sessions', address: `${system.url}/app`, rows: SESSIONS, from: 'top' },
    { name: 'a session, 5,000 iterations', address: `${system.url}/app/s/${id}`, rows: ITERATIONS, from: 'end' },
  ];
  const times = Math.ceil(runs / 5);
  for (const list of lists) measures.push(...(await scrolls(browser, system.link, list, times)));
  measures.push(...(await control(browser, SESSIONS, times)));
  return { chromium, measures };
}

const before = loadavg()[0]!;
const { chromium, measures } = await measured();
const report: Report = {
  at: new Date().toISOString(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  node: process.version,
  chromium,
  loadAverage: [before, loadavg()[0]!],
  measures,
  violations: violationsOf(measures),
};
print(markdown(report));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(report.violations.length === 0 ? 0 : 1);
