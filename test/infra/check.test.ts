/** What a deployment asks of the vendors before it makes anything. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkDeployment, type Given, givenBy, refuseFaults, UPSTASH_REGIONS } from '../../lib/infra/check.ts';
import { startNeon } from '../../lib/local/neon.ts';
import { ACCOUNTS, startVendors, type Vendors } from './kit/vendors.ts';

let vendors: Vendors;
beforeEach(async () => {
  vendors = await startVendors();
});
afterEach(() => vendors.close());

const { neon, upstash, anthropic, redis } = ACCOUNTS;
const right = (): Given => ({
  region: 'us-east-1',
  neon: { key: neon.key },
  postgres: null,
  upstash,
  redis: { url: vendors.addresses.redis, token: redis.token },
  anthropic,
});
const check = (changes: Partial<Given> = {}) => checkDeployment({ ...right(), ...changes }, vendors.addresses);

it('finds no fault where all is right, and asks each vendor for nothing but lists', async () => {
  expect(await check()).toEqual({ faults: [], warnings: [] });
  expect(vendors.asked.sort()).toEqual([
    'GET /anthropic/v1/models?limit=1',
    'GET /neon/api/v2/projects?limit=1',
    'GET /neon/api/v2/regions',
    'GET /upstash/v2/redis/databases',
    'POST /redis',
  ]);
});

it('asks nobody whose keys it was not given', async () => {
  const none = { neon: null, postgres: null, upstash: null, redis: null, anthropic: null };
  expect(await check(none)).toEqual({ faults: [], warnings: [] });
  expect(vendors.asked).toEqual([]);
});

describe('says which key is wrong, and never what it is:', () => {
  it.each<[string, () => Partial<Given>, string]>([
    ['NEON_API_KEY', () => ({ neon: { key: 'napi_secret' } }), 'NEON_API_KEY is wrong: Neon does not know it.'],
    [
      'a personal NEON_API_KEY without NEON_ORG_ID',
      () => ({ neon: { key: neon.personal } }),
      "NEON_API_KEY is a personal key, so Neon must know its organisation: set NEON_ORG_ID, or take an organisation's own key.",
    ],
    [
      'NEON_ORG_ID',
      () => ({ neon: { key: neon.personal, organisation: 'org-of-others' } }),
      'NEON_API_KEY may not see the organisation org-of-others (Neon answers 404): correct NEON_ORG_ID or the key.',
    ],
    [
      'UPSTASH_API_KEY',
      () => ({ upstash: { ...upstash, key: 'secret' } }),
      'UPSTASH_API_KEY is wrong, or not the key of planted@example.com (UPSTASH_EMAIL): Upstash does not let it in.',
    ],
    [
      'UPSTASH_EMAIL',
      () => ({ upstash: { ...upstash, email: 'else@example.com' } }),
      'UPSTASH_API_KEY is wrong, or not the key of else@example.com (UPSTASH_EMAIL): Upstash does not let it in.',
    ],
    [
      'UpstashToken',
      () => ({ redis: { url: vendors.addresses.redis, token: 'secret' } }),
      'UpstashToken is wrong: the Redis at UpstashUrl does not take it.',
    ],
    [
      'AnthropicApiKey',
      () => ({ anthropic: { key: 'sk-ant-secret' } }),
      'AnthropicApiKey is wrong: Anthropic does not know it.',
    ],
    [
      'a key with a line break',
      () => ({ anthropic: { key: 'sk-ant-secret\n' } }),
      'AnthropicApiKey has a space, a line break or another character that no key of Anthropic has.',
    ],
  ])('%s', async (_, changes, sentence) => {
    const { faults, warnings } = await check(changes());
    expect(faults).toEqual([sentence]);
    expect(warnings).toEqual([]);
    expect(sentence).not.toMatch(/secret/);
  });

  it('takes a personal key that names its organisation, for the list of regions, too', async () => {
    const { personal: key, organisation } = neon;
    expect(await check({ neon: { key, organisation } })).toEqual({ faults: [], warnings: [] });
    expect(vendors.asked).toContain('GET /neon/api/v2/regions?org_id=org-of-mine');
  });

  it('names every fault at once', async () => {
    const { faults } = await check({ neon: { key: 'x' }, upstash: { ...upstash, key: 'x' }, anthropic: { key: 'x' } });
    expect(faults).toHaveLength(3);
  });
});

describe('a Postgres that is brought along', () => {
  // No statement reaches it: what is asked here is whether it lets one in.
  const pool = {
    connect: async () => ({ query: async () => ({ rows: [], fields: [] }), on() {}, off() {}, release() {} }),
  };

  it('is asked once whether it lets the deployment in', async () => {
    const own = await startNeon({ pool: pool as never });
    onTestFinished(() => own.close());
    expect(await check({ neon: null, postgres: { url: own.url } })).toEqual({ faults: [], warnings: [] });
    const wrong = new URL(own.url);
    wrong.password = 'secret';
    const { faults } = await check({ neon: null, postgres: { url: wrong.href } });
    expect(faults).toEqual(['NeonUrl is wrong: the Postgres there refuses it (password authentication failed).']);
    await own.close();
    expect(await check({ neon: null, postgres: { url: own.url } })).toMatchObject({
      ...{ faults: [], warnings: [expect.stringMatching(/^Postgres could not be asked whether/)] },
    });
  });

  it('is none if its address is no connection string, and the address is not shown', async () => {
    const { faults } = await check({ neon: null, postgres: { url: 'https://u:secret@ep-x.neon.tech/db' } });
    expect(faults).toEqual([expect.stringMatching(/^NeonUrl is no connection string/)]);
    expect(faults[0]).not.toContain('secret');
  });
});

describe('says which vendor lacks the region', () => {
  it('Neon, by its own list', async () => {
    expect((await check({ region: 'us-west-1' })).faults).toEqual([
      'Neon has no region us-west-1: take one of us-east-1, eu-central-1.',
    ]);
  });
  it('Upstash, by its documented list', async () => {
    vendors.neonRegions.push('aws-us-east-2');
    expect((await check({ region: 'us-east-2' })).faults).toEqual([
      `Upstash has no primary region us-east-2: take one of ${UPSTASH_REGIONS.join(', ')}.`,
    ]);
  });
});

it('warns of the one free database that Upstash gives an account, unless it is the deployment’s own', async () => {
  vendors.databases.push({ database_name: 'else', type: 'free' });
  expect(await check()).toMatchObject({
    faults: [],
    warnings: [expect.stringContaining('planted@example.com has else')],
  });
  vendors.databases[0] = { database_name: 'circadian-dev', type: 'free' };
  expect((await check()).warnings).toEqual([]);
});

it('lets a deployment go on where a vendor is away, and says so', async () => {
  vendors.down.push('neon', 'anthropic');
  const { faults, warnings } = await check();
  expect(faults).toEqual([]);
  expect(warnings).toEqual([
    'Neon could not be asked whether its keys are right (it answered 503); the deployment goes on.',
    'Anthropic could not be asked whether its keys are right (it answered 503); the deployment goes on.',
  ]);
  await vendors.close();
  expect(await check()).toMatchObject({ faults: [], warnings: { length: 4 } });
});

describe('the environment of a deployment', () => {
  const keys = { NEON_API_KEY: 'n', UPSTASH_API_KEY: 'u', UPSTASH_EMAIL: 'e', SST_SECRET_AnthropicApiKey: 'a' };

  it('gives the keys of the vendors', () => {
    expect(givenBy({ ...keys, NEON_ORG_ID: 'org' }, 'us-east-1')).toEqual({
      region: 'us-east-1',
      neon: { key: 'n', organisation: 'org' },
      postgres: null,
      upstash: { key: 'u', email: 'e' },
      redis: null,
      anthropic: { key: 'a' },
    });
  });

  it('gives what is brought along in their place', () => {
    const brought = {
      SST_SECRET_NeonUrl: 'postgres://x',
      SST_SECRET_UpstashUrl: 'https://x',
      SST_SECRET_UpstashToken: 't',
    };
    const given = {
      neon: null,
      postgres: { url: 'postgres://x' },
      upstash: null,
      redis: { url: 'https://x', token: 't' },
      anthropic: { key: 'a' },
    };
    expect(givenBy({ ...keys, ...brought }, 'us-east-1')).toEqual({ region: 'us-east-1', ...given });
    const nothing = { neon: null, postgres: null, upstash: null, redis: null, anthropic: null };
    expect(givenBy({ NEON_API_KEY: '', UPSTASH_API_KEY: 'u' }, 'us-east-1')).toEqual({
      region: 'us-east-1',
      ...nothing,
    });
  });

  it('is refused in one text with all faults', () => {
    expect(() => refuseFaults({ faults: ['One.', 'Two.'], warnings: [] })).toThrow(
      'One. Two. Nothing has been changed.',
    );
    expect(() => refuseFaults({ faults: [], warnings: [] })).not.toThrow();
  });
});
