import { timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { User } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import type { HttpEnv, KeyCheck, Ready } from '../deps.ts';
import { keepOwner, ownerOf } from '../snapshots.ts';
import { hashOfKey, prefixOf, sha256 } from './api-keys.ts';
import { isJwt } from './jwt.ts';
import { nameOfKey, nameOfOperator, strangers } from './rate-limits.ts';

/** The paths that the live view may answer. It also knows a key for 60 s: ../snapshots.ts says what that means for a revoked key. */
const FROM_THE_VIEW = /^\/v1\/(?:budget|sessions\/[^/]+\/live)$/;

/**
 * Everything below /v1 needs a key: the operator's below /v1/admin, a user's elsewhere. A token (jwt.ts) stands for a user's key. The key is
 * looked up with each request, so a revoked key ends with the next one. Requests that the live view may answer are the exception. The answers
 * to a refused request:
 * - 401 `unauthorized`: the key is missing or unknown.
 * - 403 `forbidden`: the key is valid, but of the other kind.
 * - 429 `rate_limited`: too much was guessed at the address (`strangers` in rate-limits.ts). Nothing is looked up.
 *
 * The operator's key gets 429 there, too, unless it was used there before. Otherwise the answer would tell a guesser that the key is right.
 */
export function authenticate(deps: Ready) {
  const guard = strangers(deps);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const key = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (key === undefined) throw unauthorized('The request has no key.');
    const address = c.get('address');
    const forOperator = c.req.path.startsWith('/v1/admin/');
    if (sameHash(sha256(key), deps.adminKeyHash)) {
      const operator = { kind: 'operator', address, who: nameOfOperator(address) } as const;
      await guard.admit(operator);
      await guard.letIn(operator);
      if (forOperator) return next();
      throw new Problem(
        'forbidden',
        "The operator's key belongs to no user. Nothing was done; use an API key of the user whose sessions you mean.",
      );
    }
    const asker = await askerOf(deps, key).catch(async (error: unknown) => {
      if (isUnauthorized(error)) await guard.failed({ kind: 'key', address });
      throw error;
    });
    if (!asker) {
      await guard.failed({ kind: 'operator', address });
      throw unknownKey();
    }
    const kept = c.req.method === 'GET' && FROM_THE_VIEW.test(c.req.path) ? await ownerOf(deps, asker) : null;
    if (kept?.owner) {
      c.set('userId', kept.owner);
      c.set('viewAnswers', true);
      c.set('caller', asker.caller);
      return next();
    }
    const comer = { kind: 'key', address, who: asker.name } as const;
    await guard.admit(comer);
    const user = await asker.lookUp();
    if (!user) {
      await guard.failed(comer);
      throw unknownKey();
    }
    await guard.letIn(comer);
    if (forOperator) {
      throw new Problem('forbidden', "This is for the operator's key only; yours is a user's. Nothing was done.");
    }
    if (kept?.answers) await keepOwner(deps, asker, user.id);
    c.set('user', user);
    c.set('keyCheck', keyCheckOf(deps, asker, user.id));
    c.set('userId', user.id);
    c.set('viewAnswers', kept?.answers ?? true);
    c.set('caller', asker.caller);
    await next();
  });
}

/** For what goes on after the request was let in: does its key still open it? Asked in the cheapest way in which a request is. */
function keyCheckOf(deps: Ready, asker: Asker, userId: string): KeyCheck {
  const { check } = asker;
  if (check) return { asksPostgres: false, holds: check };
  return {
    asksPostgres: true,
    async holds() {
      const kept = await ownerOf(deps, asker);
      if (kept.owner !== null) return kept.owner === userId;
      const user = await asker.lookUp();
      if (user?.id !== userId) return false;
      if (kept.answers) await keepOwner(deps, asker, userId);
      return true;
    },
  };
}

/** `name`: the name under which rate-limits.ts remembers it. `check`: whether it still counts, where that needs no lookup of a user. */
type Asker = {
  id: string;
  name: string;
  hash: string;
  caller: string;
  lookUp: () => Promise<User | null>;
  check?: () => Promise<boolean>;
};

/** Who asks with an API key or, where an identity provider is configured, with a token; null: such a key cannot exist. */
async function askerOf(deps: Ready, key: string): Promise<Asker | null> {
  const { jwt: verify } = deps;
  if (verify && isJwt(key)) {
    const userId = await verify(key);
    const caller = `user:${userId}`;
    const check = () => verify(key).then((id) => id === userId, refused);
    return {
      id: caller,
      name: nameOfKey(caller),
      hash: 'token',
      caller,
      lookUp: () => deps.accounts.getUser(userId),
      check,
    };
  }
  const hash = hashOfKey(key);
  const caller = prefixOf(key);
  return hash === null
    ? null
    : { id: caller, name: nameOfKey(hash), hash, caller, lookUp: () => deps.accounts.whoIs(hash) };
}

/** What is wrong with the token ends it; that it cannot be checked just now is thrown on. */
function refused(error: unknown): false {
  if (isUnauthorized(error)) return false;
  throw error;
}

const isUnauthorized = (error: unknown): boolean => error instanceof Problem && error.code === 'unauthorized';

const unknownKey = () => unauthorized('The key is not known, or was revoked.');

const unauthorized = (what: string) =>
  new Problem(
    'unauthorized',
    `${what} Nothing was done and nothing was spent; send \`Authorization: Bearer <key>\` with a valid one.`,
  );

const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
