/** What the Alerts port promises: each threshold once per user and day, and a way out that loses none. */
import { expect, it } from 'vitest';
import { aNight, contract, DAY_MS, type Factory, MIDNIGHT, START, type Steps } from './harness.ts';
import { LOOK, listed, outboxContract, reached, spend, sweep, targetContract } from './outbox.ts';

const TODAY = '2026-11-10';

const thresholds = async (t: Steps, userId: string) => (await listed(t, userId)).map(({ threshold }) => threshold);

export function alertsContract(name: string, factory: Factory): void {
  thresholdContract(name, factory);
  outboxContract(name, factory);
  targetContract(name, factory);
}

const thresholdContract = (name: string, factory: Factory) =>
  contract(`${name}: thresholds`, factory, (t) => {
    it('are raised when they are passed, and not a microdollar before', async () => {
      const user = await t().user();
      // In the evening nothing is ahead of its time any more.
      await t().setNow(START + 11 * 3_600_000);
      let spent = 0n;
      const after = async (cost: bigint) => {
        await spend(t(), user, cost - spent, Number(cost));
        spent = cost;
        await t().outbox.sweep(LOOK);
        return thresholds(t(), user);
      };
      expect(await after(899_999n)).toEqual([]);
      expect(await after(900_000n)).toEqual(['graceful']);
      expect(await after(999_999n)).toEqual(['graceful']);
      expect(await after(1_000_000n)).toEqual(['ceiling', 'graceful']);
      expect(await after(1_100_000n)).toEqual(['ceiling', 'graceful']);
      expect(await after(1_100_001n)).toEqual(['breaker', 'ceiling', 'graceful']);
    });

    it('say the money as it was when they were raised, and stay as they are', async () => {
      const user = await t().user();
      await t().setNow(START + 60_000);
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 50_000n);
      await spend(t(), user, 950_000n);
      await t().outbox.sweep(LOOK);
      const money = { allowance: 1_000_000n, ceiling: 1_100_000n, spent: 950_000n, held: 50_000n };
      const delivery = { status: 'none', attempts: 0, nextAttemptAt: null, deliveredAt: null, error: null };
      const alert = { userId: user, day: TODAY, threshold: 'graceful', reason: null, ...money, delivery };
      const [first, ...others] = await listed(t(), user);
      expect(first).toEqual({ ...alert, at: expect.any(Number) });
      expect(others).toEqual([]);
      expect(Math.abs(first!.at - START - 60_000)).toBeLessThan(30_000);
      await spend(t(), user, 20_000n, 2);
      await t().setNow(START + 3_600_000);
      await t().outbox.sweep(LOOK);
      expect(await listed(t(), user)).toEqual([first]);
    });

    it('are shown with the budget of their day', async () => {
      const user = await t().user();
      const shown = async () => (await t().accounts.budget(user)).alerts.map(({ threshold }) => threshold);
      await t().setNow(START - 4 * 3_600_000);
      await spend(t(), user, 600_000n);
      await t().outbox.sweep(LOOK);
      await t().setNow(START);
      await spend(t(), user, 300_000n, 2);
      await t().outbox.sweep(LOOK);
      expect(await shown()).toEqual(['pace', 'graceful']);
      expect((await t().topUp(user, 1n)).alerts).toMatchObject([{ at: expect.any(Number) }, { threshold: 'graceful' }]);
      await t().setNow(MIDNIGHT + 1_000);
      expect(await shown()).toEqual([]);
    });

    it('are told of once, for those who keep what is shown', async () => {
      const user = await t().user();
      await spend(t(), user, 950_000n);
      expect((await t().outbox.sweep(LOOK)).raised).toContain(user);
      expect((await t().outbox.sweep(LOOK)).raised).not.toContain(user);
    });

    it('are raised once, however many look at a time', async () => {
      const user = await reached(t());
      await spend(t(), user, 1_200_000n);
      const found = await Promise.all(Array.from({ length: 6 }, () => sweep(t(), user)));
      expect(
        found
          .flat()
          .map(({ alert }) => alert?.threshold)
          .sort(),
      ).toEqual(['breaker', 'ceiling', 'graceful']);
      expect(await listed(t(), user)).toHaveLength(3);
    });

    it('come anew with the next day, and yesterday is still looked at', async () => {
      const user = await t().user();
      await spend(t(), user, 1_000_000n);
      await t().setNow(MIDNIGHT + 1_000);
      await spend(t(), user, 1_000_000n, 2);
      await t().outbox.sweep(LOOK);
      const days = (await listed(t(), user)).map(({ day, threshold }) => `${day} ${threshold}`);
      expect(days.slice(-2)).toEqual([`${TODAY} ceiling`, `${TODAY} graceful`]);
      expect(days).toContain('2026-11-11 ceiling');
      const other = await t().user();
      await spend(t(), other, 1_000_000n, 3);
      await t().setNow(MIDNIGHT + 2 * DAY_MS);
      await t().outbox.sweep(LOOK);
      expect(await listed(t(), other)).toEqual([]);
    });

    it('of pace: half is spent, and it goes on to the ceiling well before midnight', async () => {
      const soon = async (hour: number, spent: bigint) => {
        const user = await t().user();
        await t().setNow(MIDNIGHT - DAY_MS + hour * 3_600_000);
        await spend(t(), user, spent);
        await t().outbox.sweep(LOOK);
        return thresholds(t(), user);
      };
      expect(await soon(6, 500_000n)).toEqual(['pace']);
      expect(await soon(0.1, 499_999n)).toEqual([]);
      expect(await soon(8.1, 500_000n)).toEqual(['pace']);
      expect(await soon(8.3, 500_000n)).toEqual([]);
      expect(await soon(14.6, 899_999n)).toEqual(['pace']);
      expect(await soon(6, 900_000n)).toEqual(['graceful']);
    });

    it('of the ceiling: an agent sleeps because what is left is too little for it', async () => {
      const sleepsAt = async (spent: bigint, least: bigint, reason: 'allowance' | 'agent' = 'allowance') => {
        const user = await t().user();
        const id = await t().session({}, user);
        await t().iterate(id, { cost: 1_000n });
        await spend(t(), user, spent - 1_000n);
        const { fence } = await t().claim(id);
        const asking = { n: 1, least, wanted: least, model: 'claude-haiku-5-5', handOff: true, journal: [] };
        await t().sessions.reserve(id, fence, asking);
        const night = aNight(MIDNIGHT);
        const to = { state: 'sleeping', until: MIDNIGHT, reason } as const;
        await t().sessions.save(id, fence, { ...night, suspension: { ...night.suspension!, to } }, []);
        await t().setNow(START + 11 * 3_600_000);
        await t().outbox.sweep(LOOK);
        const found = (await listed(t(), user)).map(({ threshold, reason }) => [threshold, reason]);
        await t().setNow(START);
        return found;
      };
      expect(await sleepsAt(800_000n, 400_000n)).toEqual([['ceiling', 'asleep']]);
      expect(await sleepsAt(1_000_000n, 400_000n)).toEqual([
        ['ceiling', 'spent'],
        ['graceful', null],
      ]);
      // It sleeps by its own wish, or the day has plenty left and it is the session's own part that is short.
      expect(await sleepsAt(800_000n, 400_000n, 'agent')).toEqual([]);
      expect(await sleepsAt(300_000n, 100_000n)).toEqual([]);
    });

    it('of the ceiling: not for who has slept since another day', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id, { cost: 900_000n });
      const { fence } = await t().claim(id);
      const asking = { n: 1, least: 700_000n, wanted: 700_000n, model: 'claude-haiku-5-5', handOff: true, journal: [] };
      expect(await t().sessions.reserve(id, fence, asking)).toMatchObject({ refused: 'day' });
      // Until a user acts, as under the wake policy `manual`.
      const until = Number.POSITIVE_INFINITY;
      const night = aNight(MIDNIGHT);
      const to = { state: 'sleeping', until, reason: 'allowance' } as const;
      await t().sessions.save(id, fence, { ...night, suspension: { ...night.suspension!, to, due: until } }, []);
      await t().outbox.sweep(LOOK);
      expect(await thresholds(t(), user)).toEqual(['ceiling', 'graceful']);
      await t().setNow(MIDNIGHT + 12 * 3_600_000);
      await spend(t(), user, 300_000n, 9);
      await t().outbox.sweep(LOOK);
      expect((await listed(t(), user)).map(({ day }) => day)).toEqual([TODAY, TODAY]);
    });

    it('of the breaker: the plan was lowered below what is spent', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      await t().accounts.putUser(user, { budget: 0n });
      await t().outbox.sweep(LOOK);
      expect(await listed(t(), user)).toMatchObject([{ threshold: 'breaker', reason: 'exceeded', ceiling: 0n }]);
    });

    it('are nothing to a user without money or spending', async () => {
      const [poor, idle] = [await t().user({ budget: 0n }), await t().user()];
      for (const user of [poor, idle]) await t().accounts.budget(user);
      await t().outbox.sweep(LOOK);
      for (const user of [poor, idle]) expect(await listed(t(), user)).toEqual([]);
    });

    it('are listed in pages, the last day first, and to their own user alone', async () => {
      const [user, other] = [await t().user(), await t().user()];
      for (const [i, at] of [START, START + DAY_MS, START + 2 * DAY_MS].entries()) {
        await t().setNow(at);
        await spend(t(), user, 1_000_000n, i);
        await t().outbox.sweep(LOOK);
      }
      await spend(t(), other, 1_300_000n, 9);
      await t().outbox.sweep(LOOK);
      const whole = await listed(t(), user);
      expect(whole.map(({ day }) => day)).toEqual(['12', '12', '11', '11', '10', '10'].map((day) => `2026-11-${day}`));
      const paged = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Steps['alerts']['list']>> = await t().alerts.list(user, { limit: 4, cursor });
        paged.push(...page.data);
        cursor = page.next;
      } while (cursor !== null);
      expect(paged).toEqual(whole);
      expect(await t().alerts.list('usr_never', { limit: 5, cursor: null })).toEqual({ data: [], next: null });
    });
  });
