/** The names of the live view's keys, which its adapters share. */

/** As long as the original kept a session's cost: a day and an hour. */
export const KEEP_SECONDS = 90_000;
/** Longer than any snapshot is kept. */
export const VERSION_SECONDS = 300;

/**
 * The recovery cron's marker, in parts. A session's invocations write one part, so that no key is shared by all sessions. The cron reads all
 * parts in one command, and a sweep writes all.
 */
const PARTS = 16;
export const RECOVERY = Array.from({ length: PARTS }, (_, part) => `circadian:recovery:${part}`);

/** The part of the marker that a session writes, or a user where no session is known yet. */
export function recoveryOf(id: string): string {
  let hash = 0;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return RECOVERY[hash % PARTS]!;
}

export const ofSession = (id: string, part: string) => `circadian:session:${id}:${part}`;
export const ofUser = (id: string, part: string) => `circadian:user:${id}:${part}`;
export const ofKey = (id: string) => `circadian:key:${id}`;

/**
 * A script that locks its own keys alone. Without this first line Upstash locks the whole database for every script. With it, a key that is
 * not among KEYS is an error. Source: https://upstash.com/docs/redis/features/key-locking
 */
export const lua = (script: string): string => `#!lua flags=allow-key-locking\n${script}`;

/** Sends a script: one request, atomic. */
export type RunScript = (script: string, keys: string[], args: (string | number)[]) => Promise<unknown>;
