/** Addresses and alerts of the release before webhooks: none is lost, and none changes its name. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { postgresAlerts } from '../../lib/adapters/postgres/notifications.ts';
import { postgresOutbox } from '../../lib/adapters/postgres/outbox.ts';
import { startPostgres } from '../../lib/local/postgres.ts';
import { alertId } from '../../lib/notifications/json.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The migrations before the one that makes the table of webhooks, without functions. */
async function rootBefore(): Promise<string> {
  const files = (await readdir(join(ROOT, 'migrations'))).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(ROOT, 'migrations', name), 'utf8')));
  const first = files[texts.findIndex((text) => text.includes('CREATE TABLE "webhooks"'))]!.slice(0, 4);
  const root = await mkdtemp(join(tmpdir(), 'circadian-before-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const filter = (path: string) => !/^\d{4}_/.test(basename(path)) || basename(path).slice(0, 4) < first;
  await cp(join(ROOT, 'migrations'), join(root, 'migrations'), { recursive: true, filter });
  await mkdir(join(root, 'schema/functions'), { recursive: true });
  for (const empty of ['functions/dropped.sql', 'access.sql']) await writeFile(join(root, 'schema', empty), '');
  return root;
}

it('brings an address of the operator along, with its secret and what was still to be sent', async () => {
  const local = await startPostgres({ dataDir: 'memory' });
  onTestFinished(() => local.close());
  const database = connect(local.url);
  await migrateUp(database.sql, await rootBefore());
  const query = (text: string) => local.pool.query(text);
  await query(`insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
    select u, 'economy', 0, '2026-11-01', 'auto', now(), now() from unnest('{ada,bob}'::text[]) u`);
  await query(
    `insert into notify_targets values ('ada', 'https://a.example/', 'whsec_a', now()), ('bob', null, 'whsec_b', now())`,
  );
  await query(`insert into budget_alerts (user_id, day, threshold, at, allowance, ceiling, spent, held, due_at)
    values ('ada', '2026-11-10', 'graceful', now(), 10, 11, 9, 0, now()), ('ada', '2026-11-09', 'graceful', now(), 10, 11, 9, 0, null)`);
  expect((await migrateUp(database.sql)).length).toBeGreaterThan(1);
  const alerts = postgresAlerts(database);
  expect([await alerts.target('ada'), await alerts.target('bob')]).toEqual(['https://a.example/', null]);
  const { due } = await postgresOutbox(database).sweep({ days: 0, limit: 9, busy: [] });
  const eventId = alertId({ userId: 'ada', day: '2026-11-10', threshold: 'graceful' });
  expect(due).toMatchObject([{ eventId, url: 'https://a.example/', secrets: ['whsec_a'], alert: { spent: 9n } }]);
  const again = await alerts.putTarget('bob', { url: 'https://b.example/', secret: 'whsec_new', replace: false });
  expect(again).toEqual({ url: 'https://b.example/', secret: 'whsec_b' });
});
