/**
 * A deployment: the database gets the migrations and functions that it lacks, which lie beside the bundle. Repeating it does
 * nothing more. Then traces are on or off, as the settings say.
 */
import config from '#config';
import { migrateUp } from '../lib/ops/migrate.ts';
import { turnTraces } from '../lib/tracing.ts';
import { migrationSql } from '../lib/world.ts';

export async function handler(): Promise<{ applied: string[] }> {
  const applied = await migrateUp(migrationSql(config), process.env.LAMBDA_TASK_ROOT);
  await turnTraces();
  return { applied };
}
