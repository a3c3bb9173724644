/**
 * Asks the vendors themselves, before anything is made, whether a deployment's keys are right and its region is offered. A provider would find
 * out in the middle, when queues and a database are there already. Reads only; costs nothing; deployment.ts and setup call it.
 */
// In deployment.ts `neon` is the provider.
import * as serverless from '@neondatabase/serverless';

/** What a deployment was given. A vendor that is null is not asked: its database is brought along, or its keys are missing. */
export type Given = {
  /** As AWS writes it: us-east-1. */
  region: string;
  /** A personal key must name its organisation. */
  neon: { key: string; organisation?: string | undefined } | null;
  /** A Postgres that is brought along. */
  postgres: { url: string } | null;
  upstash: { key: string; email: string } | null;
  /** A Redis that is brought along. */
  redis: { url: string; token: string } | null;
  anthropic: { key: string } | null;
};

/** `faults` stop a deployment, `warnings` do not: what a vendor did not answer among them. Whole sentences, without any key. */
export type Verdict = { faults: string[]; warnings: string[] };

/** Where the vendors are; tests have them elsewhere. */
export type Addresses = { neon: string; upstash: string; anthropic: string };
export const ADDRESSES: Addresses = {
  neon: 'https://console.neon.tech/api/v2',
  upstash: 'https://api.upstash.com/v2',
  anthropic: 'https://api.anthropic.com',
};

/**
 * Primary regions of Upstash's global databases. Its API has no list.
 * Source: the documentation of `primaryRegion` in @upstash/pulumi 0.5.0, and https://upstash.com/docs/redis/features/globaldatabase.
 */
export const UPSTASH_REGIONS = [
  ...['us-east-1', 'us-west-1', 'us-west-2', 'eu-central-1', 'eu-west-1'],
  ...['sa-east-1', 'ap-southeast-1', 'ap-southeast-2'],
];

const PATIENCE_MS = 10_000;
/** What a header can carry: a line break that was copied along can not. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Never throws. A vendor that cannot be reached is a warning: an outage must not keep anybody from deploying a repair. */
export async function checkDeployment(given: Given, addresses: Addresses = ADDRESSES): Promise<Verdict> {
  const { region, neon, postgres, upstash, redis, anthropic } = given;
  const checks = [
    neon && checked('Neon', { NEON_API_KEY: neon.key }, () => checkNeon(neon, region, addresses.neon)),
    postgres && checked('Postgres', { NeonUrl: postgres.url }, () => checkPostgres(postgres)),
    upstash &&
      checked('Upstash', { UPSTASH_API_KEY: upstash.key, UPSTASH_EMAIL: upstash.email }, () =>
        checkUpstash(upstash, region, addresses.upstash),
      ),
    redis && checked('Upstash', { UpstashToken: redis.token }, () => checkRedis(redis)),
    anthropic &&
      checked('Anthropic', { AnthropicApiKey: anthropic.key }, () => checkAnthropic(anthropic, addresses.anthropic)),
  ];
  const verdicts = await Promise.all(checks);
  return {
    faults: verdicts.flatMap((verdict) => verdict?.faults ?? []),
    warnings: verdicts.flatMap((verdict) => verdict?.warnings ?? []),
  };
}

const fine: Verdict = { faults: [], warnings: [] };
const fault = (sentence: string): Verdict => ({ faults: [sentence], warnings: [] });
const warning = (sentence: string): Verdict => ({ faults: [], warnings: [sentence] });

async function checked(vendor: string, keys: Record<string, string>, ask: () => Promise<Verdict>): Promise<Verdict> {
  const spoilt = Object.keys(keys).filter((name) => !PRINTABLE.test(keys[name] ?? ''));
  if (spoilt.length > 0)
    return fault(
      `${spoilt.join(' and ')} has a space, a line break or another character that no key of ${vendor} has.`,
    );
  return ask().catch((error: unknown) => {
    const why = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
    return warning(`${vendor} could not be asked whether its keys are right (${why}); the deployment goes on.`);
  });
}

type Answer = { status: number; text: string };

/** Throws for what says nothing about the keys: no answer, or one of 429 and 5xx. */
async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  if (response.status === 429 || response.status >= 500) throw new Error(`it answered ${response.status}`);
  return { status: response.status, text };
}

