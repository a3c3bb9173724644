/** What the Alerts port promises of sending: nothing that was raised is lost, and what nobody takes is given up for all to see. */
import { expect, it } from 'vitest';
import type { DeliveryResult, DueAlert } from '../../lib/ports/index.ts';
import { contract, DAY_MS, type Factory, START, type Steps } from './harness.ts';

const MINUTE_MS = 60_000;
const TODAY = '2026-11-10';
const URL = 'https://hooks.example/circadian';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const LOOK = { days: 10_000, limit: 1_000 };

/** Spends so much of today, as a bill that no hold went before. */
export const spend = (t: Steps, userId: string, cost: bigint, iteration = 1) =>
  t.purse.record({ userId, sessionId: 'ses_any', iteration, model: 'claude-haiku-5-5', usage: {}, cost, at: START });

export const listed = async (t: Steps, userId: string) =>
  (await t.alerts.list(userId, { limit: 100, cursor: null })).data;
/** Looks, and gives what is to be sent to this user now. */
export const sweep = async (t: Steps, userId: string, look = LOOK) =>
  (await t.alerts.sweep(look)).due.filter((one) => one.userId === userId);

/** A user with an address. */
export async function reached(t: Steps): Promise<string> {
  const user = await t.user();
  await t.alerts.putTarget(user, { url: URL, secret: SECRET, replace: false });
  return user;
}

/** All that other tests left to be sent is sent. */
async function delivered(t: Steps): Promise<void> {
  await t.setNow(START + 9 * DAY_MS);
  const { due } = await t.alerts.sweep({ days: 0, limit: 1_000 });
  await t.alerts.settle(due.map((one) => outcomeOf(one, null)));
  await t.setNow(START);
}

const outcomeOf = ({ userId, day, threshold, attempt }: DueAlert, error: string | null): DeliveryResult => ({
  ...{ userId, day, threshold, attempt, error },
});

export const outboxContract = (name: string, factory: Factory) =>
  contract(`${name}: outbox`, factory, (t) => {
    it('hands out each alert once, and again when nothing was heard of it', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [due, ...others] = await sweep(t(), user);
      expect(due).toMatchObject({ threshold: 'graceful', attempt: 1, url: URL, secret: SECRET, spent: 950_000n });
      expect(others).toEqual([]);
      expect(await sweep(t(), user)).toEqual([]);
      await t().setNow(START + 2 * MINUTE_MS);
      expect(await sweep(t(), user)).toMatchObject([{ threshold: 'graceful', attempt: 2 }]);
      expect((await listed(t(), user))[0]?.delivery).toMatchObject({ status: 'pending', attempts: 2 });
    });

    it('hands out no more than it is asked for, without a look if none is wanted', async () => {
      const user = await reached(t());
      await spend(t(), user, 1_200_000n);
      expect(await sweep(t(), user, { days: 0, limit: 1_000 })).toEqual([]);
      await t().alerts.sweep({ days: 10_000, limit: 0 });
      const { due } = await t().alerts.sweep({ days: 0, limit: 2 });
      expect(due).toHaveLength(2);
      expect((await t().alerts.sweep({ days: 0, limit: 1_000 })).due).toHaveLength(1);
    });

    it('hands out each alert to one of those who ask at a time', async () => {
      await delivered(t());
      for (let n = 0; n < 8; n++) await spend(t(), await reached(t()), 1_200_000n);
      await t().alerts.sweep({ days: 10_000, limit: 0 });
      const asked = await Promise.all(Array.from({ length: 8 }, () => t().alerts.sweep({ days: 0, limit: 1_000 })));
      const due = asked.flatMap((one) => one.due);
      expect(due).toHaveLength(24);
      expect(due.every(({ attempt }) => attempt === 1)).toBe(true);
    });

    it('says when it is to be asked again', async () => {
      await delivered(t());
      const user = await reached(t());
      expect((await t().alerts.sweep(LOOK)).nextDue).toBeNull();
      await spend(t(), user, 950_000n);
      const { nextDue, now, due } = await t().alerts.sweep(LOOK);
      expect(Math.abs(nextDue! - now - MINUTE_MS)).toBeLessThan(2_000);
      await t().alerts.settle(due.map((one) => outcomeOf(one, null)));
      expect((await t().alerts.sweep(LOOK)).nextDue).toBeNull();
    });

    it('is done with what was delivered, from whatever try the word of it comes', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [first] = await sweep(t(), user);
      await t().setNow(START + 2 * MINUTE_MS);
      const [second] = await sweep(t(), user);
      await t().alerts.settle([outcomeOf(first!, null)]);
      await t().alerts.settle([outcomeOf(second!, 'timed out')]);
      const [{ delivery } = { delivery: null }] = await listed(t(), user);
      expect(delivery).toMatchObject({ status: 'delivered', attempts: 2, nextAttemptAt: null, error: null });
      expect(delivery?.deliveredAt).toBeGreaterThanOrEqual(START);
      await t().setNow(START + 2 * DAY_MS);
      expect(await sweep(t(), user)).toEqual([]);
    });

    it('tries eight times within a day, less and less often, then gives up and says so', async () => {
      await delivered(t());
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const tries: number[] = [];
      const given: [number, unknown][] = [];
      let next: number | null = START;
      while (next !== null && tries.length < 20) {
        await t().setNow(next);
        const { due, nextDue, now } = await t().alerts.sweep(tries.length === 0 ? LOOK : { days: 0, limit: 9 });
        if (due.length > 0) tries.push((now - START) / MINUTE_MS);
        const lost = await t().alerts.settle(due.map((one) => outcomeOf(one, 'HTTP 500')));
        given.push(...lost.map((key): [number, unknown] => [tries.length, key]));
        next = nextDue;
      }
      expect(tries).toHaveLength(8);
      const gaps = tries.slice(1).map((at, i) => at - tries[i]!);
      for (const [i, gap] of [1, 5, 30, 120, 300, 480, 480].entries())
        expect(Math.abs(gaps[i]! - gap)).toBeLessThan(0.5);
      expect(given).toEqual([[8, { userId: user, day: TODAY, threshold: 'graceful' }]]);
      const [alert] = await listed(t(), user);
      expect(alert?.delivery).toMatchObject({
        status: 'given_up',
        attempts: 8,
        nextAttemptAt: null,
        error: 'HTTP 500',
      });
    });

    it('gives up, too, when the last sender died', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      for (let n = 0; n < 10; n++) {
        await t().setNow(START + n * 10 * 3_600_000);
        await t().alerts.sweep({ days: n === 0 ? 10_000 : 0, limit: 1_000 });
      }
      const [alert] = await listed(t(), user);
      expect(alert?.delivery).toMatchObject({ status: 'given_up', attempts: 8 });
    });

    it('counts a failure of the last try only', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [first] = await sweep(t(), user);
      await t().setNow(START + 2 * MINUTE_MS);
      await sweep(t(), user);
      await t().alerts.settle([outcomeOf(first!, 'late word')]);
      expect((await listed(t(), user))[0]?.delivery).toMatchObject({ status: 'pending', attempts: 2, error: null });
    });
  });

