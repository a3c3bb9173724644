/**
 * The live view's answers in Upstash Redis (lib/ports/live.ts, `LiveAnswers`).
 *
 * Keys, beside those of live.ts, whose hashes of the day and the session's state these are read from:
 * - `circadian:user:{id}:day` has, besides the day itself: cycle_start, renewal_date (empty: none), budget, carried (of it, over the
 *   renewal), topped_up (what of today's spending and holds top-ups can pay for), before (spent in the cycle before this day) and notices (JSON), which are of that date; `busy:{op}`, the marks, milliseconds until which somebody may be at it; op; generation;
 * - `circadian:key:{id}`, for 60 seconds: SHA-256 of the key and its user; or `revoked`, for longer than any lookup takes.
 */

import { randomUUID } from 'node:crypto';
import type { Redis } from '@upstash/redis';
import * as z from 'zod';
import { daysToRenewal } from '../../budget/allowance.ts';
import { STATUSES } from '../../core/status.ts';
import type { BudgetView, LiveAnswers, LiveBudget, LiveSession, Seen, SessionView } from '../../ports/index.ts';
import { THRESHOLDS } from '../../ports/index.ts';
import { CLOSE, KEEP_KEY, KEY_OWNER, PUT, READ } from './cache-scripts.ts';
import { fieldsOf, KEEP_SECONDS, ofDay, ofSession, RECOVERY, type RunScript } from './keys.ts';

const KEY_SECONDS = 60;
const REVOKED = 'revoked';
/** A lookup takes four times 15 s at most, and then some. */
const REVOKED_SECONDS = 900;
/** This long before a day ends, or a sleeper is due, clocks may differ about whether it has: Postgres decides. Milliseconds. */
const MARGIN_MS = 2_000;
/** Longer than any operation takes: a mark that claims more is garbage. */
const LONGEST_MS = 3_600_000;

const ofKey = (id: string) => `circadian:key:${id}`;

const Whole = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);
const Instant = z.iso.datetime().transform((text) => Date.parse(text));
const OrNull = <T extends z.ZodType>(kind: T) => z.union([z.literal('').transform(() => null), kind]);
const Json = z.string().transform((text, check): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    check.addIssue('is no JSON');
    return z.NEVER;
  }
});
const Day = z.object({
  date: z.iso.date(),
  revision: Whole.transform(Number),
  allowance: Whole,
  ceiling: Whole,
  spent: Whole,
  held: Whole,
  resets_at: Instant,
  at: Instant,
  cycle_start: z.iso.date(),
  renewal_date: OrNull(z.iso.date()),
  budget: Whole,
  carried: Whole,
  topped_up: Whole,
  before: Whole,
  notices: Json.pipe(z.array(z.object({ threshold: z.enum(THRESHOLDS), at: z.int() }))),
});
const State = z.object({
  status: z.enum(STATUSES),
  cost: Whole,
  wake_at: OrNull(Instant),
  due: OrNull(Whole.transform(Number)),
  user: z.string(),
  at: Instant,
  generation: z.string(),
});
const Answer = z.tuple([z.string().nullable(), z.array(z.string()), z.array(z.string())]);

/** `run` sends a script and throws what may be shown. */
export function upstashAnswers(run: RunScript, redis: Redis): LiveAnswers {
  return {
    async close({ userId, op }, changed) {
      await run(CLOSE, [ofDay(userId)], [KEEP_SECONDS, op, changed ? '1' : '']);
    },

    async read(userId, sessionId, now) {
      const keys = [RECOVERY, ofDay(userId), ...(sessionId === null ? [] : [ofSession(sessionId, 'state')])];
      const [ahead, day, state] = Answer.parse(await run(READ, keys, []));
      const present = /^-?\d{1,15}$/.test(ahead ?? '') ? now + Number(ahead) : null;
      return seenIn({ userId, now, present, day: fieldsOf(day), state: fieldsOf(state) });
    },

    async put(userId, { stamp, busy }, { budget, session }) {
      if (busy) return;
      const keys = [ofDay(userId), ...(session ? [ofSession(session.id, 'state')] : [])];
      const state = session?.view ? stateOf(session.view) : null;
      const what = !session ? 'nothing' : state ? 'all' : 'none';
      await run(PUT, keys, [KEEP_SECONDS, stamp, randomUUID(), what, ...dayOf(budget), ...(state ?? [])]);
    },

    async keyOwner({ id, hash }) {
      const kept = z
        .string()
        .nullable()
        .parse(await run(KEY_OWNER, [ofKey(id)], []));
      return kept?.startsWith(`${hash}:`) ? kept.slice(hash.length + 1) : null;
    },
    async keepKey({ id, hash }, userId) {
      await run(KEEP_KEY, [ofKey(id)], [KEY_SECONDS, `${hash}:${userId}`]);
    },
    async dropKey(id) {
      await redis.set(ofKey(id), REVOKED, { ex: REVOKED_SECONDS });
    },
  };
}