/** Sources: https://neon.com/docs/reference/api/regions.md; neondatabase/website#5671 for the key without its organisation. */
async function checkNeon({ key, organisation }: NonNullable<Given['neon']>, region: string, base: string) {
  const headers = { authorization: `Bearer ${key}`, accept: 'application/json' };
  const of = organisation ? `org_id=${encodeURIComponent(organisation)}` : '';
  const projects = await ask(`${base}/projects?limit=1${of && `&${of}`}`, { headers });
  if (projects.status === 401) return fault('NEON_API_KEY is wrong: Neon does not know it.');
  if (projects.status === 400 && projects.text.includes('org_id is required'))
    return fault(
      "NEON_API_KEY is a personal key, so Neon must know its organisation: set NEON_ORG_ID, or take an organisation's own key.",
    );
  if (projects.status >= 400)
    return fault(
      organisation
        ? `NEON_API_KEY may not see the organisation ${organisation} (Neon answers ${projects.status}): correct NEON_ORG_ID or the key.`
        : `NEON_API_KEY may not see projects (Neon answers ${projects.status}): take an organisation's own key.`,
    );
  const { status, text } = await ask(`${base}/regions${of && `?${of}`}`, { headers });
  if (status >= 400) throw new Error(`it answered ${status}`);
  const { regions } = JSON.parse(text) as { regions: { region_id: string }[] };
  const offered = regions.map(({ region_id }) => region_id).filter((id) => id.startsWith('aws-'));
  return offered.includes(`aws-${region}`)
    ? fine
    : fault(`Neon has no region ${region}: take one of ${offered.map((id) => id.slice(4)).join(', ')}.`);
}

/** Postgres refuses a login with 28000 or 28P01, and a database that it does not have with 3D000. */
const REFUSED = /^(28...|3D000)$/;

/** Sleeping compute takes a second or two to wake. */
async function checkPostgres({ url }: { url: string }): Promise<Verdict> {
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''))
    return fault(
      'NeonUrl is no connection string of Postgres: it begins with postgresql:// and names user, password and host.',
    );
  return serverless
    .neon(url, { fetchOptions: { signal: AbortSignal.timeout(PATIENCE_MS) } })
    .query('select 1')
    .then(
      () => fine,
      (error: Error & { code?: string; sourceError?: Error }) => {
        if (!REFUSED.test(error.code ?? '')) throw error.sourceError ?? error;
        return fault(`NeonUrl is wrong: the Postgres there refuses it (${error.message}).`);
      },
    );
}

type Listed = { database_name?: string; type?: string };

/** Sources: https://upstash.com/docs/devops/developer-api/authentication and …/http_status_codes. */
async function checkUpstash({ key, email }: NonNullable<Given['upstash']>, region: string, base: string) {
  if (!UPSTASH_REGIONS.includes(region))
    return fault(`Upstash has no primary region ${region}: take one of ${UPSTASH_REGIONS.join(', ')}.`);
  const authorization = `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;
  const { status, text } = await ask(`${base}/redis/databases`, { headers: { authorization } });
  if (status === 401 || status === 403)
    return fault(`UPSTASH_API_KEY is wrong, or not the key of ${email} (UPSTASH_EMAIL): Upstash does not let it in.`);
  if (status >= 400) throw new Error(`it answered ${status}`);
  const databases = JSON.parse(text) as Listed[];
  const [free, ...others] = databases;
  if (others.length > 0 || free?.type !== 'free' || free.database_name?.startsWith('circadian-')) return fine;
  return warning(
    `Upstash's Free plan has one database for an account, and ${email} has ${free.database_name}: without a payment method there, the deployment fails at Upstash.`,
  );
}

async function checkRedis({ url, token }: NonNullable<Given['redis']>): Promise<Verdict> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { status } = await ask(url, { method: 'POST', headers, body: '["PING"]' });
  return status === 401 || status === 403
    ? fault('UpstashToken is wrong: the Redis at UpstashUrl does not take it.')
    : fine;
}

/** A list of models costs nothing. Source: https://docs.anthropic.com/en/api/models-list. */
async function checkAnthropic({ key }: NonNullable<Given['anthropic']>, base: string): Promise<Verdict> {
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
  const { status } = await ask(`${base}/v1/models?limit=1`, { headers });
  if (status === 401) return fault('AnthropicApiKey is wrong: Anthropic does not know it.');
  if (status === 403)
    return fault('AnthropicApiKey may not be used (Anthropic answers 403): look at it in the Console.');
  return fine;
}

type Variables = Record<string, string | undefined>;

/** What the environment of `sst deploy` gives: options as they are set, secrets under the names by which SST hands them on. */
export function givenBy(variables: Variables, region: string): Given {
  const set = (name: string) => variables[name] || undefined;
  const [neon, upstash, email] = [set('NEON_API_KEY'), set('UPSTASH_API_KEY'), set('UPSTASH_EMAIL')];
  const [postgres, url, token, anthropic] = ['NeonUrl', 'UpstashUrl', 'UpstashToken', 'AnthropicApiKey'].map((name) =>
    set(`SST_SECRET_${name}`),
  );
  return {
    region,
    neon: neon && !postgres ? { key: neon, organisation: set('NEON_ORG_ID') } : null,
    postgres: postgres ? { url: postgres } : null,
    upstash: upstash && email && !url ? { key: upstash, email } : null,
    redis: url && token ? { url, token } : null,
    anthropic: anthropic ? { key: anthropic } : null,
  };
}

/** Throws one sentence for each fault, before anything is made, and says each warning. */
export function refuseFaults({ faults, warnings }: Verdict): void {
  for (const sentence of warnings) process.stderr.write(`${sentence}\n`);
  if (faults.length > 0) throw new Error(`${faults.join(' ')} Nothing has been changed.`);
}
