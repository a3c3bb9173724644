/**
 * The live view's snapshots in Upstash Redis (lib/ports/live.ts).
 *
 * - `circadian:user:{id}:version`: a new one with every change. A snapshot counts only with the version that it was asked for under, so
 *   forgetting is one write, however many snapshots there are;
 * - `circadian:user:{id}:budget`, `circadian:user:{id}:session:{id}`: JSON, until a session or the next day is due, and a minute at most;
 * - `circadian:key:{id}`, for 60 seconds: SHA-256 of the key and its user; or `revoked`, for longer than any lookup takes.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from '@upstash/redis';
import * as z from 'zod';
import { STATUSES } from '../../core/status.ts';
import type { BudgetView, LiveSession, SessionView, Snapshots } from '../../ports/index.ts';
import { THRESHOLDS } from '../../ports/index.ts';
import { ofKey, ofUser, type RunScript, VERSION_SECONDS } from './keys.ts';
import { GET, KEEP, KEEP_KEY, READ } from './snapshot-scripts.ts';

const KEEP_MS = 60_000;
/** This long before a session or a day is due, clocks may differ about whether it is: Postgres decides. */
const MARGIN_MS = 2_000;
const KEY_SECONDS = 60;
const REVOKED = 'revoked';
/** A lookup takes four times 15 s at most, and then some. */
const REVOKED_SECONDS = 900;

const Microdollars = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);
const Budget = z.object({
  version: z.string(),
  now: z.int(),
  day: z.object({
    ...{ date: z.iso.date(), resetsAt: z.int(), revision: z.int() },
    ...{ allowance: Microdollars, ceiling: Microdollars, spent: Microdollars, held: Microdollars },
    cycle: z.object({ remaining: Microdollars, renews: z.iso.date().nullable(), daysLeft: z.int() }).optional(),
  }),
  ...{ cycleStart: z.iso.date(), daysLeft: z.int(), renewalDate: z.iso.date().nullable(), nextDue: z.int().nullable() },
  ...{ budget: Microdollars, carriedOver: Microdollars, toppedUpLeft: Microdollars },
  ...{ spent: Microdollars, remaining: Microdollars },
  alerts: z.array(z.object({ threshold: z.enum(THRESHOLDS), at: z.int() })),
});
const Session = z.object({
  version: z.string(),
  ...{ status: z.enum(STATUSES), wakeAt: z.int().nullable(), cost: Microdollars, asOf: z.int() },
});
const Kept = z.string().nullable();
const Answer = z.tuple([z.string(), Kept, Kept]);

/** `run` asks what Postgres could answer as well, and so waits briefly. `redis` waits longer: what is not forgotten is shown for a minute. */
export function upstashSnapshots(run: RunScript, redis: Redis): Snapshots {
  return {
    async snapshot(userId, sessionId) {
      const session = sessionId === null ? [] : [ofUser(userId, `session:${sessionId}`)];
      const keys = [ofUser(userId, 'version'), ofUser(userId, 'budget'), ...session];
      const [version, budget, kept] = Answer.parse(await run(READ, keys, [randomUUID(), VERSION_SECONDS]));
      return { version, budget: read(Budget, budget, version), session: read(Session, kept, version) };
    },

    async keep(userId, version, { budget, session, ageMs }) {
      const until = Math.min(budget.day.resetsAt, budget.nextDue ?? Number.POSITIVE_INFINITY) - MARGIN_MS;
      const ms = Math.floor(Math.min(KEEP_MS, until - budget.now) - ageMs);
      if (ms <= 0) return;
      const keys = [ofUser(userId, 'version'), ofUser(userId, 'budget')];
      const snapshots: object[] = [{ version, ...budget }];
      if (session) {
        keys.push(ofUser(userId, `session:${session.id}`));
        snapshots.push({ version, ...statusOf(session), asOf: budget.now });
      }
      await run(KEEP, keys, [version, ms, ...snapshots.map(written)]);
    },

    async version(userId) {
      return Kept.parse(await run(GET, [ofUser(userId, 'version')], []));
    },
    async forget(userId) {
      await redis.set(ofUser(userId, 'version'), randomUUID(), { ex: VERSION_SECONDS });
    },

    async keyOwner({ id, hash }) {
      const kept = Kept.parse(await run(GET, [ofKey(id)], []));
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

const statusOf = ({ status, wakeAt, cost }: SessionView): Omit<LiveSession, 'asOf'> => ({ status, wakeAt, cost });

const written = (snapshot: object): string =>
  JSON.stringify(snapshot, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** What is spoilt, or was asked for before the last change, is not known. */
function read<T extends BudgetView | LiveSession>(
  Shape: z.ZodType<T & { version: string }>,
  kept: string | null,
  version: string,
): T | null {
  if (kept === null) return null;
  try {
    const { version: asked, ...snapshot } = Shape.parse(JSON.parse(kept));
    return asked === version ? (snapshot as unknown as T) : null;
  } catch {
    return null;
  }
}
