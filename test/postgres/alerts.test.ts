/** What the look for alerts costs, and the operator's stop, which other worlds do not have. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresAlerts } from '../../lib/adapters/postgres/notifications.ts';
import { postgresOutbox } from '../../lib/adapters/postgres/outbox.ts';
import { postgresSchedules } from '../../lib/adapters/postgres/schedules.ts';
import { postgresTriggers } from '../../lib/adapters/postgres/triggers.ts';
import { postgresWebhooks } from '../../lib/adapters/postgres/webhooks.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { newId } from '../../lib/ids.ts';
import type { BudgetAlerts, Outbox } from '../../lib/ports/index.ts';
import { anEnd } from '../contract/harness.ts';
import { aSchedule } from '../contract/schedules.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests, START } from './steps.ts';

const kinds = ['embedded', ...(hasPostgres ? ['real'] : [])] as const;

describe.each(kinds)('alerts on a %s Postgres', (kind) => {
  let db: TestDatabase;
  let alerts: BudgetAlerts;
  let outbox: Outbox;
  beforeAll(async () => {
    db = await testDatabase(kind as 'embedded' | 'real');
    alerts = postgresAlerts(db.database);
    outbox = postgresOutbox(db.database);
  });
  beforeEach(async () => {
    await db.empty();
    await db.rows('update alert_place set after_day = null, after_user = null');
    await db.setNow(START);
  });
  afterAll(() => db?.close());

  const listed = async (user: string) => (await alerts.list(user, { limit: 9, cursor: null })).data;
  /** A user who has spent so much of a day of 1,000,000. */
  const spender = async (spent: number) => {
    const user = await requests(db).user();
    await db.rows('update budget_days set spent = $2 where user_id = $1', user, spent);
    return user;
  };

  it('looks at no more days than it is told, and gets round to all of them', async () => {
    const users = [];
    for (let n = 0; n < 7; n++) users.push(await spender(950_000));
    const seen: number[] = [];
    for (let look = 0; look < 4; look++) {
      await outbox.sweep({ days: 3, limit: 1, busy: [] });
      const [row] = await db.rows('select count(*) as n from budget_alerts');
      seen.push(Number(row?.n));
    }
    expect(seen).toEqual([3, 6, 7, 7]);
    const late = await spender(950_000);
    for (let look = 0; look < 4; look++) await outbox.sweep({ days: 3, limit: 1, busy: [] });
    expect(await listed(late)).toHaveLength(1);
  });

  it('starts anew where the day has ended in the midst of a round', async () => {
    for (let n = 0; n < 3; n++) await spender(0);
    await outbox.sweep({ days: 2, limit: 1, busy: [] });
    await db.setNow(START + 5 * 86_400_000);
    const user = await spender(1_350_000);
    await outbox.sweep({ days: 2, limit: 1, busy: [] });
    expect(await listed(user)).toHaveLength(2);
  });

  it('writes nothing when there is nothing new', async () => {
    await spender(950_000);
    await outbox.sweep({ days: 1_000, limit: 20, busy: [] });
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      await client.query(`select sweep_notices(1000, 20, '{}')`);
      const { rows } = await client.query('select pg_current_xact_id_if_assigned() is null as read_only');
      expect(rows).toEqual([{ read_only: 't' }]);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('leaves the updates of a day off its indexes', async () => {
    const columns = await db.rows(`
      select distinct a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid = 'budget_days'::regclass order by 1`);
    expect(columns.map(({ name }) => name)).toEqual(['day', 'user_id']);
  });

  it('tells whoever has work of a stop, once a day, and nobody else', async () => {
    const { user, session } = requests(db);
    const [working, idle] = [await user(), await user()];
    await session(working);
    await session(working);
    await session(idle);
    await db.rows(`update agent_sessions set due_at = app_now() + interval '30 days' where user_id = $1`, idle);
    await outbox.sweep({ days: 1_000, limit: 20, busy: [] });
    expect(await listed(working)).toEqual([]);
    await db.rows(`update operator_limits set stopped = true, reason = 'a test'`);
    try {
      for (let look = 0; look < 2; look++) await outbox.sweep({ days: 1_000, limit: 20, busy: [] });
      const stop = { threshold: 'breaker', reason: 'stopped', day: '2026-11-10', allowance: 1_000_000n };
      expect(await listed(working)).toMatchObject([stop]);
      expect(await listed(idle)).toEqual([]);
      await db.setNow(START + 86_400_000);
      await outbox.sweep({ days: 1_000, limit: 20, busy: [] });
      expect(await listed(working)).toMatchObject([{ ...stop, day: '2026-11-11', allowance: 0n }, stop]);
    } finally {
      await db.rows('update operator_limits set stopped = false');
    }
  });

  it('writes a notice with the save that makes it true, or neither', async () => {
    const { user, session } = requests(db);
    const owner = await user();
    const id = await session(owner);
    const hook = { url: 'https://a.example/', format: 'standard', events: null, includeText: false } as const;
    const made = { ...hook, id: newId('whk'), description: null, enabled: true, secret: 'whsec_AAAA' };
    await postgresWebhooks(db.database).create(owner, made, null);
    const sessions = postgresSessions(db.database);
    const claim = await sessions.claim(id, '00000000-0000-4000-8000-000000000001');
    if ('claimed' in claim) throw new Error('not claimed');
    const counts = async () => {
      const query = `select (select count(*) from webhook_deliveries where session_id = $1) as told,
        (select count(*) from agent_events where session_id = $1 and type = 'agent.completed') as ended`;
      const [row] = await db.rows(query, id);
      return [row?.told, row?.ended].map(Number);
    };
    // The last statement of the save fails, as with a connection that breaks before it.
    const broken = { path: '/a', content: new Uint8Array(), mode: 2 ** 40 };
    await expect(sessions.save(id, claim.fence, anEnd(), [broken])).rejects.toThrow(/integer/);
    expect(await counts()).toEqual([0, 0]);
    // Nor is there a save whose notice could not be written.
    const seq = `(select seq + 1 from agent_sessions where id = $1)`;
    await db.rows(
      `insert into webhook_deliveries (webhook_id, event_id, user_id, type, at) select $2, notice_id($1, ${seq}), $3, 'webhook.test', app_now()`,
      ...[id, made.id, owner],
    );
    await expect(sessions.save(id, claim.fence, anEnd(), [])).rejects.toThrow(/duplicate key/);
    expect(await counts()).toEqual([0, 0]);
    await db.rows(`delete from webhook_deliveries where webhook_id = $1`, made.id);
    await sessions.save(id, claim.fence, anEnd(), []);
    expect(await counts()).toEqual([1, 1]);
  });

  it('answers a removal whose answer was lost as the first time', async () => {
    const { database } = db;
    const twice: typeof database.repeat = async (request) => {
      await request();
      return request();
    };
    const repeated = { ...database, repeat: twice, forUsers: { ...(database.forUsers ?? database), repeat: twice } };
    const user = await requests(db).user();
    const hook = { url: 'https://a.example/', format: 'standard', events: null, includeText: false } as const;
    const webhook = { ...hook, id: newId('whk'), description: null, enabled: true, secret: 'whsec_AAAA' };
    await postgresWebhooks(database).create(user, webhook, null);
    const trigger = { id: newId('trg'), name: 'Mail', secret: 'whsec_AAAA', template: null, maxCost: null };
    await postgresTriggers(database).create(user, { ...trigger, sessionId: 'ses_1' }, null);
    const schedule = aSchedule();
    await postgresSchedules(database).userSchedules.create(user, schedule, null);
    expect([
      await postgresWebhooks(repeated).remove(user, webhook.id),
      await postgresTriggers(repeated).remove(user, trigger.id),
      await postgresSchedules(repeated).userSchedules.remove(user, schedule.id),
    ]).toEqual(['removed', true, true]);
    expect([
      await postgresWebhooks(database).remove(user, webhook.id),
      await postgresTriggers(database).remove(user, trigger.id),
    ]).toEqual([null, false]);
  });

  it("hides webhooks from other users, their secrets from everybody, and keeps the operator's as it is", async () => {
    const [user, other] = [await requests(db).user(), await requests(db).user()];
    await alerts.putTarget(user, { url: 'https://a.example/', secret: 'whsec_of_nobody_else', replace: false });
    const webhooks = postgresWebhooks(db.database);
    const [managed] = await webhooks.list(user);
    const id = managed!.id;
    expect(await webhooks.change(user, id, { url: 'https://b.example/' })).toBe('managed');
    expect([await webhooks.remove(user, id), await webhooks.rotate(user, id, 'whsec_x', 'op_1')]).toEqual(
      Array(2).fill('managed'),
    );
    const client = await db.pool.connect();
    const as = async (who: string, statement: string) => {
      await client.query('begin');
      try {
        const role = `select set_config('circadian.user', $1, true), set_config('role', 'circadian_user', true)`;
        await client.query(role, [who]);
        return (await client.query(statement)).rows;
      } finally {
        await client.query('rollback');
      }
    };
    try {
      expect(await as(other, 'select id from webhooks')).toEqual([]);
      expect(await as(user, 'select id, url from webhooks')).toEqual([{ id, url: 'https://a.example/' }]);
      for (const statement of [
        ...['select secret from webhooks', 'select previous_secrets from webhooks', 'select * from notify_targets'],
        ...[
          `update webhooks set url = 'https://b.example/'`,
          'delete from webhooks',
          `update webhooks set secret = 'x'`,
        ],
        `update webhook_deliveries set due_at = null`,
      ])
        await expect(as(user, statement), statement).rejects.toThrow(/permission denied/);
    } finally {
      client.release();
    }
    expect(await alerts.target(user)).toBe('https://a.example/');
  });
});
