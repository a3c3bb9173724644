/** One side of an interleaving: a connection of its own on which the scenario begins, waits and commits, with the product's own requests on it. */
import type pg from 'pg';
import type { Argument, Database } from '../../../lib/adapters/postgres/connect.ts';
import { postgresSessions } from '../../../lib/adapters/postgres/worker-sessions.ts';
import type { WorkerSessions } from '../../../lib/ports/index.ts';

export type Side = {
  sessions: WorkerSessions;
  /** A function of the protocol that the Sessions port does not know. Objects go over as JSON. */
  call<T>(name: string, ...args: unknown[]): Promise<T>;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Once `request` waits for a lock of another; its answer is an error as a value, so that nobody need be there to catch it. */
  blocked<T>(request: Promise<T>): Promise<{ waited: boolean; answer: Promise<T | Error> }>;
  /** Closes it, and waits until the server has let go of it: only then does it count its deadlocks. */
  end(): Promise<void>;
};

export async function side(pool: pg.Pool): Promise<Side> {
  const client = await pool.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const pid = rows[0].pid as string;
  const call = async <T>(name: string, ...args: unknown[]): Promise<T> => {
    const places = args.map((_, i) => `$${i + 1}`).join(', ');
    const values = args.map((arg) => (typeof arg === 'object' && arg !== null ? JSON.stringify(arg) : arg));
    const result = await client.query(`select ${name}(${places}) as answer`, values);
    return parsed(result.rows[0]?.answer ?? null) as T;
  };
  // The port asks for nothing but functions here: files are read by nobody in a scenario.
  const database = { call: <T>(name: string, ...args: Argument[]) => call<T>(name, ...args.map(plain)) } as Database;

  return {
    sessions: postgresSessions(database),
    call,
    query: async (text, values) => (await client.query(text, values)).rows,
    begin: async () => void (await client.query('begin')),
    commit: async () => void (await client.query('commit')),
    async blocked(request) {
      let over = false;
      const answer = request
        .catch((error: unknown) => error as Error)
        .finally(() => {
          over = true;
        });
      while (!over) {
        const waiting = await pool.query('select cardinality(pg_blocking_pids($1)) as n', [pid]);
        if (Number(waiting.rows[0].n) > 0) return { waited: true, answer };
      }
      return { waited: false, answer };
    },
    async end() {
      client.release(true);
      const query = 'select 1 from pg_stat_activity where pid = $1';
      while ((await pool.query(query, [pid])).rows.length > 0);
    },
  };
}

/** A function of the protocol answers in JSON, with a truth, or with nothing; what it calls within, with a row. */
const parsed = (text: string | null): unknown => {
  if (text === null || text === '') return null;
  if (text === 't' || text === 'f') return text === 't';
  return /^[[{"\d]|^null$/.test(text) ? JSON.parse(text) : text;
};

const plain = (value: Argument): unknown => (typeof value === 'bigint' ? String(value) : value);
