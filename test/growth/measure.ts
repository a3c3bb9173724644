/**
 * Rows that a request reads, counted by PostgreSQL itself (pg_stat_xact_…) inside the request's own transaction, functions and triggers
 * included: a sequential scan counts every row that it passes, an index scan every entry that its condition lets through.
 */
import type pg from 'pg';

/** `statements`: that were sent, without those that begin and end a transaction. */
export type Cost = { read: number; blocks: number; ms: number; statements: number };
/** `before`: run in the same transaction ahead of what is counted. */
export type Meter = { pool: pg.Pool; cost: Cost; before: string[]; reset(): void };

const COUNTS = `select sum(pg_stat_get_xact_tuples_returned(oid))::bigint as read, sum(pg_stat_get_xact_blocks_fetched(oid))::bigint as blocks
  from pg_class where relkind in ('r', 'i', 't') and relnamespace in ('public'::regnamespace, 'pg_toast'::regnamespace)`;

/**
 * For `startNeon`: every request is one transaction whose rows are counted before it ends. What it wrote is
 * taken back, so that each measurement finds the database as it was seeded.
 */
export function meter(real: pg.Pool): Meter {
  const cost: Cost = { read: 0, blocks: 0, ms: 0, statements: 0 };
  const self: Meter = {
    cost,
    before: [],
    reset: () => void Object.assign(cost, { read: 0, blocks: 0, ms: 0, statements: 0 }),
    pool: { connect: async () => metered(await real.connect(), self) } as unknown as pg.Pool,
  };
  return self;
}

function metered(client: pg.PoolClient, self: Meter): pg.PoolClient {
  let atomic = false;
  const timed = async (query: string | pg.QueryConfig) => {
    const began = performance.now();
    self.cost.statements += 1;
    try {
      return await client.query(query as string);
    } finally {
      self.cost.ms += performance.now() - began;
    }
  };
  // What the same connection has done before may be in the counts still.
  const counted = async (sign: 1 | -1) => {
    const { rows } = await client.query<{ read: string; blocks: string }>(COUNTS);
    self.cost.read += sign * Number(rows[0]!.read);
    self.cost.blocks += sign * Number(rows[0]!.blocks);
  };
  const begin = async (text: string) => {
    const answer = await client.query(text);
    for (const statement of self.before) await client.query(statement);
    await counted(-1);
    return answer;
  };
  const end = async () => {
    await counted(1);
    return client.query('rollback');
  };
  const query = async (query: string | pg.QueryConfig) => {
    if (typeof query === 'string' && query.startsWith('begin')) {
      atomic = true;
      return begin(query);
    }
    if (query === 'commit') return end();
    if (query === 'rollback') return client.query(query);
    if (atomic) return timed(query);
    await begin('begin');
    try {
      const answer = await timed(query);
      await end();
      return answer;
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
  return {
    query,
    on: client.on.bind(client),
    off: client.off.bind(client),
    release: client.release.bind(client),
  } as unknown as pg.PoolClient;
}
