/**
 * `npm run reconcile [-- --repair] [--days N] [--env FILE]`
 *
 * It reads the environment of a deployment (`sst shell` gives it), or an environment of its own. With `--env` it reads the variables in FILE
 * instead, as a local system keeps them. Exit status: 0 all agrees, was repaired, or is only a view that is behind, 1 something is left, 2 it could not be compared.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { reconciling } from '../../world.ts';
import { HARMLESS, linesOf, reconcile } from '../reconcile.ts';

const { values } = parseArgs({
  options: {
    repair: { type: 'boolean', default: false },
    days: { type: 'string', default: '7' },
    env: { type: 'string' },
  },
});

try {
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > 31) throw new Error('--days takes a number from 1 to 31.');
  const today = new Date().toISOString().slice(0, 10);
  const variables = values.env === undefined ? process.env : parseEnv(readFileSync(values.env, 'utf8'));
  const reconciled = await reconcile(reconciling(variables), { repair: values.repair, today, days });
  process.stdout.write(`${linesOf(reconciled).join('\n')}\n`);
  const left = reconciled.findings.some(({ kind, repaired }) => !repaired && !HARMLESS.includes(kind));
  process.exitCode = left ? 1 : reconciled.away.length > 0 ? 2 : 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
