/**
 * Tokens of an identity provider in place of an API key: a JWT that is signed by one of the keys at the provider's JWKS address. Which
 * algorithms, issuer and audience count is configuration, never the token's own word; keys that a token brings along or points to are
 * not looked at. A token says who asks and nothing more: it never makes an operator.
 */
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { Problem } from '../../problem.ts';

export type JwtOptions = {
  /** https, or http on the loopback. Not followed elsewhere. */
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** Asymmetric ones only; with a shared secret whoever can check a token could make one. */
  algorithms: string[];
  /** The claim that names the user, `sub` by default. */
  userClaim?: string;
  /** Seconds by which clocks may differ, at most 60. */
  clockToleranceSeconds?: number;
  /** Milliseconds for one look at the JWKS address, and between two that unknown keys cause. */
  timeoutMs?: number;
  cooldownMs?: number;
  /** For so many milliseconds after it failed the provider is not asked again. */
  awayMs?: number;
  /** Milliseconds that only grow. */
  elapsed?: () => number;
};

/** What may stand in `algorithms`. */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

const MOST_CHARACTERS = 8_192;
const USER_ID = /^[0-9A-Za-z][0-9A-Za-z_.:@+-]{0,127}$/;

/** Whether this can be a token at all: an API key has no points. */
export const isJwt = (text: string): boolean => text.length <= MOST_CHARACTERS && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);

/**
 * Answers the user's id. Throws `unauthorized` for what is wrong with the token, in the same words whatever it is, and `unavailable`
 * when the provider's keys cannot be had.
 */
export function jwtVerifier(options: JwtOptions): (token: string) => Promise<string> {
  const { jwksUrl, issuer, audience, algorithms, userClaim = 'sub', clockToleranceSeconds } = options;
  const terms: JWTVerifyOptions = {
    algorithms,
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds ?? 30,
    requiredClaims: ['exp', userClaim],
  };
  let prepared: ReturnType<typeof prepare> | null = null;
  // Loaded with the first token: the functions that authenticate nobody share the composition root with the API.
  const prepare = async () => {
    const jose = await import('jose');
    const { ask, failed } = unlessAway(options);
    const keys = jose.createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: options.timeoutMs ?? 3_000,
      cooldownDuration: options.cooldownMs ?? 30_000,
      [jose.customFetch]: ask,
    });
    const isOfToken = (error: unknown): boolean =>
      error instanceof jose.errors.JOSEError && !NOT_THE_TOKEN.has(error.code);
    const find: JWTVerifyGetKey = (header, token) =>
      keys(header, token).catch((error: unknown) => {
        if (!isOfToken(error)) failed();
        throw error;
      });
    return { jose, find, isOfToken };
  };
  return async (token) => {
    prepared ??= prepare();
    const { jose, find, isOfToken } = await prepared;
    const { payload } = await jose.jwtVerify(token, find, terms).catch((error: unknown) => {
      throw isOfToken(error) ? unknownToken() : providerAway();
    });
    const user = payload[userClaim];
    if (typeof user !== 'string' || !USER_ID.test(user)) throw unknownToken();
    return user;
  };
}

/**
 * A provider that is silent holds whoever asks for seconds, and everybody can make a token that makes us ask. The library has one question
 * at a time under way, but asks anew for each token after one that failed.
 */
function unlessAway({ awayMs = 10_000, elapsed = () => performance.now() }: JwtOptions) {
  let until = Number.NEGATIVE_INFINITY;
  let waiting = false;
  return {
    async ask(...request: Parameters<typeof fetch>): Promise<Response> {
      waiting = elapsed() < until;
      if (waiting) throw new Error('the provider has just failed');
      return fetch(...request);
    },
    /** That nobody asked is no failure: the time would never end for those who keep coming. */
    failed(): void {
      if (!waiting) until = elapsed() + awayMs;
    },
  };
}

/** By the library's own codes: all but these say what is wrong with the token. */
const NOT_THE_TOKEN = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

const providerAway = () =>
  new Problem(
    'unavailable',
    "The identity provider's keys cannot be had, so your token cannot be checked. Nothing was done and nothing was spent; try again in a minute, or use an API key.",
    { retryAfter: 60 },
  );

const unknownToken = () =>
  new Problem(
    'unauthorized',
    'The token is not valid here. Nothing was done and nothing was spent; sign in again, or send an API key.',
  );
