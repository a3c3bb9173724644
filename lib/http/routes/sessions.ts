import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { EFFORTS } from '../../budget/index.ts';
import { STATUSES, type Status } from '../../core/status.ts';
import { newId } from '../../ids.ts';
import type { NewSession, User } from '../../ports/index.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ordering, Ready } from '../deps.ts';
import { FirstFiles, firstFiles, outsideMemory } from '../first-files.ts';
import { conflict, once, replayed } from '../idempotency.ts';
import { entriesOf } from '../known-routes.ts';
import { MemoryName } from '../memory-entries.ts';
import {
  affordsAStep,
  full,
  goesDown,
  hasCredentials,
  hasServers,
  hasTools,
  permit,
  takes,
  unknown,
} from '../permits.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import { ResultSchema } from '../result-schema.ts';
import {
  answers,
  body,
  cursorParam,
  IdempotencyKey,
  limitParam,
  listOf,
  Metadata,
  momentIn,
  moneyIn,
  nameIn,
  SessionId,
  SessionJson,
  text,
  unchanged,
} from '../schemas.ts';
import { withWakeUp } from '../wake-session.ts';
import { accessOf, WantedWeb } from '../web-access.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

/** Fewer tokens hold no useful reply. */
const LEAST_OUTPUT = 1_024;

export const Wanted = z
  .strictObject({
    goal: text().openapi({ example: 'Write a short guide to the moons of Jupiter in guide.md.' }),
    agent: z.string().default('assistant'),
    model: z.string().optional().openapi({ description: "By default the agent's, else the model of the user's tier." }),
    system: text().nullish().openapi({ description: "Added to the agent's own system prompt." }),
    on_end_turn: z.enum(['complete', 'wait']).default('complete'),
    max_iterations: z.int().min(1).max(100_000).default(150),
    max_cost_microdollars: moneyIn(1).nullish(),
    daily_share_percent: z.int().min(1).max(100).nullish().openapi({
      description: "The most of each day's allowance that this session may use; the rest is left to your others.",
    }),
    model_ladder: z
      .array(z.string())
      .max(4)
      .default([])
      .openapi({
        description:
          "Cheaper models to go down to as the day's money runs short, in that order, instead of sleeping early.",
        example: ['claude-haiku-5-5'],
      }),
    effort: z.enum(EFFORTS).nullish().openapi({
      description:
        "How much the model puts into its replies, and so what they cost; by default the agent's, else the tier's. As the day's money runs short it goes down before the model does.",
    }),
    max_output_tokens: z.int().min(LEAST_OUTPUT).nullish().openapi({
      description:
        'The most tokens of one reply, thinking included; at most what the model can. All of them are held before each call.',
    }),
    tools: z
      .array(z.string().max(64))
      .max(200)
      .nullish()
      .openapi({
        description:
          'The only tools of its agent that this session may use, for its whole life; by default all of them. The controls by which an agent sleeps, asks, tells and finishes always stay.',
        example: ['read_file', 'write_file'],
      }),
    approvals: z
      .array(z.string().max(64))
      .max(200)
      .nullish()
      .openapi({
        description:
          'Tools whose calls you must approve before they run, besides those of which the deployment says so.',
        example: ['web_search'],
      }),
    result_schema: ResultSchema.nullish(),
    offer_choices: z
      .boolean()
      .default(false)
      .openapi({ description: 'Its questions may offer answers to choose from.' }),
    web: WantedWeb.nullish().openapi({
      description:
        'What the session may ask of the web. By default it fetches only addresses that the goal, a message or a page or search result before named.',
    }),
    mcp: z.array(z.string().max(20)).max(20).nullish().openapi({
      description:
        'The MCP servers of this deployment whose tools it has, for its whole life; by default those of its agent. `agent.mcp_tools_taken` says which tools it got.',
    }),
    memory: MemoryName.nullish().openapi({
      description:
        'The memory that this session shares with your other sessions of it, for its whole life: a folder memory/ of its workspace. Made with its first entry. By default it has none.',
      example: 'team',
    }),
    metadata: Metadata.default({}),
    files: FirstFiles,
  })
  .openapi('NewSession');

