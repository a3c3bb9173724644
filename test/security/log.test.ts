/** Every function's log, as it is put together in lib/world.ts: whatever error carries a secret of that function, its line does not. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { readEnv } from '../../lib/config/env.ts';
import { SETTINGS, type Setting } from '../../lib/config/settings.ts';
import { defineConfig, defineTool } from '../../lib/index.ts';
import { apiWorld, deadLetterWorld, iterateWorld, reconciling, wakeWorld, worldFrom } from '../../lib/world.ts';

const PASSWORD = 'canary/pass+word of the owner';
const variables = {
  DATABASE_URL: `postgresql://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/db?sslmode=disable`,
  USER_DATABASE_URL: `postgresql://users:canary-of-users-0123@127.0.0.1:9/db?sslmode=disable`,
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9',
  UPSTASH_REDIS_REST_TOKEN: 'canary-upstash-token-0123456789',
  QUEUE_URL: 'http://127.0.0.1:9/q',
  SCHEDULE_GROUP: 'g',
  SCHEDULE_ROLE_ARN: 'r',
  WAKE_FUNCTION_ARN: 'w',
  ANTHROPIC_API_KEY: 'sk-ant-canary-0123456789',
  ADMIN_API_KEY: 'canary-of-the-operator-0123',
  ANTHROPIC_ADMIN_KEY: 'sk-ant-admin-canary-0123456789',
  STRIPE_WEBHOOK_SECRET: 'canary-of-payments-0123, canary-of-payments-anew-0123',
  TOOL_SECRET_CANARY: 'canary-of-a-tool-0123',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-secret-0123456789',
  AWS_SESSION_TOKEN: 'canary-aws-session-token-0123456789',
  AWS_REGION: 'us-east-1',
};
/** What each function is given in a deployment (lib/config/settings.ts), and so could write down. */
const COMMON = [variables.DATABASE_URL, PASSWORD, variables.AWS_SECRET_ACCESS_KEY, variables.AWS_SESSION_TOKEN];
const { UPSTASH_REDIS_REST_TOKEN: upstash, ANTHROPIC_API_KEY: anthropic, ADMIN_API_KEY: admin } = variables;
const PAYMENTS = ['canary-of-payments-0123', 'canary-of-payments-anew-0123'];
/** A tool of the operator's, which only iterations run. */
const canary = defineTool({
  ...{ name: 'canary', description: 'Sings.', effect: 'pure', secrets: ['CANARY'], input: z.object({}) },
  run: () => 'la',
});
const config = defineConfig({
  agents: [{ name: 'singer', description: 'Sings.', system: 'Sing.', tools: ['canary'] }],
  tools: [canary],
});
const { TOOL_SECRET_CANARY: song } = variables;

const worlds: [string, () => { log: ReturnType<typeof wakeWorld>['log'] }, string[]][] = [
  [
    'api',
    () => apiWorld(config),
    [...COMMON, upstash, admin, variables.USER_DATABASE_URL, 'canary-of-users-0123', ...PAYMENTS],
  ],
  ['iterate', () => iterateWorld(config), [...COMMON, upstash, anthropic, song]],
  ['wake', () => wakeWorld(config, () => import('../../lib/http/templates.ts')), [...COMMON, upstash]],
  ['deadLetter', deadLetterWorld, COMMON],
  ['reconcile', () => reconciling(variables), [...COMMON, upstash, variables.ANTHROPIC_ADMIN_KEY]],
  ['all in one', () => worldFrom(readEnv(variables)), [...COMMON, upstash, anthropic, admin, ...PAYMENTS]],
];

let printed = '';
beforeAll(() => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    printed += line;
    return true;
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('knows every setting that is a secret by its name', () => {
  const rows = Object.entries<Setting>(SETTINGS);
  const named = rows.filter(([name]) => /(_KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)$/.test(name));
  expect(named.length).toBeGreaterThanOrEqual(8);
  expect(named.filter(([, { secret }]) => !secret).map(([name]) => name)).toEqual([]);
});

describe('the log of', () => {
  it.each(worlds)('%s has no secret that it was given', (_, world, secrets) => {
    const { log } = world();
    for (const secret of secrets) {
      printed = '';
      const basic = Buffer.from(`me:${secret}`).toString('base64');
      log({
        level: 'error',
        message: `connect ${secret}`,
        error: new Error(`GET ${encodeURIComponent(secret)}`),
        basic,
      });
      expect(printed).toMatch(/"message":"connect \[redacted\]".*GET \[redacted\]/);
      for (const form of [secret, encodeURIComponent(secret), basic, basic.slice(8, -4)])
        expect(printed).not.toContain(form);
    }
  });

  it('an iteration that cannot reach its database says so without its address', async () => {
    printed = '';
    const { handler } = await import('../../functions/iterate.ts');
    const hint = JSON.stringify({ sessionId: 'ses_1', userId: 'ada' });
    const event = { Records: [{ messageId: 'm', body: hint }] };
    const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 };
    const { batchItemFailures } = await handler(event as never, context as never);
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm' }]);
    expect(printed).toContain('invocation failed');
    expect(printed).not.toMatch(/canary/);
  });
});
