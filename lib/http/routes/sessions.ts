import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import {
  EFFORTS,
  type Effort,
  modelLimits,
  priceOf,
  retiredOn,
  retirement,
  successorOn,
  thinkingOf,
} from '../../budget/index.ts';
import { newId } from '../../ids.ts';
import type { NewSession, User } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once, replayed } from '../idempotency.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import {
  answers,
  body,
  IdempotencyKey,
  limitParam,
  listOf,
  Metadata,
  moneyIn,
  SessionId,
  SessionJson,
  text,
} from '../schemas.ts';
import { withWakeUp } from '../wake-session.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

/** Fewer tokens hold no useful reply. */
const LEAST_OUTPUT = 1_024;

const Wanted = z
  .strictObject({
    goal: text().openapi({ example: 'Write a short guide to the moons of Jupiter in guide.md.' }),
    agent: z.string().default('assistant'),
    model: z.string().optional().openapi({ description: "By default the model of the user's tier." }),
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
    metadata: Metadata.default({}),
  })
  .openapi('NewSession');

const create = createRoute({
  method: 'post',
  path: '/v1/sessions',
  operationId: 'createSession',
  summary: 'Start an agent on a goal',
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

const list = createRoute({
  method: 'get',
  path: '/v1/sessions',
  operationId: 'listSessions',
  summary: 'Your sessions, newest first',
  tags,
  security,
  request: {
    query: z.object({
      limit: limitParam(20, 100),
      cursor: z
        .string()
        .regex(/^[\w=-]{1,512}$/, 'Must be a `next_cursor`')
        .optional(),
    }),
  },
  responses: answers(200, listOf(SessionJson), 'One page.', 'invalid_request'),
});

const get = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}',
  operationId: 'getSession',
  summary: 'One session',
  tags,
  security,
  request: { params: SessionId },
  responses: answers(200, SessionJson, 'The session.', 'not_found'),
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}',
  operationId: 'deleteSession',
  summary: 'Cancel a session and delete its checkpoint, messages and files; the ledger stays',
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
      const { limit, cursor } = c.req.valid('query');
      const { data, next } = await deps.userSessions.list(c.get('user').id, { limit, cursor: cursor ?? null });
      return c.json({ data: data.map(render.session), next_cursor: next }, 200);
    })
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
async function order(deps: Ready, user: User, wanted: z.infer<typeof Wanted>): Promise<NewSession> {
  const model = wanted.model ?? deps.tierModels[user.tier];
  if (model === undefined) throw unknown('tier', user.tier, Object.keys(deps.tierModels));
  await permit(deps, user, { agent: wanted.agent, models: [model, ...wanted.model_ladder] });
  goesDown([model, ...wanted.model_ladder]);
  takes(model, wanted);
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
    metadata: wanted.metadata,
  };
  affordsAStep(deps, user.id, session);
  return session;
}

/** Throws the problem of a cost cap under which not even the first step can be taken: the session could only fail. */
function affordsAStep(deps: Ready, userId: string, session: NewSession): void {
  const { maxCost } = session;
  if (maxCost === null || !deps.firstStepCost) return;
  const { possible, enough } = deps.firstStepCost(userId, session);
  if (maxCost >= possible) return;
  const message = `Allows no step: the first one alone needs ${possible} or more; ${enough} is enough for it`;
  throw invalid([{ path: 'max_cost_microdollars', message }]);
}

/** Throws the problem of the first model on the ladder that is dearer than the one above it: it would spend more as money runs short. */
function goesDown(models: string[]): void {
  for (const [above, below] of models.slice(1).map((below, i) => [models[i]!, below] as const)) {
    const [from, to] = [priceOf(above).rates, priceOf(below).rates];
    if (to.input <= from.input && to.output <= from.output) continue;
    throw new Problem(
      'invalid_request',
      `model_ladder: ${below} costs more than ${above}, and a ladder leads down. Nothing was started and nothing was spent.`,
    );
  }
}

type Asked = { effort?: Effort | null | undefined; max_output_tokens?: number | null | undefined };

/** Throws the problem of an effort or a length of replies that the model does not take. Cheaper ones of a ladder take what is nearest. */
export function takes(model: string, { effort, max_output_tokens: most }: Asked): void {
  const { efforts } = thinkingOf(model);
  const { maxOutput } = modelLimits(model);
  const message =
    effort && !efforts.includes(effort)
      ? `effort: ${model} takes ${efforts.length > 0 ? efforts.join(', ') : 'none; leave it out'}`
      : most && most > maxOutput
        ? `max_output_tokens: a reply of ${model} has at most ${maxOutput}`
        : null;
  if (message === null) return;
  throw new Problem('invalid_request', `${message}. Nothing was started and nothing was spent.`);
}

/**
 * May this user have a session of this agent and these models here? Throws the problem of what is not known, of a missing budget, or of a
 * model that the provider serves no more.
 */
export async function permit(
  deps: Ready,
  user: User,
  { agent, models }: { agent: string; models: string[] },
): Promise<void> {
  if (!deps.agents.includes(agent)) throw unknown('agent', agent, deps.agents);
  for (const name of models) {
    if (!deps.isKnownModel(name)) throw unknown('model', name, deps.knownModels);
  }
  if (user.budget <= 0n) {
    throw new Problem(
      'no_budget',
      'You have no subscription budget, and no budget is not an unlimited one. Nothing was started and nothing was spent; ask the operator to set one.',
    );
  }
  await servedStill(deps, user, models);
}

/** By the database's clock, which is asked only where a model has an end at all. Throws the problem of the first that is retired. */
async function servedStill(deps: Ready, user: User, models: string[]): Promise<void> {
  if (models.every((name) => retirement(name) === null)) return;
  const { date } = (await deps.accounts.budget(user.id)).day;
  const gone = models.find((name) => retiredOn(name, date));
  if (gone === undefined) return;
  const heir = successorOn(gone, date);
  throw new Problem(
    'retired_model',
    `The provider retired ${gone} on ${retirement(gone)?.at}. Nothing was started and nothing was spent; ${heir ? `take ${heir}, its successor` : 'choose another model'}.`,
  );
}

export const full = (tier: string, most: number | undefined): Problem =>
  new Problem(
    'too_many_sessions',
    `A user of the tier ${tier} may have ${most} sessions at a time that have not ended, and you have. Nothing was started and nothing was ` +
      'spent; wait until one ends, or cancel one.',
  );

/** A name that is not on the list. An unknown model is refused rather than guessed, since its price is not known. */
export function unknown(what: 'agent' | 'model' | 'tier', name: string, known: readonly string[]): Problem {
  return new Problem(
    `unknown_${what}`,
    `The ${what} ${JSON.stringify(name.slice(0, 100))} is not known. Nothing was done and nothing was spent; choose one of ${known.join(', ')}.`,
  );
}
