/** The way into and out of the protocol's functions: money as decimal strings, instants as ISO 8601 or `infinity`. */
import { fromInstant, toInstant } from '../../../schema/tables/columns.ts';
import type { Day, Share, StoredState } from '../../core/session.ts';

/** A NUL or half a surrogate pair as JSON.stringify writes it, after an even number of backslashes: Postgres cannot keep either in text. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** JSON that Postgres accepts: bigint as a string, an instant without end as `infinity`, what it cannot store as U+FFFD. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));
  return text.replace(UNSTORABLE, '$1\ufffd');
}

/** The same for text that is no JSON. */
export { fromInstant, toInstant };

/** A Day as the functions answer it. */
export type DayJson = {
  date: string;
  allowance: string;
  ceiling: string;
  spent: string;
  held: string;
  resetsAt: string;
  revision: number;
  share?: Record<keyof Share, string>;
  kept?: string | null;
  cycle?: { remaining: string; renews: string | null; daysLeft: number } | null;
};

export function dayOf(day: DayJson): Day {
  return {
    date: day.date,
    allowance: BigInt(day.allowance),
    ceiling: BigInt(day.ceiling),
    spent: BigInt(day.spent),
    held: BigInt(day.held),
    resetsAt: fromInstant(day.resetsAt),
    revision: day.revision,
    ...(day.share && { share: shareOf(day.share) }),
    ...(day.kept && { kept: BigInt(day.kept) }),
    ...(day.cycle && { cycle: cycleOf(day.cycle) }),
  };
}

const cycleOf = ({ remaining, renews, daysLeft }: NonNullable<DayJson['cycle']>): NonNullable<Day['cycle']> => ({
  remaining: BigInt(remaining),
  renews,
  daysLeft,
});

const shareOf = ({ allowance, ceiling, spent, held }: Record<keyof Share, string>): Share => ({
  allowance: BigInt(allowance),
  ceiling: BigInt(ceiling),
  spent: BigInt(spent),
  held: BigInt(held),
});

/** A StoredState as the functions answer it: `until` is text. */
export type StateJson = { state: StoredState['state']; until?: string } & Record<string, unknown>;

export function stateOf(json: StateJson): StoredState {
  return (json.until === undefined ? json : { ...json, until: fromInstant(json.until) }) as StoredState;
}

/** A state as the functions read it. */
export function stateJson(rested: StoredState): object {
  return 'until' in rested ? { ...rested, until: toInstant(rested.until) } : rested;
}
