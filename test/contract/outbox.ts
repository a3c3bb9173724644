/** What the Outbox port promises of sending: nothing that was told is lost, and no receiver makes others wait. */
import { expect, it } from 'vitest';
import { alertId } from '../../lib/notifications/json.ts';
import type { DeliveryOutcome, DueDelivery } from '../../lib/ports/index.ts';
import { contract, DAY_MS, type Factory, START, type Steps } from './harness.ts';

const MINUTE_MS = 60_000;
const TODAY = '2026-11-10';
const URL = 'https://hooks.example/circadian';
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const LOOK = { days: 10_000, limit: 1_000, busy: [] as string[] };
const AGAIN = { ...LOOK, days: 0 };

/** Spends so much of today, as a bill that no hold went before. */
export const spend = (t: Steps, userId: string, cost: bigint, iteration = 1) =>
  t.purse.record({ userId, sessionId: 'ses_any', iteration, model: 'claude-haiku-5-5', usage: {}, cost, at: START });

export const listed = async (t: Steps, userId: string) =>
  (await t.alerts.list(userId, { limit: 100, cursor: null })).data;
/** Looks, and gives what is to be sent to this user now. */
export const sweep = async (t: Steps, userId: string, look = LOOK): Promise<DueDelivery[]> =>
  (await t.outbox.sweep(look)).due.filter((one) => one.userId === userId);
export const settle = (t: Steps, due: DueDelivery[], error: string | null, status: number | null = null) =>
  t.outbox.settle(due.map((one) => outcomeOf(one, error, status)));

/** A user with an address of the operator's. */
export async function reached(t: Steps): Promise<string> {
  const user = await t.user();
  await t.alerts.putTarget(user, { url: URL, secret: SECRET, replace: false });
  return user;
}

const outcomeOf = (
  { webhookId, eventId, attempt }: DueDelivery,
  error: string | null,
  status: number | null = null,
): DeliveryOutcome => ({ webhookId, eventId, attempt, status: error === null ? 200 : status, error });

/** All that other tests left to be sent is sent. */
export async function delivered(t: Steps): Promise<void> {
  await t.setNow(START + 9 * DAY_MS);
  for (let due: DueDelivery[] = []; ; await settle(t, due, null)) {
    ({ due } = await t.outbox.sweep(AGAIN));
    if (due.length === 0) break;
  }
  await t.setNow(START);
}

