/**
 * Sends notices, from the wake function: after its sweep, and within a time of its own, so that no receiver delays a wake-up. At least
 * once: a sender that dies in the midst of it leaves the notice due, and a receiver tells a repeat by its id.
 */
import type { BudgetAlerts, DeliveryResult, DueNotice, Live, Log, NoticeSweep, Webhook } from '../ports/index.ts';
import { noticeId, noticeJson } from './json.ts';

type SendDeps = { notices: BudgetAlerts; webhook: Webhook; live: Live; log: Log };

/** Milliseconds. `remaining`: what is left of the invocation; `elapsed`: real time that only grows; `now`: real time. */
export type SendTime = { remaining: () => number; elapsed: () => number; now: () => number };

/** User days looked at in a minute, in under half a second; where more have money spent today, each waits a minute more. */
const DAYS = 20_000;
/** Sent at a time; and for how long a new lot is begun. A lot takes as long as its slowest receiver may (lib/adapters/webhook.ts). */
const LOT = 20;
const SENDING_MS = 15_000;
/** For the last lot and its outcomes. */
const MARGIN_MS = 10_000;
/** Users whose kept views are put aside at a time, and at most in one look: the remaining users are refreshed by their next iteration. */
const VIEWS = 20;
const MOST_VIEWS = 1_000;

/** One request: what was passed is entered, and the first lot handed out. Null where it failed; the next minute tries again. */
export async function lookForNotices({ notices, log }: SendDeps): Promise<NoticeSweep | null> {
  try {
    return await notices.sweep({ days: DAYS, limit: LOT });
  } catch (error) {
    log({ level: 'warn', message: 'notices failed', error: String(error) });
    return null;
  }
}

/** Never throws: what is not sent comes up again. */
export async function sendNotices(world: SendDeps, { noticed, due }: NoticeSweep, time: SendTime): Promise<void> {
  try {
    await forgetSnapshots(world, noticed);
    const start = time.elapsed();
    for (let lot = due; lot.length > 0; ) {
      const outcomes = await Promise.all(lot.map((notice) => send(world, notice, time.now())));
      await settle(world, outcomes);
      if (time.elapsed() - start > SENDING_MS || time.remaining() < MARGIN_MS) break;
      lot = (await world.notices.sweep({ days: 0, limit: LOT })).due;
    }
  } catch (error) {
    world.log({ level: 'warn', message: 'notices failed', error: String(error) });
  }
}

/** The snapshots of their budgets lack the new notice: Postgres is asked for the next answer. */
async function forgetSnapshots({ live, log }: SendDeps, users: string[]): Promise<void> {
  const most = users.slice(0, MOST_VIEWS);
  for (let i = 0; i < most.length; i += VIEWS) {
    const forgotten = most.slice(i, i + VIEWS).map((userId) => live.forget(userId));
    const failed = (await Promise.allSettled(forgotten)).find(({ status }) => status === 'rejected');
    if (failed) return log({ level: 'warn', message: 'live view away' });
  }
}

async function send({ webhook }: SendDeps, notice: DueNotice, at: number): Promise<DeliveryResult> {
  const { userId, day, threshold, attempt, url, secret } = notice;
  const data = { user_id: userId, ...noticeJson(notice) };
  const body = JSON.stringify({ type: `budget.${threshold}`, timestamp: data.at, data });
  const { error } = await webhook.post({ url, secret, id: noticeId(notice), at, body });
  return { userId, day, threshold, attempt, error };
}

async function settle({ notices, log }: SendDeps, outcomes: DeliveryResult[]): Promise<void> {
  const givenUp = await notices.settle(outcomes);
  const failed = outcomes.filter(({ error }) => error !== null).length;
  log({ level: 'info', message: 'notices sent', delivered: outcomes.length - failed, failed });
  for (const { userId, day, threshold } of givenUp) {
    log({ level: 'error', message: 'notice given up', user: userId, day, threshold });
  }
}
