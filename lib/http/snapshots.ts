/**
 * What the live view answers in Postgres's place: whose key this is, a budget, a session's status. It is asked first where a route says so.
 * Where it cannot tell, Postgres answers, and that answer is kept for the next request (lib/ports/live.ts, `Snapshots`).
 *
 * A key counts for 60 s after it was looked up. Revoking it ends that at once where the live view can be reached, else after those 60 s.
 * All that it opens meanwhile is reading budgets and statuses.
 */
import type { BudgetView, LiveSession, UserSnapshot } from '../ports/index.ts';
import type { Ready } from './deps.ts';

type Key = { id: string; hash: string };

/** The key's user, if the live view knows. `answers` false: it is away, and this request need not ask it again. */
export async function ownerOf(deps: Ready, key: Key): Promise<{ owner: string | null; answers: boolean }> {
  try {
    return { owner: await deps.live.keyOwner(key), answers: true };
  } catch (error) {
    away(deps, error);
    return { owner: null, answers: false };
  }
}

export const keepOwner = (deps: Ready, key: Key, userId: string): Promise<void> =>
  deps.live.keepKey(key, userId).catch((error: unknown) => away(deps, error));

/** After a key was revoked. */
export const forgetOwner = (deps: Ready, id: string): Promise<void> =>
  deps.live.dropKey(id).catch((error: unknown) => away(deps, error));

/** `viewAnswers`: as `ownerOf` told. Throws what Postgres throws. */
export async function budgetOf(deps: Ready, userId: string, viewAnswers: boolean): Promise<BudgetView> {
  const snapshot = viewAnswers ? await snapshotOf(deps, userId, null) : null;
  if (snapshot?.budget) return snapshot.budget;
  const asked = deps.time.elapsed();
  const budget = await deps.accounts.budget(userId);
  const ageMs = deps.time.elapsed() - asked;
  if (snapshot) await kept(deps, deps.live.keep(userId, snapshot.version, { budget, ageMs }));
  return budget;
}

/** Null: no such session of this user's. Throws what Postgres throws. */
export async function statusOf(
  deps: Ready,
  { userId, id }: { userId: string; id: string },
  viewAnswers: boolean,
): Promise<{ session: LiveSession; budget: BudgetView } | null> {
  const snapshot = viewAnswers ? await snapshotOf(deps, userId, id) : null;
  if (snapshot?.session && snapshot.budget) return { session: snapshot.session, budget: snapshot.budget };
  // In this order: if nothing works when the budget is read, nothing can have changed the session since without forgetting this version.
  const asked = deps.time.elapsed();
  const budget = await deps.accounts.budget(userId);
  const session = await deps.userSessions.get(userId, id);
  const ageMs = deps.time.elapsed() - asked;
  if (snapshot) await kept(deps, deps.live.keep(userId, snapshot.version, { budget, session, ageMs }));
  return session && { session: { ...session, asOf: budget.now }, budget };
}

async function snapshotOf(deps: Ready, userId: string, sessionId: string | null): Promise<UserSnapshot | null> {
  try {
    return await deps.live.snapshot(userId, sessionId);
  } catch (error) {
    away(deps, error);
    return null;
  }
}

const kept = (deps: Ready, keeping: Promise<void>): Promise<void> =>
  keeping.catch((error: unknown) => away(deps, error));

const away = (deps: Ready, error: unknown): void =>
  deps.log({ level: 'warn', message: 'live view away', error: String(error) });
