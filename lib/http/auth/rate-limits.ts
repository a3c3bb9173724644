/** Limits on how much one key may ask and one user may watch. All of them let everybody through when they cannot count. */
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { newId } from '../../ids.ts';
import type { RateVerdict, RateWindow } from '../../ports/rate-limiter.ts';
import { Problem } from '../../problem.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { sha256 } from './api-keys.ts';

/** Well within the time for which a place is kept, see PLACE_MS. */
const PROLONG_MS = 20_000;
/** Beyond so many addresses at once the memory of them is given up, and each has to fail again. */
const MOST_STRANGERS = 1_000;
/** Keys that this process has let in; beyond so many it asks the counter again. */
const MOST_KNOWN = 10_000;
const REMEMBER_MS = 3_600_000;
const ALLOWED: RateVerdict = { allowed: true };

/**
 * 429 `rate_limited` when the key asks too often. Where requests could be counted, answers say how many are left: `RateLimit` and
 * `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers-11.
 */
export const rateLimit = (deps: Ready) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const caller = c.get('caller');
    const verdict = caller && deps.limiter ? await orElse(deps, ALLOWED, deps.limiter.request(caller)) : ALLOWED;
    if (!verdict.allowed) {
      tell(c, verdict.window);
      throw tooMany('Too many requests with this key', verdict.retryAfterMs);
    }
    await next();
    tell(c, verdict.window);
  });

/** The same for one that is counted under another name than a key's; `what`: of which there are too many. Throws 429 `rate_limited`. */
export async function requestsOf(deps: Ready, name: string, what: string): Promise<void> {
  const verdict = deps.limiter ? await orElse(deps, ALLOWED, deps.limiter.request(name)) : ALLOWED;
  if (!verdict.allowed) throw tooMany(what, verdict.retryAfterMs);
}

function tell(c: Context, window: RateWindow | undefined): void {
  if (!window) return;
  const { quota, windowMs, remaining, resetMs } = window;
  // Structured fields hold whole numbers only.
  c.header('RateLimit-Policy', `"requests";q=${quota};w=${Math.ceil(windowMs / 1_000)}`);
  c.header('RateLimit', `"requests";r=${Math.floor(remaining)};t=${Math.ceil(resetMs / 1_000)}`);
}

/**
 * What is guessed: the key or token of a user; the operator's key, which may be any text; or the signature of a trigger. No guesser makes those of
 * another kind wait.
 */
export type Kind = 'key' | 'operator' | 'trigger';
type Comer = { kind: Kind; address: string | undefined; who: string };

/** As what a key is remembered: a hash of the hash by which it is looked up. The operator's counts where it was used, and nowhere else. */
export const nameOfKey = (hash: string): string => sha256(`key ${hash}`);
export const nameOfOperator = (address = ''): string => sha256(`operator ${placeOf(address)}`);

/**
 * Addresses from which too much was guessed, as this process has learnt: it asks the counter about failures only, so that whoever has a key
 * never waits for it. What has been let in before is known, and waits for no guesser of its address: a household or an office has one.
 */
export function strangers(deps: Ready) {
  const { limiter, time } = deps;
  const until = new Map<string, number>();
  const remembered = new Map<string, number>();
  const refused = ({ kind, address = '' }: Omit<Comer, 'who'>): number => {
    const place = `${kind} ${placeOf(address)}`;
    const left = (until.get(place) ?? 0) - time.elapsed();
    if (left <= 0) until.delete(place);
    return Math.max(0, left);
  };
  const isKnown = async (who: string): Promise<boolean> =>
    remembered.has(who) || (await orElse(deps, true, limiter?.knows(who)));
  return {
    /** Before anything is looked up. Throws 429 `rate_limited` while others guess at this address and nobody knows who comes. */
    async admit(comer: Comer): Promise<void> {
      const left = refused(comer);
      if (left > 0 && !(await isKnown(comer.who))) throw tooMany('Too many unknown keys from this address', left);
    },
    /** Nobody knows the key. Throws 429 `rate_limited` where that is nothing new, and then counts no more. */
    async failed({ kind, address, who }: Omit<Comer, 'who'> & { who?: string }): Promise<void> {
      if (!limiter || !address) return;
      const left = refused({ kind, address });
      if (who !== undefined && (remembered.delete(who) || left > 0)) await orElse(deps, undefined, limiter.forget(who));
      if (left > 0) throw tooMany('Too many unknown keys from this address', left);
      const verdict = await orElse(deps, ALLOWED, limiter.failure(`${kind} ${placeOf(address)}`));
      if (verdict.allowed) return;
      if (until.size >= MOST_STRANGERS) until.clear();
      until.set(`${kind} ${placeOf(address)}`, time.elapsed() + verdict.retryAfterMs);
    },
    /** The key is one of ours. Written down once an hour. */
    async letIn({ who }: Pick<Comer, 'who'>): Promise<void> {
      if (!limiter || time.elapsed() - (remembered.get(who) ?? Number.NEGATIVE_INFINITY) < REMEMBER_MS) return;
      if (remembered.size >= MOST_KNOWN) remembered.clear();
      remembered.set(who, time.elapsed());
      await orElse(deps, undefined, limiter.remember(who));
    },
  };
}

/** A new key waits for no guesser either, wherever it is used first. */
export const expectKey = (deps: Ready, hash: string): Promise<void> =>
  orElse(deps, undefined, deps.limiter?.remember(nameOfKey(hash)));

/** Whose an address is: an IPv6 network of 64 bits is one customer's, who may come from each of its addresses. */
function placeOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const parts = (text: string) => text.split(':').filter((part) => part !== '');
  const gap = Math.max(0, 8 - parts(head).length - parts(tail).length);
  const whole = address.includes('::')
    ? [...parts(head), ...Array<string>(gap).fill('0'), ...parts(tail)]
    : parts(head);
  return `${whole
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::`;
}

/** A user's place among their open streams. `prolong` is called whenever something was sent, and `leave` at the end. */
export type StreamSlot = { prolong(): void; leave(): Promise<void> };

/** Throws 429 `rate_limited` when the user has as many streams open as they may. */
export async function takeStreamSlot(deps: Ready, userId: string): Promise<StreamSlot> {
  const { limiter, time } = deps;
  if (!limiter) return { prolong: () => {}, leave: async () => {} };
  const id = newId('str');
  const verdict = await orElse(deps, ALLOWED, limiter.enter(userId, id));
  if (!verdict.allowed) throw tooMany('You have too many streams open', verdict.retryAfterMs);
  let since = time.elapsed();
  return {
    prolong() {
      if (time.elapsed() - since < PROLONG_MS) return;
      since = time.elapsed();
      void orElse(deps, ALLOWED, limiter.enter(userId, id));
    },
    leave: () => limiter.leave(userId, id).catch((error: unknown) => away(deps, error)),
  };
}

const orElse = <T>(deps: Ready, otherwise: T, asked: Promise<T> | undefined): Promise<T> =>
  (asked ?? Promise.resolve(otherwise)).catch((error: unknown) => {
    away(deps, error);
    return otherwise;
  });

const away = (deps: Ready, error: unknown) =>
  deps.log({ level: 'warn', message: 'rate limiter away', error: String(error) });

function tooMany(what: string, retryAfterMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new Problem(
    'rate_limited',
    `${what}. Nothing was done, and running sessions go on; try again in ${seconds} s.`,
    { retryAfter: seconds },
  );
}
