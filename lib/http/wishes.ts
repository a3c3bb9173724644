import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { SessionView, Wish } from '../ports.ts';
import { Problem } from '../problem.ts';
import type { Env, Ready } from './deps.ts';
import { withHint } from './hints.ts';
import { operationOf } from './once.ts';
import { notFound, OF_BODIES } from './problems.ts';
import * as render from './render.ts';
import { answers, body, IdempotencyKey, SessionId, SessionJson, text } from './schemas.ts';

const tags = ['wishes'];
const security = [{ UserKey: [] }];

type Verb = 'pause' | 'resume' | 'cancel' | 'wake';

const SUMMARIES: Record<Verb, string> = {
  pause: 'Stop at the next safe point until resumed; running model calls are cut',
  resume: 'Go on after a pause',
  cancel: 'End it for good; what it wrote stays readable',
  wake: 'Move now instead of at wake_at; the allowance still holds',
};

const route = <V extends Verb>(verb: V) =>
  createRoute({
    method: 'post',
    path: `/v1/sessions/{id}/${verb}` as const,
    operationId: `${verb}Session`,
    summary: SUMMARIES[verb],
    tags,
    security,
    request: { params: SessionId, headers: IdempotencyKey },
    responses: answers(200, SessionJson, 'The session.', 'not_found', 'session_ended', 'unavailable'),
  });

const say = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/messages',
  operationId: 'postMessage',
  summary: "Answer the agent's question, or steer it at its next safe point",
  tags,
  security,
  request: {
    params: SessionId,
    headers: IdempotencyKey,
    body: body(z.strictObject({ content: text() }).openapi('NewMessage')),
  },
  responses: answers(202, SessionJson, 'Taken.', ...OF_BODIES, 'not_found', 'session_ended', 'unavailable'),
});

export const wishes = (deps: Ready) =>
  new OpenAPIHono<Env>()
    .openapi(route('pause'), async (c) => {
      const view = await ask(deps, c.get('user').id, c.req.valid('param').id, { type: 'pause' }, c.req.valid('header'));
      return c.json(render.session(view), 200);
    })
    .openapi(route('resume'), async (c) => {
      const view = await ask(
        deps,
        c.get('user').id,
        c.req.valid('param').id,
        { type: 'resume' },
        c.req.valid('header'),
      );
      return c.json(render.session(view), 200);
    })
    .openapi(route('cancel'), async (c) => {
      const view = await ask(
        deps,
        c.get('user').id,
        c.req.valid('param').id,
        { type: 'cancel' },
        c.req.valid('header'),
      );
      return c.json(render.session(view), 200);
    })
    .openapi(route('wake'), async (c) => {
      const view = await ask(deps, c.get('user').id, c.req.valid('param').id, { type: 'wake' }, c.req.valid('header'));
      return c.json(render.session(view), 200);
    })
    .openapi(say, async (c) => {
      const wish: Wish = { type: 'message', content: c.req.valid('json').content };
      const view = await ask(deps, c.get('user').id, c.req.valid('param').id, wish, c.req.valid('header'));
      return c.json(render.session(view), 202);
    });

/** Writes the wish, hints, and waits a moment for a worker to have taken it. Throws `not_found` or `session_ended`. */
async function ask(
  deps: Ready,
  userId: string,
  sessionId: string,
  wish: Wish,
  headers: { 'Idempotency-Key'?: string },
): Promise<SessionView> {
  const operation = operationOf(headers['Idempotency-Key'], userId, sessionId, wish);
  const answer = await withHint(deps, { sessionId, userId }, () => deps.desk.wish(userId, sessionId, wish, operation));
  if (!answer) throw notFound();
  const granted = wish.type === 'cancel' && answer.view.outcome === 'cancelled';
  if (answer.ended && !granted) throw ended(answer.view);
  return taken(deps, answer.view, wish);
}

/**
 * The view in which the wish came true, or the latest there is when `settleMs` have passed: the wish is saved either way. A view shows
 * every wish at once but the end of a cancelled session, which only a worker can bring about.
 */
async function taken(deps: Ready, first: SessionView, wish: Wish): Promise<SessionView> {
  let view = first;
  let waited = 0;
  for (
    let pause = 40;
    wish.type === 'cancel' && view.completedAt === null && waited < deps.limits.settleMs;
    pause *= 2
  ) {
    const ms = Math.min(pause, deps.limits.settleMs - waited);
    await deps.time.sleep(ms);
    waited += ms;
    const latest = await deps.desk.get(view.userId, view.id);
    if (!latest) return view;
    view = latest;
  }
  return view;
}

const ended = (view: SessionView) =>
  new Problem(
    'session_ended',
    `The session has ended (${view.outcome ?? view.status}) and will not move or spend again. Nothing was done; start a new session to go on.`,
  );
