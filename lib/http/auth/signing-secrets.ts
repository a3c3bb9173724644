/** The secrets that sign messages as Standard Webhooks describe it: `whsec_` and the base64 of 24 to 64 bytes. */
import { randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';

const SECRET_BYTES = 32;

/** A new secret of a webhook or a trigger. */
export const mintSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Whether somebody's own text can be such a secret. */
export function isSecret(text: string): boolean {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

/** A secret that signs messages, in the answer to the request that made it. */
export const ShownOnce = z.string().optional().openapi({
  description:
    'What signs the messages (`whsec_…`). Shown this once: a repeat under the same key has none. Rotate it to get another.',
});
