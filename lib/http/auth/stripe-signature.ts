/**
 * Stripe's scheme of signatures: the header `t=<seconds>,v1=<hex>[,v1=<hex>…]`, where a v1 is the HMAC-SHA256 of `<seconds>.<body>` under the
 * secret as it is written. The body counts byte by byte as it came: read and written anew, it is another one.
 * Source: https://docs.stripe.com/webhooks#verify-manually (October 2026).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the sender's time may be from ours: who holds back a message for longer cannot use it any more. */
export const TOLERANCE_SECONDS = 300;

export type Signed = { header: string | undefined; body: Uint8Array; now: number };
export type SignatureVerdict = 'genuine' | 'missing' | 'stale' | 'forged';

/**
 * `secrets`: while one replaces another, both count. `now`: milliseconds of real time, never the settable clock's. Takes as long whichever
 * secret fits and whatever byte is wrong. `stale` is told only of what is genuine but for its time.
 */
export function verify(secrets: readonly string[], { header, body, now }: Signed): SignatureVerdict {
  const { seconds, signatures } = parse(header ?? '');
  if (seconds === null || signatures.length === 0) return 'missing';
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(`${seconds}.`).update(body).digest());
  const fits = expected.flatMap((right) => signatures.map((given) => timingSafeEqual(right, given)));
  if (!fits.includes(true)) return 'forged';
  return Math.abs(now / 1_000 - Number(seconds)) <= TOLERANCE_SECONDS ? 'genuine' : 'stale';
}

/** Parts of other versions and of other forms are passed over. */
function parse(header: string): { seconds: string | null; signatures: Buffer[] } {
  const parts = header.split(',').map((part) => part.trim());
  const times = parts.filter((part) => part.startsWith('t='));
  const [, seconds = null] = times.length === 1 ? (/^t=(\d{1,12})$/.exec(times[0] ?? '') ?? []) : [];
  const signatures = parts.flatMap((part) => {
    const [, hex] = /^v1=([0-9a-f]{64})$/i.exec(part) ?? [];
    return hex ? [Buffer.from(hex, 'hex')] : [];
  });
  return { seconds, signatures };
}
