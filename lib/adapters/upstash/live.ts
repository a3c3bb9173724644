/**
 * The live view in Upstash Redis, over its REST API: what viewers see without waking Postgres, and the recovery cron's marker (R10).
 *
 * Keys (microdollars as decimal strings, percent of the day's allowance, ISO instants; all but the marker go after 25 hours):
 * - `circadian:session:{id}:cost`, `:budget_pct`, `:wake_at` (absent: no time is set), one plain value each for a page that reloads;
 * - `circadian:session:{id}:state`, a hash: fence, seq, together the version of the session's keys;
 * - `circadian:session:{id}:draft` and `:watched`, for two minutes and for 30 seconds;
 * - `circadian:recovery:{part}`, a text: active_until, asked_at, ahead, next_due (or `never`), overdue. Each part is a whole marker for its
 *   sessions, so that a part which is lost makes the cron ask Postgres;
 * - those of snapshots.ts.
 *
 * What a session shows, and the marker, are absolute and ordered in one Lua script, which is one request and atomic: repeated, late or
 * reordered they change nothing. A repeated version only forgets snapshots again. So a reply that got lost needs no care.
 */

import { randomUUID } from 'node:crypto';
import { Redis } from '@upstash/redis';
import * as z from 'zod';
import { getBudgetPercentage } from '../../budget/allowance.ts';
import { INVOCATION_MS, LEASE_MS } from '../../core/times.ts';
import type { Live, LiveView } from '../../ports/index.ts';
import { KEEP_SECONDS, ofSession, ofUser, RECOVERY, type RunScript, recoveryOf, VERSION_SECONDS } from './keys.ts';
import { MARKER, MIRROR, NEXT_DUE, OPEN, WATCH } from './live-scripts.ts';
import { upstashSnapshots } from './snapshots.ts';

const WATCH_MS = 30_000;
const DRAFT_MS = 120_000;
/** Lambda's limit of 15 minutes and a lease: whatever ran when a marker was lost has ended by then. */
const LONGEST_INVOCATION_MS = INVOCATION_MS + LEASE_MS;

const Draft = z.object({ iteration: z.int(), text: z.string(), thought: z.string().optional() });

const Marker = z.array(z.string().nullable()).length(RECOVERY.length);

/**
 * `timeoutMs` per request (2 s by default), after which the call throws; `answerTimeoutMs` where somebody waits for an answer that Postgres
 * could give as well (300 ms). Requests are never retried.
 */
export type UpstashOptions = { url: string; token: string; timeoutMs?: number; answerTimeoutMs?: number };

export function upstashLive(options: UpstashOptions): Live {
  const redis = connect(options);
  const run = scripts(redis);
  const marker = async () => Marker.parse(await run(MARKER, RECOVERY, [])).map(partOf);
  const quick = connect({ ...options, timeoutMs: options.answerTimeoutMs ?? 300 });

  return {
    ...upstashSnapshots(scripts(quick), redis),

    async open(sessionId, until, userId) {
      const watched = sessionId === null ? [] : [ofSession(sessionId, 'watched')];
      const ends = Math.ceil(until);
      const args = [ends, ends + LONGEST_INVOCATION_MS, randomUUID(), VERSION_SECONDS];
      return {
        watched:
          (await run(OPEN, [recoveryOf(sessionId ?? userId), ofUser(userId, 'version'), ...watched], args)) === 1,
      };
    },

    async mirror(view) {
      await run(MIRROR, mirrorKeys(view), mirrorArgs(view));
    },

    async draft(sessionId, draft) {
      try {
        await redis.set(ofSession(sessionId, 'draft'), JSON.stringify(draft), { px: DRAFT_MS });
      } catch (error) {
        throw withoutCommand(error);
      }
    },

    async watch(sessionId) {
      const keys = ['watched', 'state', 'draft'].map((part) => ofSession(sessionId, part));
      const [seq, draft] = z
        .tuple([z.string().nullable(), z.string().nullable()])
        .parse(await run(WATCH, keys, [WATCH_MS]));
      return { seq: safeInteger(seq) ?? 0, draft: draft === null ? null : parseDraft(draft) };
    },

    async idle(now) {
      try {
        const parts = (await marker()).map((part) => mayStayAsleep(part, now));
        return parts.includes(null) ? null : parts.every((part) => part === true);
      } catch {
        return null;
      }
    },

    async nextDue(at, asked) {
      const due = at === null || at === Infinity ? 'never' : Math.floor(at);
      const started = Math.floor(asked.at);
      const ahead = Math.ceil(asked.now - asked.at);
      const overdue = Math.max(0, Math.floor(asked.overdueMs ?? 0));
      await run(NEXT_DUE, RECOVERY, [due, started, ahead, started + LONGEST_INVOCATION_MS, overdue]);
    },

    async overdue(now) {
      try {
        const newest = (await marker()).reduce((one, other) =>
          (other.askedAt ?? -1) > (one.askedAt ?? -1) ? other : one,
        );
        const { overdue, askedAt } = newest;
        if (overdue === null || askedAt === null) return null;
        return overdue === 0 ? 0 : overdue + Math.max(0, now - askedAt);
      } catch {
        return null;
      }
    },
  };
}

