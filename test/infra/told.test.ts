import { afterEach, describe, expect, it, vi } from 'vitest';
import { Settings } from '../../lib/env.ts';
import { credentials, options, settings, wholeNumber } from '../../lib/infra/told.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a number that a deployment is told', () => {
  const read = (text: string) => {
    vi.stubEnv('ITERATIONS_AT_ONCE', text);
    return wholeNumber('ITERATIONS_AT_ONCE', 2, 1_000, 5);
  };

  it.each([
    ['2', 2],
    ['1000', 1_000],
    [' 50 ', 50],
    ['', 5],
    ['  ', 5],
  ])('%j is %d', (text, number) => expect(read(text)).toBe(number));

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
    const none = { DOMAIN: '', CORS_ORIGINS: '', ALARM_EMAIL: '', ITERATIONS_AT_ONCE: '', API_AT_ONCE: '' };
    for (const [name, value] of Object.entries({ ...none, ...variables })) vi.stubEnv(name, value);
    return options(false);
  };

  it('may all be left out', () => {
    expect(read()).toEqual({ atOnce: 5, apiAtOnce: null });
    expect(options(true).atOnce).toBe(20);
  });

  it.each([
    ['DOMAIN', ' agents.example.com ', 'domain', 'agents.example.com'],
    ['CORS_ORIGINS', '*', 'origins', ['*']],
    [
      'CORS_ORIGINS',
      'https://a.example , http://localhost:5173',
      'origins',
      ['https://a.example', 'http://localhost:5173'],
    ],
    ['ALARM_EMAIL', 'ops@example.com', 'email', 'ops@example.com'],
  ])('%s=%s is read', (name, value, key, what) => expect(read({ [name]: value })).toHaveProperty(key, what));

  it.each([
    ['DOMAIN', 'https://agents.example.com'],
    ['DOMAIN', 'agents.example.com/v1'],
    ['DOMAIN', 'localhost'],
    ['CORS_ORIGINS', 'a.example'],
    ['CORS_ORIGINS', 'https://a.example/'],
    ['CORS_ORIGINS', 'https://a.example,'],
    ['CORS_ORIGINS', 'https://a.example https://b.example'],
    ['ALARM_EMAIL', 'ops'],
    ['ALARM_EMAIL', 'ops@example.com, dev@example.com'],
  ])('%s=%s is refused', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(
      new RegExp(`^${name} is .*: set it to .*, or not at all. Nothing has been changed.$`),
    );
  });
});

describe('the keys of a vendor', () => {
  const ask = (key: string, email: string) => () => {
    vi.stubEnv('UPSTASH_API_KEY', key);
    vi.stubEnv('UPSTASH_EMAIL', email);
    credentials('Upstash', ['UPSTASH_API_KEY', 'UPSTASH_EMAIL'], 'UpstashUrl');
  };

  it('are wanted all, and named when missing', () => {
    expect(ask('a-key', 'ops@example.com')).not.toThrow();
    expect(ask('', 'ops@example.com')).toThrow(
      /^UPSTASH_API_KEY missing: .*`sst secret set UpstashUrl …`. Nothing has/,
    );
    expect(ask('', '')).toThrow(/^UPSTASH_API_KEY and UPSTASH_EMAIL missing: /);
  });
});

/** These come from the deployment itself, or as secrets, or are for one's own machine. */
const OTHERS = [
  ...['ANTHROPIC_ADMIN_KEY', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_WORKSPACE_ID', 'METRICS_NAMESPACE'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'PERSONS_DATABASE_URL'],
  ...['PAYMENTS_WEBHOOK_SECRET', 'NOTIFY_LOOPBACK'],
];

it('every setting that there is can be handed on', () => {
  const names = Object.keys(Settings.shape).filter((name) => !OTHERS.includes(name));
  for (const name of names) vi.stubEnv(name, 'set');
  expect(Object.keys(settings()).sort()).toEqual(names.sort());
});

it('settings are handed on where they are set, and nothing else is', () => {
  vi.stubEnv('COMPACTION', '0');
  vi.stubEnv('COUNT_TOKENS', '');
  vi.stubEnv('ADMIN_API_KEY', 'not to be handed on so');
  expect(settings()).toEqual({ COMPACTION: '0' });
});

it('nobody is limited by the address of CloudFront, unless it is said', () => {
  vi.stubEnv('DOMAIN', 'agents.example.com');
  expect(settings()).toEqual({ FAILED_KEYS_PER_MINUTE: '0' });
  vi.stubEnv('FAILED_KEYS_PER_MINUTE', '600');
  expect(settings()).toEqual({ FAILED_KEYS_PER_MINUTE: '600' });
});
