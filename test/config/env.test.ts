import { describe, expect, it, vi } from 'vitest';
import { readEnv } from '../../lib/config/env.ts';
import { SETTINGS, type Setting } from '../../lib/config/settings.ts';

// Links are read once per process, before the first test.
vi.hoisted(() => {
  process.env.SST_RESOURCE_IterateEnv = JSON.stringify({ SCHEDULE_GROUP: 'linked' });
  process.env.SST_RESOURCE_ApiEnv = JSON.stringify({ ADMIN_API_KEY: 'a-linked-key-of-some-length' });
});

const complete = {
  DATABASE_URL: 'postgresql://a@b/c',
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 'token',
  QUEUE_URL: 'https://sqs.example/1/q',
  SCHEDULE_GROUP: 'wake',
  SCHEDULE_ROLE_ARN: 'arn:role',
  WAKE_FUNCTION_ARN: 'arn:wake',
  ANTHROPIC_API_KEY: 'sk-secret',
  ADMIN_API_KEY: 'an-admin-key-of-some-length',
};

it('reads plain variables, with defaults for the rest', () => {
  expect(readEnv({ ...complete, MAX_OUTPUT_TOKENS: '500' })).toMatchObject({
    ...complete,
    MAX_OUTPUT_TOKENS: 500,
    COMPACTION: true,
  });
});

it('names all that is missing or wrong in one sentence, and no value', () => {
  const read = () => readEnv({ ...complete, QUEUE_URL: '', DATABASE_URL: undefined, COMPACTION: 'sk-secret' });
  expect(read).toThrow(/DATABASE_URL is missing.*QUEUE_URL is missing.*COMPACTION is not valid/);
  expect(read).not.toThrow(/sk-secret/);
});

it('takes what SST has linked to the function, behind plain variables', () => {
  const { SCHEDULE_GROUP, ADMIN_API_KEY, ...others } = complete;
  expect(readEnv({ ...others, SCHEDULE_GROUP: '' })).toEqual(
    expect.objectContaining({ ...others, SCHEDULE_GROUP: 'linked' }),
  );
  expect(readEnv({ ...others, ADMIN_API_KEY })).toEqual(
    expect.objectContaining({ ADMIN_API_KEY, SCHEDULE_GROUP: 'linked' }),
  );
});

