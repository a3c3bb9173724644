/** circadian.config.ts: what it makes of a deployment, and that whatever is wrong in it is told at once. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ConfigError, catalogOf } from '../../lib/agents/catalog.ts';
import { type Config, secretNames } from '../../lib/agents/config.ts';
import { isKnownModel } from '../../lib/budget/index.ts';
import { controlSpecs } from '../../lib/core/controls.ts';
import { defineAgent, defineConfig, defineTool } from '../../lib/index.ts';
import { NO_FACILITIES } from '../../lib/tools/configured.ts';
import { shippedTools } from '../../lib/tools/index.ts';

const shipped = shippedTools(NO_FACILITIES).map(({ name }) => name);

const tool = (more: object = {}) =>
  defineTool({
    ...{
      name: 'weather',
      description: 'Says the weather.',
      effect: 'pure' as const,
      input: z.object({ place: z.string() }),
    },
    run: () => 'rain',
    ...more,
  });
const agent = (more: object = {}) =>
  defineAgent({
    name: 'clerk',
    description: 'Works.',
    system: 'You are a clerk.',
    tools: ['weather', 'grep'],
    ...more,
  });
const of = (config: Config, secret: ((name: string) => string | undefined) | null = () => 'sixteen letters!') =>
  catalogOf(config, { isKnownModel, secret });
const told = (config: unknown, secret?: Parameters<typeof of>[1]): string => {
  try {
    of(config as Config, secret);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('a configuration', () => {
  it('adds agents with the tools that they name, in their order, and what every agent must know', () => {
    const { agents, tools, find } = of(defineConfig({ agents: [agent()], tools: [tool()] }));
    expect(agents.map(({ name }) => name)).toEqual(['assistant', 'builder', 'clerk']);
    const { spec } = find('clerk')!;
    expect(spec.tools.map(({ name }) => name)).toEqual(['weather', 'grep', ...controlSpecs.map(({ name }) => name)]);
    expect(spec.system).toMatch(/^You are a clerk\.\n\n# How you work here/);
    expect(spec.system).toContain('Only tools made for it reach a network.');
    expect(tools.map(({ name }) => name)).toEqual([...shipped, 'weather']);
    expect(tools.at(-1)?.inputSchema).toEqual({
      ...{ type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
      additionalProperties: false,
    });
  });

  it('may say nothing, and gives an agent that names no tools all that are shipped', () => {
    expect(of({}).agents).toHaveLength(2);
    expect(
      of({ agents: [agent({ tools: undefined })] })
        .find('clerk')
        ?.tools.map(({ name }) => name),
    ).toEqual(shipped);
  });

  it('names each secret once', () => {
    const tools = [tool({ secrets: ['A', 'B'] }), tool({ name: 'other', secrets: ['B'] })];
    const credentials = [
      { secret: 'B', hosts: ['b.test'] },
      { secret: 'C', hosts: ['c.test'] },
    ];
    expect(secretNames({ tools, credentials })).toEqual(['A', 'B', 'C']);
    for (const none of [undefined, null, 7, { tools: {} }, { tools: [null], credentials: [null] }])
      expect(secretNames(none as unknown as Config)).toEqual([]);
  });

  it.each([
    ['no configuration', undefined, /default export must be what defineConfig/],
    [
      'something else',
      { agent: [] },
      /It sets agent, which is none of agents, tools, tiers, credentials, approvals, mcp\./,
    ],
    ['no list', { tools: {} }, /must be lists of definitions/],
    ['two tools of one name', { agents: [agent()], tools: [tool(), tool()] }, /Two tools are called weather\./],
    [
      'two agents of one name',
      { agents: [agent({ tools: [] }), agent({ tools: [] })] },
      /Two agents are called clerk\./,
    ],
    ['a shipped agent', { agents: [agent({ name: 'builder', tools: [] })] }, /has the name of a shipped agent/],
    [
      'an agent’s name',
      { agents: [agent({ name: 'The Clerk', tools: [] })] },
      /"The Clerk" needs a name of at most 64/,
    ],
    ['an agent without words', { agents: [agent({ system: ' \n', tools: [] })] }, /"clerk" has no system prompt\./],
    [
      'an unknown tool',
      { agents: [agent({ tools: ['wether'] })] },
      /names the tool "wether", which there is not: there are bash/,
    ],
    [
      'a control',
      { agents: [agent({ tools: ['finish'] })] },
      /names finish among its tools: every agent has the controls finish, /,
    ],
    ['a tool twice', { agents: [agent({ tools: ['grep', 'grep'] })] }, /names the tool grep twice\./],
    [
      'an effort',
      { agents: [agent({ effort: 'extreme', tools: [] })] },
      /has the effort "extreme": it must be one of /,
    ],
    [
      'a model',
      { agents: [agent({ model: 'claude-9', tools: [] })] },
      /has the model "claude-9", whose price is not known\./,
    ],
    [
      'short replies',
      { agents: [agent({ maxOutputTokens: 10, tools: [] })] },
      /cannot have replies of 10 tokens; 1024 is/,
    ],
    [
      'a tier',
      { tiers: { gold: { model: 'claude-9', mostSessions: 0 } } },
      /"gold" has the model "claude-9".*from 1\./,
    ],
    [
      'tools in place of their names',
      { agents: [agent({ tools: [tool()] })], tools: [tool()] },
      /"clerk" needs a list of names as its `tools`, such as \['read_file'\], not the tools themselves\./,
    ],
    ['an agent’s field that is none', { agents: [agent({ tool: [] })] }, /"clerk" sets tool, which is none of name, /],
    ['an approval of a control', { approvals: { finish: 'ask' } }, /It has an approval of finish, which is a control/],
    [
      'an agent’s approval that is none',
      { agents: [agent({ approvals: { bash: true } })] },
      /"clerk" has true as its approval of bash/,
    ],
    ['approvals in a list', { approvals: ['bash'] }, /It needs an object of rules as its `approvals`/],
    ['a tier that is none', { tiers: { gold: null } }, /`tiers` an object of them\./],
    [
      'a tier’s prices',
      { tiers: { gold: { model: 'claude-sonnet-5-5', stripePrices: ['price_1', 7] } } },
      /"gold" needs a list of ids of prices as its `stripePrices`/,
    ],
    [
      'a tier’s field that is none',
      { tiers: { gold: { models: 'x' } } },
      /"gold" sets models, which is none of model, /,
    ],
    ['a tier without a model', { tiers: { gold: {} } }, /The tier "gold" has no model\./],
  ])('is refused for %s', (_, config, why) => expect(told(config)).toMatch(why));

  it.each([
    ['a name', { name: 'two words' }, /"two words" needs a name of at most 64/],
    ['the name of a control', { name: 'sleep' }, /"sleep" has the name of a control/],
    ['the name of a shipped tool', { name: 'bash' }, /"bash" has the name of a shipped tool/],
    ['no description', { description: '' }, /has no description/],
    ['an effect', { effect: 'twice' }, /has the effect "twice": it must be one of pure, idempotent, once\./],
    ['no input', { input: undefined }, /needs a z\.object\(…\) as its input\./],
    ['a JSON Schema', { input: { type: 'object', properties: {} } }, /needs a z\.object/],
    ['an input that is no object', { input: z.string() }, /needs a z\.object/],
    [
      'dates and large numbers',
      {
        input: z.object({
          stops: z.array(z.object({ at: z.date() })),
          count: z.bigint().optional(),
          ways: z.map(z.string(), z.string()),
        }),
      },
      new RegExp(
        [
          'The tool "weather" has an input whose field "stops.at" the model cannot be told: Date cannot .*JSON Schema\\.',
          '.*field "count".*BigInt.*field "ways".*Map',
        ].join(''),
      ),
    ],
    [
      'a field that the Messages API does not take',
      { input: z.object({ 'filter[id]': z.string() }) },
      /The tool "weather" has the field "filter\[id\]": take at most 64/,
    ],
    ['a field that is none', { approve: 'ask' }, /"weather" sets approve, which is none of name, description, effect,/],
    [
      'an approval that is none',
      { approval: 'asks' },
      /"weather" has the approval "asks": it must be 'never', 'ask' or a function/,
    ],
    ['a name that is none', { name: undefined }, /The tool without a name needs a name/],
    ['a secret beside a list', { secrets: 'KEY' }, /"weather" needs a list of names as its `secrets`/],
    ['no run', { run: undefined }, /has no run\./],
    ['a price in dollars', { price: 0.005 }, /has the price 0\.005: it must be whole microdollars from 1/],
    [
      'a secret’s name',
      { secrets: ['github-token'] },
      /declares the secret "github-token": its name must be of the form/,
    ],
  ])('is refused for a tool with %s', (_, more, why) => {
    const { name } = { name: 'weather', ...more } as { name: string };
    expect(told({ agents: [agent({ tools: [name] })], tools: [tool(more)] })).toMatch(why);
  });

  it.each([
    ['no host', { hosts: [] }, /The credential "KEY" needs a list of hosts as its `hosts`/],
    ['an address', { hosts: ['https://a.test'] }, /has the host "https:\/\/a\.test": name a host/],
    ['a port', { hosts: ['b.test', 'a.test:8080'] }, /has the host "a\.test:8080": .* without a port/],
    ['a header without the secret', { header: 'x-api-key: abc' }, /has the header "x-api-key: abc": it must be of the/],
    ['a header of two lines', { header: 'a: {secret}\r\nb: c' }, /has the header/],
    ['a field that is none', { host: 'a.test' }, /sets host, which is none of secret, hosts, header, user/],
    ['a user that is none', { user: 'a:b' }, /has the user "a:b": it must be a name without blanks and colons/],
    ['a secret’s name', { secret: 'api-key' }, /its name must be of the form GITHUB_TOKEN/],
    ['no value', { secret: 'NONE' }, /The credential "NONE" needs the secret NONE: set the variable TOOL_SECRET_NONE/],
  ])('is refused for a credential with %s', (_, more, why) => {
    const credential = { secret: 'KEY', hosts: ['a.test'], header: 'x-api-key: {secret}' };
    const values = (name: string) => (name === 'NONE' ? undefined : 'sixteen letters!');
    expect(told({ credentials: [credential] }, values)).toBe('nothing');
    expect(told({ credentials: [credential, credential] }, values)).toMatch(/Two credentials have the secret KEY\./);
    expect(told({ credentials: [{ ...credential, ...more }] }, values)).toMatch(why);
  });

  it('takes an input that changes once it has been checked: the model is told what it is before', () => {
    const input = z.object({ count: z.string().transform(Number), unit: z.enum(['C', 'F']).default('C') });
    const { tools } = of({ agents: [agent()], tools: [tool({ input })] });
    expect(tools.at(-1)?.inputSchema).toMatchObject({
      ...{ properties: { count: { type: 'string' }, unit: { enum: ['C', 'F'] } }, required: ['count'] },
    });
  });

  it('is refused for a tool that no agent has', () => {
    expect(told({ tools: [tool()] })).toMatch(/"weather" is used by no agent/);
  });

  it('is refused for a secret without a value, or with one that could not be kept out of the log, which it does not say', () => {
    const config = { agents: [agent()], tools: [tool({ secrets: ['WEATHER_KEY'] })] };
    const missing = 'The tool "weather" needs the secret WEATHER_KEY: set the variable TOOL_SECRET_WEATHER_KEY.';
    expect(told(config, () => undefined)).toContain(missing);
    const short = told(config, () => 'short-value');
    expect(short).toContain('TOOL_SECRET_WEATHER_KEY is shorter than 12 characters');
    expect(short).not.toContain('short-value');
    expect(told(config, () => 'twelve-chars')).toBe('nothing');
    expect(told(config, null)).toBe('nothing');
  });

  it('is told all that is wrong at once', () => {
    const agents = [agent({ name: 'A', effort: 'x' }), agent({ tools: ['weather', 'no'] })];
    const message = told({ agents, tools: [tool({ effect: 'x', secrets: ['S'] })], tiers: { a: {} } }, () => undefined);
    for (const part of ['"A" needs a name', 'the effort "x"', '"no"', 'the effect "x"', 'secret S', 'tier "a"'])
      expect(message).toContain(part);
    expect(message).toMatch(/^circadian\.config\.ts cannot be used\. /);
  });
});
