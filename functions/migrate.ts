/**
 * A deployment: the database gets the migrations and functions that it lacks, which lie beside the bundle. Repeating it does
 * nothing more. Then traces are on or off, as the settings say.
 */
import config from '#config';
import { migrateUp } from '../lib/ops/migrate.ts';
import { turnTraces } from '../lib/tracing.ts';
import { migrationSql } from '../lib/world.ts';

/** The function of these agents and tools. */
export const migrate =
  (definitions: Parameters<typeof migrationSql>[0]) => async (): Promise<{ applied: string[] }> => {
    const applied = await migrateUp(migrationSql(definitions), process.env.LAMBDA_TASK_ROOT);
    await turnTraces();
    return { applied };
  };

export const handler = migrate(config);
