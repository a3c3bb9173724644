/** What `Accounts.topUp` promises (R4, R5, R8). */
import { expect, it } from 'vitest';
import { aNight, aPlea, contract, type Factory, MIDNIGHT, once, START, type Steps } from './harness.ts';

/** A session that spent the day, asked for at least `least` more, and sleeps. */
async function sleeper(t: Steps, user: string, least = 200_000n) {
  const id = await t.session({}, user);
  await t.iterate(id, { cost: 1_000_000n });
  const { fence } = await t.claim(id);
  const refused = await t.sessions.reserve(id, fence, {
    n: 1,
    least,
    wanted: least,
    model: 'claude-haiku-5-5',
    handOff: true,
    journal: [],
  });
  expect(refused).toMatchObject({ refused: 'day' });
  await t.sessions.save(id, fence, aNight(MIDNIGHT), []);
  return id;
}

/** A session that was told that not even a whole day allows its next step, and asked its user. */
async function beggar(t: Steps, user: string, due: number) {
  const id = await t.session({}, user);
  const { fence } = await t.claim(id);
  const ask = { n: 1, least: 1_300_000n, wanted: 1_300_000n, model: 'claude-haiku-5-5', handOff: true, journal: [] };
  expect(await t.sessions.reserve(id, fence, ask)).toMatchObject({ refused: 'day' });
  await t.sessions.save(id, fence, aPlea(due), []);
  return id;
}

const statusOf = async (t: Steps, user: string, id: string) => (await t.userSessions.get(user, id))?.status;

export const topUpContract = (name: string, factory: Factory) =>
  contract(`${name}: top-up`, factory, (t) => {
    it('spreads the money over the cycle', async () => {
      const user = await t().user();
      expect(await t().topUp(user, 2_100_000n, 'cycle')).toMatchObject({
        day: { allowance: 1_100_000n, ceiling: 1_210_000n },
        ...{ budget: 23_100_000n, remaining: 23_100_000n, spent: 0n },
      });
      await t().setNow(MIDNIGHT + 1);
      expect((await t().accounts.budget(user)).day.allowance).toBe(1_155_000n);
    });

    it('adds all of it to today, and what today leaves to the other days', async () => {
      const user = await t().user();
      const view = await t().topUp(user, 500_000n, 'today');
      expect(view.day).toMatchObject({ allowance: 1_500_000n, ceiling: 1_650_000n });
      await t().setNow(MIDNIGHT + 1);
      expect((await t().accounts.budget(user)).day.allowance).toBe(1_075_000n);
    });

    it('never subtracts what today has spent', async () => {
      const user = await t().user();
      await t().iterate(await t().session({}, user), { cost: 600_000n });
      const view = await t().topUp(user, 2_100_000n, 'cycle');
      expect(view.day).toMatchObject({ allowance: 1_100_000n, spent: 600_000n });
      const again = await t().topUp(user, 100_000n, 'today');
      expect(again.day).toMatchObject({ allowance: 1_200_000n, spent: 600_000n });
    });

    it('adds up, both kinds, in any order', async () => {
      const user = await t().user();
      await t().topUp(user, 100_000n, 'today');
      await t().topUp(user, 2_100_000n, 'cycle');
      await t().topUp(user, 200_000n, 'today');
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: { allowance: 1_400_000n }, budget: 23_400_000n });
    });

    it('counts at once when many arrive together', async () => {
      const user = await t().user();
      await Promise.all(Array.from({ length: 5 }, () => t().topUp(user, 210_000n)));
      expect(await t().accounts.budget(user)).toMatchObject({ day: { allowance: 1_050_000n }, budget: 22_050_000n });
    });

    it('counts once, however often it is repeated', async () => {
      const user = await t().user();
      const key = once();
      const first = await t().accounts.topUp(user, 2_100_000n, 'cycle', key);
      const again = await t().accounts.topUp(user, 2_100_000n, 'cycle', key);
      expect(again).toEqual({ ...(first as object), now: expect.any(Number) });
      await Promise.all(Array.from({ length: 3 }, () => t().accounts.topUp(user, 2_100_000n, 'cycle', key)));
      expect(await t().accounts.budget(user)).toMatchObject({ budget: 23_100_000n });
    });

    it('knows another request under the same key', async () => {
      const user = await t().user();
      const key = once();
      await t().accounts.topUp(user, 2_100_000n, 'cycle', key);
      expect(await t().accounts.topUp(user, 1n, 'cycle', { ...key, fingerprint: 'other' })).toBe('conflict');
      expect(await t().accounts.budget(user)).toMatchObject({ budget: 23_100_000n });
    });

    it('wakes who slept for want of money, of this user alone', async () => {
      const [user, other] = [await t().user(), await t().user()];
      const [mine, theirs] = [await sleeper(t(), user), await sleeper(t(), other)];
      await t().topUp(user, 500_000n, 'today');
      expect(await statusOf(t(), user, mine)).toBe('working');
      expect(await statusOf(t(), other, theirs)).toBe('sleeping');
      expect((await t().sweeper.sweep(10_000)).due.map(({ id }) => id)).toContain(mine);
    });

    it('wakes nobody who could still not pay for the least useful call', async () => {
      const user = await t().user();
      const id = await sleeper(t(), user, 300_000n);
      await t().topUp(user, 21_000n, 'cycle');
      expect(await statusOf(t(), user, id)).toBe('sleeping');
      await t().topUp(user, 500_000n, 'today');
      expect(await statusOf(t(), user, id)).toBe('working');
    });

    it('wakes who went over the limit, also when only a user may', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().rest(id, { state: 'exceeded', until: MIDNIGHT });
      await t().topUp(user, 500_000n, 'today');
      expect(await statusOf(t(), user, id)).toBe('working');
    });

    it.each(['auto', 'manual'] as const)('wakes who asked a user for it, with the wake policy %s', async (policy) => {
      const user = await t().user();
      await t().accounts.putUser(user, { wakePolicy: policy });
      const id = await beggar(t(), user, policy === 'auto' ? MIDNIGHT : Number.POSITIVE_INFINITY);
      await t().topUp(user, 21_000n, 'cycle');
      expect(await statusOf(t(), user, id)).toBe('waiting_for_input');
      await t().topUp(user, 500_000n, 'today');
      expect(await statusOf(t(), user, id)).toBe('working');
      expect((await t().sweeper.sweep(10_000)).due.map((due) => due.id)).toContain(id);
    });

    it('leaves alone who waits for an answer or was paused', async () => {
      const user = await t().user();
      const [waiting, paused] = [await t().session({}, user), await t().session({}, user)];
      await t().rest(waiting, { state: 'waiting', question: 'Which colour?' });
      await t().rest(paused, { state: 'paused', error: null });
      await t().topUp(user, 500_000n, 'today');
      expect(await statusOf(t(), user, waiting)).toBe('waiting_for_input');
      expect(await statusOf(t(), user, paused)).toBe('paused');
    });

    it('lets the day go on at once', async () => {
      const user = await t().user();
      const id = await sleeper(t(), user);
      await t().topUp(user, 500_000n, 'today');
      const { fence, day } = await t().claim(id);
      expect(day).toMatchObject({ allowance: 1_500_000n, spent: 1_000_000n });
      const ask = { n: 1, least: 200_000n, wanted: 900_000n, model: 'claude-haiku-5-5', handOff: true, journal: [] };
      expect(await t().sessions.reserve(id, fence, ask)).toMatchObject({ granted: 650_000n });
      expect(Math.abs(START - (await t().sweeper.sweep(1)).now)).toBeLessThan(60_000);
    });
  });
