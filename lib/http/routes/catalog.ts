/** What a user can choose from, and who the user is. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { EFFORTS, modelLimits, priceOf, retiredOn, retirement, thinkingOf } from '../../budget/index.ts';
import type { AgentChoice, HttpEnv, Ready, SessionDefaults } from '../deps.ts';
import { isoOrNull } from '../iso.ts';
import * as render from '../render.ts';
import { answers, instant, money, UserJson } from '../schemas.ts';

const security = [{ UserKey: [] }];

const perMillion = (what: string) => money(`Microdollars per million ${what}.`);
const PricesJson = z.object({
  input: perMillion('input tokens'),
  output: perMillion('output tokens, thinking included'),
  cache_write_5m: perMillion('tokens written to the cache for five minutes'),
  cache_write_1h: perMillion('tokens written to the cache for an hour'),
  cache_read: perMillion('tokens read from the cache'),
});
export const ModelJson = z
  .object({
    id: z.string().openapi({ example: 'claude-haiku-5-5' }),
    prices: PricesJson,
    long_prompts: z
      .object({ above_tokens: z.int(), prices: PricesJson })
      .nullable()
      .openapi({ description: 'The prices of a whole call whose prompt has more tokens; null: the same.' }),
    context_window: z.int().openapi({ description: 'Tokens of a prompt and its reply.' }),
    max_output_tokens: z.int(),
    efforts: z.array(z.enum(EFFORTS)).openapi({ description: 'What `effort` may be; empty: nothing.' }),
    retires_at: instant().nullable().openapi({ description: 'The announced end; null: none is announced.' }),
    successor: z.string().nullable().openapi({ description: 'What takes the place of one that ends.' }),
    default_of_tiers: z
      .array(z.string())
      .openapi({ description: 'The tiers whose sessions get it when they name none.' }),
  })
  .openapi('Model');

const models = createRoute({
  method: 'get',
  path: '/v1/models',
  operationId: 'listModels',
  summary: 'The models that sessions may name, with their prices and ends',
  description: 'Retired models are left out.',
  tags: ['sessions'],
  security,
  responses: answers(200, z.object({ data: z.array(ModelJson) }).openapi('ModelList'), 'All of them.'),
});

const described = {
  name: z.string(),
  description: z.string().openapi({ description: 'As the model reads it.' }),
  effect: z.enum(['pure', 'idempotent', 'once']).openapi({
    description:
      'How often its effect may happen: `pure` may be repeated freely, `idempotent` with the same key, and `once` is never repeated after a crash.',
  }),
  price_microdollars: money(
    'The most that one call can cost, beside the model. So much is held before it runs.',
  ).nullable(),
};

export const AgentJson = z
  .object({
    name: z.string().openapi({ example: 'assistant', description: 'As `agent` of a new session names it.' }),
    description: z.string(),
    tools: z
      .array(z.object(described))
      .openapi({ description: 'What it can do besides steering itself: sleep, ask, tell, finish.' }),
    default_model: z.string().nullable().openapi({
      description:
        "What a session of yours gets that names no model: the agent's own, else the model of your tier. Null: it must name one.",
    }),
    default_effort: z
      .enum(EFFORTS)
      .nullable()
      .openapi({ description: 'What a session of yours gets that names none; null: the default model takes none.' }),
    default_max_output_tokens: z.int().openapi({
      description: 'The most tokens of a reply where a session names no number; at most what its model can.',
    }),
  })
  .openapi('Agent');

const agents = createRoute({
  method: 'get',
  path: '/v1/agents',
  operationId: 'listAgents',
  summary: 'The agents that sessions may name, with their tools and what you get by default',
  description: 'A session that names no agent gets the `assistant`.',
  tags: ['sessions'],
  security,
  responses: answers(200, z.object({ data: z.array(AgentJson) }).openapi('AgentList'), 'All of them.'),
});

const tools = createRoute({
  method: 'get',
  path: '/v1/tools',
  operationId: 'listTools',
  summary: 'The tools that agents have, and the agents that have each',
  description:
    'A session may name those of its agent that it allows (`tools`). Controls are left out: every agent has them.',
  tags: ['sessions'],
  security,
  responses: answers(
    200,
    z
      .object({
        data: z.array(
          z
            .object({
              ...described,
              agents: z.array(z.string()).openapi({ description: 'The agents that have it.' }),
            })
            .openapi('Tool'),
        ),
      })
      .openapi('ToolList'),
    'Each tool once.',
  ),
});

const me = createRoute({
  method: 'get',
  path: '/v1/me',
  operationId: 'getMe',
  summary: 'The user of this key',
  description: 'The plan and the settings, as the operator made them.',
  tags: ['budget'],
  security,
  responses: answers(200, UserJson.omit({ notify_url: true }).openapi('Me'), 'The user.'),
});

export const catalog = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(models, (c) => {
      const now = deps.time.now();
      const today = new Date(now).toISOString().slice(0, 10);
      const data = deps.knownModels.filter((name) => !retiredOn(name, today)).map((name) => modelJson(deps, name, now));
      return c.json({ data }, 200);
    })
    .openapi(agents, (c) => {
      const { tier } = c.get('user');
      return c.json({ data: deps.agents.map((agent) => agentJson(agent, deps.defaultsOf(agent.name, tier))) }, 200);
    })
    .openapi(tools, (c) => c.json({ data: toolsOf(deps.agents) }, 200))
    .openapi(me, (c) => c.json(render.user(c.get('user')), 200));

function modelJson(deps: Ready, id: string, now: number) {
  const { rates, long } = priceOf(id, now);
  const { contextWindow, maxOutput } = modelLimits(id);
  const end = retirement(id);
  return {
    id,
    prices: pricesJson(rates),
    long_prompts: long && { above_tokens: long.above, prices: pricesJson(long.rates) },
    context_window: contextWindow,
    max_output_tokens: maxOutput,
    efforts: [...thinkingOf(id).efforts],
    retires_at: end === null ? null : isoOrNull(Date.parse(end.at)),
    successor: end?.successor ?? null,
    default_of_tiers: Object.entries(deps.tierModels).flatMap(([tier, model]) => (model === id ? [tier] : [])),
  };
}

/** In the order in which the agents have them. */
function toolsOf(agents: readonly AgentChoice[]) {
  const names = new Set(agents.flatMap((agent) => agent.tools.map(({ name }) => name)));
  return [...names].map((name) => {
    const having = agents.filter((agent) => agent.tools.some((tool) => tool.name === name));
    const tool = having[0]!.tools.find((tool) => tool.name === name)!;
    return { ...toolJson(tool), agents: having.map((agent) => agent.name) };
  });
}

const toolJson = ({ name, description, effect, price }: AgentChoice['tools'][number]) => ({
  ...{ name, description, effect },
  price_microdollars: price === null ? null : Number(price),
});

const agentJson = ({ name, description, tools }: AgentChoice, defaults: SessionDefaults) => ({
  name,
  description,
  tools: tools.map(toolJson),
  default_model: defaults.model,
  default_effort: defaults.effort,
  default_max_output_tokens: defaults.maxOutputTokens,
});

/** Picodollars per token are microdollars per million tokens. */
const pricesJson = (rates: ReturnType<typeof priceOf>['rates']) => ({
  input: Number(rates.input),
  output: Number(rates.output),
  cache_write_5m: Number(rates.cacheWrite5m),
  cache_write_1h: Number(rates.cacheWrite1h),
  cache_read: Number(rates.cacheRead),
});
