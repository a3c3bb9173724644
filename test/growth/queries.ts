/** Every question that an iteration, a cron or a page puts to the database, on what seed.ts has made. */
import { randomUUID } from 'node:crypto';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import type { Database } from '../../lib/adapters/postgres/connect.ts';
import { cursorOf, opaque } from '../../lib/adapters/postgres/cursor.ts';
import { postgresAlerts } from '../../lib/adapters/postgres/notifications.ts';
import { postgresOutbox } from '../../lib/adapters/postgres/outbox.ts';
import { postgresRedriver } from '../../lib/adapters/postgres/redriver.ts';
import { postgresSweeper } from '../../lib/adapters/postgres/sweeper.ts';
import { postgresTransfer } from '../../lib/adapters/postgres/transfer.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { aSave, aSession, aSettlement } from '../contract/harness.ts';
import { memoryQueries } from './memories.ts';
import { noticeQueries } from './notices.ts';
import { paymentQueries } from './payment-queries.ts';
import type { Query } from './query.ts';
import { scheduleQueries } from './schedule-queries.ts';
import { BIG, FILES, LONG } from './seed.ts';

export const INBOX = 'GET inbox, a thousand waiting';
const NEW = new Uint8Array([1]);
const HUNDRED = Array.from({ length: 100 }, (_, i) => ({ path: `/f${i + 1}`, content: NEW, mode: null }));
const RECEIVED = `insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, content)
  select '${FILES}', '/f' || p, '${BIG}', app_now(), 420, 1, 'y' from generate_series(1, 100) p`;

