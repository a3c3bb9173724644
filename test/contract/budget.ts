/** What `Accounts.budget` and `putUser` promise about days, plans and cycles (R8, R9). */
import { expect, it } from 'vitest';
import { aNight, aPlea, aSettlement, contract, type Factory, MIDNIGHT, type Steps } from './harness.ts';

const at = (iso: string) => Date.parse(iso);

async function spend(t: Steps, user: string, cost: bigint) {
  await t.iterate(await t.session({}, user), { cost });
}

export const budgetContract = (name: string, factory: Factory) =>
  contract(`${name}: budget`, factory, (t) => {
    it('divides what remains by the days to the renewal', async () => {
      const user = await t().user();
      expect(await t().accounts.budget(user)).toMatchObject({
        day: {
          date: '2026-11-10',
          allowance: 1_000_000n,
          ceiling: 1_100_000n,
          spent: 0n,
          held: 0n,
          resetsAt: MIDNIGHT,
        },
        ...{ budget: 21_000_000n, spent: 0n, remaining: 21_000_000n, daysLeft: 21, renewalDate: '2026-12-01' },
      });
    });

    it('says when it was asked, by the settable clock, and since when the cycle runs', async () => {
      const user = await t().user();
      await t().setNow(at('2026-12-03T06:00:00Z'));
      const { now, cycleStart, day } = await t().accounts.budget(user);
      expect([cycleStart, day.date]).toEqual(['2026-12-01', '2026-12-03']);
      expect(now - at('2026-12-03T06:00:00Z')).toBeGreaterThanOrEqual(0);
      expect(now - at('2026-12-03T06:00:00Z')).toBeLessThan(60_000);
    });

    it('says when the first session must move by itself, and null where none must', async () => {
      const user = await t().user();
      const next = async () => (await t().accounts.budget(user)).nextDue;
      expect(await next()).toBeNull();
      const [first, second] = [await t().session({}, user), await t().session({}, user)];
      expect(await next()).toBeLessThanOrEqual((await t().accounts.budget(user)).now);
      await t().iterate(first, { save: aNight(MIDNIGHT) });
      expect(await next()).toBeLessThan(MIDNIGHT);
      await t().iterate(second, { save: aNight(MIDNIGHT + 60_000) });
      expect(await next()).toBe(MIDNIGHT);
    });

    it('rounds the allowance and its ceiling down', async () => {
      const user = await t().user({ budget: 22_007_999n });
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 1_047_999n, ceiling: 1_152_798n });
    });

    it('spreads a budget without a renewal date over 30 days', async () => {
      const user = await t().user();
      await t().accounts.putUser(user, { renewalDate: null });
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: { allowance: 700_000n }, daysLeft: 30, renewalDate: null });
    });

    it('has nothing to give without a budget', async () => {
      const user = await t().user({ budget: 0n });
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: { allowance: 0n, ceiling: 0n }, budget: 0n, remaining: 0n });
    });

    it('does not shrink the allowance as it is spent', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      expect(await t().accounts.budget(user)).toMatchObject({
        day: { allowance: 1_000_000n, spent: 600_000n, held: 0n },
        ...{ spent: 600_000n, remaining: 20_400_000n, budget: 21_000_000n },
      });
    });

    it('gives the next day its share of what was left, whoever asks first', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      await t().setNow(MIDNIGHT + 1);
      const next = { date: '2026-11-11', allowance: 1_020_000n, ceiling: 1_122_000n, spent: 0n };
      expect((await t().accounts.budget(user)).day).toMatchObject(next);
      await spend(t(), user, 20_000n);
      expect((await t().accounts.budget(user)).day).toMatchObject({ ...next, spent: 20_000n });
    });

    it('counts what earlier days still hold as gone, and a day once frozen stays', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 400_000n);
      await t().setNow(MIDNIGHT + 1);
      await spend(t(), user, 1_000n);
      const frozen = { allowance: 1_030_000n, ceiling: 1_133_000n, spent: 1_000n };
      expect((await t().accounts.budget(user)).day).toMatchObject(frozen);
      await t().sessions.settle(id, fence, aSettlement({ cost: 0n }));
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: frozen, spent: 1_000n, remaining: 20_999_000n });
    });

    it('does not pass what the cycle has, not even on its last day', async () => {
      const user = await t().user();
      await t().setNow(at('2026-11-30T12:00:00Z'));
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: { allowance: 21_000_000n, ceiling: 21_000_000n }, daysLeft: 1 });
    });

    it('starts a new cycle on the renewal date', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      await t().setNow(at('2026-12-01T08:00:00Z'));
      const rolled = { spent: 0n, remaining: 21_000_000n, daysLeft: 31, renewalDate: '2027-01-01' };
      expect(await t().accounts.budget(user)).toMatchObject({ day: { allowance: 677_419n }, ...rolled });
      await spend(t(), user, 1_000n);
      expect(await t().accounts.budget(user)).toMatchObject({ ...rolled, spent: 1_000n, remaining: 20_999_000n });
      expect(await t().accounts.getUser(user)).toMatchObject({ renewalDate: '2027-01-01' });
    });

    it('keeps the day of the month through a short one: 31st, 28th, 31st', async () => {
      const user = await t().user({ renewalDate: '2027-01-31' });
      await t().setNow(at('2027-01-31T08:00:00Z'));
      await spend(t(), user, 1_000n);
      expect(await t().accounts.budget(user)).toMatchObject({ renewalDate: '2027-02-28', daysLeft: 28 });
      await t().setNow(at('2027-02-28T08:00:00Z'));
      await spend(t(), user, 2_000n);
      const march = { renewalDate: '2027-03-31', daysLeft: 31, spent: 2_000n };
      expect(await t().accounts.budget(user)).toMatchObject(march);
    });

    it('finds the right cycle after months in which nothing happened', async () => {
      const user = await t().user({ renewalDate: '2026-11-30' });
      await spend(t(), user, 600_000n);
      await t().setNow(at('2027-03-01T08:00:00Z'));
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ renewalDate: '2027-03-30', daysLeft: 29, spent: 0n });
      expect(view.day.allowance).toBe(21_000_000n / 29n);
    });

    it('moves only the end of the cycle when the date is edited', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      await t().accounts.putUser(user, { renewalDate: '2026-11-20' });
      expect(await t().accounts.budget(user)).toMatchObject({
        day: { allowance: 2_100_000n, spent: 600_000n },
        ...{ spent: 600_000n, daysLeft: 10, renewalDate: '2026-11-20' },
      });
    });

    it('takes a date that has passed for the next of its kind, and forgives nothing', async () => {
      const user = await t().user();
      await spend(t(), user, 600_000n);
      await t().setNow(MIDNIGHT + 1);
      await t().accounts.putUser(user, { renewalDate: '2026-11-11' });
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ spent: 600_000n, daysLeft: 30, renewalDate: '2026-12-11' });
      await t().accounts.putUser(user, { renewalDate: '2026-10-31' });
      const second = await t().accounts.budget(user);
      expect(second).toMatchObject({ spent: 600_000n, daysLeft: 19, renewalDate: '2026-11-30' });
    });

    it('lowers today with the plan, under what is spent already', async () => {
      const user = await t().user();
      await spend(t(), user, 800_000n);
      await t().accounts.putUser(user, { budget: 10_500_000n });
      const { day } = await t().accounts.budget(user);
      expect(day).toMatchObject({ allowance: 500_000n, ceiling: 550_000n, spent: 800_000n });
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      const refused = await t().sessions.reserve(id, fence, {
        n: 1,
        least: 1n,
        wanted: 1n,
        model: 'claude-haiku-5-5',
        handOff: true,
        journal: [],
      });
      expect(refused).toMatchObject({ refused: 'day', day: { allowance: 500_000n } });
    });

    it('leaves nothing when the plan falls below what the cycle has spent', async () => {
      const user = await t().user();
      await spend(t(), user, 800_000n);
      await t().setNow(MIDNIGHT + 1);
      await t().accounts.putUser(user, { budget: 500_000n });
      const view = await t().accounts.budget(user);
      expect(view).toMatchObject({ day: { allowance: 0n, ceiling: 0n }, spent: 800_000n, remaining: 0n });
    });

    it('raises today with the plan and wakes who slept for want of money', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id, { cost: 1_000_000n, save: aNight(MIDNIGHT) });
      expect(await t().accounts.putUser(user, { budget: 42_000_000n })).toMatchObject({ nudged: true });
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 2_000_000n, spent: 1_000_000n });
      expect(await t().accounts.putUser(user, { budget: 42_000_000n })).toMatchObject({ nudged: true });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'working' });
      expect(await t().claim(id)).toMatchObject({ state: { state: 'sleeping' } });
    });

    it('wakes who was left to a user, when the wake policy becomes automatic', async () => {
      const user = await t().user();
      await t().accounts.putUser(user, { wakePolicy: 'manual' });
      const [asleep, waiting] = [await t().session({}, user), await t().session({}, user)];
      const begging = await t().session({}, user);
      await t().rest(asleep, { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' });
      await t().sessions.save(begging, (await t().claim(begging)).fence, aPlea(Number.POSITIVE_INFINITY), []);
      await t().rest(waiting, { state: 'waiting', question: null });
      expect(await t().accounts.putUser(user, { tier: 'premium' })).toMatchObject({ nudged: false });
      expect(await t().accounts.putUser(user, { wakePolicy: 'auto' })).toMatchObject({ nudged: true });
      expect(await t().userSessions.get(user, asleep)).toMatchObject({ status: 'working' });
      expect(await t().userSessions.get(user, begging)).toMatchObject({ status: 'working' });
      expect(await t().userSessions.get(user, waiting)).toMatchObject({ status: 'waiting_for_input' });
    });

    it('wakes nobody by lowering the plan or by repeating it', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id, { cost: 400_000n, save: aNight(MIDNIGHT) });
      expect(await t().accounts.putUser(user, { budget: 21_000_000n })).toMatchObject({ nudged: false });
      expect(await t().accounts.putUser(user, { budget: 20_000_000n })).toMatchObject({ nudged: false });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'sleeping' });
    });

    it('numbers every change of a day upwards', async () => {
      const user = await t().user();
      const revisions = [(await t().accounts.budget(user)).day.revision];
      const seen = async () => revisions.push((await t().accounts.budget(user)).day.revision);
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await seen();
      await t().sessions.settle(id, fence, aSettlement({ cost: 5n }));
      await seen();
      await t().topUp(user, 1_000_000n);
      await seen();
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    });
  });
