import { timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../../problem.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { FRONT_HEADERS } from '../front-headers.ts';
import { sha256 } from './api-keys.ts';

/**
 * Whose request it is, by address. Without a front, the address that Lambda saw counts, and no header. With one, Lambda sees CloudFront: the
 * front's header counts, and a request that does not carry the front's secret came around the firewall. It gets 403 `forbidden`, whatever its
 * path or key, and nothing is looked up.
 */
export function behindFront({ frontSecret }: Ready) {
  const expected = frontSecret === undefined ? null : Buffer.from(sha256(frontSecret));
  return createMiddleware<HttpEnv>(async (c, next) => {
    const seen = c.env?.requestContext?.http?.sourceIp;
    if (expected) {
      const given = Buffer.from(sha256(c.req.header(FRONT_HEADERS.secret) ?? ''));
      if (!timingSafeEqual(given, expected)) throw aroundTheFront();
    }
    c.set('address', expected ? (c.req.header(FRONT_HEADERS.address) ?? seen) : seen);
    await next();
  });
}

const aroundTheFront = () =>
  new Problem(
    'forbidden',
    'This address serves the domain of this deployment alone. Nothing was done and nothing was spent; ask at that domain.',
  );
