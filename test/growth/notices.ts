/** What notices and their webhooks ask, and what traces do, for queries.ts. */
import type { Database } from '../../lib/adapters/postgres/connect.ts';
import { postgresOutbox } from '../../lib/adapters/postgres/outbox.ts';
import { postgresTraces } from '../../lib/adapters/postgres/traces.ts';
import { postgresWebhooks } from '../../lib/adapters/postgres/webhooks.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { anEnd } from '../contract/harness.ts';
import { BIG, LONG } from './seed.ts';

/** `owned`: the statement after which LONG has an owner. */
export function noticeQueries(database: Database, owned: string) {
  const sessions = postgresSessions(database);
  const outbox = postgresOutbox(database);
  const webhooks = postgresWebhooks(database);
  const traces = postgresTraces(database);
  const isTraced = 'insert into trace_export default values';
  const sender = 'a';
  const page = { limit: 20, cursor: null };
  return [
    {
      name: 'save, with a notice',
      kind: 'iteration' as const,
      before: [owned],
      run: () => sessions.save(LONG, 1, anEnd(), []).then(() => 1),
    },
    {
      name: 'notices, a lot of what is due',
      kind: 'cron' as const,
      run: () => outbox.sweep({ days: 0, limit: 40, busy: [] }).then(({ due }) => due.length),
    },
    {
      name: 'save, with traces',
      kind: 'iteration' as const,
      before: [isTraced, owned],
      run: () => sessions.save(LONG, 1, anEnd(), []).then(() => 1),
    },
    {
      name: 'traces, a page of what is due',
      kind: 'cron' as const,
      before: [isTraced],
      run: () => traces.sweep({ sender, sessions: 20, entries: 100 }).then(({ due }) => due.length),
    },
    {
      name: 'GET deliveries',
      kind: 'page' as const,
      run: () => webhooks.deliveries(BIG, 'whk_big', page).then((found) => found?.data.length ?? 0),
    },
  ];
}
