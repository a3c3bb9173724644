import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { SignatureError, verifyWebhook } from '../../client/index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx';
const NOW = Date.parse('2026-11-10T08:00:00Z');
const body = JSON.stringify({ type: 'session.completed', timestamp: '2026-11-10T08:00:00Z', data: { id: 'ses_1' } });

/** As the library of Standard Webhooks signs it. */
function signed(secret = SECRET, at = NOW): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at / 1_000),
    'webhook-signature': new Webhook(secret).sign('msg_1', new Date(at), body),
  };
}

describe('a message', () => {
  it.each([
    ['with its secret', signed(), SECRET],
    ['with headers of fetch', new Headers(signed()), SECRET],
    ['with headers of another realm', { get: (name: string) => signed()[name] ?? null } as Headers, SECRET],
    ['with a secret beside an empty one', signed(), ['', SECRET]],
    ['with the older of two secrets', signed(), [OTHER, SECRET]],
    [
      'signed with two secrets',
      { ...signed(), 'webhook-signature': `${signed(OTHER)['webhook-signature']} ${signed()['webhook-signature']}` },
      SECRET,
    ],
    ['five minutes old', signed(SECRET, NOW - 300_000), SECRET],
  ])('is read %s', async (_, headers, secret) => {
    expect(await verifyWebhook(body, headers, secret, NOW)).toEqual(JSON.parse(body));
  });

  it.each([
    ['of another secret', body, signed(OTHER)],
    ['that was changed', body.replace('ses_1', 'ses_2'), signed()],
    ['that is too old', body, signed(SECRET, NOW - 301_000)],
    ['from the future', body, signed(SECRET, NOW + 301_000)],
    ['without a time', body, { ...signed(), 'webhook-timestamp': 'soon' }],
    ['without a signature', body, { ...signed(), 'webhook-signature': '' }],
    ['with a signature of another kind', body, { ...signed(), 'webhook-signature': 'v1a,AAAA' }],
    ['with a signature that is no base64', body, { ...signed(), 'webhook-signature': 'v1,%%%' }],
  ])('is refused %s', async (_, text, headers) => {
    await expect(verifyWebhook(text, headers, SECRET, NOW)).rejects.toThrow(SignatureError);
  });

  it('is refused where the secret is empty', async () => {
    for (const secret of ['', 'whsec_', '%%%'])
      await expect(verifyWebhook(body, signed(), secret, NOW)).rejects.toThrow(SignatureError);
  });
});
