/**
 * Tokens of an identity provider in place of an API key: a JWT that is signed by one of the keys at the provider's JWKS address. Which
 * algorithms, issuer and audience count is configuration, never the token's own word; keys that a token brings along or points to are
 * not looked at. A token says who asks and nothing more: it never makes an operator.
 */
import type { JWTVerifyOptions } from 'jose';
import { Problem } from '../problem.ts';

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
  // Loaded with the first token: the functions that ask nobody who he is share the composition root with the API.
  const prepare = async () => {
    const jose = await import('jose');
    const keys = jose.createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: options.timeoutMs ?? 3_000,
      cooldownDuration: options.cooldownMs ?? 30_000,
    });
    return { jose, keys };
  };
  return async (token) => {
    prepared ??= prepare();
    const { jose, keys } = await prepared;
    const { payload } = await jose.jwtVerify(token, keys, terms).catch((error: unknown) => {
      throw error instanceof jose.errors.JOSEError && !NOT_THE_TOKEN.has(error.code) ? unknownToken() : providerAway();
    });
    const user = payload[userClaim];
    if (typeof user !== 'string' || !USER_ID.test(user)) throw unknownToken();
    return user;
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
