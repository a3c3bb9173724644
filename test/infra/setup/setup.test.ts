/** `npm run setup`, driven as a process against AWS, the vendors and a deployment on loopback. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atTerminal, unattended } from './run.ts';
import { KEYS, SECRETS, type StandIns, startStandIns } from './stand-ins.ts';

const PATIENCE = 60_000;
const [ENTER, DOWN] = ['\r', '\u001b[B'];

/** Secrets are in the one file that sst read and that is gone, and nowhere that others look. */
const expectDiscreet = ({ root, calls }: StandIns, output: string): void => {
  for (const secret of SECRETS) {
    expect(output).not.toContain(secret);
    for (const { args } of calls()) expect(args.join(' ')).not.toContain(secret);
  }
  for (const { file } of calls()) {
    if (file) expect([file.mode, existsSync(file.path)]).toEqual([0o600, false]);
  }
  for (const { env, args } of calls()) {
    if (args[0] !== 'deploy') continue;
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(env).not.toHaveProperty('ADMIN_API_KEY');
  }
  expect(statSync(join(root, '.env.trial')).mode & 0o777).toBe(0o600);
};

const STAGE = { SST_STAGE: 'trial' };

describe('setup without a terminal', () => {
  it(
    'checks, deploys, makes the first user and tests, with every answer from the environment',
    async () => {
      await using world = await startStandIns();
      const { status, output } = await unattended(world.env({ ...KEYS, ...STAGE, DEPLOY_REGION: 'eu-central-1' }));
      expect(status, output).toBe(0);
      expect(output).toContain('AWS account 123456789012. This account runs 1000 functions at once');
      expect(output).toContain('the chain is not cut');
      expect(output.trim().split('\n').at(-1)).toBe(`Circadian runs at ${world.url}`);
      const [load, deploy, ...more] = world.calls();
      expect(more).toEqual([]);
      expect(load?.args).toEqual(['secret', 'load', load?.file?.path, '--stage', 'trial']);
      const admin = /^AdminApiKey=(\S{32})$/m.exec(load!.file!.text)?.[1];
      expect(load!.file!.text).toBe(`AnthropicApiKey=${KEYS.ANTHROPIC_API_KEY}\nAdminApiKey=${admin}\n`);
      expect(deploy?.args).toEqual(['deploy', '--stage', 'trial']);
      const { ANTHROPIC_API_KEY: _, ...vendors } = KEYS;
      expect(deploy?.env).toMatchObject({ ...vendors, DEPLOY_REGION: 'eu-central-1' });
      expect(world.users.map(({ path }) => path)).toEqual(['/v1/admin/users/me', '/v1/admin/users/me/api-keys']);
      expect(world.users[0]?.body).toMatchObject({ tier: 'standard', subscription_budget_microdollars: 50_000_000 });
      expect(world.variables('trial')).toContain(`CIRCADIAN_URL=${world.url}\nCIRCADIAN_API_KEY=ck_made\n`);
      expectDiscreet(world, output);
    },
    PATIENCE,
  );

  it(
    'takes databases that the vendors give away, says that they last 72 hours, and takes them up again',
    async () => {
      await using world = await startStandIns();
      const env = world.env({ ANTHROPIC_API_KEY: KEYS.ANTHROPIC_API_KEY, SETUP_DATABASES: 'trial', ...STAGE });
      const failed = await unattended({ ...env, SST_FAILS: 'deploy' });
      expect(failed.status).toBe(1);
      expect(failed.output).toMatch(
        /deleted after 72 hours[\s\S]*https:\/\/neon\.example\/claim\/1[\s\S]*\/start-redis\/console\//,
      );
      expect(failed.output).toContain('`sst deploy --stage trial` failed, as it says above.');
      const { status, output } = await unattended(env);
      expect(status, output).toBe(0);
      expect(output).not.toContain('claim');
      const texts = world.calls().flatMap(({ file }) => file?.text ?? []);
      expect(texts).toHaveLength(2);
      expect(texts[1]).toBe(texts[0]);
      expect(texts[0]).toMatch(
        /^NeonUrl=postgresql:\/\/trial:.*\nUpstashUrl=https:\/\/trial-crayfish\.example\nUpstashToken=trial-token\n$/m,
      );
      expectDiscreet(world, output);
    },
    PATIENCE,
  );

  it(
    'says in an account with ten functions at once what that means, and deploys',
    async () => {
      await using world = await startStandIns({ quota: 10 });
      const { status, output } = await unattended(world.env({ ...KEYS, ...STAGE }));
      expect(status, output).toBe(0);
      expect(output).toContain('AWS lets none be reserved: 3 iterations run at once');
      const asked = await unattended(world.env({ ...KEYS, ...STAGE, ITERATIONS_AT_ONCE: '20' }));
      expect(asked.status).toBe(1);
      expect(asked.output).toContain('ITERATIONS_AT_ONCE is 20, but this account runs 10 functions at once');
      expect(world.calls()).toHaveLength(2);
    },
    PATIENCE,
  );

  it.each([
    [{ ANTHROPIC_API_KEY: 'sk-ant-wrong' }, 'AnthropicApiKey is wrong: Anthropic does not know it.'],
    [{ NEON_API_KEY: 'napi-wrong' }, 'NEON_API_KEY is wrong: Neon does not know it.'],
    [{ UPSTASH_EMAIL: 'you@example.com' }, 'UPSTASH_API_KEY is wrong, or not the key of you@example.com'],
    [{ DEPLOY_REGION: 'us-west-2' }, 'Neon has no region us-west-2: take one of us-east-1, eu-central-1.'],
    [{ DEPLOY_REGION: 'Oregon' }, 'DEPLOY_REGION is no region of AWS'],
    [{ SETUP_BUDGET_DOLLARS: '3' }, 'SETUP_BUDGET_DOLLARS is no whole number from 15'],
    [{ SST_STAGE: 'My Stage' }, 'SST_STAGE is no name of up to 40'],
    [
      { ANTHROPIC_API_KEY: '', NEON_API_KEY: '' },
      'Missing: ANTHROPIC_API_KEY, SETUP_DATABASES (trial: databases for 72 hours), or',
    ],
  ])(
    'makes nothing with %j, and says why',
    async (wrong, says) => {
      await using world = await startStandIns();
      const { status, output } = await unattended(world.env({ ...KEYS, ...STAGE, ...wrong }));
      expect(status).toBe(1);
      expect(output).toContain(says);
      expect(output).toMatch(/Nothing has been changed\.\n$/);
      expect(world.calls()).toEqual([]);
      for (const secret of SECRETS) expect(output).not.toContain(secret);
    },
    PATIENCE,
  );

  it(
    'refuses a flag that it does not know, of which no secret is one',
    async () => {
      await using world = await startStandIns();
      const { status, output } = await unattended(world.env(KEYS), '--neon-api-key', 'x');
      expect([status, output]).toEqual([2, expect.stringMatching(/^Unknown option '--neon-api-key'/)]);
    },
    PATIENCE,
  );
});

