import { afterEach, expect, it } from 'vitest';
import type { Config } from '../lib/agents/config.ts';
import { costMicrodollars, MODEL_COST_WEIGHTS, usePrices } from '../lib/budget/index.ts';
import { readEnv } from '../lib/config/env.ts';
import { migrationSql, worldFrom } from '../lib/world.ts';

const environment = {
  DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/c?sslmode=disable',
  UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1',
  UPSTASH_REDIS_REST_TOKEN: 'token',
  QUEUE_URL: 'http://127.0.0.1:1/q',
  SCHEDULE_GROUP: 'wake',
  SCHEDULE_ROLE_ARN: 'arn:role',
  WAKE_FUNCTION_ARN: 'arn:wake',
  ANTHROPIC_API_KEY: 'sk-none',
  ADMIN_API_KEY: 'an-admin-key-of-some-length',
};
const rates = { input: 3_000_000, output: 15_000_000, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1 };
const PRICES = JSON.stringify({ 'claude-next': { prices: [rates], context_window: 1_000, max_output: 100 } });

afterEach(() => usePrices(MODEL_COST_WEIGHTS));

it('puts configured prices in force for the whole process, and takes them back without', () => {
  const { api } = worldFrom(readEnv({ ...environment, PRICES, TIER_MODELS: 'next=claude-next' }));
  expect(api.isKnownModel('claude-next')).toBe(true);
  expect(api.knownModels).toContain('claude-next');
  expect(api.tierModels).toMatchObject({ next: 'claude-next', standard: 'claude-sonnet-5-5' });
  expect(costMicrodollars({ model: 'claude-next', usage: { input_tokens: 10, output_tokens: 1 } })).toBe(45n);
  const { api: plain } = worldFrom(readEnv(environment));
  expect(plain.isKnownModel('claude-next')).toBe(false);
  expect(() => worldFrom(readEnv({ ...environment, TIER_MODELS: 'next=claude-next' }))).toThrow(/TIER_MODELS/);
});

it('offers run_code where it is configured, to the API and to the iterations alike, and not without a key', () => {
  const toolsOf = (env: Record<string, string>) => {
    const { api, agent } = worldFrom(readEnv({ ...environment, ...env }));
    const git = [{ host: 'git.example', push: true, secret: null }];
    const spec = agent('assistant', { allow: null, deny: [], git })!.tools;
    const names = api.agents.find(({ name }) => name === 'assistant')!.tools;
    expect(spec.map(({ name }) => name)).toEqual(expect.arrayContaining([...names].map((tool) => tool.name)));
    return names.map(({ name }) => name);
  };
  expect(toolsOf({ E2B_API_KEY: 'e2b_key' })).not.toContain('run_code');
  expect(toolsOf({ RUN_CODE: 'e2b', E2B_API_KEY: 'e2b_key' })).toContain('run_code');
  const { tools } = worldFrom(readEnv({ ...environment, RUN_CODE: 'e2b', E2B_API_KEY: 'k', RUN_CODE_SECONDS: '100' }));
  expect(tools.priceOf('run_code')).toBe(3_100n);
  expect(() => worldFrom(readEnv({ ...environment, RUN_CODE: 'e2b' }))).toThrow(/E2B_API_KEY is missing/);
});

it('reads what a tier gives, and refuses what is no number', () => {
  const { api } = worldFrom(
    readEnv({ ...environment, TIER_BUDGETS: 'economy=20000000', TIER_SESSIONS: 'economy=3,standard=10' }),
  );
  expect(api).toMatchObject({ tierBudgets: { economy: 20_000_000n }, tierSessions: { economy: 3, standard: 10 } });
  for (const wrong of ['economy', 'economy=', 'economy=-1', '=3', 'economy=1.5', 'economy=0'])
    expect(() => worldFrom(readEnv({ ...environment, TIER_SESSIONS: wrong }))).toThrow(/TIER_SESSIONS/);
});

it('reads the effort of tiers beside those that every deployment has, and refuses what is none', () => {
  const { policy } = worldFrom(readEnv({ ...environment, TIER_EFFORT: 'economy=medium,next=xhigh' }));
  expect(policy.tierEffort).toEqual({ economy: 'medium', standard: 'medium', premium: 'high', next: 'xhigh' });
  for (const wrong of ['economy', 'economy=', 'economy=most', '=low'])
    expect(() => worldFrom(readEnv({ ...environment, TIER_EFFORT: wrong }))).toThrow(/TIER_EFFORT/);
});

