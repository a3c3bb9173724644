/**
 * The wall's role belongs to the whole server and is made by whoever migrates: an owner as Neon's, who is no superuser but may make roles;
 * several databases at once; and somebody who may not, who is told what to do and gets nothing half-made.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { aSession, once } from '../contract/harness.ts';
import { type Daemon, postgresFolder, startPostgres as startServer } from '../kit/daemons.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What works only inside the wall, for an owner of whatever rights. */
async function used({ url }: LocalPostgres): Promise<void> {
  const database = connect(url, { attempts: 1 });
  await migrateUp(database.sql);
  const [accounts, userSessions] = [postgresAccounts(database), postgresUserSessions(database)];
  await accounts.putUser('ada', { budget: 30_000_000n, renewalDate: null });
  const session = aSession();
  await userSessions.create('ada', session, null);
  expect(await userSessions.get('ada', session.id)).toMatchObject({ id: session.id });
  expect(await userSessions.get('bob', session.id)).toBeNull();
}

describe.skipIf(!hasPostgres)('on a server where nobody has made the role yet', () => {
  let server: Daemon;
  let admin: pg.Client;
  const opened: LocalPostgres[] = [];
  beforeAll(async () => {
    server = await startServer(postgresFolder()!);
    admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query('create role owner login createrole nosuperuser; create role tenant login nosuperuser');
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await admin?.end();
    await server?.stop();
  });

  async function database(name: string, owner: string): Promise<LocalPostgres> {
    await admin.query(`create database ${name} owner ${owner}`);
    const databaseUrl = server.url.replace('postgres@', `${owner}@`).replace(/postgres$/, name);
    const local = await startPostgres({ dataDir: 'memory', databaseUrl });
    opened.push(local);
    return local;
  }

  it('tells who may not make it what to do, applies nothing of it, and goes on once it is done', async () => {
    const local = await database('poor', 'tenant');
    const { sql } = connect(local.url, { attempts: 1 });
    await expect(migrateUp(sql)).rejects.toThrow(
      'an administrator must first: create role circadian_user nologin; grant circadian_user to tenant',
    );
    const { rows } = await local.pool.query(`select from pg_class where relrowsecurity`);
    expect(rows).toEqual([]);
    await admin.query('create role circadian_user nologin; grant circadian_user to tenant');
    await used(local);
    await admin.query('alter role circadian_user bypassrls');
    await expect(migrateUp(connect((await database('blind', 'tenant')).url).sql)).rejects.toThrow(
      'neither superuser nor bypassrls',
    );
    await local.pool.query('drop owned by circadian_user').catch(() => {});
    await admin.query('alter role circadian_user rename to of_the_tenant');
  });

  it('goes on when another database makes it at the same moment', async () => {
    const local = await database('late', 'owner');
    const { sql } = connect(local.url, { attempts: 1 });
    await admin.query('begin');
    await admin.query('create role circadian_user nologin');
    const migrated = migrateUp(sql);
    const watch = new pg.Client({ connectionString: server.url });
    await watch.connect();
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%create role circadian_user%' and pid <> pg_backend_pid()`;
    await vi.waitFor(async () => expect((await watch.query(waiting)).rowCount).toBe(1), { timeout: 20_000 });
    await watch.end();
    await admin.query('commit');
    expect(await migrated).toContain('functions');
    await used(local);
    await local.pool.query('drop owned by circadian_user');
    await admin.query('alter role circadian_user rename to of_the_late');
  });

  it('lets an owner without superuser make it, in five databases at once', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const locals = await Promise.all(names.map((name) => database(`d_${name}`, 'owner')));
    await Promise.all(locals.map(used));
    const { rows } = await admin.query(`select count(*)::int as roles from pg_roles where rolname = 'circadian_user'`);
    expect(rows).toEqual([{ roles: 1 }]);
  });
});

