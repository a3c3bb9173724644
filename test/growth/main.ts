/**
 * `npm run growth [-- --sessions N] [--url URL] [--no-seed]`: what every query of an iteration, a cron or a page reads on a database of a million
 * sessions, as a table. Without a URL it starts a PostgreSQL of its own, which is gone afterwards.
 */
import { parseArgs } from 'node:util';
import { postgresFolder, startPostgres } from '../kit/daemons.ts';
import { migrated, seeded } from './seed.ts';
import { lines, tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    url: { type: 'string' },
    'no-seed': { type: 'boolean', default: false },
    timeout: { type: 'string', default: '120000' },
  },
});
const sessions = Number(values.sessions);
const folder = postgresFolder();
const server = values.url || !folder ? null : await startPostgres(folder);
const url = values.url ?? server?.url;
if (!url) throw new Error('PostgreSQL is not installed: name a server with --url.');
if (!values['no-seed']) {
  await migrated(url);
  const began = performance.now();
  await seeded(url, { sessions, history: 20_000, versions: 50 });
  process.stderr.write(`Seeded in ${Math.round((performance.now() - began) / 1_000)} s.\n`);
}
process.stdout.write(`${tableOf(await lines(url, sessions, Number(values.timeout)))}\n`);
await server?.stop();