it('takes prices, and says where they are wrong', () => {
  const rates = { input: 1, output: 1, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1 };
  const read = (price: object) =>
    readEnv({ ...complete, PRICES: JSON.stringify({ 'claude-opus-5-5': { prices: [price] } }) });
  expect(read(rates).PRICES?.['claude-opus-5-5']?.prices).toMatchObject([{ from: null, rates: { output: 1n } }]);
  expect(readEnv(complete).PRICES).toBeUndefined();
  expect(() => read({ ...rates, output: -1 })).toThrow(/PRICES is not valid \(claude-opus-5-5\.prices\.0\.output/);
});

it('takes no secret that is too short to be one, nor to be kept out of the log', () => {
  const sixteen = 'sixteen-letters!';
  for (const taken of [sixteen, `${sixteen}, ${sixteen}2`])
    expect(readEnv({ ...complete, ADMIN_API_KEY: sixteen, STRIPE_WEBHOOK_SECRET: taken })).toMatchObject({
      ADMIN_API_KEY: sixteen,
      STRIPE_WEBHOOK_SECRET: taken,
    });
  expect(() => readEnv({ ...complete, ADMIN_API_KEY: 'fifteen-letters' }, 'api')).toThrow(
    'Circadian cannot start: ADMIN_API_KEY is not valid (must be at least 16 characters). Set',
  );
  for (const short of ['fifteen-letters', `${sixteen},fifteen-letters`, `${sixteen},`])
    expect(() => readEnv({ ...complete, STRIPE_WEBHOOK_SECRET: short }, 'api')).toThrow(
      'Circadian cannot start: STRIPE_WEBHOOK_SECRET is not valid (must be at least 16 characters each). Set',
    );
});

it('takes a search service with what it needs alone, and asks those for no key that run no tools', () => {
  const read = (more: object, of?: 'api' | 'iterate' | 'migrate') => readEnv({ ...complete, ...more }, of);
  const brave = { SEARCH_SERVICE: 'brave' };
  expect(() => read(brave)).toThrow('SEARCH_API_KEY is not valid (missing, but SEARCH_SERVICE is set)');
  expect(() => read(brave, 'iterate')).toThrow('SEARCH_API_KEY');
  for (const of of ['api', 'migrate'] as const) expect(read(brave, of)).toMatchObject(brave);
  expect(read({ ...brave, SEARCH_API_KEY: 'key', SEARCH_PRICE: '3000' })).toMatchObject({ SEARCH_PRICE: 3_000 });
  expect(() => read({ ...brave, SEARCH_API_KEY: 'a\nb' })).toThrow('SEARCH_API_KEY is not valid');
  const own = (SEARXNG_URL: string) => read({ SEARCH_SERVICE: 'searxng', SEARXNG_URL });
  expect(() => own('')).toThrow('SEARXNG_URL is not valid (missing');
  for (const url of ['ftp://a.example/', 'https://u:p@a.example/', 'https://a.example/?q=1', 'a.example'])
    expect(() => own(url), url).toThrow('SEARXNG_URL is not valid (must be');
  expect(own('http://10.0.0.7:8080/searxng').SEARXNG_URL).toBe('http://10.0.0.7:8080/searxng');
});

describe('a function', () => {
  const { DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, QUEUE_URL } = complete;
  const live = { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN };

  it('asks for nothing that it has no need of', () => {
    expect(readEnv({ DATABASE_URL }, 'migrate')).toMatchObject({ DATABASE_URL });
    expect(readEnv({ DATABASE_URL }, 'deadLetter')).toMatchObject({ DATABASE_URL });
    expect(readEnv({ DATABASE_URL, ...live }, 'reconcile')).toMatchObject(live);
    expect(readEnv({ DATABASE_URL, ...live, QUEUE_URL }, 'wake')).toMatchObject({ QUEUE_URL });
  });

  it('names what is missing for it, and only that', () => {
    expect(() => readEnv({ DATABASE_URL }, 'wake')).toThrow(
      'Circadian cannot start: UPSTASH_REDIS_REST_URL is missing; UPSTASH_REDIS_REST_TOKEN is missing; QUEUE_URL is missing. Set',
    );
    expect(() => readEnv({}, 'migrate')).toThrow('Circadian cannot start: DATABASE_URL is missing. Set');
  });

  it('gets nothing of what it did not ask for', () => {
    expect(readEnv(complete, 'api')).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(readEnv(complete, 'iterate')).not.toHaveProperty('ADMIN_API_KEY');
  });
});

it('takes these values where nobody sets another', () => {
  const defaults = Object.entries<Setting>(SETTINGS).flatMap(([name, { schema }]) => {
    const { success, data } = schema.safeParse(undefined);
    return success && data !== undefined ? [[name, data]] : [];
  });
  expect(Object.fromEntries(defaults)).toEqual({
    ...{ INFERENCE_GEO: 'global', COUNT_TOKENS: 'near', COMPACTION: true, REPETITION_GUARD: true },
    ...{ MAX_OUTPUT_TOKENS: 8_000, LEAST_OUTPUT_TOKENS: 1_024, COMPACT_AT_TOKENS: 100_000, WAKE_WINDOW_MS: 900_000 },
    ...{ REQUESTS_PER_MINUTE: 600, STREAMS_PER_USER: 20, FAILED_KEYS_PER_MINUTE: 60 },
    ...{ RUN_CODE: 'off', RUN_CODE_SECONDS: 60, RUN_CODE_MICRODOLLARS: 31, RUN_CODE_TEMPLATE: 'base' },
    STRIPE_MODE: 'live',
    ...{ JWT_USER_CLAIM: 'sub', JWT_CLOCK_TOLERANCE: 30, NOTIFY_LOOPBACK: false, TOOLS_LOOPBACK: false },
    ...{ OTEL_SERVICE_NAME: 'circadian', OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: false },
  });
});