/**
 * Two traps of this client: `retry: false` still sends twice, so that the count is set to nought; and an AbortSignal that fires makes the
 * answer `"Aborted"` with status 200, where a function that returns one throws.
 */
export function connect({ url, token, timeoutMs = 2_000 }: UpstashOptions): Redis {
  return new Redis({
    url,
    token,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(timeoutMs),
    automaticDeserialization: false,
    enableAutoPipelining: false,
    enableTelemetry: false,
    responseEncoding: false,
  });
}

const scripts =
  (redis: Redis): RunScript =>
  async (script, keys, args) => {
    try {
      return await redis.eval(script, keys, args.map(String));
    } catch (error) {
      throw withoutCommand(error);
    }
  };

/** The client's messages quote the whole command: a user's text does not belong in logs. */
function withoutCommand(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`upstash: ${message.split(', command was:')[0]}`);
}

function mirrorKeys({ sessionId, userId }: LiveView): string[] {
  const parts = ['state', 'cost', 'budget_pct', 'wake_at', 'draft'].map((part) => ofSession(sessionId, part));
  return [recoveryOf(sessionId), ofUser(userId, 'version'), ...parts];
}

function mirrorArgs({ fence, seq, cost, wakeAt, due, day }: LiveView): (string | number)[] {
  const percent = getBudgetPercentage({ spentMicrodollars: day.spent, dailyBudgetMicrodollars: day.allowance });
  const wake = wakeAt === null || wakeAt === Infinity ? '' : new Date(wakeAt).toISOString();
  const session = [fence, seq, String(cost), percent, wake, due === Infinity ? '' : Math.floor(due)];
  return [randomUUID(), VERSION_SECONDS, KEEP_SECONDS, ...session];
}

/** What a part of the marker says; null is lost or spoilt. */
type Part = Record<'activeUntil' | 'askedAt' | 'ahead' | 'nextDue' | 'overdue', number | null>;

function partOf(text: string | null): Part {
  const [activeUntil, askedAt, ahead, nextDue, overdue] = (text ?? '').split(' ').map((field) => safeInteger(field));
  const never = text?.split(' ')[3] === 'never';
  return {
    ...{ activeUntil: activeUntil ?? null, askedAt: askedAt ?? null, ahead: ahead ?? null, overdue: overdue ?? null },
    nextDue: never ? Infinity : (nextDue ?? null),
  };
}

/**
 * A sweep that began after every known invocation had ended (its lease too) has seen whatever they committed, mirrored or not. Before
 * that, no answer of Postgres may be trusted to be the last word.
 */
function mayStayAsleep({ activeUntil, askedAt, ahead, nextDue }: Part, now: number): boolean | null {
  if (activeUntil === null || askedAt === null || ahead === null || nextDue === null) return null;
  if (askedAt > now) return null;
  return askedAt > activeUntil && now + ahead < nextDue;
}

/** Only what is plainly an integer; `Number('')` and `Number('Aborted')` must not pass for one. */
function safeInteger(text: string | null): number | null {
  if (text === null || !/^-?\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** A draft that does not parse is a draft that is not there: the next one replaces it. */
function parseDraft(json: string): z.infer<typeof Draft> | null {
  try {
    return Draft.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
