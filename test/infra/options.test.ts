import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FunctionName, SETTINGS } from '../../lib/config/settings.ts';
import {
  DEPLOY_OPTIONS,
  deployOptions,
  optionalSecrets,
  passedSettings,
  readBy,
  requireVendorKeys,
  toolSecrets,
} from '../../lib/infra/options.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a number among the options of a deployment', () => {
  const read = (text: string) => {
    vi.stubEnv('ITERATIONS_AT_ONCE', text);
    return deployOptions(false).atOnce;
  };

  it.each([
    ['2', 2],
    ['1000', 1_000],
    [' 50 ', 50],
    ['', null],
    ['  ', null],
  ])('%j is %j', (text, number) => expect(read(text)).toBe(number));

  it.each(['abc', '0', '1', '1001', '-3', '2.5', '1e2', '0x10', 'NaN', 'Infinity', '20 40'])(
    '%j is refused',
    (text) => {
      expect(() => read(text)).toThrow(
        `ITERATIONS_AT_ONCE is ${text}: set it to a whole number from 2 to 1000, or not at all. Nothing has been changed.`,
      );
    },
  );
});

describe('the options of a deployment', () => {
  const read = (variables: Record<string, string> = {}) => {
    const none = Object.fromEntries(Object.keys(DEPLOY_OPTIONS).map((name) => [name, '']));
    for (const [name, value] of Object.entries({ ...none, ...variables })) vi.stubEnv(name, value);
    return deployOptions(false);
  };

  it('may all be left out', () => {
    const none = {
      ...{ domain: undefined, email: undefined, atOnce: null, apiAtOnce: null, checkRights: true },
      neon: { minCu: 0.25, maxCu: 2, restoreSeconds: 21_600 },
    };
    expect(read()).toEqual({ ...none, alarms: false, dashboard: false, upstashBudget: 20 });
    expect(deployOptions(true)).toEqual({ ...none, alarms: true, dashboard: true, upstashBudget: 250 });
  });

  it('watch a stage that is asked for it, or that has somebody to tell, and not a production that is told not to', () => {
    expect(read({ ALARMS: '1', DASHBOARD: '1' })).toMatchObject({ alarms: true, dashboard: true });
    expect(read({ ALARM_EMAIL: 'ops@example.com' })).toMatchObject({ alarms: true, dashboard: false });
    expect(read({ ALARM_EMAIL: 'ops@example.com', ALARMS: '0' }).alarms).toBe(false);
    for (const name of ['ALARMS', 'DASHBOARD']) vi.stubEnv(name, '0');
    expect(deployOptions(true)).toMatchObject({ alarms: false, dashboard: false });
  });

  it('have these ranges, of which AWS takes every value', () => {
    const ranges = Object.entries<object>(DEPLOY_OPTIONS).flatMap(([name, option]) =>
      'least' in option && 'most' in option ? [[name, option.least, option.most]] : [],
    );
    expect(ranges).toEqual([
      ['CHECK_RIGHTS', 0, 1],
      ['ALARMS', 0, 1],
      ['DASHBOARD', 0, 1],
      ['ITERATIONS_AT_ONCE', 2, 1_000],
      ['NEON_RESTORE_HOURS', 0, 720],
      ['UPSTASH_BUDGET', 1, 1_000_000],
      // None at once would switch the API off.
      ['API_AT_ONCE', 1, 10_000],
    ]);
  });

  it.each(['0', '10001', 'none'])('API_AT_ONCE=%s is refused', (value) => {
    expect(() => read({ API_AT_ONCE: value })).toThrow(`API_AT_ONCE is ${value}: set it to a whole number from 1 to`);
  });

  it.each([
    ['DOMAIN', ' agents.example.com ', 'domain', 'agents.example.com'],
    ['ALARM_EMAIL', 'ops@example.com', 'email', 'ops@example.com'],
  ])('%s=%s is read', (name, value, key, what) => expect(read({ [name]: value })).toHaveProperty(key, what));

  it.each([
    ['DOMAIN', 'https://agents.example.com'],
    ['DOMAIN', 'agents.example.com/v1'],
    ['DOMAIN', 'localhost'],
    ['ALARM_EMAIL', 'ops'],
    ['ALARM_EMAIL', 'ops@example.com, dev@example.com'],
  ])('%s=%s is refused', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(
      new RegExp(`^${name} is .*: set it to .*, or not at all. Nothing has been changed.$`),
    );
  });
});

