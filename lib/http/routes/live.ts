import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { STATUSES } from '../../core/status.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound } from '../problems.ts';
import * as render from '../render.ts';
import { answers, instant, money, SessionId, unchanged } from '../schemas.ts';
import { statusOf } from '../snapshots.ts';

const SessionStatusJson = z
  .object({
    id: z.string().openapi({ description: 'The session.' }),
    status: z.enum(STATUSES).openapi({ description: 'As the session has it.' }),
    wake_at: instant().nullable().openapi({ description: 'When a sleeper wakes by itself; null: it does not.' }),
    cost_microdollars: money('What this session has cost so far.'),
    budget_pct: z.number().nullable().openapi({
      description:
        "Per cent of the day's allowance that all your sessions have spent, to two digits; null without one.",
    }),
    as_of: instant().openapi({ description: 'When the database was asked, by its own clock: at most a minute ago.' }),
  })
  .openapi('SessionStatus');

const get = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/live',
  operationId: 'getSessionStatus',
  summary: 'Session status for frequent polling: the database is asked once a minute at most while nothing works',
  description: 'While nothing of yours works, the database is asked once a minute at most.',
  tags: ['sessions'],
  security: [{ UserKey: [] }],
  request: { params: SessionId },
  middleware: conditional,
  responses: unchanged(answers(200, SessionStatusJson, 'Its status.', 'not_found')),
});

export const live = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const found = await statusOf(deps, { userId: c.get('userId'), id }, c.get('viewAnswers'));
    if (!found) throw notFound();
    return c.json({ id, ...render.sessionStatus(found.session, found.budget) }, 200);
  });
