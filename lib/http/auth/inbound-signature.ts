/**
 * Messages to a trigger are signed as Standard Webhooks describe it (https://github.com/standard-webhooks/standard-webhooks, version 1.0.0):
 * `webhook-id`, `webhook-timestamp` in seconds, and `webhook-signature`, a list of `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`
 * under the bytes that the secret has in base64 after `whsec_`. The body counts byte by byte as it came.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOLERANCE_SECONDS } from './stripe-signature.ts';

export type InboundHeaders = Record<'id' | 'timestamp' | 'signature', string | undefined>;

/** More signatures than this nobody needs while secrets are replaced. */
const MOST_SIGNATURES = 10;
/** What can be a key of idempotence. */
const ID = /^[\x21-\x7e]{1,200}$/;

/**
 * The id of a genuine message, else null. `secrets`: all that count; at least one, or a made-up one for a trigger that is not there. `now`:
 * milliseconds of real time. Takes as long whichever secret fits and whatever byte is wrong.
 */
export function genuineId(secrets: string[], headers: InboundHeaders, body: Uint8Array, now: number): string | null {
  const { id = '', timestamp = '', signature = '' } = headers;
  const given = signature
    .split(' ')
    .slice(0, MOST_SIGNATURES)
    .map((one) => Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? '', 'base64'));
  const expected = secrets.map((secret) =>
    createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.`)
      .update(body)
      .digest(),
  );
  const fits = expected.flatMap((right) =>
    given.map((one) => one.length === right.length && timingSafeEqual(one, right)),
  );
  const isNow = /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1_000 - Number(timestamp)) <= TOLERANCE_SECONDS;
  return fits.includes(true) && isNow && ID.test(id) ? id : null;
}
