/** What keeps one session from starving another: hand-off money, shares of the day, and a limit on a day's part of the cycle (R12). */
import { expect, it } from 'vitest';
import { aSave, aSettlement, contract, DAY_MS, type Factory, MIDNIGHT, START, type Steps } from './harness.ts';

const ask = (n: number, least: bigint, wanted: bigint, handOff = false) => ({
  ...{ n, least, wanted, handOff, model: 'claude-haiku-5-5', journal: [] },
});
const granted = (amount: bigint) => ({ granted: amount });
const refused = (by: string) => ({ refused: by });

/** A session of `user` that has asked for money today and got none: `least` is what is set aside for it, times one and a half. */
async function working(t: Steps, user: string, least: bigint, over = {}) {
  const id = await t.session(over, user);
  const { fence } = await t.claim(id);
  await t.sessions.reserve(id, fence, ask(9, least, least));
  return { id, fence };
}

const spend = async (t: Steps, { id, fence }: { id: string; fence: number }, cost: bigint, n = 1) => {
  await t.sessions.reserve(id, fence, ask(n, cost, cost, true));
  await t.sessions.settle(id, fence, aSettlement({ n, cost }));
};

export const sharesContract = (name: string, factory: Factory) =>
  contract(`${name}: shares`, factory, (t) => {
    const owner = async (over = {}, userId?: string) => {
      const user = userId ?? (await t().user());
      const id = await t().session(over, user);
      const { fence } = await t().claim(id);
      return { user, id, fence };
    };

    it('keeps room for a hand-off: one and a half times the last call, and the least of the next', async () => {
      const { id, fence } = await owner();
      expect(await t().sessions.reserve(id, fence, ask(1, 60_000n, 2_000_000n))).toMatchObject(granted(980_000n));
      await t().sessions.settle(id, fence, aSettlement({ cost: 800_000n }));
      expect(await t().sessions.reserve(id, fence, ask(2, 1n, 2_000_000n))).toMatchObject(granted(100_000n));
      await t().sessions.settle(id, fence, aSettlement({ n: 2, cost: 40_000n }));
      expect(await t().sessions.reserve(id, fence, ask(3, 50_000n, 2_000_000n))).toMatchObject(granted(150_000n));
      await t().sessions.settle(id, fence, aSettlement({ n: 3, cost: 120_000n }));
      expect(await t().sessions.reserve(id, fence, ask(4, 50_000n, 50_000n))).toMatchObject(refused('day'));
      expect(await t().sessions.reserve(id, fence, ask(4, 50_000n, 200_000n, true))).toMatchObject(granted(140_000n));
    });

    it('gives the first call of a day its least out of what is its own: there is nothing to hand off yet', async () => {
      const alone = await owner();
      expect(await t().sessions.reserve(alone.id, alone.fence, ask(1, 1_050_000n, 2_000_000n))).toMatchObject(
        granted(1_050_000n),
      );
      const user = await t().user();
      await working(t(), user, 50_000n);
      const { id, fence } = await owner({}, user);
      const left = 1_100_000n - 50_000n - 100_000n;
      expect(await t().sessions.reserve(id, fence, ask(1, left + 1n, left + 1n))).toMatchObject(refused('held'));
      expect(await t().sessions.reserve(id, fence, ask(1, left, 2_000_000n))).toMatchObject(granted(left));
      const part = await owner({ share: 50 });
      expect(await t().sessions.reserve(part.id, part.fence, ask(1, 500_000n, 500_000n))).toMatchObject(
        granted(500_000n),
      );
      await t().sessions.settle(part.id, part.fence, aSettlement({ cost: 100_000n }));
      expect(await t().sessions.reserve(part.id, part.fence, ask(2, 400_000n, 400_000n))).toMatchObject(
        refused('share'),
      );
    });

    it('keeps it for the others, too, and lets everyone have his first hand-off', async () => {
      const user = await t().user();
      await working(t(), user, 50_000n);
      const { id, fence } = await owner({}, user);
      const free = 1_100_000n - 50_000n;
      expect(await t().sessions.reserve(id, fence, ask(1, 10_000n, 2_000_000n))).toMatchObject(
        granted(free - 110_000n),
      );
      await t().sessions.settle(id, fence, aSettlement({ cost: 0n }));
      expect(await t().sessions.reserve(id, fence, ask(2, free, 2_000_000n, true))).toMatchObject(granted(free));
    });

    it('is not taken by the hand-off of one that wants more than it needs', async () => {
      const user = await t().user();
      await working(t(), user, 50_000n);
      const { id, fence } = await owner({}, user);
      const free = 1_100_000n - 50_000n - 100_000n;
      expect(await t().sessions.reserve(id, fence, ask(1, 10_000n, 2_000_000n, true))).toMatchObject(granted(free));
    });

    it('is used once: from the second hand-off of a day on it is kept for the others', async () => {
      const user = await t().user();
      await working(t(), user, 50_000n);
      const { id, fence } = await owner({}, user);
      await t().sessions.reserve(id, fence, ask(1, 10_000n, 10_000n, true));
      const free = 1_100_000n - 60_000n - 100_000n;
      expect(await t().sessions.reserve(id, fence, ask(2, free + 1n, 2_000_000n, true))).toMatchObject({
        refused: expect.anything(),
      });
      expect(await t().sessions.reserve(id, fence, ask(2, 10_000n, 2_000_000n, true))).toMatchObject(granted(free));
    });

    it('is not used up by a hand-off that the provider turned away', async () => {
      const user = await t().user();
      await working(t(), user, 50_000n);
      const { id, fence } = await owner({}, user);
      await t().sessions.reserve(id, fence, ask(1, 10_000n, 10_000n, true));
      await t().sessions.settle(id, fence, aSettlement({ cost: 0n, turns: [], journal: [], iterated: false }));
      expect(await t().sessions.reserve(id, fence, ask(2, 1_050_000n, 2_000_000n, true))).toMatchObject(
        granted(1_050_000n),
      );
    });

    it('is set aside afresh the next day', async () => {
      const { id, fence } = await owner();
      await spend(t(), { id, fence }, 200_000n);
      await t().sessions.save(id, fence, aSave({ due: START }), []);
      await t().setNow(MIDNIGHT + 1);
      const next = await t().claim(id);
      const { ceiling } = next.day;
      expect(await t().sessions.reserve(id, next.fence, ask(1, 40_000n, 9_000_000n))).toMatchObject(
        granted(ceiling - 80_000n),
      );
    });

    it('is no longer kept for who rests past midnight, waits or has ended', async () => {
      const rests = [
        { to: { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' } as const, due: MIDNIGHT },
        { to: { state: 'waiting', question: null } as const, due: Number.POSITIVE_INFINITY },
        {
          to: { state: 'ended', outcome: 'completed', result: null, error: null } as const,
          due: Number.POSITIVE_INFINITY,
        },
      ];
      for (const { to, due } of rests) {
        const user = await t().user();
        const other = await working(t(), user, 50_000n);
        const { memory, journal } = aSave();
        await t().sessions.settle(other.id, other.fence, aSettlement({ n: 9, cost: 0n }));
        await t().sessions.save(other.id, other.fence, aSave({ suspension: { to, due, memory, journal } }), []);
        const { id, fence } = await owner({}, user);
        expect(await t().sessions.reserve(id, fence, ask(1, 1n, 2_000_000n))).toMatchObject(granted(1_100_000n - 2n));
      }
    });

    it('never takes more than a fifth of the allowance', async () => {
      const user = await t().user();
      for (let i = 0; i < 4; i += 1) await working(t(), user, 60_000n);
      const { id, fence } = await owner({}, user);
      const left = 1_100_000n - 4n * 60_000n - 200_000n;
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 2_000_000n))).toMatchObject(granted(left));
    });

    it('lets a session with a share of the day use that and no more', async () => {
      const { id, fence } = await owner({ share: 30 });
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 2_000_000n, true))).toMatchObject(granted(330_000n));
      const { day } = await t().sessions.settle(id, fence, aSettlement({ cost: 300_000n }));
      expect(day).toMatchObject({ spent: 300_000n, allowance: 1_000_000n });
      expect(day.share).toEqual({ allowance: 300_000n, ceiling: 330_000n, spent: 300_000n, held: 0n });
      const more = await t().sessions.reserve(id, fence, ask(2, 30_001n, 30_001n, true));
      expect(more).toMatchObject({ refused: 'share', day: { share: { spent: 300_000n } } });
      expect(await t().sessions.reserve(id, fence, ask(2, 1n, 90_000n, true))).toMatchObject(granted(30_000n));
    });

    it('keeps of a share what its own hand-off needs', async () => {
      const { id, fence } = await owner({ share: 30 });
      expect(await t().sessions.reserve(id, fence, ask(1, 20_000n, 2_000_000n))).toMatchObject(granted(290_000n));
      await t().sessions.settle(id, fence, aSettlement({ cost: 260_000n }));
      expect(await t().sessions.reserve(id, fence, ask(2, 20_000n, 20_000n))).toMatchObject(refused('share'));
      expect(await t().sessions.reserve(id, fence, ask(2, 20_000n, 2_000_000n, true))).toMatchObject(granted(70_000n));
      await t().sessions.settle(id, fence, aSettlement({ n: 2, cost: 10_000n }));
      expect(await t().sessions.reserve(id, fence, ask(3, 20_000n, 2_000_000n, true))).toMatchObject(granted(60_000n));
    });

    it('leaves the rest of the day to the others, and gives the share again the next day', async () => {
      const user = await t().user();
      const part = await owner({ share: 30 }, user);
      await spend(t(), part, 330_000n);
      const whole = await owner({}, user);
      expect(await t().sessions.reserve(whole.id, whole.fence, ask(1, 1n, 2_000_000n, true))).toMatchObject({
        granted: expect.anything(),
      });
      await t().sessions.save(part.id, part.fence, aSave({ due: START }), []);
      await t().setNow(MIDNIGHT + 1);
      const next = await t().claim(part.id);
      expect(next.day.share).toMatchObject({ spent: 0n, held: 0n, allowance: (next.day.allowance * 30n) / 100n });
    });

    it('begins afresh when midnight falls between claim and hold, and is not touched by what yesterday held', async () => {
      const { id, fence } = await owner({ share: 50 });
      await t().sessions.reserve(id, fence, ask(1, 500_000n, 500_000n, true));
      await t().setNow(MIDNIGHT + 1);
      await t().sessions.reserve(id, fence, ask(2, 1n, 1_000n, true));
      const { day } = await t().sessions.settle(id, fence, aSettlement({ n: 1, cost: 400_000n }));
      expect(day).toMatchObject({ date: '2026-11-11', spent: 0n, share: { spent: 0n, held: 1_000n } });
      const left = day.share!.ceiling - 1_000n;
      expect(await t().sessions.reserve(id, fence, ask(3, 1n, 9_000_000n, true))).toMatchObject(granted(left));
    });

    it('counts what a dead owner held against the share', async () => {
      const { id, fence } = await owner({ share: 50 });
      await t().sessions.reserve(id, fence, ask(1, 500_000n, 500_000n, true));
      await t().expireLease(id);
      const next = await t().claim(id);
      expect(next.day.share).toMatchObject({ spent: 500_000n, held: 0n });
      await expect(t().sessions.settle(id, fence, aSettlement({ cost: 20_000n }))).rejects.toThrow();
      const now = await t().sessions.reserve(id, next.fence, ask(1, 600_000n, 600_000n, true));
      expect(now).toMatchObject({ refused: 'share', day: { share: { spent: 20_000n } } });
    });

    it('gives no day more than the multiple of an even one, and a top-up for today on top', async () => {
      const user = await t().user({ budget: 21_000_000n });
      await t().accounts.putUser(user, { maxDailyMultiple: 1.5 });
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 1_000_000n });
      await t().setNow(Date.parse('2026-11-30T08:00:00Z'));
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 1_500_000n, ceiling: 1_650_000n });
      await t().accounts.putUser(user, { maxDailyMultiple: 4 });
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 4_000_000n });
      await t().topUp(user, 2_000_000n, 'today');
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 6_000_000n });
      await t().accounts.putUser(user, { maxDailyMultiple: null });
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 23_000_000n, ceiling: 23_000_000n });
    });

    it('wakes who sleeps for want of money when the multiple is raised', async () => {
      const user = await t().user({ budget: 21_000_000n });
      await t().accounts.putUser(user, { maxDailyMultiple: 1 });
      const id = await t().session({}, user);
      await t().setNow(START + 19 * DAY_MS);
      const until = START + 21 * DAY_MS;
      await t().rest(id, { state: 'sleeping', until, reason: 'allowance' }, until);
      expect(await t().accounts.putUser(user, { maxDailyMultiple: 1 })).toMatchObject({ nudged: false });
      expect(await t().accounts.putUser(user, { maxDailyMultiple: 5 })).toMatchObject({ nudged: true });
    });
  });
