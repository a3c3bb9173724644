/**
 * Old code on the newest schema: what every release so far said to Postgres still succeeds, word for word, and is answered in the shape that
 * its code reads. So it is by the newest functions, by its own functions on the newest tables (a rollback), and while the one takes the place
 * of the other.
 */
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';
import {
  differences,
  isRequest,
  type Line,
  type Recorded,
  type Request,
  recordings,
  SIGNATURES,
  type Signature,
} from './requests.ts';
import { tell, tellAll } from './telling.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const newest = readdirSync(join(ROOT, 'migrations')).filter((file) => /^\d{4}_\w+\.sql$/.test(file));
const all = recordings();
const kinds = ['embedded' as const, ...(hasPostgres ? (['real'] as const) : [])];

async function database(kind: 'embedded' | 'real'): Promise<LocalPostgres> {
  const databaseUrl = kind === 'real' ? ((await realPostgres()) ?? undefined) : undefined;
  const local = await startPostgres({ dataDir: 'memory', databaseUrl });
  onTestFinished(() => local.close());
  return local;
}

const queriesOf = ({ body }: Request) => ('queries' in body ? body.queries : [body]);
const called = ({ lines }: Recorded): Set<string> =>
  new Set(
    lines
      .filter(isRequest)
      .flatMap((request) =>
        queriesOf(request).flatMap(({ query }) => [...query.matchAll(/\b(\w+)\(/g)].map(([, name]) => name!)),
      ),
  );

/** What the local system asks for past the adapters. */
const BESIDE = ['void_leases', 'advance_clock'];

/** The functions that the adapters of 0.1.0 name. */
const NAMED = [
  ...[
    'claim',
    'reserve',
    'settle',
    'save',
    'heartbeat',
    'start_tool',
    'workspace',
    'sweep',
    'record_dead_letter',
    'purge',
    'create_session',
    'request_action',
  ],
  ...[
    'remove_session',
    'top_up',
    'put_user',
    'today',
    'record_cost',
    'close_hold',

    'next_renewal',
    'app_day',
    'app_now',
  ],
];

it('has every word of the first release', () => {
  const [first] = all;
  expect([first?.name, first?.newest]).toEqual(['requests-0.1.0.jsonl', '0000']);
  expect([...called(first!)]).toEqual(expect.arrayContaining(NAMED));
});

describe.each(all)('$name', (recorded) => {
  it.each(kinds.flatMap((kind) => (['newest', 'own'] as const).map((functions) => ({ kind, functions }))))(
    'is answered as it was by the $functions functions on the newest tables of an $kind Postgres',
    async ({ kind, functions }) => {
      const local = await database(kind);
      const { sql } = connect(local.url);
      await migrateUp(sql);
      if (functions === 'own') expect(await migrateUp(sql, await rootOf(recorded, '9999'))).toEqual(['functions']);
      const told = await tellAll(local, recorded.lines);
      expect(told.length).toBeGreaterThan(80);
      for (const { request, status, code, message, shape } of told) {
        const what = `${request.step}: ${JSON.stringify(request.body).slice(0, 300)}: ${message}`;
        expect({ status, code }, what).toEqual({ status: request.status, code: request.code });
        expect(differences(request.shape, shape), what).toEqual([]);
      }
    },
    120_000,
  );

  it('calls functions that are still there, with the same arguments and defaults', async () => {
    const local = await database('embedded');
    await migrateUp(connect(local.url).sql);
    const now = (await local.pool.query(SIGNATURES)).rows as Signature[];
    const names = called(recorded);
    const then = recorded.signatures.filter(({ name }) => names.has(name) || BESIDE.includes(name));
    expect(then.length).toBeGreaterThan(18);
    for (const signature of then) expect(now, signature.name).toContainEqual(signature);
  });
});

/** A folder with the migrations up to `upTo`, and the functions of a release. */
async function rootOf(recorded: Recorded, upTo = recorded.newest): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'circadian-release-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const filter = (path: string) => !/^\d{4}_/.test(basename(path)) || basename(path).slice(0, 4) <= upTo;
  await cp(join(ROOT, 'migrations'), join(root, 'migrations'), { recursive: true, filter });
  await mkdir(join(root, 'schema/functions'), { recursive: true });
  await writeFile(join(root, 'schema/functions/dropped.sql'), '');
  await writeFile(join(root, 'schema/functions/all.sql'), recorded.functions.join('\n\n'));
  await writeFile(join(root, 'schema/access.sql'), '');
  return root;
}

const WORKERS = 6;

describe.runIf(hasPostgres)('while the migrations and functions after it are applied', () => {
  it.each(all)(
    'no request of $name fails',
    async (recorded) => {
      const local = await database('real');
      const { sql } = connect(local.url);
      await migrateUp(sql, await rootOf(recorded));
      await tellAll(local, recorded.lines.slice(0, 1));
      const day = ofTheFirstDay(recorded);
      const failures: string[] = [];
      let told = 0;
      let migrated = false;
      const work = async (worker: number) => {
        for (let round = 0; !migrated || round < 2; round++) {
          const names = (text: string) => renamed(text, `${worker}x${round}`);
          for (const line of day) {
            if ('lease' in line) await local.pool.query(EXPIRE, [names(line.lease)]);
            if (!isRequest(line)) continue;
            const { status, code, message } = await tell(local, line, names);
            told += 1;
            if (status !== line.status || code !== line.code) failures.push(`${line.step}: ${code} ${message}`);
          }
        }
      };
      const working = Promise.all(Array.from({ length: WORKERS }, (_, i) => work(i)));
      while (told < WORKERS * day.length) await new Promise((resolve) => setImmediate(resolve));
      const before = told;
      const applied = await migrateUp(sql);
      const meanwhile = told - before;
      migrated = true;
      await working;
      const after = newest.filter((file) => file.slice(0, 4) > recorded.newest).map((file) => file.slice(0, -4));
      expect(applied).toEqual([...after.sort(), 'functions']);
      expect(failures).toEqual([]);
      expect(meanwhile).toBeGreaterThan(WORKERS);
    },
    120_000,
  );
});

/** Beyond it, clock and books are of all workers at once. */
const ofTheFirstDay = ({ lines }: Recorded): Line[] =>
  lines
    .slice(
      0,
      lines.findIndex((line) => isRequest(line) && line.step === 'the night'),
    )
    .filter((line) => !('clock' in line));

const EXPIRE = `update agent_sessions set lease_until = '-infinity' where id = $1`;

/** The same words of other users: ids and keys get an ending of their own. */
const renamed = (text: string, ending: string): string =>
  text
    .replace(/\b(usr|ses|ck)_(\w+)/g, `$1_$2${ending}`)
    .replace(/hash-\w+/g, `$&${ending}`)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uuid) => uuidOf(uuid, ending));

function uuidOf(uuid: string, ending: string): string {
  const digits = Buffer.from(ending.padEnd(6, '_')).toString('hex').slice(0, 12).padStart(12, '0');
  return `${uuid.slice(0, 24)}${(BigInt(`0x${uuid.slice(24)}`) ^ BigInt(`0x${digits}`)).toString(16).padStart(12, '0')}`;
}
