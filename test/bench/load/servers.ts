/** The databases of a load run: those that the environment names, else real ones of this machine for the run alone, else the embedded ones. */
import { hasRedisServer, postgresFolder, startPostgres, startRedis } from '../../kit/daemons.ts';
import type { Servers } from './run.ts';

/** `what`: which they are, for the report. Commits are durable. */
export async function startServers(stack: AsyncDisposableStack): Promise<Servers & { what: string }> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  if (databaseUrl || redisUrl) {
    const what = `${databaseUrl ? 'PostgreSQL by DATABASE_URL' : 'embedded Postgres'}, ${redisUrl ? 'Redis by REDIS_URL' : 'embedded Redis'}`;
    return { ...(databaseUrl && { databaseUrl }), ...(redisUrl && { redisUrl }), servers: {}, what };
  }
  const bin = postgresFolder();
  const postgres = bin === null ? null : await startPostgres(bin, true);
  stack.defer(() => postgres?.stop());
  const redis = hasRedisServer() ? await startRedis() : null;
  stack.defer(() => redis?.stop());
  return {
    ...(postgres && { databaseUrl: postgres.url }),
    ...(redis && { redisUrl: redis.url }),
    servers: { ...(postgres && { PostgreSQL: postgres.pid }), ...(redis && { Redis: redis.pid }) },
    what: `${postgres ? 'real PostgreSQL (fsync on)' : 'embedded Postgres'}, ${redis ? 'real Redis' : 'embedded Redis'}`,
  };
}