it('knows which price at Stripe pays for which tier and budget, and takes no payments without a secret', () => {
  const prices = {
    ...{ STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests, whsec_of_the_tests_anew', STRIPE_MODE: 'test' },
    ...{ TIER_BUDGETS: 'standard=20,gold=50', TIER_STRIPE_PRICES: 'standard=price_1,standard=pro=2,gold=price_3' },
  };
  const config = { tiers: { gold: { model: 'claude-opus-5-5', stripePrices: ['gold_monthly'] } } };
  expect(worldFrom(readEnv({ ...environment, ...prices }), config).api.stripe).toEqual({
    ...{ secrets: ['whsec_of_the_tests', 'whsec_of_the_tests_anew'], livemode: false },
    plans: {
      ...{ price_1: { tier: 'standard', budget: 20n }, 'pro=2': { tier: 'standard', budget: 20n } },
      ...{ price_3: { tier: 'gold', budget: 50n }, gold_monthly: { tier: 'gold', budget: 50n } },
    },
  });
  expect(worldFrom(readEnv(environment)).api.stripe).toBeUndefined();
});

it('says what a session gets by default, by its agent and its tier', () => {
  const env = {
    ...environment,
    TIER_MODELS: 'economy=claude-haiku-4-5',
    TIER_EFFORT: 'premium=max',
    MAX_OUTPUT_TOKENS: '9000',
  };
  const { defaultsOf, agents } = worldFrom(readEnv(env)).api;
  const of = (tier: string) => agents.map(({ name }) => defaultsOf(name, tier));
  expect(agents.map(({ name }) => name)).toEqual(['assistant', 'builder']);
  const both = (one: object) => [one, one];
  expect(of('economy')).toEqual(both({ model: 'claude-haiku-4-5', effort: null, maxOutputTokens: 9_000 }));
  expect(of('premium')).toEqual(both({ model: 'claude-opus-5-5', effort: 'max', maxOutputTokens: 9_000 }));
  expect(of('constructor')).toEqual(both({ model: null, effort: null, maxOutputTokens: 9_000 }));
});

it('refuses a tier or an agent whose model is retired, and names the one to take', () => {
  const retired = JSON.stringify({ 'claude-haiku-5-5': { retired_at: '2026-01-01', successor: 'claude-sonnet-5-5' } });
  const told = /claude-haiku-5-5 of the tier economy was retired on 2026-01-01; set economy=claude-sonnet-5-5/;
  expect(() => worldFrom(readEnv({ ...environment, PRICES: retired }))).toThrow(told);
  const agents = [{ name: 'clerk', description: 'Works.', system: 'Work.', tools: [], model: 'claude-haiku-5-5' }];
  const elsewhere = readEnv({ ...environment, PRICES: retired, TIER_MODELS: 'economy=claude-sonnet-5-5' });
  expect(() => worldFrom(elsewhere, { agents })).toThrow(
    /claude-haiku-5-5 of the agent clerk was retired on 2026-01-01; set its model to claude-sonnet-5-5/,
  );
  const mended = readEnv({ ...environment, PRICES: retired, TIER_MODELS: 'economy=claude-sonnet-5-5' });
  expect(worldFrom(mended).api.tierModels.economy).toBe('claude-sonnet-5-5');
});

it('has web_search where a service is set, with its price, and in no process without one', () => {
  const named = (world: ReturnType<typeof worldFrom>) => ({
    offered: world.agent('assistant')?.tools.some(({ name }) => name === 'web_search'),
    listed: world.api.agents[0]?.tools.some(({ name }) => name === 'web_search'),
    price: world.tools.priceOf('web_search'),
  });
  const search = { SEARCH_SERVICE: 'brave', SEARCH_API_KEY: 'key' };
  expect(named(worldFrom(readEnv(environment)))).toEqual({ offered: false, listed: false, price: null });
  expect(named(worldFrom(readEnv({ ...environment, ...search })))).toEqual({
    offered: true,
    listed: true,
    price: 5_000n,
  });
  expect(named(worldFrom(readEnv({ ...environment, ...search, SEARCH_PRICE: '0' }))).price).toBeNull();
});

it('has a deployment’s first step refuse settings that are wrong', () => {
  const { DATABASE_URL } = environment;
  expect(migrationSql({}, { DATABASE_URL, PRICES, TIER_MODELS: 'next=claude-next' })).toBeTypeOf('function');
  for (const [name, wrong] of [
    ['TIER_MODELS', 'next=claude-next'],
    ['TIER_SESSIONS', 'economy=none'],
    ['TIER_EFFORT', 'economy=none'],
    ['TIER_STRIPE_PRICES', 'standard'],
    ['TIER_STRIPE_PRICES', 'standard=price_without_a_budget'],
    ['TIER_STRIPE_PRICES', 'nothing=price_1'],
    ['STRIPE_MODE', 'both'],
    ['PRICES', '{'],
    ['COMPACTION', 'yes'],
    ['MAX_OUTPUT_TOKENS', '0'],
  ] as const)
    expect(() => migrationSql({}, { DATABASE_URL, [name]: wrong })).toThrow(name);
  const tools = [{ name: 'a b' }] as unknown as Config['tools'];
  expect(() => migrationSql({ tools }, { DATABASE_URL })).toThrow('circadian.config.ts cannot be used. The tool');
});
