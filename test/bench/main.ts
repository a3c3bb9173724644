/**
 * `npm run bench`: a short load and the cold starts. `npm run load`: 200 sessions for five minutes. Options: --sessions N, --minutes M,
 * --workers W (iterations at a time; by default one per core, since a model that answers at once leaves nothing to wait for: with two per core
 * throughput is the same and the overhead of each twice as large), --json FILE, --no-cold. Ends with 1 if anything failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdown, reportOf } from './load/report.ts';
import { run } from './load/run.ts';
import { startServers } from './load/servers.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '0.5' },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
    'no-cold': { type: 'boolean', default: false },
  },
});

const amount = (name: 'sessions' | 'minutes' | 'workers'): number => {
  const number = Number(values[name]);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const load = async (): Promise<boolean> => {
  await using stack = new AsyncDisposableStack();
  const before = loadavg()[0]!;
  const { what, ...servers } = await startServers(stack);
  const wanted = {
    sessions: amount('sessions'),
    seconds: 60 * amount('minutes'),
    workers: amount('workers'),
    ...servers,
  };
  const report = reportOf(await run(wanted), what, before);
  print(markdown(report));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  return report.violations.length === 0;
};

const cold = (): boolean => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if (!existsSync(`${root}.sst/platform/package.json`)) {
    print('Cold starts are left out: they need the bundler that SST brings along (npm run infra:install).');
    return true;
  }
  print('# Cold starts\n');
  return spawnSync(process.execPath, [`${root}test/bench/cold.ts`], { stdio: 'inherit' }).status === 0;
};

const fine = (await load()) && (values['no-cold'] || cold());
process.exit(fine ? 0 : 1);
