/**
 * What the live view answers in Postgres's place: whose key this is, a budget, a session's standing. It is asked first where a route says
 * so; where it cannot tell, Postgres answers, and the view is written anew from that.
 *
 * A key counts for 60 s after it was looked up. Revoking it ends that at once where the live view can be reached, else after those 60 s;
 * and all that it opens meanwhile is reading budgets and standings. A request whose key has to be looked up has its answer from Postgres
 * too, so that whatever might be wrong in the view is put right once in a minute for whoever keeps asking.
 */
import type { BudgetView, LiveSession, Seen, SessionView } from '../ports/index.ts';
import type { Ready, View } from './deps.ts';

type Key = { id: string; hash: string };

/** The key's user, if the live view knows; and whether it may be asked on. */
export async function ownerOf(deps: Ready, key: Key): Promise<{ owner: string | null; view: View }> {
  try {
    const owner = await deps.live.keyOwner(key);
    return { owner, view: owner === null ? 'refill' : 'ask' };
  } catch (error) {
    away(deps, error);
    return { owner: null, view: 'away' };
  }
}

export const keepOwner = (deps: Ready, key: Key, userId: string): Promise<void> =>
  deps.live.keepKey(key, userId).catch((error: unknown) => away(deps, error));

/** After a key was revoked. */
export const forgetOwner = (deps: Ready, id: string): Promise<void> =>
  deps.live.dropKey(id).catch((error: unknown) => away(deps, error));

/** The answer and the instant since which nothing has changed in it, by the database's clock. Throws what Postgres throws. */
export async function budgetNow(
  deps: Ready,
  userId: string,
  view: View,
): Promise<{ budget: BudgetView; asOf: number }> {
  const seen = await seenOf(deps, userId, null, view);
  if (view === 'ask' && seen?.budget) return { budget: seen.budget.view, asOf: seen.budget.asOf };
  const budget = await deps.accounts.budget(userId);
  if (seen) await refill(deps, userId, seen, { budget });
  return { budget, asOf: budget.now };
}

/** Null: no such session of this user's. */
export async function standingNow(
  deps: Ready,
  { userId, id }: { userId: string; id: string },
  view: View,
): Promise<{ session: Omit<LiveSession, 'asOf'>; budget: BudgetView; asOf: number } | null> {
  const seen = await seenOf(deps, userId, id, view);
  if (view === 'ask' && seen?.session && seen.budget) {
    const asOf = Math.max(seen.session.asOf, seen.budget.asOf);
    return { session: seen.session, budget: seen.budget.view, asOf };
  }
  const session = await deps.userSessions.get(userId, id);
  const budget = await deps.accounts.budget(userId);
  if (seen) await refill(deps, userId, seen, { budget, session: { id, view: session } });
  return session && { session, budget, asOf: budget.now };
}

async function seenOf(deps: Ready, userId: string, sessionId: string | null, view: View): Promise<Seen | null> {
  if (view === 'away') return null;
  try {
    return await deps.live.read(userId, sessionId, deps.time.now());
  } catch (error) {
    away(deps, error);
    return null;
  }
}

type Answer = { budget: BudgetView; session?: { id: string; view: SessionView | null } };

const refill = (deps: Ready, userId: string, seen: Seen, answer: Answer): Promise<void> =>
  deps.live.put(userId, seen, answer).catch((error: unknown) => away(deps, error));

const away = (deps: Ready, error: unknown): void =>
  deps.log({ level: 'warn', message: 'live view away', error: String(error) });
