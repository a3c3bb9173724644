/** The HTTP endpoint in front of a Postgres that goes away in the midst of a request. */
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { type LocalNeon, startNeon } from '../../lib/local/neon.ts';

let neon: LocalNeon | null = null;
afterEach(() => neon?.close());

/** As pg's client does when its server ends: its statement fails, and it tells so by an event, too. */
const lostInUse = () => {
  const client = Object.assign(new EventEmitter(), {
    query: () =>
      new Promise((_resolve, reject) =>
        setImmediate(() => {
          reject(new Error('Connection terminated unexpectedly'));
          client.emit('error', new Error('Connection terminated unexpectedly'));
        }),
      ),
    released: [] as unknown[],
    release: (broken: unknown) => void client.released.push(broken),
  });
  return client;
};

it('answers 500 when a connection is lost in use, gives it back as broken, and lives on', async () => {
  const client = lostInUse();
  neon = await startNeon({ pool: { connect: async () => client } as unknown as pg.Pool });
  const { sql } = connect(neon.url, { attempts: 1 });
  for (let n = 1; n <= 2; n++) {
    await expect(sql.query('select 1')).rejects.toThrow(/terminated unexpectedly/);
    expect(client.released).toHaveLength(n);
    expect(client.released.at(-1)).toBeInstanceOf(Error);
    expect(client.listenerCount('error')).toBe(0);
  }
});