// util-linux has `script`, which gives a pseudo terminal.
describe.skipIf(!existsSync('/usr/bin/script'))('setup at a terminal', () => {
  it(
    'asks, asks again for what a vendor does not know, and deploys',
    async () => {
      await using world = await startStandIns();
      const { status, output } = await atTerminal(world.env({ ITERATIONS_AT_ONCE: '' }), [
        [/Name of the stage/, `trial${ENTER}`],
        [/Region/, ENTER],
        [/Key of Anthropic/, `sk-ant-wrong${ENTER}`],
        [/Postgres at Neon and Redis/, ENTER],
        [/Key of Neon/, `${KEYS.NEON_API_KEY}${ENTER}`],
        [/Organisation at Neon/, ENTER],
        [/Account at Upstash/, `${KEYS.UPSTASH_EMAIL}${ENTER}`],
        [/Key of that account/, `${KEYS.UPSTASH_API_KEY}${ENTER}`],
        [/Id of the first user/, `ann${ENTER}`],
        [/Dollars a month/, `60${ENTER}`],
        [/AnthropicApiKey is wrong[\s\S]*Key of Anthropic/, `${KEYS.ANTHROPIC_API_KEY}${ENTER}`],
      ]);
      expect(status, output).toBe(0);
      expect(output).toContain(`Circadian runs at ${world.url}`);
      expect(world.calls().map(({ args }) => args[0])).toEqual(['secret', 'deploy']);
      expect(world.calls()[0]?.file?.text).toContain(`AnthropicApiKey=${KEYS.ANTHROPIC_API_KEY}\n`);
      expect(world.users[0]).toMatchObject({
        path: '/v1/admin/users/ann',
        body: { subscription_budget_microdollars: 60_000_000 },
      });
      expectDiscreet(world, output);
    },
    PATIENCE,
  );

  it(
    'offers databases for 72 hours to those who have no account',
    async () => {
      await using world = await startStandIns();
      const flags = ['--stage', 'trial', '--region', 'us-east-1', '--user', 'me', '--budget', '50'];
      const typed: [RegExp, string][] = [[/given away by both vendors.*72 hours/, `${DOWN}${ENTER}`]];
      const env = world.env({ ANTHROPIC_API_KEY: KEYS.ANTHROPIC_API_KEY });
      const { status, output } = await atTerminal(env, typed, ...flags);
      expect(status, output).toBe(0);
      expect(world.calls()[0]?.file?.text).toContain('UpstashToken=trial-token');
      expectDiscreet(world, output);
    },
    PATIENCE,
  );

  it(
    'changes nothing when the person breaks off',
    async () => {
      await using world = await startStandIns();
      const { status, output } = await atTerminal(world.env({}), [[/Name of the stage/, '\u0003']]);
      expect(status).toBe(130);
      expect(output).toContain('Nothing has been changed.');
      expect(world.calls()).toEqual([]);
    },
    PATIENCE,
  );
});
