/**
 * G10, the second wall: with a query's `where user_id` forgotten, Postgres itself shows nobody another's rows, and takes nothing that a
 * person may not write. On both databases; the real one also stands for Neon, where the tables' owner is no superuser either.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { sqlState } from '../../lib/adapters/postgres/errors.ts';
import { asUser } from '../../lib/adapters/postgres/tenant.ts';
import { postgresTransfer } from '../../lib/adapters/postgres/transfer.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import * as schema from '../../schema/index.ts';
import { aSession, once } from '../contract/harness.ts';
import { aRestored } from '../contract/transfer.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';

vi.setConfig({ hookTimeout: 120_000 });

const FORBIDDEN = '42501';
const kinds = ['embedded', ...(hasPostgres ? ['real'] : [])];

describe.each(kinds)('the wall on a %s Postgres', (kind) => {
  let local: Awaited<ReturnType<typeof startPostgres>>;
  let database: ReturnType<typeof connect>;
  const heard: string[][] = [];
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    const databaseUrl = kind === 'real' ? ((await realPostgres()) ?? undefined) : undefined;
    local = await startPostgres({
      dataDir: 'memory',
      databaseUrl,
      onRequest: ({ statements }) => heard.push(statements),
    });
    database = connect(local.url, { attempts: 1 });
    await migrateUp(database.sql);
    const [accounts, userSessions] = [postgresAccounts(database), postgresUserSessions(database)];
    for (const user of ['ada', 'bob']) {
      await accounts.putUser(user, { budget: 30_000_000n, renewalDate: null });
      await accounts.addKey(user, { id: `key_${user}`, name: null, hash: randomUUID(), prefix: 'ck' });
      const session = aSession({ goal: `The secret of ${user}.` });
      await userSessions.create(user, session, once());
      await userSessions.command(user, session.id, { type: 'message', content: `Said by ${user}.` }, randomUUID());
      await accounts.topUp(user, 1n, 'cycle', once());
      ids[user] = session.id;
    }
    for (const [user, id] of Object.entries(ids)) await fill(user, id);
  });
  afterAll(() => local?.close());

  /** Rows that only a worker writes. */
  async function fill(user: string, id: string) {
    const day = `(select max(day) from budget_days where user_id = '${user}')`;
    const statements = [
      `insert into workspace_files values ('${id}', '/a', 1, '${user}', now(), 420, 'x')`,
      `insert into tool_approvals (session_id, call_id, user_id, tool, input, args_sha, tool_sha, input_schema, asked_at, expires_at)
        values ('${id}', 'c', '${user}', 'n', '{}', 'a', 't', '{}', now(), 'infinity')`,
      `insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input) values ('${id}', 1, 0, '${user}', 'c', 'n', '{}')`,
      `insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at)
        values ('${id}', 1, 1, '${user}', ${day}, 1, 1, 'm', 'held', 1, 9, 1, now())`,
      `insert into usage_ledger (user_id, session_id, fence, n, day, iteration, model, class, cost, input_tokens, output_tokens, cache_read_tokens,
        cache_write_5m_tokens, cache_write_1h_tokens, searches, tools, at) values ('${user}', '${id}', 1, 1, ${day}, 1, 'm', 'settled', 1, 0, 0, 0, 0, 0, 0, '{}', now())`,
      `insert into memories (user_id, name, revision, updated_at) values ('${user}', 'team', 1, now())`,
      `insert into memory_entries (user_id, name, path, version, at, source, bytes, content) values ('${user}', 'team', 'a', 1, now(), 'person', 1, 'x')`,
      `insert into session_days (session_id, user_id, day, fence) values ('${id}', '${user}', ${day}, 1)`,
    ];
    for (const statement of statements) await local.pool.query(statement);
  }

  const as = async (user: string, statement: string) => {
    const [{ rows }] = await asUser(database, user, (db) => [db.execute(sql.raw(statement))]);
    return rows;
  };
  const refused = (user: string, statement: string) => as(user, statement).then(() => 'done', sqlState);
  const tables = async () => {
    const { rows } = await local.pool.query(`select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'user_id' order by 1`);
    return rows.map(({ name }) => name as string);
  };

  it("shows a query without its where clause the rows of its user, of every table, and nobody else's", async () => {
    const all = await tables();
    expect(all.length).toBeGreaterThanOrEqual(15);
    const readable: string[] = [];
    for (const table of all) {
      const owners = await as('ada', `select distinct user_id from ${table}`).catch(sqlState);
      expect([FORBIDDEN, [], [{ user_id: 'ada' }]], table).toContainEqual(owners);
      if (owners?.length === 1) readable.push(table);
      for (const nobody of ['', 'eve', "ada' or '1'='1"]) {
        const seen = await as(nobody, `select * from ${table}`).catch(sqlState);
        expect([FORBIDDEN, []], `${table} for ${JSON.stringify(nobody)}`).toContainEqual(seen);
      }
    }
    expect(readable.length).toBeGreaterThanOrEqual(14);
    expect(readable).not.toContain('api_keys');
  });

  it('shows the forgotten clause of the query builder nothing either', async () => {
    const [sessions, events] = await asUser(database, 'ada', (db) => [
      db.select({ id: schema.agentSessions.id }).from(schema.agentSessions),
      db.select({ id: schema.agentEvents.sessionId }).from(schema.agentEvents),
    ]);
    expect(sessions).toEqual([{ id: ids.ada }]);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([ids.ada]));
  });

  it('stands around every table that has a user, for a role that can neither log in nor see past it', async () => {
    const { rows } =
      await local.pool.query(`select relname as name from pg_class c where relnamespace = 'public'::regnamespace
      and relkind = 'r' and relrowsecurity and exists (select from pg_policies p where p.tablename = c.relname
        and p.roles = '{circadian_user}' and p.qual like '%circadian.user%' and p.with_check like '%circadian.user%') order by 1`);
    // A table that is missing here was made without its line in schema/access.sql.
    expect(rows.map(({ name }) => name)).toEqual(await tables());
    const role = await local.pool.query(
      `select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole from pg_roles where rolname = 'circadian_user'`,
    );
    expect(Object.values(role.rows[0])).toEqual(['f', 'f', 'f', 'f']);
    const owned = await local.pool.query(
      `select from pg_class join pg_roles r on r.oid = relowner where rolname = 'circadian_user'`,
    );
    expect(owned.rows).toEqual([]);
  });

  it('lets nobody write a row of another, or into the session of another', async () => {
    const into = (user: string, session: string) =>
      `insert into session_inbox (session_id, n, user_id, at, content) values ('${session}', 99, '${user}', now(), 'Obey me.')`;
    expect(await refused('ada', into('bob', ids.bob!))).toBe(FORBIDDEN);
    expect(await refused('ada', into('ada', ids.bob!))).toBe(FORBIDDEN);
    expect(await refused('ada', into('bob', ids.ada!))).toBe(FORBIDDEN);
    expect(await refused('ada', into('ada', ids.ada!))).toBe('done');
    const file = (user: string, session: string) =>
      `insert into workspace_inbox (session_id, path, user_id, at, mode, content) values ('${session}', '/x', '${user}', now(), 420, 'x')`;
    for (const [user, session] of [
      ['bob', ids.bob!],
      ['ada', ids.bob!],
      ['bob', ids.ada!],
    ] as const)
      expect(await refused('ada', file(user, session))).toBe(FORBIDDEN);
    expect(await refused('ada', file('ada', ids.ada!))).toBe('done');
    await as('ada', `update agent_sessions set desired = 'cancel'`);
    await as('ada', `delete from idempotency_keys`);
    const bob =
      await local.pool.query(`select desired, (select count(*) from idempotency_keys where user_id = 'bob') as keys,
      (select count(*) from session_inbox where user_id = 'bob') as inbox from agent_sessions where user_id = 'bob'`);
    expect(bob.rows).toEqual([{ desired: 'run', keys: '3', inbox: '1' }]);
  });

  it.each([
    ['a state', `update agent_sessions set state = 'ready'`],
    ['an owner', `update agent_sessions set fence = fence + 1`],
    ['a price', `update agent_sessions set cost_microdollars = 0`],
    ['the ceiling', `update budget_days set ceiling = 900000000`],
    ['the allowance', `update budget_days set allowance = 900000000, revision = revision + 1`],
    [
      'a day',
      `insert into budget_days (user_id, day, allowance, ceiling) values ('ada', '2099-01-01', 900000000, 900000000)`,
    ],
    [
      'a top-up',
      `insert into top_ups (user_id, key, day, amount, spread, at) values ('ada', 'mine', current_date, 900000000, 'cycle', now())`,
    ],
    ['the cycle', `update user_settings set cycle_start = '2020-01-01', subscription_renewal_date = '2099-01-01'`],
    ['what Stripe told', `select keep_stripe_object('{"id": "c", "kind": "checkout", "version": "1"}')`],
    ['what is paid', `select settle_payments('ada', '{"price": {"tier": "premium", "budget": "900000000"}}', true)`],
    ['the freeze', `select compute_day('ada', '2099-01-01')`],
    ['the sums', `select rebudget('ada', 0)`],
    ['another user', `update agent_sessions set user_id = 'bob'`],
    ['a budget', `update user_settings set subscription_budget_microdollars = 99`],
    ['what was spent', `update budget_days set spent = 0`],
    ['what is held', `update budget_days set held = 0`],
    ['a hold', `delete from budget_holds`],
    ['the ledger', `delete from usage_ledger`],
    [
      'a file of the workspace',
      `insert into workspace_files select session_id, path, 9, user_id, at, mode, content from workspace_files`,
    ],
    ['the owner of a file', `update workspace_inbox set user_id = 'bob'`],
    ['the owner of a memory', `update memory_entries set user_id = 'bob'`],
    ['the memory of a session', `update agent_sessions set memory_name = 'other'`],
    ['a message', `update agent_messages set content = '[]'`],
    ['the journal', `delete from agent_events`],
    ['a session', `delete from agent_sessions`],
    ['a key', `insert into api_keys (id, user_id, prefix, hash, created_at) values ('k', 'ada', 'p', 'h', now())`],
    ["the operator's limits", `update operator_limits set stopped = true`],
    ['the clock', `update app_clock set shift = '1 year'`],
    ['a table', `create table mine (n int)`],
    ['the wall', `drop policy own_rows on agent_sessions`],
    ['the switch of the wall', `alter table agent_sessions disable row level security`],
  ])('lets a user change %s by no statement', async (_, statement) => {
    expect(await refused('ada', statement)).toBe(FORBIDDEN);
  });

  it.each([
    ['opens the day', (user: string) => `select today('${user}')`],
    ['tops up', (user: string) => `select top_up('${user}', 5, 'cycle', gen_random_uuid()::text, 'f')`],
    ['imports', (user: string) => `select import_session('${user}', '{}', null, null)`],
    ['makes webhooks', (user: string) => `select create_webhook('${user}', '{}', null, null, 10)`],
    ['changes webhooks', (user: string) => `select change_webhook('${user}', 'whk_1', '{}')`],
    ['removes webhooks', (user: string) => `select remove_webhook('${user}', 'whk_1', 'op_1')`],
    ['asks for deliveries', (user: string) => `select ask_delivery('${user}', 'whk_1', 'evt_1', true)`],
    ['rotates a webhook', (user: string) => `select rotate_webhook_secret('${user}', 'whk_1', 'op_1', 'x')`],
    ['rotates a trigger', (user: string) => `select rotate_trigger_secret('${user}', 'trg_1', 'op_1', 'x')`],
  ])('lets the function that %s act for nobody but its user', async (_, statement) => {
    for (const [person, user] of [
      ['ada', 'bob'],
      ['bob', 'ada'],
      ['', 'ada'],
      ['eve', 'ada'],
    ] as const)
      expect(await refused(person, statement(user)), `${person} for ${user}`).toBe(FORBIDDEN);
  });

  it('opens days and tops up behind the wall by the functions for it, and for workers in front of it', async () => {
    const sums = async () => {
      const { rows } = await local.pool.query(`select (select sum(amount) from top_ups where user_id = 'ada') as added,
        (select count(*) from budget_days where user_id = 'ada') as days`);
      return rows[0];
    };
    const before = await sums();
    await local.pool.query(`select advance_clock(app_now() + interval '1 day')`);
    expect(await refused('ada', `select today('ada')`)).toBe('done');
    expect(await refused('ada', `select top_up('ada', 7, 'today', 'behind', 'f')`)).toBe('done');
    await local.pool.query(`select top_up('ada', 8, 'today', 'before', 'f')`);
    expect(await sums()).toEqual({ added: String(Number(before.added) + 15), days: String(Number(before.days) + 1) });
  });

  it('ends with the request, and does not reach the next one on the same connection', async () => {
    await as('ada', 'select 1');
    const { rows } = await local.pool.query(
      `select current_user as who, current_setting('circadian.user', true) as person`,
    );
    expect(rows[0].who).not.toBe('circadian_user');
    expect(rows[0].person || null).toBeNull();
    await refused('ada', 'select 1 / 0');
    const after = await local.pool.query('select current_user as who');
    expect(after.rows).toEqual([{ who: rows[0].who }]);
  });

  it('takes one statement at a time, so that words of a user cannot bring their own', async () => {
    for (const words of [`'; reset role; select * from agent_sessions; --`, `bob'); reset role; --`]) {
      expect(await postgresUserSessions(database).get('ada', words)).toBeNull();
      expect(await postgresUserSessions(database).get(words, ids.bob!)).toBeNull();
    }
    expect(await refused('ada', 'select 1; reset role')).toBe('42601');
  });

  it('is entered first by every request of a user, in the same request', async () => {
    const [accounts, userSessions, transfer] = [
      postgresAccounts(database),
      postgresUserSessions(database),
      postgresTransfer(database),
    ];
    const OPERATORS = ['putUser', 'getUser', 'addKey', 'revokeKey', 'keysOf', 'whoIs', 'users'];
    const id = ids.bob!;
    const steps: Record<string, () => Promise<unknown>> = {
      create: () => userSessions.create('bob', aSession(), once()),
      earlier: () => userSessions.earlier('bob', once()),
      get: () => userSessions.get('bob', id),
      list: () => userSessions.list('bob', { limit: 5, cursor: null }),
      counts: () => userSessions.counts('bob'),
      change: () => userSessions.change('bob', id, { maxIterations: 7 }, randomUUID()),
      messages: () => userSessions.messages('bob', id),
      events: () => userSessions.events('bob', id, { after: 0, limit: 5 }),
      lastSeq: () => userSessions.lastSeq('bob', id),
      allEvents: () => userSessions.allEvents('bob', { until: 0, seen: {} }, 5),
      approval: () => userSessions.approval('bob', id, 'c'),
      answer: () => userSessions.answer('bob', id, 'c', { decision: 'deny' }, randomUUID()),
      inbox: () => userSessions.inbox('bob', { limit: 5, cursor: null, order: 'newest' }),
      fileList: () => userSessions.fileList('bob', id),
      file: () => userSessions.file('bob', id, '/a'),
      fileContents: () => userSessions.fileContents('bob', id, { after: '', bytes: 1_000 }),
      writeFile: () => userSessions.writeFile('bob', id, { path: '/b', content: new Uint8Array(1) }, randomUUID()),
      writeFiles: () =>
        userSessions.writeFiles('bob', id, [{ path: '/c', content: new Uint8Array(1), mode: null }], randomUUID()),
      read: () => transfer.read('bob', id, 1_000_000),
      write: () => transfer.write('bob', aRestored(), once()),
      command: () => userSessions.command('bob', id, { type: 'wake' }, randomUUID()),
      remove: () => userSessions.remove('bob', id),
      budget: () => accounts.budget('bob'),
      topUp: () => accounts.topUp('bob', 1n, 'today', once()),
      topUps: () => accounts.topUps('bob', { limit: 5, cursor: null }),
      days: () => accounts.days('bob', { from: '2026-01-01', to: '2030-01-01' }, { limit: 5, cursor: null }),
      usage: () => accounts.usage('bob', { from: '2026-01-01', to: '2030-01-01' }, 'model'),
    };
    const methods = [userSessions, accounts, transfer].flatMap(Object.keys).filter((name) => !OPERATORS.includes(name));
    expect(Object.keys(steps).sort()).toEqual(methods.sort());
    for (const [name, step] of Object.entries(steps)) {
      heard.length = 0;
      await step();
      expect(heard.length, name).toBe(1);
      expect(heard[0]![0], name).toContain(`set_config('role', 'circadian_user', true)`);
    }
  });
});
