/**
 * A tool whose call costs money. Its most is held before it runs, as for a call of a model; what it did cost is written with the save that
 * brings its result. Where that save does not come, the next owner's claim charges all of the hold (R7).
 */
import type { LogEntry } from './events.ts';
import type { RefusedBy } from './input.ts';
import { dollars } from './runtime-messages.ts';
import type { Day, Paid, SessionData, ToolResult } from './session.ts';
import { budgetEntry, free } from './step.ts';

/** The number of the hold for the call at this place of the reply, from 0. An owner's first hold is its model call's. */
export const holdNumber = (place: number): number => place + 2;

/** What the model is told of a paid call that was not made. `most`: what it can cost, microdollars. */
export function notAfforded(by: RefusedBy, most: bigint, day: Day): string {
  const price = `Not run, and nothing was spent: the call can cost ${dollars(most)}`;
  switch (by) {
    case 'cap':
      return `${price}, which the session's own cost cap does not allow any more. Go on without it.`;
    case 'held':
      return `${price}, and other calls hold today's money for a moment. Call it again in your next turn.`;
    default: {
      const left = free(day);
      return `${price}, and ${dollars(left > 0n ? left : 0n)} of today's money is free, part of which is kept for handing off. Go on without it, or call it tomorrow.`;
    }
  }
}

/** The holds that the save of these results closes. */
export const closedBy = (results: ToolResult[]): Paid[] =>
  results.flatMap(({ paid }) => (paid ? [{ n: paid.n, cost: paid.cost }] : []));

/**
 * The session with the money as that save leaves it. What it knows is of the settlement of its reply, before anything was held for tools. After midnight
 * a hold is of the next day, and leaves this one as it is.
 */
export function charged(s: SessionData, results: ToolResult[]): SessionData {
  const charges = results.flatMap(({ paid }) => (paid ? [{ day: paid.day, cost: paid.cost ?? paid.held }] : []));
  const sum = (costs: typeof charges) => costs.reduce((total, { cost }) => total + cost, 0n);
  const more = sum(charges.filter(({ day }) => day === s.day.date));
  const { share } = s.day;
  const day = { ...s.day, spent: s.day.spent + more, ...(share && { share: { ...share, spent: share.spent + more } }) };
  return { ...s, cost: s.cost + sum(charges), day };
}

/** The meter once more, where `charged` moved it. */
export const chargeEntries = (before: SessionData, after: SessionData): LogEntry[] =>
  after.cost === before.cost ? [] : [budgetEntry(after)];
