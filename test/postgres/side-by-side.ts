/** Two transactions in an order that a test chooses: one holds its locks, the other runs into them, then the first commits. */
import type pg from 'pg';

export type Connection = {
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** One function of the protocol; its answer parsed, or the error's SQLSTATE as `{ code }`. */
  call(name: string, ...args: unknown[]): Promise<Answer>;
  /** Starts a call and returns once it waits for a lock. Throws if it ends without waiting. */
  callBlocked(name: string, ...args: unknown[]): Promise<{ answer: Promise<Answer> }>;
  end(): void;
};
// biome-ignore lint/suspicious/noExplicitAny: answers are whatever JSON the function gives, and tests compare them as such.
export type Answer = any;

export async function connection(pool: pg.Pool): Promise<Connection> {
  const client = await pool.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const pid = rows[0].pid as string;

  async function call(name: string, ...args: unknown[]): Promise<Answer> {
    const places = args.map((_, i) => `$${i + 1}`).join(', ');
    const values = args.map((arg) => (typeof arg === 'object' && arg !== null ? JSON.stringify(arg) : arg));
    try {
      const result = await client.query(`select ${name}(${places}) as answer`, values);
      return parsed(result.rows[0].answer);
    } catch (error) {
      return { code: (error as { code?: string }).code };
    }
  }

  return {
    begin: async () => void (await client.query('begin')),
    commit: async () => void (await client.query('commit')),
    call,
    async callBlocked(name, ...args) {
      let ended: Answer;
      const answer = call(name, ...args).then((value) => {
        ended = { value };
        return value;
      });
      while (!ended) {
        const waiting = await pool.query('select cardinality(pg_blocking_pids($1)) as n', [pid]);
        if (Number(waiting.rows[0].n) > 0) return { answer };
      }
      throw new Error(`${name} did not wait: ${JSON.stringify(ended.value)}`);
    },
    end: () => client.release(true),
  };
}

function parsed(text: string | null): Answer {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return text;
  }
}
