import { CRON_MS, INVOCATION_MS, LEASE_MS } from '../core/times.ts';
import type { QueueMessage, SessionView } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import type { Ready } from './deps.ts';

/** Of the API's parts, those that a hint needs. */
type WakeUpDeps = Pick<Ready, 'userSessions' | 'live' | 'queue' | 'log' | 'time'>;

/** An invocation's limit, a lease, and the minute in which the recovery cron comes by: for so long it keeps asking Postgres (R10). */
const REACH_MS = INVOCATION_MS + LEASE_MS + CRON_MS;
/** Long enough for the commit to be there when the message arrives. */
const LATER_MS = 60_000;
const PAGE = 100;
/** A user's first thousand sessions are hinted at once; the recovery cron finds the others within a minute. */
const MAX_PAGES = 10;

/**
 * Makes a change after which one session must move (R10): first the marker that keeps the recovery cron asking, or, where Upstash is away,
 * a message that arrives after the commit; then the change; then the hint that makes it happen now. Throws `unavailable` only when
 * neither the marker nor the message could be written, before anything was changed. A hint for a session that was not made is harmless.
 */
export async function withWakeUp<T>(deps: WakeUpDeps, hint: QueueMessage, change: () => Promise<T>): Promise<T> {
  if (!(await announced(deps, hint.userId))) await sendLater(deps, hint);
  const changed = await change().finally(() => forgotten(deps, hint.userId));
  await sendNow(deps, [hint]);
  return changed;
}

/** The same for a change that may move any of a user's sleepers; `nudged` says whether it did. */
export async function withHints<T>(
  deps: WakeUpDeps,
  userId: string,
  change: () => Promise<T>,
  nudged: (changed: T) => boolean,
): Promise<T> {
  if (!(await announced(deps, userId))) {
    for (const hint of await sessionsOf(deps, userId, (view) => view.completedAt === null)) await sendLater(deps, hint);
  }
  const changed = await change().finally(() => forgotten(deps, userId));
  if (nudged(changed)) await sendNow(deps, await sessionsOf(deps, userId, (view) => view.status === 'working'));
  return changed;
}

/**
 * Makes a change after which a schedule may be due sooner than the recovery cron knows: first the marker that keeps it asking. Throws
 * `unavailable` where the marker cannot be written, before anything was changed: a schedule has no message that could stand in.
 */
export async function withMarker<T>(deps: WakeUpDeps, userId: string, change: () => Promise<T>): Promise<T> {
  if (await announced(deps, userId)) return change();
  throw new Problem(
    'unavailable',
    'Redis cannot be reached, so the schedule might be looked at too late. Nothing was changed and nothing was spent; try again in a minute.',
    { retryAfter: 60 },
  );
}

/** The marker by which the recovery cron asks Postgres (R10), before a change that it must find. False: the live view is away, and it asks anyway. */
export async function announced(deps: Pick<WakeUpDeps, 'live' | 'log' | 'time'>, userId: string): Promise<boolean> {
  try {
    await deps.live.open(null, deps.time.now() + REACH_MS, userId);
    return true;
  } catch (error) {
    deps.log({ level: 'warn', message: 'live view away', error: String(error) });
    return false;
  }
}

/** Also where the change failed, since it may have been made: the next reader is answered by Postgres. */
export const forgotten = (deps: WakeUpDeps, userId: string): Promise<void> =>
  deps.live.forget(userId).catch((error: unknown) => {
    deps.log({ level: 'warn', message: 'live view away', error: String(error) });
  });

async function sendLater(deps: WakeUpDeps, hint: QueueMessage): Promise<void> {
  try {
    await deps.queue.send(hint, LATER_MS);
  } catch (error) {
    deps.log({ level: 'error', message: 'live view and queue away', error: String(error) });
    throw new Problem(
      'unavailable',
      'The queue cannot be reached, so nobody would take this up. Nothing was done and nothing was spent; try again in a minute.',
      { retryAfter: 60 },
    );
  }
}

/** A lost hint costs time, not work: the session is due, and the recovery cron finds it. */
async function sendNow(deps: WakeUpDeps, hints: QueueMessage[]): Promise<void> {
  if (hints.length === 0) return;
  try {
    const [only] = hints;
    if (hints.length === 1 && only) await deps.queue.send(only, 0);
    else await deps.queue.sendAll(hints);
  } catch (error) {
    deps.log({ level: 'warn', message: 'hint not sent', sessions: hints.length, error: String(error) });
  }
}

async function sessionsOf(
  deps: WakeUpDeps,
  userId: string,
  wanted: (view: SessionView) => boolean,
): Promise<QueueMessage[]> {
  const hints: QueueMessage[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page: Awaited<ReturnType<Ready['userSessions']['list']>> = await deps.userSessions.list(userId, {
      limit: PAGE,
      cursor,
    });
    const { data, next } = page;
    hints.push(...data.filter(wanted).map((view) => ({ sessionId: view.id, userId })));
    if (next === null) break;
    cursor = next;
  }
  return hints;
}