const create = createRoute({
  method: 'post',
  path: '/v1/sessions',
  operationId: 'createSession',
  summary: 'Start an agent on a goal',
  description:
    "Its first step is taken at once if today's allowance has room for it; else the session sleeps until it has. Send an Idempotency-Key: without one, a request repeated after a lost answer starts a second session.",
  tags,
  security,
  request: { headers: IdempotencyKey, body: body(Wanted) },
  responses: answers(
    201,
    SessionJson,
    'The session, queued. `Location` is its address.',
    ...OF_BODIES,
    'unknown_agent',
    'unknown_model',
    'retired_model',
    'unknown_tier',
    'no_budget',
    'too_many_sessions',
    'idempotency_conflict',
    'unavailable',
  ),
});

const MetadataFilter = z.record(z.string().min(1).max(200), z.string().max(1_000));

/** The entries that the query names, or undefined; throws what is wrong with them. */
function metadataFilter(query: Record<string, string[]>): Record<string, string> | undefined {
  const entries = entriesOf(query, 'metadata');
  const twice = Object.entries(entries).find(([, values]) => values.length > 1);
  if (twice)
    throw invalid([
      { path: `metadata[${twice[0].slice(0, 200)}]`, message: 'Must be sent once: an entry has one text' },
    ]);
  const single = Object.fromEntries(Object.entries(entries).map(([name, [value]]) => [name, value]));
  const parsed = MetadataFilter.safeParse(single);
  if (!parsed.success)
    throw invalid([{ path: 'metadata', message: 'Names have 1 to 200 characters, texts at most 1,000' }]);
  return Object.keys(parsed.data).length > 0 ? parsed.data : undefined;
}

const list = createRoute({
  method: 'get',
  path: '/v1/sessions',
  operationId: 'listSessions',
  summary: 'Your sessions, newest first',
  description: 'All of them, those that have ended included.',
  tags,
  security,
  request: {
    query: z.object({
      limit: limitParam(20, 100),
      cursor: cursorParam(),
      status: z
        .union([z.enum(STATUSES), z.array(z.enum(STATUSES))])
        .transform((status) => [status].flat())
        .optional()
        .openapi({ description: 'Repeat it for several.' }),
      agent: nameIn().optional().openapi({ description: 'Only sessions of this agent.' }),
      created_after: momentIn().optional().openapi({ description: 'Only sessions that were created after this.' }),
      created_before: momentIn().optional().openapi({ description: 'Only sessions that were created before this.' }),
      metadata: MetadataFilter.optional().openapi({
        param: { name: 'metadata', in: 'query', style: 'deepObject', explode: true },
        description: 'As `metadata[team]=red`: an entry of the metadata that is this text. Several must all be there.',
      }),
    }),
  },
  middleware: conditional,
  responses: unchanged(answers(200, listOf(SessionJson), 'One page.', 'invalid_request')),
});

const count = createRoute({
  method: 'get',
  path: '/v1/sessions/counts',
  operationId: 'countSessions',
  summary: 'How many of your sessions have each status',
  description: 'Those that have ended included. A status that none has is 0.',
  tags,
  security,
  responses: answers(
    200,
    z.object(Object.fromEntries(STATUSES.map((status) => [status, z.int()])) as Record<Status, z.ZodInt>),
    'Every status, also those that no session has.',
  ),
});

const get = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}',
  operationId: 'getSession',
  summary: 'One session',
  description: 'Its amounts are as they are now. `/v1/sessions/{id}/live` is cheaper for frequent polling.',
  tags,
  security,
  request: { params: SessionId },
  middleware: conditional,
  responses: unchanged(answers(200, SessionJson, 'The session.', 'not_found')),
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}',
  operationId: 'deleteSession',
  summary: 'Cancel a session and delete its checkpoint, messages and files; the ledger stays',
  description: 'A model call under way is cut and charged. What was spent stays in the usage.',
  tags,
  security,
  request: { params: SessionId },
  responses: { ...problems('not_found', 'unavailable'), 204: { description: 'It is gone.' } },
});

