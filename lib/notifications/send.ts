/**
 * Sends alerts, from the wake function: after its sweep, and within a time of its own, so that no receiver delays a wake-up. At least
 * once: a sender that dies in the midst of it leaves the alert due, and a receiver tells a repeat by its id.
 */
import type { AlertSweep, BudgetAlerts, DeliveryResult, DueAlert, Live, Log, Webhook } from '../ports/index.ts';
import { alertId, alertJson } from './json.ts';

type SendDeps = { alerts: BudgetAlerts; webhook: Webhook; live: Live; log: Log };

/** Milliseconds. `remaining`: what is left of the invocation; `elapsed`: real time that only grows; `now`: real time. */
export type SendTime = { remaining: () => number; elapsed: () => number; now: () => number };

/** User days looked at in a minute, in under half a second; where more have money spent today, each waits a minute more. */
const DAYS = 20_000;
/** Sent at a time; and for how long a new lot is begun. A lot takes as long as its slowest receiver may (lib/adapters/webhook.ts). */
const LOT = 20;
const SENDING_MS = 15_000;
/** For the last lot and its outcomes. */
const MARGIN_MS = 10_000;
/** Users whose snapshots are forgotten at a time, and at most in one look: those of the others run out within a minute. */
const VIEWS = 20;
const MOST_VIEWS = 1_000;

/** One request: what was passed is entered, and the first lot handed out. Null where it failed; the next minute tries again. */
export async function lookForAlerts({ alerts, log }: SendDeps): Promise<AlertSweep | null> {
  try {
    return await alerts.sweep({ days: DAYS, limit: LOT });
  } catch (error) {
    log({ level: 'warn', message: 'budget alerts failed', error: String(error) });
    return null;
  }
}

/** Never throws: what is not sent comes up again. */
export async function sendAlerts(world: SendDeps, { raised, due }: AlertSweep, time: SendTime): Promise<void> {
  try {
    await forgetSnapshots(world, raised);
    const start = time.elapsed();
    for (let lot = due; lot.length > 0; ) {
      const outcomes = await Promise.all(lot.map((alert) => send(world, alert, time.now())));
      await settle(world, outcomes);
      if (time.elapsed() - start > SENDING_MS || time.remaining() < MARGIN_MS) break;
      lot = (await world.alerts.sweep({ days: 0, limit: LOT })).due;
    }
  } catch (error) {
    world.log({ level: 'warn', message: 'budget alerts failed', error: String(error) });
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

async function send({ webhook }: SendDeps, alert: DueAlert, at: number): Promise<DeliveryResult> {
  const { userId, day, threshold, attempt, url, secret } = alert;
  const data = { user_id: userId, ...alertJson(alert) };
  const body = JSON.stringify({ type: `budget.${threshold}`, timestamp: data.at, data });
  const { error } = await webhook.post({ url, secret, id: alertId(alert), at, body });
  return { userId, day, threshold, attempt, error };
}

async function settle({ alerts, log }: SendDeps, outcomes: DeliveryResult[]): Promise<void> {
  const givenUp = await alerts.settle(outcomes);
  const failed = outcomes.filter(({ error }) => error !== null).length;
  log({ level: 'info', message: 'budget alerts sent', delivered: outcomes.length - failed, failed });
  for (const { userId, day, threshold } of givenUp) {
    log({ level: 'error', message: 'budget alert given up', user: userId, day, threshold });
  }
}
