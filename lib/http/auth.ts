import { timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem.ts';
import type { Env, Ready } from './deps.ts';
import { hashOfKey, sha256 } from './keys.ts';

/**
 * Everything below /v1 needs a key: the operator's below /v1/admin, a user's elsewhere. The key is looked up each time, so that a revoked
 * one ends with the next request. Answers 401 `unauthorized` for a missing or unknown key, 403 `forbidden` for a valid one of the other kind.
 */
export const authenticate = (deps: Ready) =>
  createMiddleware<Env>(async (c, next) => {
    const key = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (key === undefined) throw unauthorized('The request has no key.');
    const isOperator = sameHash(sha256(key), deps.adminKeyHash);
    const forOperator = c.req.path.startsWith('/v1/admin/');
    if (forOperator && isOperator) return next();
    const hash = hashOfKey(key);
    const user = hash === null ? null : await deps.accounts.whoIs(hash);
    if (forOperator && user) {
      throw new Problem('forbidden', "This is for the operator's key only; yours is a user's. Nothing was done.");
    }
    if (isOperator) {
      throw new Problem(
        'forbidden',
        "The operator's key belongs to no user. Nothing was done; use an API key of the user whose sessions you mean.",
      );
    }
    if (!user) throw unauthorized('The key is not known, or was revoked.');
    c.set('user', user);
    await next();
  });

/** 429 `rate_limited` when the user asks too often. A limiter that fails lets everybody through: it guards no money. */
export const rateLimit = (deps: Ready) =>
  createMiddleware<Env>(async (c, next) => {
    const user = c.get('user');
    if (deps.limit && user) {
      const verdict = await deps.limit(user.id).catch((error: unknown) => {
        deps.log({ level: 'warn', message: 'rate limiter away', error: String(error) });
        return { allowed: true } as const;
      });
      if (!verdict.allowed) {
        const seconds = Math.max(1, Math.ceil(verdict.retryAfterMs / 1_000));
        throw new Problem(
          'rate_limited',
          `Too many requests with your keys. Nothing was done, and running sessions go on; try again in ${seconds} s.`,
          { retryAfter: seconds },
        );
      }
    }
    await next();
  });

const unauthorized = (what: string) =>
  new Problem(
    'unauthorized',
    `${what} Nothing was done and nothing was spent; send \`Authorization: Bearer <key>\` with a valid one.`,
  );

const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
