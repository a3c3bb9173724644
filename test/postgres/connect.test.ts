/** What the adapter does beyond calling functions: lost replies, deadlines, errors, warm claims, text that Postgres cannot keep. */
import { randomUUID } from 'node:crypto';
import { neonConfig } from '@neondatabase/serverless';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { sqlState } from '../../lib/adapters/postgres/errors.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import type { Claim } from '../../lib/ports/index.ts';
import { agentMessages, userSettings } from '../../schema/index.ts';
import { aSave, aSettlement } from '../contract/harness.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests, START } from './steps.ts';
import { type Spoil, unreliable } from './unreliable.ts';

describe('the connection', () => {
  let db: TestDatabase;
  let t: ReturnType<typeof requests>;
  beforeAll(async () => {
    db = await testDatabase('embedded');
    t = requests(db);
    await db.setNow(START);
  });
  afterAll(() => db?.close());

  /** A connection whose first requests meet the given fates. */
  async function through(...fates: Spoil[]) {
    const network = await unreliable(db.url, () => fates.shift() ?? null);
    onTestFinished(() => network.close());
    return { ...network, database: connect(network.url, { timeoutMs: 500 }) };
  }

  it('sends the same request again when its reply is lost, and it takes effect once', async () => {
    const { id, fence } = await t.owned(await t.user());
    const { database, exchanges } = await through('lost', null, 'lost', 'lost');
    const sessions = postgresSessions(database);
    const held = await sessions.reserve(id, fence, {
      n: 1,
      least: 10n,
      wanted: 10n,
      model: 'claude-haiku-5-5',
      handOff: true,
      journal: [],
    });
    expect(held).toEqual({ granted: 10n, day: '2026-11-10' });
    const settled = await sessions.settle(id, fence, aSettlement({ cost: 7n }));
    expect(settled).toMatchObject({ cost: 7n, day: { spent: 7n, held: 0n } });
    expect(exchanges).toHaveLength(5);
    expect(await db.rows('select n from agent_messages where session_id = $1', id)).toHaveLength(2);
  });

  it('gives up a request that nobody answers, and sends it again', async () => {
    const id = await t.session(await t.user());
    const { database } = await through('silent');
    expect(await postgresSessions(database).claim(id, randomUUID())).toMatchObject({ fence: 1, attempts: 1 });
  });

  it('does not try for ever', async () => {
    const id = await t.session(await t.user());
    const { database, exchanges } = await through(...Array<Spoil>(10).fill('lost'));
    await expect(postgresSessions(database).claim(id, randomUUID())).rejects.toThrow();
    expect(exchanges).toHaveLength(4);
  });

  it('repeats what the database asks to repeat, and nothing that it refuses', async () => {
    const { database, exchanges } = await through();
    await database.sql
      .query(`create function moody() returns int language plpgsql as $$ begin
      if nextval('mood') < 3 then raise 'not yet' using errcode = 'AGAIN'; end if; return currval('mood'); end $$`)
      .catch(() => {});
    await database.sql.query('create sequence mood');
    exchanges.length = 0;
    expect(await database.call('moody')).toBe(3);
    expect(exchanges).toHaveLength(3);
    await expect(database.call('heartbeat', 'ses_none', 1)).rejects.toMatchObject({ code: 'FENCE' });
    expect(exchanges).toHaveLength(4);
  });

  it('tells the SQLSTATE of every error, whoever wraps it', async () => {
    const { db: query, sql, call } = db.database;
    const state = (failing: PromiseLike<unknown>) => Promise.resolve(failing).then(() => 'none', sqlState);
    expect(await state(query.select().from(userSettings).where(eq(userSettings.cycleStart, 'never')))).toBe('22007');
    expect(
      await state(query.batch([query.select().from(userSettings).where(eq(userSettings.cycleStart, 'never'))])),
    ).toBe('22007');
    expect(await state(sql.query('select 1; select 2'))).toBe('42601');
    expect(await state(call('top_up', 'usr_nobody', 5, 'cycle', 'key', 'print'))).toBe('P0002');
    expect(sqlState(new Error('fetch failed'))).toBeNull();
  });

  it('is refused by an endpoint whose password it does not know', async () => {
    const url = new URL(db.url);
    url.password = 'guess';
    const refused = connect(url.href).sql.query('select 1');
    await expect(refused).rejects.toMatchObject({ code: '28P01' });
  });

  it('speaks TLS to every host but those whose URL excepts them', () => {
    const endpoint = neonConfig.fetchEndpoint as (host: string, port: string) => string;
    const { hostname, port, host } = new URL(db.url);
    expect(endpoint(hostname, port)).toBe(`http://${host}/sql`);
    expect(endpoint(hostname, '1')).toMatch(/^https:/);
    connect('postgresql://u:p@ep-x.us-east-2.aws.neon.tech/db?sslmode=require');
    expect(endpoint('ep-x.us-east-2.aws.neon.tech', '')).toBe('https://api.us-east-2.aws.neon.tech/sql');
  });

  it('sends a warm process only the new messages, and a cold one the same history in full', async () => {
    const id = await t.session(await t.user(), { system: 'Be brief.' });
    const { database, exchanges } = await through();
    const warm = postgresSessions(database);
    const long = [{ type: 'text', text: 'x'.repeat(5_000) }];
    const claim = async (sessions = warm) => (await sessions.claim(id, randomUUID())) as Claim;
    for (let i = 1; i <= 5; i++) {
      const { fence, history, facts } = await claim();
      expect(history.map(({ n }) => n)).toEqual(Array.from({ length: 2 * i - 1 }, (_, k) => k + 1));
      expect(facts).toMatchObject({ goal: 'Write a poem.', system: 'Be brief.' });
      await warm.reserve(id, fence, {
        n: 1,
        least: 1n,
        wanted: 10n,
        model: 'claude-haiku-5-5',
        handOff: true,
        journal: [],
      });
      await warm.settle(id, fence, aSettlement({ cost: 1n, turns: [{ role: 'assistant', content: long }] }));
      await warm.save(id, fence, aSave({ turn: long }), []);
    }
    const last = await claim();
    const received = exchanges.filter(({ query }) => query.startsWith('select claim(')).map((one) => one.received);
    expect(Math.max(...received)).toBeLessThan(2_500);
    await db.expireLease(id);
    const cold = await claim(postgresSessions(db.database));
    expect(JSON.stringify(cold.history)).toBe(JSON.stringify(last.history));
    expect(cold.facts).toEqual(last.facts);
    await db.expireLease(id);
    expect((await claim()).history).toEqual(last.history);
  });

  it('drops kept messages below the compaction pointer, and reads on where another process has written', async () => {
    const id = await t.session(await t.user());
    const [mine, other] = [postgresSessions(db.database), postgresSessions(db.database)];
    const iterate = async (sessions: typeof mine, from: number) => {
      const { fence, history } = (await sessions.claim(id, randomUUID())) as Claim;
      const settlement = aSettlement({ cost: 1n });
      settlement.memory.context.from = from;
      await sessions.reserve(id, fence, {
        n: 1,
        least: 1n,
        wanted: 10n,
        model: 'claude-haiku-5-5',
        handOff: true,
        journal: [],
      });
      await sessions.settle(id, fence, settlement);
      await sessions.save(id, fence, aSave({ memory: settlement.memory }), []);
      return history.map(({ n }) => n);
    };
    expect(await iterate(mine, 1)).toEqual([1]);
    expect(await iterate(other, 1)).toEqual([1, 2]);
    expect(await iterate(mine, 3)).toEqual([1, 2, 3]);
    expect(await iterate(mine, 3)).toEqual([3, 4]);
    expect(await iterate(other, 5)).toEqual([3, 4, 5]);
    expect(await iterate(mine, 5)).toEqual([5, 6]);
  });

  it('keeps what Postgres can keep of any text, and the same in its own memory', async () => {
    const { id, fence } = await t.owned(await t.user());
    const sessions = postgresSessions(db.database);
    await sessions.reserve(id, fence, {
      n: 1,
      least: 1n,
      wanted: 10n,
      model: 'claude-haiku-5-5',
      handOff: true,
      journal: [],
    });
    const text = 'a\0b \ud800 \udc00 \\u0000 \\\0 \\\\ud800 😀 "';
    const input = { [text]: text };
    await sessions.settle(
      id,
      fence,
      aSettlement({
        cost: 1n,
        turns: [{ role: 'assistant', content: [{ type: 'text', text }] }],
        calls: [{ id: 'c', name: 'bash', input }],
      }),
    );
    await db.expireLease(id);
    const { history, calls } = (await sessions.claim(id, randomUUID())) as Claim;
    const kept = 'a\ufffdb \ufffd \ufffd \\u0000 \\\ufffd \\\\ud800 😀 "';
    expect(history[1]?.content).toEqual([{ type: 'text', text: kept }]);
    expect(calls[0]?.input).toEqual({ [kept]: kept });
    const rows = await db.database.db.select().from(agentMessages).where(eq(agentMessages.sessionId, id));
    expect(rows).toHaveLength(2);
  });
});
