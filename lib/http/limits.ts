/** Limits on how much one key may ask and one user may watch. All of them let everybody through when they cannot count. */
import { createMiddleware } from 'hono/factory';
import { newId } from '../ids.ts';
import type { Verdict } from '../ports/limiter.ts';
import { Problem } from '../problem.ts';
import type { Env, Ready } from './deps.ts';

/** Well within the time for which a place is kept, see PLACE_MS. */
const PROLONG_MS = 20_000;
/** Beyond so many addresses at once the memory of them is given up, and each has to fail again. */
const MOST_STRANGERS = 1_000;
const ALLOWED: Verdict = { allowed: true };

/** 429 `rate_limited` when the key asks too often. */
export const rateLimit = (deps: Ready) =>
  createMiddleware<Env>(async (c, next) => {
    const caller = c.get('caller');
    const verdict = caller && deps.limiter ? await orAllowed(deps, deps.limiter.request(caller)) : ALLOWED;
    if (!verdict.allowed) throw tooMany('Too many requests with this key', verdict.retryAfterMs);
    await next();
  });

/**
 * Addresses that sent too many keys nobody knows, as this process has learnt: it asks the counter about failures only, so that whoever has
 * a key never waits for it. `refuse` throws 429 `rate_limited` while the address is one of them, whatever key comes from there.
 */
export function strangers(deps: Ready) {
  const until = new Map<string, number>();
  return {
    refuse(address: string): void {
      const left = (until.get(address) ?? 0) - deps.time.elapsed();
      if (left > 0) throw tooMany('Too many unknown keys from this address', left);
      until.delete(address);
    },
    async failed(address: string): Promise<void> {
      if (!deps.limiter) return;
      const verdict = await orAllowed(deps, deps.limiter.failure(address));
      if (verdict.allowed) return;
      if (until.size >= MOST_STRANGERS) until.clear();
      until.set(address, deps.time.elapsed() + verdict.retryAfterMs);
    },
  };
}

/** A user's place among his open streams. `prolong` is called whenever something was sent, and `leave` at the end. */
export type Place = { prolong(): void; leave(): Promise<void> };

/** Throws 429 `rate_limited` when the user has as many streams open as he may. */
export async function takePlace(deps: Ready, userId: string): Promise<Place> {
  const { limiter, time } = deps;
  if (!limiter) return { prolong: () => {}, leave: async () => {} };
  const id = newId('str');
  const verdict = await orAllowed(deps, limiter.enter(userId, id));
  if (!verdict.allowed) throw tooMany('You have too many streams open', verdict.retryAfterMs);
  let since = time.elapsed();
  return {
    prolong() {
      if (time.elapsed() - since < PROLONG_MS) return;
      since = time.elapsed();
      void orAllowed(deps, limiter.enter(userId, id));
    },
    leave: () => limiter.leave(userId, id).catch((error: unknown) => away(deps, error)),
  };
}

const orAllowed = (deps: Ready, asked: Promise<Verdict>): Promise<Verdict> =>
  asked.catch((error: unknown) => {
    away(deps, error);
    return ALLOWED;
  });

const away = (deps: Ready, error: unknown) =>
  deps.log({ level: 'warn', message: 'rate limiter away', error: String(error) });

const tooMany = (what: string, retryAfterMs: number): Problem => {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new Problem(
    'rate_limited',
    `${what}. Nothing was done, and running sessions go on; try again in ${seconds} s.`,
    { retryAfter: seconds },
  );
};
