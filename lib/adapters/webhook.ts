/**
 * Posts a notice to the address of a user's choice, signed as Standard Webhooks describe it:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The headers `webhook-id`, `webhook-timestamp`
 * (seconds) and `webhook-signature`: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64, under the bytes that the secret has in
 * base64 after `whsec_`; one for each secret, with a space between them, while a secret is being replaced.
 */
import { createHmac } from 'node:crypto';
import type { Webhook, WebhookRequest } from '../ports/index.ts';
import { ask, type Reach, RefusedError, TimeoutError } from '../ssrf/request.ts';
import type { UrlRules } from '../ssrf/url.ts';

/** A receiver that works longer should answer first and work then. */
const TIMEOUT_MS = 5_000;

export type WebhookOptions = UrlRules & { timeoutMs?: number; reach?: Reach };

export function webhook({ timeoutMs = TIMEOUT_MS, reach, ...rules }: WebhookOptions = {}): Webhook {
  return {
    async post(posting) {
      const { url, body } = posting;
      try {
        const asking = { method: 'POST', headers: headersOf(posting), body, timeoutMs, maxBytes: 0 } as const;
        const { status } = await ask(url, asking, rules, reach);
        return { status, error: errorOf(status) };
      } catch (error) {
        return { status: null, error: causeOf(error) };
      }
    },
  };
}

function headersOf(posting: WebhookRequest): Record<string, string> {
  const seconds = Math.floor(posting.at / 1_000);
  return {
    'content-type': 'application/json',
    'user-agent': 'Circadian',
    'webhook-id': posting.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': posting.secrets.map((secret) => `v1,${signatureOf(posting, secret, seconds)}`).join(' '),
  };
}

function signatureOf({ id, body }: WebhookRequest, secret: string, seconds: number): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
}

/** A word of ours for what went wrong; Node's own code at most, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function causeOf(error: unknown): string {
  if (error instanceof RefusedError) return `the address ${error.message}`;
  if (error instanceof TimeoutError) return error.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? `no connection: ${code}` : 'no connection';
}
