/** What schedules and triggers ask of the database, on what seed.ts has made. */
import type { Database } from '../../lib/adapters/postgres/connect.ts';
import { opaque } from '../../lib/adapters/postgres/cursor.ts';
import { postgresSchedules } from '../../lib/adapters/postgres/schedules.ts';
import { postgresSweeper } from '../../lib/adapters/postgres/sweeper.ts';
import { postgresTriggers } from '../../lib/adapters/postgres/triggers.ts';
import type { Schedule } from '../../lib/ports/index.ts';
import { aSession } from '../contract/harness.ts';
import { aSchedule } from '../contract/schedules.ts';
import type { Query } from './query.ts';
import { BIG, SCHEDULE } from './seed.ts';

export function scheduleQueries(database: Database): Query[] {
  const { schedules, userSchedules } = postgresSchedules(database);
  const triggers = postgresTriggers(database);
  const dueSchedules = `update schedules set due_at = app_now() - interval '1 h' where id like 'sch_u1%'`;
  return [
    { name: 'schedules, none due', kind: 'cron', run: () => schedules.due(50, null).then(({ due }) => due.length) },
    {
      name: 'schedules, a page of due',
      kind: 'cron',
      before: [dueSchedules],
      run: () => schedules.due(50, null).then(({ due }) => due.length),
    },
    {
      name: 'schedules, one fired',
      kind: 'cron',
      before: [`update schedules set next_run_at = '2026-11-10T07:00:00Z' where id = '${SCHEDULE}'`],
      run: async () => {
        const schedule = { id: SCHEDULE, userId: BIG, version: 1 } as Schedule;
        const ordered = { session: aSession(), mostLive: null, full: '' };
        const dueAt = Date.parse('2026-11-10T07:00:00Z');
        const fired = await schedules.fire({ schedule, dueAt, place: '' }, dueAt + 86_400_000, ordered);
        return fired === null ? 0 : 1;
      },
    },
    {
      name: 'GET schedules',
      kind: 'page',
      run: () => userSchedules.list(BIG, { limit: 20, cursor: null }).then(({ data }) => data.length),
    },
    {
      name: 'POST schedules, up to 100',
      kind: 'page',
      run: () => userSchedules.create(BIG, aSchedule(), null).then(() => 100),
    },
    {
      name: 'GET runs of a schedule, a deep page',
      kind: 'page',
      // It also sums up the 240 runs of the last 30 days.
      run: () =>
        userSchedules
          .runs(BIG, SCHEDULE, { limit: 20, cursor: opaque('2026-01-01T00:00:00.000000Z') })
          .then((runs) => 240 + (runs?.data.length ?? 0)),
    },
    {
      name: 'purge, a page of the runs of a removed schedule',
      kind: 'cron',
      before: [
        `update schedules set deleted_at = app_now(), enabled = false, next_run_at = 'infinity' where id = '${SCHEDULE}'`,
      ],
      run: () =>
        postgresSweeper(database)
          .purge()
          .then((gone) => gone * 4_000),
    },
    {
      name: 'POST run of a schedule: whether it was made before',
      kind: 'page',
      run: () => userSchedules.ran(BIG, SCHEDULE, 'run_none').then(() => 1),
    },
    { name: 'POST hook: its trigger', kind: 'page', run: () => triggers.find(`trg_${BIG}`).then(() => 1) },
  ];
}