type Fields = Record<string, string>;
type CachedFields = { userId: string; now: number; present: number | null; day: Fields; state: Fields };

const marksOf = (day: Fields): string[] => Object.keys(day).filter((name) => name.startsWith('busy:'));

/** Has anything begun or ended since the database was last asked, that is not in the view? */
export const isMarked = (day: Fields): boolean => marksOf(day).length > 0;

/** Is any recorded operation still in progress? */
export const isBusy = (day: Fields, now: number): boolean =>
  marksOf(day).some((name) => Number(day[name]) > now && Number(day[name]) < now + LONGEST_MS);

/** `present`: the database's now, a little late at most; null: nobody knows, so no day is today. */
function seenIn({ userId, now, present, day, state }: CachedFields): Seen {
  const clear = !isMarked(day) && present !== null;
  return {
    stamp: day.op ?? '',
    busy: isBusy(day, now),
    budget: clear ? budgetIn(day, present) : null,
    session: clear ? sessionIn(state, { userId, present, generation: day.generation }) : null,
  };
}

function budgetIn(fields: Fields, present: number): LiveBudget | null {
  const parsed = Day.safeParse(fields);
  if (!parsed.success) return null;
  const {
    at,
    cycle_start: cycleStart,
    renewal_date: renewalDate,
    budget,
    carried: carriedOver,
    topped_up: toppedUp,
    before,
    notices,
    resets_at: resetsAt,
    ...rest
  } = parsed.data;
  const day = { ...rest, resetsAt };
  const isToday = new Date(present).toISOString().slice(0, 10) === day.date && present + MARGIN_MS < resetsAt;
  if (!isToday) return null;
  const spent = before + day.spent;
  const atLeast0 = (amount: bigint) => (amount > 0n ? amount : 0n);
  const money = { budget, carriedOver, toppedUpLeft: atLeast0(toppedUp - day.spent - day.held), spent };
  const daysLeft = daysToRenewal(renewalDate, day.date);
  return {
    view: {
      now: present,
      day,
      cycleStart,
      ...money,
      remaining: atLeast0(budget - spent),
      daysLeft,
      renewalDate,
      notices,
    },
    asOf: at,
  };
}

/** One that rests, but is due, is on its way to work. */
function sessionIn(
  fields: Fields,
  known: { userId: string; present: number; generation: string | undefined },
): LiveSession | null {
  const parsed = State.safeParse(fields);
  if (!parsed.success) return null;
  const { status, wake_at: wakeAt, cost, due, user, at, generation } = parsed.data;
  if (user !== known.userId || generation !== known.generation) return null;
  const rests = status === 'sleeping' || status === 'budget_exceeded' || status === 'waiting_for_input';
  if (rests && due !== null && due <= known.present + MARGIN_MS) return null;
  return { status, wakeAt, cost, asOf: at };
}

function dayOf({
  now,
  day,
  cycleStart,
  budget,
  spent,
  renewalDate,
  notices,
  ...paid
}: BudgetView): (string | number)[] {
  const toppedUp = paid.toppedUpLeft > 0n ? paid.toppedUpLeft + day.spent + day.held : 0n;
  const money = [day.allowance, day.ceiling, day.spent, day.held].map(String);
  const times = [new Date(day.resetsAt).toISOString(), new Date(now).toISOString()];
  return [
    day.date,
    day.revision,
    ...money,
    ...times,
    cycleStart,
    renewalDate ?? '',
    String(budget),
    String(spent - day.spent),
    JSON.stringify(notices),
    String(paid.carriedOver),
    String(toppedUp),
  ];
}

/** Null: it cannot be kept, since only a worker knows when one that waits is due. */
function stateOf({ status, cost, wakeAt, userId }: SessionView): (string | number)[] | null {
  if (status === 'waiting_for_input') return null;
  const wakes = wakeAt !== null && Number.isFinite(wakeAt);
  return [status, String(cost), wakes ? new Date(wakeAt).toISOString() : '', wakes ? Math.floor(wakeAt) : '', userId];
}
