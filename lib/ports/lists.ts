/** What is told in lists, a page at a time. Money is in microdollars, days are UTC dates, instants are milliseconds. */
import type { Day } from '../core/session.ts';

/** `cursor`: the `next` of the page before; null: the first page. It is opaque, and one that no page gave throws `UnknownCursor`. */
export type ListPage = { limit: number; cursor: string | null };
/** `next`: null at the end. */
export type Listed<T> = { data: T[]; next: string | null };

/** `no_budget`: no plan, so nothing can be started. Else `active`: a session has not ended. Else `idle`. */
export const USER_STATUSES = ['no_budget', 'active', 'idle'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

/** Which users to list; what is left out does not narrow. `idPrefix`: how the id begins. */
export type UserFilter = { tier?: string | undefined; status?: UserStatus | undefined; idPrefix?: string | undefined };

/** What beside the user's terms an operator looks for. `day`: today, as it is or as it would open; to look at it opens nothing. */
export type UserStanding = { status: UserStatus; createdAt: number; day: Day };

/** A cursor that no page of the list ever gave. It must not pass for the end of the list. */
export class UnknownCursor extends Error {
  override name = 'UnknownCursor';
}

/** Money that was added, on `day`. `key`: under which it counts once. `today`: all of it for that very day; `cycle`: shared out over the days left. */
export type TopUp = { key: string; day: string; at: number; amount: bigint; spread: 'today' | 'cycle' };

/** UTC dates, both included. */
export type DayRange = { from: string; to: string };

/**
 * One day as it stands: of the cycle's money `carriedIn` came from the days before, `toppedUp` was added, `spent` is the sum of its ledger,
 * and `held` is not decided yet. So a day of the same cycle and plan begins with what the one before left, unless a call of that one was
 * settled later. A renewal begins with the plan and what was carried over. Null: the day is older than this is kept.
 */
export type BudgetDay = {
  date: string;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
  carriedIn: bigint | null;
  toppedUp: bigint;
  /** Spent or held by calls of a wind-down. Null: more than 92 days ago, and no longer known. */
  handedOff: bigint | null;
};

/** A key as it may be shown: `prefix` is how it begins. `lastUsedAt` is known to five minutes. Milliseconds UTC. */
export type KeyView = {
  id: string;
  name: string | null;
  prefix: string;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
};
