import { timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { User } from '../ports.ts';
import { Problem } from '../problem.ts';
import type { Env, Ready } from './deps.ts';
import { isJwt } from './jwt.ts';
import { hashOfKey, prefixOf, sha256 } from './keys.ts';

/**
 * Everything below /v1 needs a key: the operator's below /v1/admin, a user's elsewhere. The key is looked up each time, so that a revoked
 * one ends with the next request. A token (jwt.ts) stands for a user's key. Answers 401 `unauthorized` for a missing or unknown key, 403 `forbidden` for a valid one of the other kind.
 */
export const authenticate = (deps: Ready) =>
  createMiddleware<Env>(async (c, next) => {
    const key = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (key === undefined) throw unauthorized('The request has no key.');
    const isOperator = sameHash(sha256(key), deps.adminKeyHash);
    const forOperator = c.req.path.startsWith('/v1/admin/');
    if (forOperator && isOperator) return next();
    const known = await whoAsks(deps, key);
    if (forOperator && known) {
      throw new Problem('forbidden', "This is for the operator's key only; yours is a user's. Nothing was done.");
    }
    if (isOperator) {
      throw new Problem(
        'forbidden',
        "The operator's key belongs to no user. Nothing was done; use an API key of the user whose sessions you mean.",
      );
    }
    if (!known) throw unauthorized('The key is not known, or was revoked.');
    c.set('user', known.user);
    c.set('caller', known.caller);
    await next();
  });

/** The user of an API key or, where an identity provider is configured, of a token; null: of nobody that is known here. */
async function whoAsks(deps: Ready, key: string): Promise<{ user: User; caller: string } | null> {
  if (deps.jwt && isJwt(key)) {
    const user = await deps.accounts.getUser(await deps.jwt(key));
    return user && { user, caller: `user:${user.id}` };
  }
  const hash = hashOfKey(key);
  const user = hash === null ? null : await deps.accounts.whoIs(hash);
  return user && { user, caller: prefixOf(key) };
}

const unauthorized = (what: string) =>
  new Problem(
    'unauthorized',
    `${what} Nothing was done and nothing was spent; send \`Authorization: Bearer <key>\` with a valid one.`,
  );

const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