export const targetContract = (name: string, factory: Factory) =>
  contract(`${name}: targets`, factory, (t) => {
    it('keep the secret they have, unless another is to replace it', async () => {
      const user = await t().user();
      expect(await t().alerts.target(user)).toBeUndefined();
      const put = (change: Parameters<Steps['alerts']['putTarget']>[1]) => t().alerts.putTarget(user, change);
      expect(await put({ url: URL, secret: 'whsec_one', replace: false })).toEqual({ url: URL, secret: 'whsec_one' });
      expect(await put({ url: `${URL}/2`, secret: 'whsec_two', replace: false })).toMatchObject({
        secret: 'whsec_one',
      });
      expect(await put({ secret: 'whsec_three', replace: true })).toEqual({ url: `${URL}/2`, secret: 'whsec_three' });
      expect(await t().alerts.target(user)).toBe(`${URL}/2`);
      expect(await put({ url: null, secret: 'whsec_four', replace: false })).toEqual({
        url: null,
        secret: 'whsec_three',
      });
      expect(await t().alerts.target(user)).toBeNull();
    });

    it('are where an alert goes that was not sent yet; without one nothing goes', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      await t().alerts.sweep({ days: 10_000, limit: 0 });
      await t().alerts.putTarget(user, { url: `${URL}/new`, secret: 'whsec_new', replace: true });
      expect(await sweep(t(), user)).toMatchObject([{ url: `${URL}/new`, secret: 'whsec_new' }]);
      await t().alerts.putTarget(user, { url: null, secret: SECRET, replace: false });
      await t().setNow(START + DAY_MS);
      expect(await sweep(t(), user)).toEqual([]);
      await spend(t(), user, 950_000n, 2);
      expect(await sweep(t(), user)).toEqual([]);
      expect((await listed(t(), user)).map(({ delivery }) => delivery.status)).toEqual(['none', 'given_up']);
    });
  });
