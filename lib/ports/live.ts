/**
 * The live view's side of the ports (lib/ports/index.ts tells the rules of all): what viewers see without waking Postgres, and the recovery
 * cron's marker. The live view never admits spending. Every method may fail without harm to money or work: callers log and go on.
 */
import type { Day } from '../core/session.ts';
import type { Status } from '../core/status.ts';
import type { SessionView } from './session-view.ts';
import type { BudgetView } from './users.ts';

export type LiveView = {
  sessionId: string;
  userId: string;
  /** Ordered by (fence, seq). */
  fence: number;
  seq: number;
  wakeAt: number | null;
  cost: bigint;
  due: number;
  day: Day;
};

/** `text`: the reply's own; `thought`: what the provider shows of the thoughts behind it, if anything. */
export type Draft = { iteration: number; text: string; thought?: string | undefined };

/** `until`, `now` and `asked.at` are instants of the caller's own clock; `due` and `asked.now` are of the database's, which may run ahead of it. */
export type Live = Snapshots & {
  /**
   * Before a commit that will need a wake-up: the recovery cron asks Postgres until `until` (R10), which is now + the invocation's limit +
   * a lease. True if somebody watches `sessionId`. If it throws, send a delayed hint before the commit. First in an invocation, one
   * request, which forgets the user's snapshots as well.
   */
  open(sessionId: string | null, until: number, userId: string): Promise<{ watched: boolean }>;
  /**
   * Last in an invocation, one request: forgets the user's snapshots, ends the draft, and tells the recovery cron if the session is due
   * before anything it knows of. A view that is older than the one before it changes nothing else.
   */
  mirror(view: LiveView): Promise<void>;
  /** The reply so far, for those who watch; replaced by each next one. Gone two minutes after the last. */
  draft(sessionId: string, draft: Draft): Promise<void>;
  /** For a viewer: marks it as watching for 30 s and tells the newest journal number and draft known here (0 and null: nothing is known). */
  watch(sessionId: string): Promise<{ seq: number; draft: Draft | null }>;
  /**
   * For the recovery cron: may it leave Postgres asleep at `now`? Only if Postgres was asked after the last `open` ran out, and nothing
   * is due yet. Null: cannot tell (marker lost, service away), ask Postgres. Never throws.
   */
  idle(now: number): Promise<boolean | null>;
  /**
   * After asking Postgres: when it next needs asking (null: never, as far as it knows). The only write that raises it. `asked.at`: the
   * caller's clock before the sweep was sent; `asked.now`: the database's clock in its answer. The answer of an earlier sweep that
   * arrives after that of a later one changes nothing. `asked.overdueMs`: what that answer said of the most overdue session.
   */
  nextDue(at: number | null, asked: { at: number; now: number; overdueMs?: number }): Promise<void>;
  /**
   * For how long the most overdue session has not moved, as far as the last answer of Postgres told, and the time since then; 0: none was
   * overdue. Milliseconds. Null: not known. Never throws.
   */
  overdue(now: number): Promise<number | null>;
};

/** A session's status as Postgres told it at `asOf`, by the database's clock in milliseconds. */
export type LiveSession = { status: Status; wakeAt: number | null; cost: bigint; asOf: number };

/** `version`: to be handed back with what Postgres answers. `budget`, `session`: null where none is kept; `budget.now` is its own `asOf`. */
export type UserSnapshot = { version: string; budget: BudgetView | null; session: LiveSession | null };

/**
 * Answers of Postgres that are given again, for a minute at most. Nothing is kept while one of the user's sessions works or is about to,
 * so a snapshot and Postgres agree, but for one case: a change whose `forget` failed, or whose maker died before it, is missing for up to
 * that minute.
 */
export type Snapshots = {
  /** What is kept of the user, and of a session of theirs. Throws when the service is away. */
  snapshot(userId: string, sessionId: string | null): Promise<UserSnapshot>;
  /**
   * Keeps what Postgres was asked for after `version` was read, `ageMs` ago; changes nothing if the user's snapshots were forgotten since.
   * Nothing is kept while a session of the user is due, and a session that works is overdue.
   */
  keep(
    userId: string,
    version: string,
    answer: { budget: BudgetView; session?: SessionView | null; ageMs: number },
  ): Promise<void>;
  /**
   * A word that is another one after every change to what the user is shown; null: nothing changed for minutes, or it is lost. For those who wait
   * for a change: it wakes nothing. Throws when the service is away.
   */
  version(userId: string): Promise<string | null>;
  /** After every change to what a user is shown: whatever was asked for before is shown no more, also if it arrives later. */
  forget(userId: string): Promise<void>;
  /**
   * Whose API key this is, if that was looked up within the last 60 s; null: look it up. `hash` is the SHA-256 of the whole key: the id
   * alone opens nothing. Throws when the service is away.
   */
  keyOwner(key: { id: string; hash: string }): Promise<string | null>;
  /** What a lookup found: true for 60 s, unless the key was revoked meanwhile. */
  keepKey(key: { id: string; hash: string }, userId: string): Promise<void>;
  /**
   * A key was revoked: it is asked for in Postgres from now on, also if a lookup that began before comes late. If this throws, a
   * key that was looked up just before may read budgets and statuses for another 60 s.
   */
  dropKey(id: string): Promise<void>;
};
