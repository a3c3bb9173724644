/** A hold that was refused: which limit refused it decides what becomes of the session (R12). Nothing was bought. */
import { count, worst } from './ask.ts';
import { toBed } from './bed.ts';
import { clearedResults } from './compact.ts';
import type { RefusedBy } from './event.ts';
import { spread } from './hash.ts';
import { dollars } from './notes.ts';
import { end, exceeded, nextMorning, sleepUntil, waitFor } from './rest.ts';
import type { Day, Entry, Known, Session } from './session.ts';
import { known, type Step, save } from './step.ts';

/** Others hold what we need: they settle within seconds as a rule, so try again soon, not tomorrow, and less often each time. */
const HELD_RETRY_MS = 2_000;
const LONGEST_HELD_RETRY_MS = 30_000;

type Reserving = Extract<Session, { state: 'reserving' }>;

/** A count is tried before the day, or the session's cap, is given up for lost. */
export const refused = (s: Reserving, by: RefusedBy, day: Day, at: number): Step => {
  const now: Known = { ...known(s), day };
  const { call, journal } = s;
  if (by === 'held') return waitForOthers(now, journal, at);
  if (!call.counted) return count(now, call, journal);
  if (call.kind === 'compact') return withoutSummary(now, journal, at);
  if (by === 'cap') return save(now, { journal, due: at, rest: end(now, 'cost_cap_reached') });
  if (day.spent > day.ceiling) return save(now, { journal, due: at, rest: exceeded(now, at) });
  const least = worst(now, call, call.leastOutput, at);
  return day.allowance > 0n && least > day.ceiling ? askForMoney(now, least, journal, at) : toBed(now, journal, at);
};

const waitForOthers = (s: Known, journal: Entry[], at: number): Step => {
  const wait = Math.min(LONGEST_HELD_RETRY_MS, HELD_RETRY_MS * 2 ** Math.min(s.memory.waits, 10));
  const next = { ...s, memory: { ...s.memory, waits: s.memory.waits + 1 } };
  return save(next, { journal, due: at + wait + spread(`${s.facts.id}:${s.fence}`, wait / 2) });
};

/** The summary cannot be paid now: old results are cleared instead, and a bedtime goes on to bed. */
const withoutSummary = (s: Known, journal: Entry[], at: number): Step => {
  const bedtime = s.memory.compact === 'bedtime';
  const next = { ...s, memory: bedtime ? { ...s.memory, compact: null } : clearedResults(s) };
  const rest = bedtime ? sleepUntil(next, nextMorning(next), 'allowance', at) : null;
  return save(next, { journal, due: at, rest });
};

/**
 * Not even a whole day pays for the next step. The person is asked, once; every morning it is tried again, since a renewal or unspent money
 * may have made the day larger, and a top-up wakes it at once.
 */
const askForMoney = (s: Known, least: bigint, journal: Entry[], at: number): Step => {
  const next = { ...s, memory: { ...s.memory, tooDear: true, floor: 0 } };
  const question =
    `The next step needs up to ${dollars(least)}, but a whole day allows only ${dollars(s.day.ceiling)}. Nothing was spent on it. ` +
    'Raise the budget or top up, or tell me how to go on with less; any message makes me try again.';
  const rest = { ...waitFor(next, question), due: nextMorning(next) };
  return save(s, { journal, due: at, rest: s.memory.tooDear ? { ...rest, journal: [] } : rest });
};