describe('the compute at Neon', () => {
  const read = (least: string, most: string, hours = '') => {
    vi.stubEnv('NEON_MIN_CU', least);
    vi.stubEnv('NEON_MAX_CU', most);
    vi.stubEnv('NEON_RESTORE_HOURS', hours);
    return deployOptions(true).neon;
  };

  it.each([
    ['', '', '', { minCu: 0.25, maxCu: 2, restoreSeconds: 21_600 }],
    ['.25', '8', '168', { minCu: 0.25, maxCu: 8, restoreSeconds: 604_800 }],
    ['8', '16', '0', { minCu: 8, maxCu: 16, restoreSeconds: 0 }],
    ['4', '', '', { minCu: 4, maxCu: 4, restoreSeconds: 21_600 }],
    ['56', '56', '720', { minCu: 56, maxCu: 56, restoreSeconds: 2_592_000 }],
  ])('from %j to %j with %j hours of history is made', (least, most, hours, made) =>
    expect(read(least, most, hours)).toEqual(made),
  );

  it.each([
    [
      '0.25',
      '9',
      'NEON_MAX_CU is 9: set it to 8.25 at most: Neon widens a compute by 8 units, from NEON_MIN_CU (0.25)',
    ],
    ['2', '16', 'NEON_MAX_CU is 16: set it to 10 at most'],
    ['16', '20', 'NEON_MAX_CU is 20: set it to 16 at most, or to what NEON_MIN_CU is'],
    ['4', '2', 'NEON_MAX_CU is 2: set it to at least NEON_MIN_CU (4)'],
    ['0.3', '2', 'NEON_MIN_CU is 0.3: set it to a number of compute units'],
    ['0.25', '57', 'NEON_MAX_CU is 57: set it to a number of compute units'],
  ])('from %s to %s is refused, as Neon would', (least, most, says) => expect(() => read(least, most)).toThrow(says));

  it('keeps no more history than Neon sells', () =>
    expect(() => read('', '', '721')).toThrow('NEON_RESTORE_HOURS is 721: set it to a whole number from 0 to 720'));
});

describe('the keys of a vendor', () => {
  const ask = (key: string, email: string) => () => {
    vi.stubEnv('UPSTASH_API_KEY', key);
    vi.stubEnv('UPSTASH_EMAIL', email);
    requireVendorKeys('Upstash', 'UpstashUrl');
  };

  it('are all required, and named when missing', () => {
    expect(ask('a-key', 'ops@example.com')).not.toThrow();
    expect(ask('', 'ops@example.com')).toThrow(
      /^UPSTASH_API_KEY missing: .*`sst secret set UpstashUrl …`. Nothing has/,
    );
    expect(ask('', '')).toThrow(/^UPSTASH_API_KEY and UPSTASH_EMAIL missing: /);
  });
});

/** Settings that the deployment makes, or that come as secrets, or that are for localhost only. */
const NOT_PASSED = [
  'DATABASE_URL',
  'UPSTASH_REDIS_REST_URL',
  'UPSTASH_REDIS_REST_TOKEN',
  'QUEUE_URL',
  'SCHEDULE_GROUP',
  'SCHEDULE_ROLE_ARN',
  'WAKE_FUNCTION_ARN',
  'ANTHROPIC_API_KEY',
  'ADMIN_API_KEY',
  'ANTHROPIC_ADMIN_KEY',
  'ANTHROPIC_WORKSPACE_ID',
  'USER_DATABASE_URL',
  'E2B_API_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'METRICS_NAMESPACE',
  'FRONT_SECRET',
  'SANDBOX_FUNCTION',
  'ANTHROPIC_BASE_URL',
  'SEARCH_API_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'NOTIFY_LOOPBACK',
  'TOOLS_LOOPBACK',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];