/** `users`: how many there are. */
export function queriesOn(database: Database, { users }: { users: number }): Query[] {
  const sessions = postgresSessions(database);
  const userSessions = postgresUserSessions(database);
  const accounts = postgresAccounts(database);
  const [sweeper, forgetful] = [postgresSweeper(database), postgresSweeper(database, 1)];
  const alerts = postgresAlerts(database);
  const outbox = postgresOutbox(database);
  const [audit, redriver] = [postgresAudit(database), postgresRedriver(database)];
  const transfer = postgresTransfer(database);
  const page = { limit: 20, cursor: null };
  const deep = cursorOf({ createdAt: '2026-11-01T00:00:00.000000Z', id: 'ses_x' });
  const later = opaque('2026-01-01 2');
  const early = opaque('2025-01-01 2026-11-10T08:00:00.000000Z k500');
  const all = { from: '1970-01-01', to: '9999-12-31' };
  const range = { from: '2026-11-09', to: '2026-11-10' };
  const call = { n: 1, least: 1_000n, wanted: 1_000n, model: 'claude-sonnet-5-5', handOff: false, journal: [] };
  const owned = `select claim('${LONG}', gen_random_uuid(), 1000000)`;
  const reserved = `select reserve('${LONG}', 1, 1, 1000, 1000, 'claude-sonnet-5-5', false, '[]')`;
  const claimKept = () => database.call('claim', LONG, randomUUID(), 1_000_000).then(() => 1);
  const due = (n: number) =>
    `update agent_sessions set due_at = app_now() - interval '1 h'
      where id in (select id from agent_sessions where state = 'sleeping' limit ${n})`;
  const say = () => userSessions.command(BIG, LONG, { type: 'message', content: 'x' }, randomUUID());
  return [
    ...memoryQueries(database),
    { name: 'claim', kind: 'iteration', run: claimKept },
    { name: 'reserve', kind: 'iteration', before: [owned], run: () => sessions.reserve(LONG, 1, call).then(() => 1) },
    { name: 'heartbeat', kind: 'iteration', before: [owned], run: () => sessions.heartbeat(LONG, 1).then(() => 1) },
    {
      name: 'settle',
      kind: 'iteration',
      before: [owned, reserved],
      run: () => sessions.settle(LONG, 1, aSettlement()).then(() => 1),
    },
    { name: 'save', kind: 'iteration', before: [owned], run: () => sessions.save(LONG, 1, aSave(), []).then(() => 1) },
    ...noticeQueries(database, owned),
    ...paymentQueries(database),
    { name: 'workspace', kind: 'iteration', run: () => sessions.files(FILES).then((rows) => rows.length) },

    {
      name: 'sweep, nothing due',
      kind: 'cron',
      before: [`update agent_sessions set due_at = 'infinity' where due_at <= app_now()`],
      run: () => sweeper.sweep(1_000).then(({ due }) => due.length),
    },
    {
      name: 'sweep, a thousand due',
      kind: 'cron',
      before: [due(1_000)],
      run: () => sweeper.sweep(1_000).then(({ due }) => due.length),
    },
    { name: 'purge, nothing to do', kind: 'cron', run: () => sweeper.purge() },
    {
      name: 'purge, a page of keys',
      kind: 'cron',
      before: [`update idempotency_keys set at = at - interval '30 days' where key like 'k1%'`],
      run: () => sweeper.purge(),
    },
    {
      name: 'purge, a page of ended sessions',
      kind: 'cron',
      // Each has a message, an entry of its journal, and a message and a file of a user.
      run: () => forgetful.purge().then((gone) => gone * 4),
    },
    {
      name: 'alerts, a page of days',
      kind: 'cron',
      run: () => outbox.sweep({ days: 200, limit: 100, busy: [] }).then(({ due }) => 200 + due.length),
    },
    {
      name: 'redrive, a page of due',
      kind: 'cron',
      before: [due(1_000)],
      run: () => redriver.due(null, null, 100).then(({ due }) => due.length),
    },
    {
      name: 'reconcile: a page of holds',
      kind: 'cron',
      run: () => audit.find({ since: '2026-10-06', after: null }).then(({ drifts }) => drifts.length),
    },
    {
      name: 'reconcile: a page of 200 days',
      kind: 'cron',
      run: () => audit.find({ since: '2026-10-06', after: '[1,["-infinity",""]]' }).then(() => 200),
    },
    {
      name: 'reconcile: a page of 200 sessions',
      kind: 'cron',
      run: () => audit.find({ since: '2026-10-06', after: '[2,["-infinity",""]]' }).then(() => 200),
    },
    {
      name: 'reconcile: sessions of the live view',
      kind: 'cron',
      run: () => audit.sessions({ after: '', limit: 500 }).then(({ data }) => data.length),
    },
    {
      name: 'reconcile: spent on a day by all users',
      kind: 'cron',
      run: () => audit.spentByDay('2026-11-09', '2026-11-09').then(() => users),
    },

    { name: 'GET session', kind: 'page', run: () => userSessions.get(BIG, LONG).then(() => 1) },
    {
      name: 'GET events of all sessions',
      kind: 'page',
      // Each session that has not ended is looked at: how many a user may have of these, the tier says. A fifth of these.
      run: async () => {
        const place = { until: Date.parse('2026-11-10T07:59:00Z'), seen: {} };
        return Math.ceil((users - 1) / 5) + (await userSessions.allEvents(BIG, place, 200)).events.length;
      },
    },
    { name: 'GET sessions', kind: 'page', run: () => userSessions.list(BIG, page).then(({ data }) => data.length) },
    {
      name: 'GET messages',
      kind: 'page',
      run: () => userSessions.messages(BIG, LONG).then((page) => page?.data.length ?? 0),
    },
    {
      name: 'GET events',
      kind: 'page',
      run: () => userSessions.events(BIG, LONG, { after: 0, limit: 100 }).then((rows) => rows?.length ?? 0),
    },
    {
      name: 'GET files',
      kind: 'page',
      run: () => userSessions.fileList(BIG, FILES).then((page) => page?.data.length ?? 0),
    },
    {
      name: INBOX,
      kind: 'page',
      before: [
        `update agent_sessions set state = 'waiting', sleep_until = null, sleep_reason = null, wants_microdollars = null, due_at = 'infinity', waiting_for = 'approval',
            outcome = null, completed_at = null, waiting_since = app_now() - row_number * interval '1 s'
          from (select id as one, row_number() over (order by id) from agent_sessions where user_id = '${BIG}' and id <> '${LONG}' limit 1000) x where id = one`,
        // An error unless a thousand wait.
        `select 1 / (count(*) = 1000)::int from agent_sessions where user_id = '${BIG}' and state = 'waiting'`,
      ],
      run: () => userSessions.inbox(BIG, { ...page, order: 'newest' }).then(({ data }) => data.length),
    },
    { name: 'GET file', kind: 'page', run: () => userSessions.file(BIG, FILES, '/f1').then(() => 1) },
    {
      name: 'PUT file',
      kind: 'page',
      // It sums up the hundred files of the workspace, and looks through their names.
      run: () => userSessions.writeFile(BIG, FILES, { path: '/new', content: NEW }, randomUUID()).then(() => 100),
    },
    {
      name: 'POST files:archive, a hundred files',
      kind: 'page',
      run: () => userSessions.writeFiles(BIG, FILES, HUNDRED, randomUUID()).then(() => 100),
    },
    {
      name: 'claim with a hundred files of the user',
      kind: 'iteration',
      before: [RECEIVED],
      // Each is a version in the workspace and a row that is told of.
      run: () => database.call('claim', FILES, randomUUID(), 1_000_000).then(() => 200),
    },
    {
      name: 'GET sessions, a deep page',
      kind: 'page',
      run: () => userSessions.list(BIG, { limit: 20, cursor: deep }).then(({ data }) => data.length),
    },
    {
      name: 'GET messages, a deep page',
      kind: 'page',
      run: () =>
        userSessions
          .messages(BIG, LONG, { after: 3_000, limit: 50, bytes: 1e6 })
          .then((page) => page?.data.length ?? 0),
    },
    {
      name: 'GET events, a deep page',
      kind: 'page',
      run: () => userSessions.events(BIG, LONG, { after: 3_000, limit: 50 }).then((rows) => rows?.length ?? 0),
    },
    {
      name: 'GET files, a deep page',
      kind: 'page',
      run: () => userSessions.fileList(BIG, FILES, { after: '/f90', limit: 5 }).then((page) => page?.data.length ?? 0),
    },
    {
      name: 'GET alerts, a deep page',
      kind: 'page',
      run: () => alerts.list(BIG, { limit: 20, cursor: later }).then(({ data }) => data.length),
    },
    {
      name: 'GET users, a deep page',
      kind: 'page',
      run: () => accounts.users({}, { limit: 100, cursor: opaque('u5') }).then(({ data }) => data.length),
    },
    {
      name: 'GET users of a tier that none has',
      kind: 'page',
      // It looks at so many and no more.
      run: () => accounts.users({ tier: 'rare' }, { limit: 100, cursor: null }).then(() => Math.min(users, 10_000)),
    },
    {
      name: 'GET top-ups',
      kind: 'page',
      run: () => accounts.topUps(BIG, page).then(({ data }) => data.length),
    },
    {
      name: 'GET top-ups, a deep page',
      kind: 'page',
      run: () => accounts.topUps(BIG, { limit: 20, cursor: early }).then(({ data }) => data.length),
    },
    {
      name: 'GET days',
      kind: 'page',
      // It sums what calls of wind-downs cost, and so reads the holds of those days: a ninetieth of the sessions of `big` each.
      run: () =>
        accounts.days(BIG, all, { limit: 31, cursor: null }).then(({ data }) => data.length * (1 + users / 90)),
    },
    {
      name: 'GET days, a deep page',
      kind: 'page',
      run: () => accounts.days(BIG, all, { limit: 31, cursor: opaque('2025-01-01') }).then(({ data }) => data.length),
    },
    { name: 'GET budget', kind: 'page', run: () => accounts.budget(BIG).then(() => 1) },
    {
      name: 'GET usage by day, two days',
      kind: 'page',
      run: () => accounts.usage(BIG, range, 'day').then((rows) => rows.reduce((sum, row) => sum + row.calls, 0)),
    },
    {
      name: 'GET usage by hour, two days',
      kind: 'page',
      run: () => accounts.usage(BIG, range, 'hour').then((rows) => rows.reduce((sum, row) => sum + row.calls, 0)),
    },
    {
      name: 'GET usage of a session',
      kind: 'page',
      run: () => accounts.usage(BIG, { ...all, sessionId: 'ses_000000020' }, 'day').then((rows) => rows.length),
    },
    {
      name: 'GET usage by iteration, a deep page',
      kind: 'page',
      run: () =>
        accounts.usage(BIG, all, 'iteration', { after: 'ses_000004000:1', limit: 100 }).then((rows) => rows.length),
    },
    {
      name: 'GET usage of a session by iteration, a deep page',
      kind: 'page',
      run: () =>
        accounts
          .usage(BIG, { ...all, sessionId: LONG }, 'iteration', { after: `${LONG}:1000`, limit: 100 })
          .then((rows) => rows.length),
    },
    { name: 'GET alerts', kind: 'page', run: () => alerts.list(BIG, page).then(({ data }) => data.length) },
    { name: 'GET export', kind: 'page', run: () => transfer.read(BIG, FILES, 10_000_000).then(() => 200) },
    {
      name: 'POST sessions, up to 1,000',
      kind: 'page',
      run: () => userSessions.create(BIG, aSession(), null, 1_000).then(() => 1_000),
    },
    { name: 'POST message', kind: 'page', run: () => say().then(() => 1) },
    {
      name: 'POST top-up',
      kind: 'page',
      run: () => accounts.topUp(BIG, 1n, 'today', { key: randomUUID(), fingerprint: 'x' }).then(() => 1),
    },
    ...scheduleQueries(database),
    {
      name: 'sweep, all hinted already',
      kind: 'cron',
      lasting: [due(1_000_000), 'select sweep(1000000)'],
      // It also looks at the thousand that are due longest, to say how late things are.
      run: () => sweeper.sweep(1_000).then(({ due }) => due.length + 1_000),
    },
  ];
}
