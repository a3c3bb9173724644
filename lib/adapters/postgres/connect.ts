/** The one way to Postgres: Neon's HTTP driver, one request per statement or batch, and what is repeated when a reply is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import * as schema from '../../../schema/index.ts';
import { mayRepeat } from './errors.ts';

export type Sql = NeonQueryFunction<false, false>;
export type Db = NeonHttpDatabase<typeof schema>;
export type Argument = string | number | bigint | null;

export type Database = {
  /**
   * One function of the protocol: one statement, one transaction, one HTTP request. Every one may be repeated blindly (R4), so a lost
   * reply is answered by the same request again. Throws what the database said, see `sqlState`.
   */
  call<T>(name: string, ...args: Argument[]): Promise<T>;
  /** Runs a query, and runs it again when its reply is lost. For reads, and for writes that a repeat does not change. */
  repeat<T>(query: () => PromiseLike<T>): Promise<T>;
  /** Query builder, for `repeat`. A batch is one HTTP request in one transaction. Throws `DrizzleQueryError`s: see `sqlState`. */
  db: Db;
  /** The driver itself, for `repeat` and for migrations. */
  sql: Sql;
  /** Another login for what users ask for (tenant.ts). Left out: the same login. */
  forUsers?: Database;
};

export type ConnectOptions = {
  /** Per attempt. Neon needs a second or two to wake. */
  timeoutMs?: number;
  attempts?: number;
};

/** `url`: as Neon gives it. With `sslmode=disable` the same protocol is spoken without TLS to the host and port of the URL. */
export function connect(url: string, { timeoutMs = 15_000, attempts = 4 }: ConnectOptions = {}): Database {
  allowPlain(url);
  const sql = withTimeout(neon(url), timeoutMs);
  const repeat = <T>(query: () => PromiseLike<T>) => repeated(query, attempts);
  return {
    async call<T>(name: string, ...args: Argument[]): Promise<T> {
      const places = args.map((_, i) => `$${i + 1}`).join(', ');
      const values = args.map((value) => (typeof value === 'bigint' ? String(value) : value));
      const rows = await repeat(() => sql.query(`select ${name}(${places}) as answer`, values));
      return rows[0]?.answer as T;
    },
    repeat,
    db: drizzle({ client: sql, schema }),
    sql,
  };
}

async function repeated<T>(query: () => PromiseLike<T>, attempts: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await query();
    } catch (error) {
      if (attempt >= attempts || !mayRepeat(error)) throw error;
      // 25 to 50 ms, then four times that, and so on.
      await sleep(25 * 4 ** (attempt - 1) * (1 + Math.random()));
    }
  }
}

/** Every request that the driver makes gets its own deadline, drizzle's included. */
function withTimeout(sql: Sql, timeoutMs: number): Sql {
  const fetchOptions = () => ({ signal: AbortSignal.timeout(timeoutMs) });
  const query: Sql['query'] = (text, params, options) =>
    sql.query(text, params, { ...options, fetchOptions: fetchOptions() });
  const transaction: Sql['transaction'] = (queries, options) =>
    sql.transaction(queries, { ...options, fetchOptions: fetchOptions() });
  return Object.assign(((...args: Parameters<Sql>) => sql(...args)) as Sql, sql, { query, transaction });
}

const plain = new Set<string>();

/** The driver knows one rule for all hosts; ours leaves Neon's own as it is and adds those that ask for no TLS. */
function allowPlain(url: string): void {
  const { hostname, port, searchParams } = new URL(url);
  if (searchParams.get('sslmode') !== 'disable') return;
  if (plain.size === 0) {
    const usual = neonConfig.fetchEndpoint as (host: string, port: number | string, options?: object) => string;
    neonConfig.fetchEndpoint = (host, port, options) =>
      plain.has(`${host}:${port}`) ? `http://${host}:${port}/sql` : usual(host, port, options);
  }
  plain.add(`${hostname}:${port}`);
}
