/**
 * A deployment: the database gets the migrations and functions that it lacks, which lie beside the bundle. Repeating it does
 * nothing more.
 */
import config from '#config';
import { migrateUp } from '../lib/ops/migrate.ts';
import { migrationSql } from '../lib/world.ts';

/** The function of these agents and tools. */
export const migrate =
  (definitions: Parameters<typeof migrationSql>[0]) => async (): Promise<{ applied: string[] }> => ({
    applied: await migrateUp(migrationSql(definitions), process.env.LAMBDA_TASK_ROOT),
  });

export const handler = migrate(config);
