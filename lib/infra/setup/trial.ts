/** Databases that both vendors give away without an account. They are deleted after 72 hours unless somebody claims them. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';

export type TrialAddresses = { neonTrial: string; upstashTrial: string };
export const TRIAL_ADDRESSES: TrialAddresses = {
  neonTrial: 'https://neon.new/api/v1/database',
  upstashTrial: 'https://upstash.com/start-redis',
};
/** `claims`: pages on which the databases are taken over into an account of one's own. */
export type Trial = { neonUrl: string; upstashUrl: string; upstashToken: string; claims: string[] };

const NAME = 'circadian-setup';
const PATIENCE_MS = 30_000;
const Postgres = z.object({ connection_string: z.string().startsWith('postgres'), claim_url: z.url() });

/**
 * Throws a sentence that names the vendor. Sources: https://neon.com/docs/reference/claimable-postgres (fields),
 * https://upstash.com/docs/devops/developer-api/start-redis/create and https://upstash.com/blog/redis-database-for-agents (lines of its answer)
 */
export async function makeTrial({ neonTrial, upstashTrial }: TrialAddresses): Promise<Trial> {
  const [postgres, redis] = await Promise.all([
    post('Neon', neonTrial, { 'content-type': 'application/json' }, JSON.stringify({ ref: NAME })),
    post('Upstash', upstashTrial, { 'idempotency-key': randomUUID() }),
  ]);
  const made = Postgres.safeParse(parsed(postgres));
  if (!made.success) throw new Error('Neon gave no trial database: its answer is not the one that is documented.');
  const line = (name: string) => new RegExp(`^\\*{0,2}${name}:\\*{0,2}\\s*(\\S+)\\s*$`, 'm').exec(redis)?.[1];
  const [upstashUrl, upstashToken] = [line('Endpoint'), line('Token')];
  const claim = /https?:\/\/\S+\/console\/\S+/.exec(redis)?.[0];
  if (!upstashUrl || !upstashToken || !claim)
    throw new Error('Upstash gave no trial database: its answer is not the one that is documented.');
  const { connection_string: neonUrl, claim_url } = made.data;
  return { neonUrl, upstashUrl, upstashToken, claims: [claim_url, claim] };
}

async function post(vendor: string, url: string, headers: Record<string, string>, body?: string): Promise<string> {
  const response = await fetch(url, {
    ...{ method: 'POST', signal: AbortSignal.timeout(PATIENCE_MS) },
    headers: { 'user-agent': NAME, ...headers },
    ...(body && { body }),
  }).catch((error: Error) => {
    throw new Error(
      `${vendor} gave no trial database: no answer (${(error.cause as Error | undefined)?.message ?? error.message}).`,
    );
  });
  if (!response.ok) throw new Error(`${vendor} gave no trial database: it answered ${response.status}.`);
  return response.text();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
