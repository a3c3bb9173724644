/** The operator's stop of all agents, as far as users are told of it: once a day that it began to matter, and not that it has ended. */
import { got } from '../client/call.ts';
import type { Budget, Client, Session } from '../client/index.ts';
import { budgetAndNow, type Cli } from './cli.ts';

/** What is due moves within a minute. Who waits longer is held, or something is wrong. */
const HELD_AFTER_MS = 60_000;

/** Whether it should have been taken up long ago, and was not. */
export function isHeld({ status, activity, wake_at: wakeAt }: Session, now: number): boolean {
  const waits = activity?.state === 'queued' || activity?.state === 'late';
  const due = status === 'working' ? (waits ? activity.due_at : null) : wakeAt;
  return due !== null && status !== 'paused' && now - Date.parse(due) >= HELD_AFTER_MS;
}

type Asked = { sessions: Session[]; budget: Budget; now: number; signal?: AbortSignal };

/** When this user was told today that the operator has stopped all agents; null also where none of these sessions is held. Never throws. */
export async function stopOf(client: Client, { sessions, budget, now, signal }: Asked): Promise<string | null> {
  const breaker = budget.alerts.find(({ threshold }) => threshold === 'breaker');
  if (!breaker || !sessions.some((session) => isHeld(session, now))) return null;
  // The newest day comes first, and of each day the gravest.
  const query = { limit: 1 };
  const found = await got(client.api.GET('/v1/budget/alerts', { params: { query }, signal })).catch(() => null);
  return found?.data[0]?.reason === 'stopped' && found.data[0].at === breaker.at ? breaker.at : null;
}

/** The server's time, and `stopOf` these; of this machine and null where the server does not say, and where only scripts read. */
export async function nowAndStop(
  { flags, client, io }: Cli,
  sessions: Session[],
): Promise<{ now: number; stop: string | null }> {
  const here = { now: io.now(), stop: null };
  if (flags().json) return here;
  const { signal } = io;
  const asked = await budgetAndNow(client(), io, signal).catch(() => null);
  return asked ? { now: asked.now, stop: await stopOf(client(), { ...asked, sessions, signal }) } : here;
}

/** It may have ended since. */
export const stopped = (stop: string, who: string): string =>
  `The operator stopped all agents today, told at ${stop.slice(11, 16)} UTC. If that still holds, ${who}, and nothing is lost.`;