export const sessions = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(create, async (c) => {
      const user = c.get('user');
      const wanted = await order(deps, user, c.req.valid('json'));
      const key = c.req.valid('header')['Idempotency-Key'];
      const unique = key === undefined ? null : await once(c, key);
      const view = await withWakeUp(deps, { sessionId: wanted.id, userId: user.id }, () =>
        deps.userSessions.create(user.id, wanted, unique, deps.tierSessions[user.tier] ?? null),
      );
      if (view === 'conflict') throw conflict();
      if (view === 'full') throw full(user.tier, deps.tierSessions[user.tier]);
      const headers = { Location: `/v1/sessions/${view.id}`, ...replayed(view.id !== wanted.id) };
      return c.json(render.session(view), 201, headers);
    })
    .openapi(list, async (c) => {
      const { limit, cursor, status, agent, created_after, created_before } = c.req.valid('query');
      const filter = {
        ...{ statuses: status, agent, metadata: metadataFilter(c.req.queries()) },
        ...{ createdAfter: created_after, createdBefore: created_before },
      };
      const { data, next } = await deps.userSessions.list(c.get('user').id, { limit, cursor: cursor ?? null }, filter);
      return c.json({ data: data.map(render.sessionInList), next_cursor: next }, 200);
    })
    .openapi(count, async (c) => c.json(await deps.userSessions.counts(c.get('user').id), 200))
    .openapi(get, async (c) => {
      const view = await deps.userSessions.get(c.get('user').id, c.req.valid('param').id);
      if (!view) throw notFound();
      return c.json(render.session(view), 200);
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param');
      const userId = c.get('user').id;
      const found = await withWakeUp(deps, { sessionId: id, userId }, () => deps.userSessions.remove(userId, id));
      if (!found) throw notFound();
      return c.body(null, 204);
    });

/** What was asked for, with the names resolved. Throws the problem of the first name that is not known, or of a missing budget. */
export async function order(deps: Ordering, user: User, wanted: z.infer<typeof Wanted>): Promise<NewSession> {
  const ofAgent = deps.agents.find(({ name }) => name === wanted.agent)?.model;
  const model = wanted.model ?? ofAgent ?? deps.tierModels[user.tier];
  if (model === undefined) throw unknown('tier', user.tier, Object.keys(deps.tierModels));
  await permit(deps, user, { agent: wanted.agent, models: [model, ...wanted.model_ladder] });
  goesDown([model, ...wanted.model_ladder]);
  takes(model, wanted);
  hasTools(deps, wanted);
  hasTools(deps, { ...wanted, tools: wanted.approvals }, 'approvals');
  hasCredentials(deps, wanted.web);
  hasServers(deps, wanted.mcp);
  const files = firstFiles(wanted.files);
  outsideMemory(wanted, files ?? []);
  const session: NewSession = {
    id: newId('ses'),
    goal: wanted.goal,
    agent: wanted.agent,
    model,
    tier: user.tier,
    system: wanted.system ?? null,
    onEndTurn: wanted.on_end_turn,
    maxIterations: wanted.max_iterations,
    maxCost: wanted.max_cost_microdollars == null ? null : BigInt(wanted.max_cost_microdollars),
    ladder: wanted.model_ladder,
    share: wanted.daily_share_percent ?? null,
    effort: wanted.effort ?? null,
    maxOutputTokens: wanted.max_output_tokens ?? null,
    tools: wanted.tools ?? null,
    web: wanted.web ? accessOf(wanted.web) : null,
    mcp: wanted.mcp ? [...new Set(wanted.mcp)] : null,
    memoryName: wanted.memory ?? null,
    approvals: wanted.approvals ?? null,
    resultSchema: wanted.result_schema ?? null,
    offerChoices: wanted.offer_choices,
    metadata: wanted.metadata,
    ...(files && { firstFiles: files }),
  };
  affordsAStep(deps, user.id, session);
  return session;
}
