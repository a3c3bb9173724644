import { createRoute, OpenAPIHono, type z } from '@hono/zod-openapi';
import type { SessionChange, SessionView, User } from '../../ports/index.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { ended } from '../file-refusals.ts';
import { conflict, operationOf } from '../idempotency.ts';
import { goesDown, hasCredentials, permit, takes } from '../permits.ts';
import { invalid, notFound, OF_BODIES } from '../problems.ts';
import * as render from '../render.ts';
import { answers, body, IdempotencyKey, Metadata, SessionId, SessionJson } from '../schemas.ts';
import { Wanted } from '../session-order.ts';
import { forgotten } from '../wake-session.ts';
import { accessOf } from '../web-access.ts';

/** Of what can be asked for, what may change later. */
const Changed = Wanted.pick({ metadata: true })
  .extend({
    max_iterations: Wanted.shape.max_iterations.unwrap(),
    max_cost_microdollars: Wanted.shape.max_cost_microdollars.unwrap(),
    daily_share_percent: Wanted.shape.daily_share_percent.unwrap(),
    model_ladder: Wanted.shape.model_ladder.unwrap(),
    effort: Wanted.shape.effort.unwrap(),
    max_output_tokens: Wanted.shape.max_output_tokens.unwrap(),
    web: Wanted.shape.web.unwrap(),
    metadata: Metadata,
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'Must name at least one setting')
  .openapi('SessionChange');

const change = createRoute({
  method: 'patch',
  path: '/v1/sessions/{id}',
  operationId: 'changeSession',
  summary: "Change a session's limits, ladder, effort, web or metadata",
  description:
    'What is left out stays; null takes a limit away. `web` is taken whole. It holds from the next model call on; a sleeper takes it up when it wakes. Of a session that has ended only `metadata` can be changed.',
  tags: ['sessions'],
  security: [{ UserKey: [] }],
  request: { params: SessionId, headers: IdempotencyKey, body: body(Changed) },
  responses: answers(
    200,
    SessionJson,
    'The session.',
    ...OF_BODIES,
    'not_found',
    'session_ended',
    'unknown_agent',
    'unknown_model',
    'retired_model',
    'no_budget',
    'idempotency_conflict',
  ),
});

export const sessionSettings = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(change, async (c) => {
    const { id } = c.req.valid('param');
    const user = c.get('user');
    const key = c.req.valid('header')['Idempotency-Key'];
    const view = await deps.userSessions.get(user.id, id);
    if (!view) throw notFound();
    const wanted = await changeOf(deps, user, view, c.req.valid('json'));
    const change = deps.userSessions.change(user.id, id, wanted, operationOf(key));
    const answer = await change.finally(() => forgotten(deps, user.id));
    if (!answer) throw notFound();
    if (answer === 'conflict') throw conflict();
    if (answer.ended) throw ended(answer.view);
    return c.json(render.session(answer.view), 200);
  });

/** What is to change. Throws the problem of what the session's model does not take, of a model that is not known, or of a cap that allows no step. */
async function changeOf(
  deps: Ready,
  user: User,
  view: SessionView,
  wanted: z.infer<typeof Changed>,
): Promise<SessionChange> {
  const { max_iterations, max_cost_microdollars: cap, daily_share_percent, model_ladder, effort, metadata } = wanted;
  if (model_ladder !== undefined) {
    await permit(deps, user, { agent: view.agent, models: [view.model, ...model_ladder] });
    goesDown([view.model, ...model_ladder]);
  }
  hasCredentials(deps, wanted.web);
  if (wanted.effort || wanted.max_output_tokens) takes(view.model, wanted);
  if (max_iterations !== undefined && view.completedAt === null) leavesAnIteration(max_iterations, view);
  if (cap != null && view.completedAt === null) leavesAStep(BigInt(cap), view);
  return {
    ...(max_iterations !== undefined && { maxIterations: max_iterations }),
    ...(cap !== undefined && { maxCost: cap === null ? null : BigInt(cap) }),
    ...(daily_share_percent !== undefined && { share: daily_share_percent }),
    ...(model_ladder !== undefined && { ladder: model_ladder }),
    ...(effort !== undefined && { effort }),
    ...(wanted.max_output_tokens !== undefined && { maxOutputTokens: wanted.max_output_tokens }),
    ...(wanted.web !== undefined && { web: wanted.web && accessOf(wanted.web) }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** Throws the problem of a limit that the session has reached already: it would end at once. */
function leavesAnIteration(most: number, { iterationNumber }: SessionView): void {
  if (most > iterationNumber) return;
  const message = `Allows no further iteration: the session has made ${iterationNumber}; ${iterationNumber + 1} is the least. Cancel it to end it`;
  throw invalid([{ path: 'max_iterations', message }]);
}

/** Throws the problem of a cap that the session has used already, as far as its next step goes: it would end at once. */
function leavesAStep(cap: bigint, { cost, needed }: SessionView): void {
  const least = cost + (needed > 0n ? needed : 1n);
  if (cap >= least) return;
  const message = `Allows no further step: the session has cost ${cost}, and its next step needs ${least - cost} or more; ${least} is the least. Cancel it to end it`;
  throw invalid([{ path: 'max_cost_microdollars', message }]);
}
