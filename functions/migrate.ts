/**
 * A deployment: the database gets the migrations and functions that it lacks, which lie beside the bundle. Repeating it does
 * nothing more.
 */
import config from '#config';
import { migrateUp } from '../lib/ops/migrate.ts';
import { migrationSql } from '../lib/world.ts';

export const handler = async (): Promise<{ applied: string[] }> => ({
  applied: await migrateUp(migrationSql(config), process.env.LAMBDA_TASK_ROOT),
});
