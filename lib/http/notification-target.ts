/** The webhook that the operator gives a user for budget alerts: `notify_url` and `notify_secret` of a user. */
import { z } from '@hono/zod-openapi';
import { checkUrl } from '../ssrf/url.ts';
import { isSecret, mintSecret } from './auth/signing-secrets.ts';
import type { Ready } from './deps.ts';
import { invalid } from './problems.ts';

export const notifyFields = {
  notify_url: z.string().nullable().openapi({
    description:
      'Where alerts are posted, signed as Standard Webhooks describe it: a public https address on port 443. Null: nowhere.',
    example: 'https://hooks.example.com/circadian',
  }),
  notify_secret: z.string().refine(isSecret, 'Must be `whsec_` and the base64 of 24 to 64 bytes').nullable().openapi({
    description:
      'What signs them. Left out, one is made with the first `notify_url`; null: another is made. The answer shows a new one this once.',
  }),
};

export const notifyShown = {
  notify_url: z.string().nullable(),
  notify_secret: z.string().optional().openapi({ description: 'Only in the answer to the request that made it.' }),
};

type Wanted = { notify_url?: string | null | undefined; notify_secret?: string | null | undefined };
type Shown = { notify_url: string | null; notify_secret?: string };

/** Throws `invalid_request` for an address that nothing may be sent to. For before anything is changed. */
export function checkNotify(deps: Ready, { notify_url: url }: Wanted): void {
  if (typeof url !== 'string') return;
  const checked = checkUrl(url, { loopback: deps.notifyLoopback ?? false });
  if ('fault' in checked) throw invalid([{ path: 'notify_url', message: checked.fault }]);
}

/** For a user who exists. A repeat of the whole request shows a secret that was made for it no second time. */
export async function putNotify(deps: Ready, userId: string, wanted: Wanted): Promise<Shown> {
  const { notify_url: url, notify_secret: given } = wanted;
  const known = url === undefined || url === null ? await deps.alerts.target(userId) : null;
  const nothingToDo = given === undefined && (url === undefined || (url === null && known === undefined));
  if (nothingToDo) return { notify_url: known ?? null };
  const secret = given ?? mintSecret();
  const change = { ...(url !== undefined && { url }), secret, replace: given !== undefined };
  const target = await deps.alerts.putTarget(userId, change);
  const isNew = typeof given !== 'string' && target.secret === secret;
  return { notify_url: target.url, ...(isNew && { notify_secret: secret }) };
}
