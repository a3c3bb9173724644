/**
 * A tool whose call costs money. Its most is held before it runs, as for a call of a model; what it did cost is written with the save that
 * brings its result. Where that save does not come, the next owner's claim charges all of the hold (R7).
 */
import type { RefusedBy } from './input.ts';
import { dollars } from './runtime-messages.ts';
import type { Day } from './session.ts';
import { free } from './step.ts';

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