describe.skipIf(!hasPostgres)('users with a login of their own', () => {
  it('do all that they do by the owner, and have nothing behind the wall', async () => {
    const databaseUrl = (await realPostgres())!;
    const login = `persons_${databaseUrl.split('_').at(-1)}`;
    const owner = await startPostgres({ dataDir: 'memory', databaseUrl });
    onTestFinished(() => owner.close());
    await migrateUp(connect(owner.url).sql);
    await owner.pool.query(`create role ${login} login in role circadian_user`);
    const persons = await startPostgres({
      dataDir: 'memory',
      databaseUrl: databaseUrl.replace('postgres@', `${login}@`),
    });
    onTestFinished(() => persons.close());

    const { accounts, userSessions, sessions } = postgres(owner.url, persons.url);
    for (const user of ['ada', 'bob']) await accounts.putUser(user, { budget: 30_000_000n, renewalDate: null });
    const session = aSession();
    await userSessions.create('ada', session, once());
    await userSessions.command('ada', session.id, { type: 'message', content: 'Hello' }, randomUUID());
    await accounts.topUp('ada', 1n, 'today', once());
    expect((await accounts.budget('ada')).budget).toBe(30_000_001n);
    expect((await userSessions.list('bob', { limit: 5, cursor: null })).data).toEqual([]);
    expect(await sessions.claim(session.id, randomUUID())).toMatchObject({ fence: 1 });
    expect(await userSessions.events('ada', session.id, { after: 0, limit: 5 })).toHaveLength(2);
    expect(await userSessions.remove('ada', session.id)).toBe(true);

    // Out of the role there is nothing: not the owner, nor any row without a user's name.
    const { sql } = connect(persons.url, { attempts: 1 });
    const out = (statement: string) => sql.transaction([sql.query('reset role'), sql.query(statement)]);
    expect(await sql.query('select * from agent_sessions')).toEqual([]);
    expect((await out('select * from agent_sessions'))[1]).toEqual([]);
    for (const statement of [
      'set role postgres',
      `select set_config('role', 'postgres', false)`,
      'set session authorization postgres',
      'select * from api_keys',
      'select * from circadian_migrations',
      'alter table agent_sessions disable row level security',
      'alter role circadian_user bypassrls',
      `select pg_read_file('/etc/passwd')`,
      `copy agent_sessions to program 'id'`,
      `select claim('${session.id}', gen_random_uuid())`,
      'select sweep(10)',
    ])
      await expect(out(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('may call what runs as its owner; a login that is nobody may not, whomever it says that it is', async () => {
    const databaseUrl = (await realPostgres())!;
    const login = `reader_${databaseUrl.split('_').at(-1)}`;
    const owner = await startPostgres({ dataDir: 'memory', databaseUrl });
    onTestFinished(() => owner.close());
    await migrateUp(connect(owner.url).sql);
    await owner.pool.query(`create role ${login} login`);
    const reader = await startPostgres({
      dataDir: 'memory',
      databaseUrl: databaseUrl.replace('postgres@', `${login}@`),
    });
    onTestFinished(() => reader.close());
    const { accounts } = postgres(owner.url, owner.url);
    await accounts.putUser('ada', { budget: 30_000_000n, renewalDate: null });

    const definers = await owner.pool.query(
      // A trigger's function is called by nobody.
      `select proname from pg_proc where prosecdef and prorettype <> 'trigger'::regtype and pronamespace = 'public'::regnamespace order by 1`,
    );
    expect(definers.rows.map(({ proname }) => proname)).toEqual([
      ...['ask_delivery', 'change_webhook', 'create_webhook', 'import_session', 'remove_webhook'],
      ...['rotate_trigger_secret', 'rotate_webhook_secret', 'today', 'top_up'],
    ]);
    for (const call of [
      `rotate_trigger_secret('ada', 'trg_1', 'op_1', 'whsec_x')`,
      `rotate_webhook_secret('ada', 'whk_1', 'op_1', 'whsec_x')`,
      `create_webhook('ada', '{}', null, null, 10)`,
      `change_webhook('ada', 'whk_1', '{}')`,
      `remove_webhook('ada', 'whk_1', 'op_1')`,
      `ask_delivery('ada', 'whk_1', 'evt_1', true)`,
      `today('ada')`,
      `top_up('ada', 7, 'today', 'k', 'f')`,
      `import_session('ada', '{}', null, null)`,
    ]) {
      await reader.pool.query(`select set_config('circadian.user', 'ada', false)`);
      await expect(reader.pool.query(`select ${call}`), call).rejects.toMatchObject({ code: '42501' });
    }
    expect((await accounts.budget('ada')).budget).toBe(30_000_000n);
  });
});

it('is made by an owner without superuser from version 16 on, too', async () => {
  const local = await startPostgres({ dataDir: 'memory' });
  try {
    const { rows } = await local.pool.query('show server_version_num');
    expect(Number(rows[0].server_version_num)).toBeGreaterThanOrEqual(160_000);
    await local.pool.query('create role owner login createrole nosuperuser');
    await local.pool.query('grant all on schema public to owner');
    await local.pool.query('set session authorization owner');
    await used(local);
    const me = await local.pool.query(`select session_user as me, rolsuper from pg_roles where rolname = current_user`);
    expect(me.rows).toEqual([{ me: 'owner', rolsuper: 'f' }]);
  } finally {
    await local.close();
  }
});
