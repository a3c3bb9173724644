/**
 * The live view in Upstash Redis, over its REST API: what viewers see without waking Postgres, and the recovery cron's marker (R10).
 *
 * Keys (microdollars as decimal strings, percent of the day's allowance, ISO instants; all but the marker go after 25 hours):
 * - `circadian:session:{id}:cost`, `:budget_pct`, `:wake_at` (absent: no time is set), one plain value each for a page that reloads;
 * - `circadian:session:{id}:state`, a hash: fence, seq (together the version of all five), status;
 * - `circadian:session:{id}:draft` and `:watched`, for two minutes and for 30 seconds;
 * - `circadian:user:{id}:day:{date}`, a hash: revision (its version), allowance, ceiling, spent, held, resets_at;
 * - `circadian:recovery`, a hash: active_until, next_due (or `never`), asked_at, ahead. One key, so that it is lost whole or not at all.
 *
 * Every write is absolute and ordered by its version in one Lua script, which is one request and atomic: repeated, late or reordered
 * it changes nothing, so a reply that got lost needs no care.
 */
import { Redis } from '@upstash/redis';
import * as z from 'zod';
import { getBudgetPercentage } from '../budget/allowance.ts';
import type { Live, LiveView } from '../ports.ts';
import { MARKER, MIRROR, NEXT_DUE, OPEN, WATCH } from './upstash-scripts.ts';

/** As long as the original kept a session's cost: a day and an hour. */
export const KEEP_SECONDS = 90_000;
const WATCH_MS = 30_000;
const DRAFT_MS = 120_000;
/** Lambda's limit of 15 minutes and a lease: whatever ran when a marker was lost has ended by then. */
const LONGEST_INVOCATION_MS = 15 * 60_000 + 45_000;

const RECOVERY = 'circadian:recovery';
const ofSession = (id: string, part: string) => `circadian:session:${id}:${part}`;
export const ofDay = (userId: string, date: string) => `circadian:user:${userId}:day:${date}`;

const Draft = z.object({ iteration: z.int(), text: z.string() });

const Text = z.string().nullable();
const Marker = z.tuple([Text, Text, Text, Text]);

/** `timeoutMs` per request (2 s by default), after which the call throws. Requests are never retried. */
export type UpstashOptions = { url: string; token: string; timeoutMs?: number };

export function upstashLive(options: UpstashOptions): Live {
  const redis = connect(options);
  const run = async (script: string, keys: string[], args: (string | number)[]): Promise<unknown> => {
    try {
      return await redis.eval(script, keys, args.map(String));
    } catch (error) {
      throw withoutCommand(error);
    }
  };

  return {
    async open(sessionId, until) {
      const keys = sessionId === null ? [RECOVERY] : [RECOVERY, ofSession(sessionId, 'watched')];
      const watched = await run(OPEN, keys, [Math.ceil(until), Math.ceil(until) + LONGEST_INVOCATION_MS]);
      return { watched: watched === 1 };
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
        return mayStayAsleep(Marker.parse(await run(MARKER, [RECOVERY], [])), now);
      } catch {
        return null;
      }
    },

    async nextDue(at, asked) {
      const due = at === null || at === Infinity ? 'never' : Math.floor(at);
      const started = Math.floor(asked.at);
      const ahead = Math.ceil(asked.now - asked.at);
      await run(NEXT_DUE, [RECOVERY], [due, started, ahead, started + LONGEST_INVOCATION_MS]);
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

/** The client's messages quote the whole command: a person's text does not belong in logs. */
function withoutCommand(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`upstash: ${message.split(', command was:')[0]}`);
}

function mirrorKeys(view: LiveView): string[] {
  const parts = ['state', 'cost', 'budget_pct', 'wake_at', 'draft'].map((part) => ofSession(view.sessionId, part));
  return [RECOVERY, ofDay(view.userId, view.day.date), ...parts];
}

function mirrorArgs({ fence, seq, status, cost, wakeAt, due, day }: LiveView): (string | number)[] {
  const percent = getBudgetPercentage({ spentMicrodollars: day.spent, dailyBudgetMicrodollars: day.allowance });
  const wake = wakeAt === null || wakeAt === Infinity ? '' : new Date(wakeAt).toISOString();
  const session = [fence, seq, status, String(cost), percent, wake, due === Infinity ? '' : Math.floor(due)];
  const money = [day.allowance, day.ceiling, day.spent, day.held].map(String);
  return [KEEP_SECONDS, ...session, day.revision, ...money, new Date(day.resetsAt).toISOString()];
}

/**
 * A sweep that began after every known invocation had ended (its lease too) has seen whatever they committed, mirrored or not. Before
 * that, no answer of Postgres may be trusted to be the last word.
 */
function mayStayAsleep(marker: z.infer<typeof Marker>, now: number): boolean | null {
  const [activeUntil, askedAt, ahead] = [safeInteger(marker[0]), safeInteger(marker[1]), safeInteger(marker[2])];
  const nextDue = marker[3] === 'never' ? Infinity : safeInteger(marker[3]);
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
