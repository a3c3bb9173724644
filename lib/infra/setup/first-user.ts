/** The first user of a new deployment and their key, over its API. */
import * as z from 'zod';

type Asked = { url: string; adminKey: string; user: string; dollars: number; today: Date };

/** A key that is there already and works is kept. */
export async function firstUser(
  { url, adminKey, user, dollars, today }: Asked,
  kept: string | undefined,
): Promise<string> {
  const path = `/v1/admin/users/${encodeURIComponent(user)}`;
  await ask(url, adminKey, 'PUT', path, {
    tier: 'standard',
    subscription_budget_microdollars: dollars * 1_000_000,
    subscription_renewal_date: new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1))
      .toISOString()
      .slice(0, 10),
  });
  if (
    kept &&
    (await ask(url, kept, 'GET', '/v1/budget').then(
      () => true,
      () => false,
    ))
  )
    return kept;
  const { key } = z
    .object({ key: z.string() })
    .parse(await ask(url, adminKey, 'POST', `${path}/api-keys`, { name: 'setup' }));
  return key;
}

async function ask(url: string, key: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(60_000),
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new Error(
      `${method} ${path}: the deployment does not answer (${(error.cause as Error | undefined)?.message ?? error.message}).`,
    );
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
