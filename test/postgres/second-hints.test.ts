/** How often a session that nobody moves is hinted (schema/functions/sweep.sql), with a sweep every minute, as the recovery cron does it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests, START } from './steps.ts';

const MINUTE = 60_000;

describe.each(hasPostgres ? (['embedded', 'real'] as const) : (['embedded'] as const))('second hints (%s)', (kind) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase(kind);
  });
  afterAll(() => db?.close());

  /**
   * The minutes at which it was hinted. Real time is passed by setting the time of the next hint back; by a second more, since a sweep that
   * came some milliseconds after its minute puts the next hint as much later, and a cron is not punctual to the millisecond.
   */
  const hints = async (id: string, from: number, to: number) => {
    const hinted: number[] = [];
    for (let minute = from; minute <= to; minute++) {
      await db.setNow(START + minute * MINUTE);
      const { due } = await db.database.call<{ due: { id: string }[] }>('sweep', 100);
      if (due.some((one) => one.id === id)) hinted.push(minute);
      await db.rows(`update agent_sessions set hint_at = hint_at - interval '61 seconds'`);
    }
    return hinted;
  };
  /** Due at the very start, and not moved since. */
  const fresh = async () => {
    await db.empty();
    await db.setNow(START);
    const t = requests(db);
    const user = await t.user();
    const id = await t.session(user);
    await db.rows('update agent_sessions set due_at = $1, updated_at = $1', new Date(START).toISOString());
    return { id, user };
  };

  it('come eight times in the first hour, and then every sixteen minutes', async () => {
    const { id } = await fresh();
    expect(await hints(id, 0, 100)).toEqual([0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 96]);
  });

  it('begin afresh when it moved', async () => {
    const { id, user } = await fresh();
    expect(await hints(id, 0, 19)).toEqual([0, 1, 2, 4, 8, 16]);
    await db.setNow(START + 20 * MINUTE);
    await db.database.call('request_action', user, id, 'op', '{"type":"wake"}');
    expect(await hints(id, 20, 40)).toEqual([20, 21, 22, 24, 28, 36]);
  });
});
