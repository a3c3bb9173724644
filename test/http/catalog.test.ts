/** What a user can choose from, with prices and ends; and who the user of a key is. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../lib/agents/catalog.ts';
import { costMicrodollars } from '../../lib/budget/index.ts';
import { api } from './kit.ts';

const NAMES = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-sonnet-4-5', 'claude-3-haiku-20240307'];
const setUp = async () => {
  const t = api(() => ({ knownModels: NAMES }));
  return { ...t, key: await t.user('ada') };
};

describe('GET /v1/models', () => {
  it('has the models that the provider serves today, at the prices that the ledger charges', async () => {
    const { call, key, world } = await setUp();
    const { json } = await call('GET', '/v1/models', { key });
    expect(json.data.map(({ id }: { id: string }) => id)).toEqual(NAMES.slice(0, 3));
    const usage = (unit: number) => ({
      ...{ input_tokens: unit, output_tokens: 2 * unit, cache_read_input_tokens: 3 * unit },
      cache_creation: { ephemeral_5m_input_tokens: 4 * unit, ephemeral_1h_input_tokens: 5 * unit },
      cache_creation_input_tokens: 9 * unit,
    });
    const sum = ({ input, output, cache_read, cache_write_5m, cache_write_1h }: Record<string, number>) =>
      input! + 2 * output! + 3 * cache_read! + 4 * cache_write_5m! + 5 * cache_write_1h!;
    const charged = (model: string, unit: number) =>
      Number(costMicrodollars({ model, usage: usage(unit), at: world.store.real }));
    for (const { id, prices, long_prompts } of json.data) {
      expect(charged(id, 1_000), id).toBe(sum(prices) / 1_000);
      if (long_prompts)
        expect(charged(id, long_prompts.above_tokens), id).toBe(
          (sum(long_prompts.prices) * long_prompts.above_tokens) / 1e6,
        );
    }
  });

  it('says which tier takes which, what effort each takes, and when one ends', async () => {
    const { call, key } = await setUp();
    const { data } = (await call('GET', '/v1/models', { key })).json;
    expect(data[0]).toMatchObject({ default_of_tiers: ['economy'], retires_at: null, successor: null });
    expect(data[0].efforts).toContain('low');
    expect(data[2]).toMatchObject({
      ...{ id: 'claude-sonnet-4-5', retires_at: '2026-11-30T00:00:00.000Z', successor: 'claude-sonnet-5-5' },
      default_of_tiers: [],
    });
  });
});

const { agents } = catalogOf({}, { isKnownModel: () => false, secret: null });

it('GET /v1/agents has what can be chosen: tools with how often they may happen, and what the caller gets by default', async () => {
  const asked: string[] = [];
  const { call, user } = api(() => ({
    agents,
    defaultsOf: (agent, tier) => {
      asked.push(`${agent} ${tier}`);
      return { model: `model of ${tier}`, effort: 'high', maxOutputTokens: 9_000 };
    },
  }));
  const key = await user('ada');
  const { status, json } = await call('GET', '/v1/agents', { key });
  expect([status, json.data.map(({ name }: { name: string }) => name)]).toEqual([200, ['assistant', 'builder']]);
  expect(asked).toEqual(['assistant standard', 'builder standard']);
  const { tools, ...rest } = json.data[0];
  expect(rest).toEqual({
    ...{ name: 'assistant', description: agents[0]!.description, default_model: 'model of standard' },
    ...{ default_effort: 'high', default_max_output_tokens: 9_000 },
  });
  expect(tools.map(({ name, effect }: Record<string, string>) => `${name} ${effect}`)).toEqual([
    ...['bash', 'read_file', 'write_file', 'edit_file', 'grep', 'glob', 'web_fetch', 'git'].map(
      (name) => `${name} pure`,
    ),
    'git_push once',
  ]);
  for (const tool of tools) expect(Object.keys(tool)).toEqual(['name', 'description', 'effect', 'price_microdollars']);
  expect(JSON.stringify(json)).not.toContain('# Money and time');
  for (const { name } of json.data)
    expect((await call('POST', '/v1/sessions', { key, body: { goal: 'Count.', agent: name } })).status).toBe(201);
  expect((await call('GET', '/v1/agents')).status).toBe(401);
});

it('GET /v1/tools has each tool once, as its agents have it, with all that have it', async () => {
  const tool = (name: string) => ({
    name,
    description: `The ${name}.`,
    effect: 'once' as const,
    price: name === 'dig' ? 5_000n : null,
  });
  const agent = (name: string, ...names: string[]) => ({ name, description: '', tools: names.map(tool) });
  const { call, user } = api(() => ({ agents: [agent('a', 'dig', 'sow'), agent('b', 'sow'), agent('c')] }));
  const key = await user('ada');
  expect((await call('GET', '/v1/tools', { key })).json).toEqual({
    data: [
      { name: 'dig', description: 'The dig.', effect: 'once', price_microdollars: 5_000, agents: ['a'] },
      { name: 'sow', description: 'The sow.', effect: 'once', price_microdollars: null, agents: ['a', 'b'] },
    ],
  });
  expect((await call('GET', '/v1/tools')).status).toBe(401);
});

it('GET /v1/me is the user of the key, without the address of the operator', async () => {
  const { call, key } = await setUp();
  expect((await call('GET', '/v1/me', { key })).json).toEqual({
    ...{ id: 'ada', tier: 'standard', subscription_budget_microdollars: 21_000_000 },
    ...{ subscription_renewal_date: '2026-12-01', wake_policy: 'auto', max_daily_multiple: null },
  });
  expect((await call('GET', '/v1/me')).status).toBe(401);
});
