/** Constants that the product has in TypeScript and the database has in SQL are the same. */
import { expect, it } from 'vitest';
import { EVENT_TYPES } from '../../lib/core/events.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { LEASE_MS } from '../../lib/core/times.ts';
import { THRESHOLDS } from '../../lib/ports/index.ts';
import { noticeOf } from '../../lib/testing/memory/notice-of.ts';
import { onPostgres } from '../money/kit.ts';

const STATES = {
  ...{ ready: true, sleeping: true, waiting: true, paused: true, exceeded: true, ended: true },
} satisfies Record<StoredState['state'], true>;

onPostgres('constants', (_t, db) => {
  it('of a lease', async () => {
    const rows = await db().rows(`select proname as name, pg_get_function_arguments(oid) as arguments from pg_proc
      where pronamespace = 'public'::regnamespace and 'p_lease' = any(proargnames) order by 1`);
    const lease = new Date(LEASE_MS).toISOString().slice(11, 19);
    expect(rows.map(({ name }) => name)).toEqual(['claim', 'heartbeat']);
    for (const { arguments: text } of rows) expect(text).toContain(`p_lease interval DEFAULT '${lease}'::interval`);
  });

  it.each([
    ['state_known', Object.keys(STATES)],
    ['threshold_known', THRESHOLDS],
  ])('of the check %s', async (name, values) => {
    const [row] = await db().rows(
      `select pg_get_constraintdef(oid) as text from pg_constraint where conname = '${name}'`,
    );
    const known = [...(row?.text ?? '').matchAll(/'(\w+)'/g)].map(([, value]) => value);
    expect(known.sort()).toEqual([...values].sort());
  });

  it('of the events that are notices', async () => {
    const rows = await db().rows(
      `select t as type, notice_of(t, '{}') as plain, notice_of(t, '{"kind":"approval"}') as approval from unnest('{${EVENT_TYPES}}'::text[]) t`,
    );
    const wanted = EVENT_TYPES.map((type) => {
      const [plain, approval] = [{}, { kind: 'approval' }].map((data) => noticeOf({ type, data }));
      return { type, plain, approval };
    });
    expect(rows).toEqual(wanted);
  });
});
