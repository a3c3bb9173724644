import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { STATUSES, type Status } from '../../core/status.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once, replayed } from '../idempotency.ts';
import { entriesOf } from '../known-routes.ts';
import { full } from '../permits.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import {
  answers,
  body,
  cursorParam,
  IdempotencyKey,
  limitParam,
  momentIn,
  nameIn,
  SessionId,
  SessionJson,
  SessionList,
  unchanged,
} from '../schemas.ts';
import { order, Wanted } from '../session-order.ts';
import { withWakeUp } from '../wake-session.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

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
        .union([z.enum(STATUSES), z.array(z.enum(STATUSES))], `Must be one of ${STATUSES.join(', ')}`)
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
  responses: unchanged(answers(200, SessionList, 'One page.', 'invalid_request')),
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
    z
      .object(
        Object.fromEntries(
          STATUSES.map((status) => [status, z.int().openapi({ description: 'How many sessions have it.' })]),
        ) as Record<Status, z.ZodInt>,
      )
      .openapi('SessionCounts', { description: 'How many sessions have each status.' }),
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
      return c.json({ data: data.map(render.session), next_cursor: next }, 200);
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
