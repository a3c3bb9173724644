/**
 * `node test/upgrade/record-requests.ts RELEASE`: runs life.ts with this code's adapters on this code's schema, and writes what they said to
 * fixtures/requests-RELEASE.jsonl. Part of making a release; what a release said does not change.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { readFunctions, readMigrations } from '../../lib/ops/schema-files.ts';
import { live } from './life.ts';
import { FOLDER, type Line, meaningful, SIGNATURES, shapeOf } from './requests.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const release = process.argv[2];
if (!release || !/^\d+\.\d+\.\d+$/.test(release)) throw new Error('which release? e.g. 0.2.0');
const path = `${FOLDER}requests-${release}.jsonl`;
if (existsSync(path)) throw new Error(`${path} is there`);

const local = await startPostgres({ dataDir: 'memory' });
const database = connect(local.url);
await migrateUp(database.sql);
const newest = (await readMigrations(ROOT)).at(-1)?.name.slice(0, 4);
const { statements: functions } = await readFunctions(ROOT);
const { rows: signatures } = await local.pool.query(SIGNATURES);

const lines: Line[] = [];
let step = '';
const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  const answer = (await response.clone().json()) as { code?: string };
  const headers = meaningful(Object.fromEntries(new Headers(init?.headers)));
  const { status } = response;
  const shape = status === 200 ? shapeOf(answer) : null;
  lines.push({ step, body: JSON.parse(String(init?.body)), headers, status, code: answer.code ?? null, shape });
  return response;
};
await live(local.url, database, {
  step(name) {
    step = name;
  },
  async clock(instant) {
    lines.push({ clock: instant });
    await local.pool.query('update app_clock set shift = $1::timestamptz - clock_timestamp()', [instant]);
  },
  async lease(id) {
    lines.push({ lease: id });
    await local.pool.query(`update agent_sessions set lease_until = '-infinity' where id = $1`, [id]);
  },
});
globalThis.fetch = fetch;
await local.close();
writeFileSync(path, [{ newest, functions, signatures }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
process.stdout.write(`${path}: ${lines.length} lines, ${signatures.length} functions\n`);
