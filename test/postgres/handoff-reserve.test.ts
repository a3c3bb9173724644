/** What is set aside for the last words of the sessions of a day (R12): of those that are at work, found without reading those that are not. */
import { expect, it } from 'vitest';
import { aNight, anEnd, aSave, aSettlement, MIDNIGHT } from '../contract/harness.ts';
import { onPostgres } from '../money/kit.ts';

onPostgres('set aside', (t, db) => {
  const dayOf = async (id: string) =>
    (await db().rows(`select day, done_for_day from session_days where session_id = '${id}'`))[0];
  const aside = async (user: string, id: string) => {
    const [row] = await db().rows(`select handoff_reserve(s, d, 1000, false) as n from agent_sessions s, budget_days d
      where s.id = '${id}' and d.user_id = '${user}' order by d.day desc limit 1`);
    return Number(row!.n);
  };

  /** An iteration whose call is not for last words. */
  async function work(id: string, cost: bigint, save = aSave()): Promise<void> {
    const { fence } = await t().claim(id);
    const call = { n: 1, least: cost, wanted: cost, model: 'claude-haiku-5-5', handOff: false, journal: [] };
    expect(await t().sessions.reserve(id, fence, call)).toMatchObject({ granted: cost });
    await t().sessions.settle(id, fence, aSettlement({ cost }));
    await t().sessions.save(id, fence, save, []);
  }

  it('counts who works today, and no more who sleeps or has ended, until it is woken', async () => {
    const user = await t().user();
    const [mine, other] = [await t().session({}, user), await t().session({}, user)];
    for (const id of [mine, other]) await work(id, 10_000n);
    const both = await aside(user, mine);
    await work(other, 10_000n, aNight(MIDNIGHT));
    expect(await dayOf(other)).toEqual({ day: '2026-11-10', done_for_day: 't' });
    expect(await aside(user, mine)).toBeLessThan(both);
    await t().wish(user, other, { type: 'wake' });
    expect(await dayOf(other)).toEqual({ day: '2026-11-10', done_for_day: 'f' });
    await work(other, 10_000n, aNight(MIDNIGHT));
    await t().setNow(MIDNIGHT + 1);
    await t().claim(other);
    expect(await dayOf(other)).toEqual({ day: '2026-11-11', done_for_day: 'f' });
    await work(mine, 10n, anEnd());
    expect(await dayOf(mine)).toMatchObject({ done_for_day: 't' });
  });

  it('is a fifth of the allowance with more than a hundred at work, whatever each would ask for', async () => {
    const user = await t().user();
    const first = await t().session({}, user);
    await work(first, 10n);
    const alone = await aside(user, first);
    for (let i = 0; i < 100; i++) {
      const id = await t().session({}, user);
      await t().sessions.save(id, (await t().claim(id)).fence, aSave(), []);
    }
    expect(alone).toBeLessThan(2_000);
    expect(await aside(user, first)).toBe(200_000);
  });
});
