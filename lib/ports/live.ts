/**
 * The live view's side of the ports (lib/ports/index.ts tells the rules of all): what viewers see without waking Postgres, and the recovery
 * cron's marker. It never admits spending, and every method may fail without harm to money or work: callers log and go on.
 *
 * What is written comes after Postgres, with absolute values and a version, so that a late or repeated write changes nothing. And whatever
 * may change what a user is shown leaves a mark before it commits anything (`open`), and takes it away together with what came of it
 * (`mirror`, `close`). An answer is given only where no mark is left, so it is what Postgres would say: what is under way is asked for
 * there, where it is awake anyway.
 */
import type { Day } from '../core/session.ts';
import type { Status } from '../core/status.ts';
import type { BudgetView, SessionView } from './users.ts';

export type LiveView = {
  sessionId: string;
  userId: string;
  /** Ordered by (fence, seq). */
  fence: number;
  seq: number;
  status: Status;
  wakeAt: number | null;
  cost: bigint;
  due: number;
  day: Day;
};

/** One operation that may change what its user is shown: an invocation, a request. `op` is minted by it and never used again. */
export type Mark = { userId: string; op: string };

/** `at`: the database's instant of what is mirrored. `onlyToday`: all the money that the operation moved is of the view's day. */
export type Ending = { op: string; at: number; onlyToday: boolean };

/** `text`: the reply's own; `thought`: what the provider shows of the thoughts behind it, if anything. */
export type Draft = { iteration: number; text: string; thought?: string | undefined };

/** `until`, `now` and `asked.at` are instants of the caller's own clock; `due` and `at` are of the database's, which may run ahead of it. */
export type Live = LiveAnswers & {
  /**
   * Before a commit that will need a wake-up: the recovery cron asks Postgres until `until` (R10), which is now + the invocation's limit +
   * a lease. True if somebody watches `sessionId`. If it throws, send a delayed hint before the commit. First in an invocation, one
   * request. `mark` stays until it is taken away, or until the operation must have ended.
   */
  open(sessionId: string | null, until: number, mark?: Mark): Promise<{ watched: boolean }>;
  /**
   * Last in an invocation, one request. Ends the draft; tells the recovery cron if the session is due before anything it knows of.
   * `day.date` and `day.revision` order the day's part. Without an `ending` the view is kept, but shown to nobody before Postgres was asked.
   */
  mirror(view: LiveView, ending?: Ending): Promise<void>;
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

/** `asOf`: the database's instant since when, as far as is known here, nothing has changed. `budget.view.now` is the present. */
export type LiveBudget = { view: BudgetView; asOf: number };
export type LiveSession = { status: Status; wakeAt: number | null; cost: bigint; asOf: number };

/** `busy`: something is under way. `budget` and `session` null: not known, not of today, or not to be relied on; ask Postgres. */
export type Seen = { stamp: string; busy: boolean; budget: LiveBudget | null; session: LiveSession | null };

/**
 * Answers without Postgres. What could not be told (a mark that could not be left since the service was away) shows at most until the
 * user's next invocation ends or a key of his is looked up again; what is garbled is not known.
 */
export type LiveAnswers = {
  /**
   * Takes the mark away. `changed`: what came of it is not mirrored, or nobody knows: nothing is shown before Postgres was asked. Works
   * also where the mark could not be left.
   */
  close(mark: Mark, changed: boolean): Promise<void>;
  /** What is known of the user, and of a session if it is his. `now`: the caller's clock; which day it is goes by the database's. Throws when the service is away. */
  read(userId: string, sessionId: string | null, now: number): Promise<Seen>;
  /**
   * What Postgres answered after `seen` was read, with nothing under way then. Written only if nothing was begun, ended or written since:
   * a late write changes nothing. A session of null is forgotten.
   */
  put(
    userId: string,
    seen: Seen,
    answer: { budget: BudgetView; session?: { id: string; view: SessionView | null } },
  ): Promise<void>;
  /**
   * Whose API key this is, if that was looked up within the last 60 s; null: look it up. `hash` is the SHA-256 of the whole key: who knows
   * its id alone is nobody. Throws when the service is away.
   */
  keyOwner(key: { id: string; hash: string }): Promise<string | null>;
  /** What a lookup found: true for 60 s, unless the key was revoked meanwhile. */
  keepKey(key: { id: string; hash: string }, userId: string): Promise<void>;
  /**
   * A key was revoked: it is asked for in Postgres from now on, also if a lookup that began before comes late. If this throws, whoever
   * looked the key up just before may be let in for another 60 s, to read budgets and states.
   */
  dropKey(id: string): Promise<void>;
};
