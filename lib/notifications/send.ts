/**
 * Sends notices, from the wake function: after its sweep, and within a time of its own, so that no receiver delays a wake-up. At least
 * once: a sender that dies in the midst of it leaves the delivery due, and a receiver tells a repeat by its id.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryOutcome, DueDelivery, Live, Log, NoticeSweep, Outbox, Webhook } from '../ports/index.ts';
import { bodyOf } from './body.ts';

type SendDeps = { outbox: Outbox; webhook: Webhook; live: Live; log: Log };

/** Milliseconds. `remaining`: what is left of the invocation; `elapsed`: real time that only grows; `now`: real time. */
export type SendTime = { remaining: () => number; elapsed: () => number; now: () => number };

/** User days looked at in a minute, in under half a second; where more have money spent today, each waits a minute more. */
const DAYS = 20_000;
/** Sent at a time, at most four to one user: a receiver takes as long as it may (lib/adapters/webhook.ts), and others must not wait for it. */
const AT_ONCE = 40;
/** For how long new ones are begun. */
const SENDING_MS = 15_000;
/** Outcomes that come so close together are told together. */
const TOGETHER_MS = 100;
/** For the last ones and their outcomes. */
const MARGIN_MS = 10_000;
/** Users whose snapshots are forgotten at a time, and at most in one look: those of the others run out within a minute. */
const VIEWS = 20;
const MOST_VIEWS = 1_000;

/** One request: what was passed is entered, and the first lot handed out. Null where it failed; the next minute tries again. */
export async function lookForNotices({ outbox, log }: SendDeps): Promise<NoticeSweep | null> {
  try {
    return await outbox.sweep({ days: DAYS, limit: AT_ONCE, busy: [] });
  } catch (error) {
    log({ level: 'warn', message: 'notices failed', error: String(error) });
    return null;
  }
}

/** Never throws: what is not sent comes up again. */
export async function sendNotices(world: SendDeps, { raised, due }: NoticeSweep, time: SendTime): Promise<void> {
  try {
    await forgetSnapshots(world, raised);
    await sendAll(world, due, time);
  } catch (error) {
    world.log({ level: 'warn', message: 'notices failed', error: String(error) });
  }
}

/** The snapshots of their budgets lack the new alert: Postgres is asked for the next answer. */
async function forgetSnapshots({ live, log }: SendDeps, users: string[]): Promise<void> {
  const most = users.slice(0, MOST_VIEWS);
  for (let i = 0; i < most.length; i += VIEWS) {
    const forgotten = most.slice(i, i + VIEWS).map((userId) => live.forget(userId));
    const failed = (await Promise.allSettled(forgotten)).find(({ status }) => status === 'rejected');
    if (failed) return log({ level: 'warn', message: 'live view away' });
  }
}

/** As attempts end, others begin, but none of a user who has some under way. */
async function sendAll(world: SendDeps, first: DueDelivery[], time: SendTime): Promise<void> {
  const start = time.elapsed();
  const sending = new Map<Promise<void>, string>();
  let ended: DeliveryOutcome[] = [];
  let due = first;
  for (;;) {
    for (const one of due) {
      const attempt: Promise<void> = send(world, one, time.now()).then((outcome) => {
        ended.push(outcome);
        sending.delete(attempt);
      });
      sending.set(attempt, one.userId);
    }
    if (sending.size === 0 && ended.length === 0) return;
    if (ended.length === 0) await Promise.race(sending.keys());
    if (sending.size > 0) await Promise.race([Promise.all(sending.keys()), sleep(TOGETHER_MS)]);
    const outcomes = ended;
    ended = [];
    await settle(world, outcomes);
    const isOver = time.elapsed() - start > SENDING_MS || time.remaining() < MARGIN_MS;
    const busy = [...new Set(sending.values())];
    due = isOver ? [] : (await world.outbox.sweep({ days: 0, limit: AT_ONCE - sending.size, busy })).due;
  }
}

async function send({ webhook }: SendDeps, due: DueDelivery, at: number): Promise<DeliveryOutcome> {
  const { webhookId, eventId, attempt, url, secrets } = due;
  const { status, error } = await webhook.post({ url, secrets, id: eventId, at, body: bodyOf(due) });
  return { webhookId, eventId, attempt, status, error };
}

async function settle({ outbox, log }: SendDeps, outcomes: DeliveryOutcome[]): Promise<void> {
  const { givenUp, disabled } = await outbox.settle(outcomes);
  const failed = outcomes.filter(({ error }) => error !== null).length;
  log({ level: 'info', message: 'notices sent', delivered: outcomes.length - failed, failed });
  for (const { webhookId, eventId } of givenUp) {
    log({ level: 'error', message: 'notice given up', webhook: webhookId, event: eventId });
  }
  for (const { webhookId, userId } of disabled) {
    log({ level: 'error', message: 'webhook disabled', webhook: webhookId, user: userId });
  }
}
