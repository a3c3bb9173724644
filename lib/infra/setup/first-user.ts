/** The first user of a new deployment and their key, over its API. */
import * as z from 'zod';

type Asked = {
  url: string;
  adminKey: string;
  user: string;
  dollars: number;
  today: Date;
  show: (line: string) => void;
};

/**
 * A user that is there already keeps their terms, and a key that works is kept. The plan of a new one renews in a month, so that no short rest of a
 * month gets all of it. What the API warns of is shown.
 */
export async function firstUser(
  { url, adminKey, user, dollars, today, show }: Asked,
  kept: string | undefined,
): Promise<string> {
  const path = `/v1/admin/users/${encodeURIComponent(user)}`;
  await awake(url);
  if (!(await isThere(url, adminKey, path))) {
    const { warnings } = Put.parse(
      await ask(url, adminKey, 'PUT', path, {
        tier: 'standard',
        subscription_budget_microdollars: dollars * 1_000_000,
        subscription_renewal_date: monthAfter(today),
      }),
    );
    for (const sentence of warnings) show(sentence);
  }
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

const Put = z.object({ warnings: z.array(z.string()).default([]) });

/** The same day of the next month, or its last. */
function monthAfter(today: Date): string {
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth() + 1];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(today.getUTCDate(), lastDay))).toISOString().slice(0, 10);
}

async function isThere(url: string, adminKey: string, path: string): Promise<boolean> {
  const response = await fetch(new URL(path, url), {
    headers: { authorization: `Bearer ${adminKey}` },
    signal: AbortSignal.timeout(60_000),
  });
  return response.ok;
}

/** Milliseconds. The name of a new domain may not be known everywhere yet. */
const WAIT_MS = 5_000;
const TRIES = 24;

/** Waits for a new deployment's first answer, two minutes at most. */
async function awake(url: string): Promise<void> {
  for (let tries = 1; tries < TRIES; tries += 1) {
    const answer = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(60_000) }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
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
