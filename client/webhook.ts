/**
 * Messages that Circadian sends, checked as Standard Webhooks describe it:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** A message may be this old, or this much ahead, in seconds: clocks differ, and an old one may be a copy. */
const TOLERANCE = 300;

type HeaderBag = Headers | Record<string, string | string[] | undefined>;

/** What a message says: `type`, `timestamp` and `data`. */
export type WebhookMessage = { type: string; timestamp: string; data: Record<string, unknown> };

/** Says that a message is not from whom it claims to be; answer it with 401. */
export class SignatureError extends Error {
  override name = 'SignatureError';
}

/**
 * The message that `body` holds, once its signature is proven with one of the secrets. `body`: the text as it came, never parsed and printed again.
 * Throws `SignatureError`. Keep the `webhook-id` of what was done: a message may come more than once.
 */
export async function verifyWebhook(
  body: string,
  headers: HeaderBag,
  secret: string | readonly string[],
  now = Date.now(),
): Promise<WebhookMessage> {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) => headerOf(headers, `webhook-${name}`));
  if (!id || !timestamp || !given) throw new SignatureError('The message has no webhook-id, -timestamp or -signature.');
  if (!(Math.abs(now / 1_000 - Number(timestamp)) <= TOLERANCE))
    throw new SignatureError('The message is too old, or its clock and this one differ.');
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = given.split(' ').filter((one) => one.startsWith('v1,'));
  for (const one of [secret].flat()) {
    const bytes = bytesOf(one.replace(/^whsec_/, ''));
    // WebCrypto has no key without a length.
    if (bytes.length === 0) continue;
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    for (const signature of signatures)
      if (await crypto.subtle.verify('HMAC', key, bytesOf(signature.slice(3)), signed)) return JSON.parse(body);
  }
  throw new SignatureError('No signature of the message fits the secret.');
}

/** Those of another realm or of a library are of another class. */
const isHeaders = (headers: HeaderBag): headers is Headers => typeof headers.get === 'function';

function headerOf(headers: HeaderBag, name: string): string | undefined {
  const value = isHeaders(headers) ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Of base64; none of what is no base64. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