export const outboxContract = (name: string, factory: Factory) =>
  contract(`${name}: outbox`, factory, (t) => {
    it('hands out each delivery once, and again when nothing was heard of it', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [due, ...others] = await sweep(t(), user);
      expect(due).toMatchObject({
        type: 'budget.graceful',
        attempt: 1,
        url: URL,
        secrets: [SECRET],
        format: 'standard',
      });
      expect(due).toMatchObject({
        eventId: alertId(due!.alert!),
        alert: { spent: 950_000n, day: TODAY },
        session: null,
      });
      expect(others).toEqual([]);
      expect(await sweep(t(), user)).toEqual([]);
      await t().setNow(START + 2 * MINUTE_MS);
      expect(await sweep(t(), user)).toMatchObject([{ eventId: due!.eventId, attempt: 2 }]);
      expect((await listed(t(), user))[0]?.delivery).toMatchObject({ status: 'pending', attempts: 2 });
    });

    it('hands out no more than it is asked for, without a look if none is wanted, and nothing of a user who is busy', async () => {
      await delivered(t());
      const user = await reached(t());
      await spend(t(), user, 1_200_000n);
      expect(await sweep(t(), user, AGAIN)).toEqual([]);
      await t().outbox.sweep({ ...LOOK, limit: 0 });
      expect((await t().outbox.sweep({ ...AGAIN, busy: ['usr_never', user] })).due).toEqual([]);
      expect((await t().outbox.sweep({ ...AGAIN, limit: 2 })).due).toHaveLength(2);
      expect((await t().outbox.sweep(AGAIN)).due).toHaveLength(1);
    });

    it('hands out each delivery to one of those who ask at a time', async () => {
      await delivered(t());
      for (let n = 0; n < 8; n++) await spend(t(), await reached(t()), 1_200_000n);
      await t().outbox.sweep({ ...LOOK, limit: 0 });
      const asked = await Promise.all(Array.from({ length: 8 }, () => t().outbox.sweep(AGAIN)));
      const due = asked.flatMap((one) => one.due);
      expect(due).toHaveLength(24);
      expect(due.every(({ attempt }) => attempt === 1)).toBe(true);
    });

    it('says when it is to be asked again', async () => {
      await delivered(t());
      const user = await reached(t());
      expect((await t().outbox.sweep(LOOK)).nextDue).toBeNull();
      await spend(t(), user, 950_000n);
      const { nextDue, now, due } = await t().outbox.sweep(LOOK);
      expect(Math.abs(nextDue! - now - MINUTE_MS)).toBeLessThan(2_000);
      await settle(t(), due, null);
      expect((await t().outbox.sweep(LOOK)).nextDue).toBeNull();
    });

    it('is done with what was delivered, from whatever try the word of it comes', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [first] = await sweep(t(), user);
      await t().setNow(START + 2 * MINUTE_MS);
      const [second] = await sweep(t(), user);
      await settle(t(), [first!], null);
      await settle(t(), [second!], 'timed out');
      const [{ delivery } = { delivery: null }] = await listed(t(), user);
      expect(delivery).toMatchObject({ status: 'delivered', attempts: 2, nextAttemptAt: null, error: null });
      expect(delivery?.deliveredAt).toBeGreaterThanOrEqual(START);
      await t().setNow(START + 2 * DAY_MS);
      expect(await sweep(t(), user)).toEqual([]);
    });

    it('tries for three days, less and less often, then disables the webhook with a sentence and keeps what waits', async () => {
      await delivered(t());
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const tries: number[] = [];
      const disabled: unknown[] = [];
      const names = new Set<string>();
      let next: number | null = START;
      while (next !== null && tries.length < 30) {
        await t().setNow(next);
        const { due, nextDue, now } = await t().outbox.sweep(tries.length === 0 ? LOOK : AGAIN);
        for (const { eventId } of due) names.add(eventId);
        if (due.length > 0) tries.push((now - START) / MINUTE_MS);
        const ends = await settle(t(), due, 'HTTP 500', 500);
        disabled.push(...ends.disabled);
        next = ends.disabled.length > 0 ? (await t().outbox.sweep(AGAIN)).nextDue : nextDue;
      }
      const gaps = tries.slice(1).map((at, i) => Math.round(at - tries[i]!));
      expect(gaps).toEqual([1, 5, 30, 120, 240, ...Array(11).fill(360)]);
      const [webhook] = await t().webhooks.list(user);
      expect(disabled).toEqual([{ webhookId: webhook!.id, userId: user }]);
      expect(webhook).toMatchObject({ enabled: false, managedBy: 'operator' });
      expect(webhook?.disabledReason).toContain('Nobody took a notice in three days');
      expect((await listed(t(), user))[0]?.delivery).toMatchObject({ status: 'pending', error: 'HTTP 500' });
      await t().alerts.putTarget(user, { url: URL, secret: SECRET, replace: false });
      const [due] = await sweep(t(), user, AGAIN);
      expect([...names]).toEqual([due?.eventId]);
    });

    it('gives up what is refused eighteen times while others are taken', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const givenUp: unknown[] = [];
      for (let n = 0; n < 20; n++) {
        await t().setNow(START + n * 7 * 3_600_000);
        const due = await sweep(t(), user, n === 0 ? LOOK : AGAIN);
        givenUp.push(...(await settle(t(), due, 'HTTP 500', 500)).givenUp);
        const [webhook] = await t().webhooks.list(user);
        const taken = { ...due[0]!, eventId: 'evt_other', webhookId: webhook!.id };
        await settle(t(), [taken], null);
      }
      const [alert] = await listed(t(), user);
      expect(givenUp).toMatchObject([{ eventId: alertId(alert!) }]);
      expect(alert?.delivery).toMatchObject({
        status: 'given_up',
        attempts: 18,
        nextAttemptAt: null,
        error: 'HTTP 500',
      });
      expect((await t().webhooks.list(user))[0]).toMatchObject({ enabled: true });
    });

    it('gives up, too, when the last sender died', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      for (let n = 0; n < 20; n++) {
        await t().setNow(START + n * 10 * 3_600_000);
        await t().outbox.sweep(n === 0 ? LOOK : AGAIN);
      }
      const [alert] = await listed(t(), user);
      expect(alert?.delivery).toMatchObject({ status: 'given_up', attempts: 18, nextAttemptAt: null });
    });

    it('counts a failure of the last try only', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      const [first] = await sweep(t(), user);
      await t().setNow(START + 2 * MINUTE_MS);
      await sweep(t(), user);
      await settle(t(), [first!], 'late word');
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
      expect(await t().webhooks.list(user)).toEqual([]);
    });

    it('are where an alert goes that was not sent yet; without one nothing goes', async () => {
      const user = await reached(t());
      await spend(t(), user, 950_000n);
      await t().outbox.sweep({ ...LOOK, limit: 0 });
      await t().alerts.putTarget(user, { url: `${URL}/new`, secret: 'whsec_new', replace: true });
      expect(await sweep(t(), user)).toMatchObject([{ url: `${URL}/new`, secrets: ['whsec_new'] }]);
      await t().alerts.putTarget(user, { url: null, secret: SECRET, replace: false });
      await t().setNow(START + DAY_MS);
      expect(await sweep(t(), user)).toEqual([]);
      await spend(t(), user, 950_000n, 2);
      expect(await sweep(t(), user)).toEqual([]);
      expect((await listed(t(), user)).map(({ delivery }) => delivery.status)).toEqual(['none', 'given_up']);
    });

    it('are a webhook that its user sees and may not change', async () => {
      const user = await reached(t());
      const [webhook] = await t().webhooks.list(user);
      expect(webhook).toMatchObject({ url: URL, managedBy: 'operator', includeText: false });
      expect(await t().webhooks.change(user, webhook!.id, { enabled: false })).toBe('managed');
      expect(await t().webhooks.remove(user, webhook!.id)).toBe('managed');
      expect(await t().alerts.target(user)).toBe(URL);
    });
  });