describe('the settings of a function', () => {
  const names = Object.keys(SETTINGS);
  const allSet = (of: FunctionName): string[] => {
    for (const name of names) vi.stubEnv(name, 'set');
    return Object.keys(passedSettings(of)).sort();
  };

  it('are all that a deployment passes on, for the functions that work by them and the one that refuses them first', () => {
    const passed = names.filter((name) => !NOT_PASSED.includes(name)).sort();
    expect(passed).toHaveLength(names.length - NOT_PASSED.length);
    for (const of of ['migrate', 'wake'] as const) expect(allSet(of)).toEqual(passed);
    const withoutTraces = passed.filter((name) => !name.startsWith('OTEL_'));
    for (const of of ['api', 'iterate'] as const) expect(allSet(of)).toEqual(withoutTraces);
  });

  it.each([
    ['reconcile', ['PRICES']],
    ['deadLetter', []],
  ] as const)('are few for %s', (of, few) => expect(allSet(of)).toEqual(few));

  it('are passed on where they are set, and nothing else is', () => {
    vi.stubEnv('COMPACTION', '0');
    vi.stubEnv('COUNT_TOKENS', '');
    vi.stubEnv('ADMIN_API_KEY', 'a secret, never passed on as a setting');
    expect(passedSettings('api')).toEqual({ COMPACTION: '0' });
  });
});

it('optional secrets go to the functions that read them, and to no other', () => {
  const secrets = optionalSecrets();
  const users = { USER_DATABASE_URL: 'UserDatabaseUrl', STRIPE_WEBHOOK_SECRET: 'StripeWebhookSecret' };
  const reports = { ANTHROPIC_ADMIN_KEY: 'AnthropicAdminKey', ANTHROPIC_WORKSPACE_ID: 'AnthropicWorkspaceId' };
  const search = { SEARCH_API_KEY: 'SearchApiKey' };
  const machines = { E2B_API_KEY: 'E2bApiKey' };
  const traces = { OTEL_EXPORTER_OTLP_HEADERS: 'OtlpHeaders' };
  expect(secrets).toEqual({ ...users, ...reports, ...search, ...machines, ...traces });
  expect(readBy('api', secrets)).toEqual(users);
  expect(readBy('reconcile', secrets)).toEqual(reports);
  expect(readBy('iterate', secrets)).toEqual({ ...search, ...machines });
  for (const of of ['wake', 'migrate'] as const) expect(readBy(of, secrets)).toEqual(traces);
  for (const of of ['deadLetter', 'redrive'] as const) expect(readBy(of, secrets)).toEqual({});
});

it('refuses a search service without its key or address, before anything is made', () => {
  vi.stubEnv('SEARCH_SERVICE', 'brave');
  expect(() => deployOptions(false)).toThrow('needs more: set it by `sst secret set SearchApiKey …`');
  vi.stubEnv('SST_SECRET_SearchApiKey', 'x');
  expect(() => deployOptions(false)).not.toThrow();
  vi.stubEnv('SEARCH_SERVICE', 'searxng');
  expect(() => deployOptions(false)).toThrow('set it by SEARXNG_URL');
});

it('a deployment that is to rent machines has the key to it', () => {
  vi.stubEnv('RUN_CODE', 'e2b');
  expect(optionalSecrets).toThrow(/^RUN_CODE is e2b, and the key is missing: .* Nothing has been changed\.$/);
  vi.stubEnv('SST_SECRET_E2bApiKey', 'e2b_key');
  expect(optionalSecrets()).toHaveProperty('E2B_API_KEY');
});

describe('the secrets of tools', () => {
  it('are SST secrets under names of their own, and refused as a whole where one has no value', () => {
    expect(toolSecrets([])).toEqual({});
    const names = ['GITHUB_TOKEN', 'S3_KEY', 'AB', 'A_B'];
    expect(() => toolSecrets(names.slice(0, 2))).toThrow(
      'The tools of circadian.config.ts need ToolSecretGithubToken and ToolSecretS3Key: set each by `sst secret set ToolSecretGithubToken …`. Nothing has been changed.',
    );
    for (const secret of ['GithubToken', 'S3Key', 'Ab', 'AB']) vi.stubEnv(`SST_SECRET_ToolSecret${secret}`, 'x');
    expect(toolSecrets(names)).toEqual({
      ...{ TOOL_SECRET_GITHUB_TOKEN: 'ToolSecretGithubToken', TOOL_SECRET_S3_KEY: 'ToolSecretS3Key' },
      ...{ TOOL_SECRET_AB: 'ToolSecretAb', TOOL_SECRET_A_B: 'ToolSecretAB' },
    });
  });
});
