import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { STATUSES } from '../../core/status.ts';
import { standingNow } from '../cache.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound } from '../problems.ts';
import * as render from '../render.ts';
import { answers, instant, money, SessionId } from '../schemas.ts';

const StandingJson = z
  .object({
    id: z.string(),
    status: z.enum(STATUSES),
    wake_at: instant().nullable(),
    cost_microdollars: money('What this session has cost so far.'),
    budget_pct: z
      .number()
      .openapi({ description: "Per cent of the day's allowance that all your sessions have spent." }),
    as_of: instant().openapi({ description: 'Nothing in it has changed since then, by the clock of the database.' }),
  })
  .openapi('Standing');

const get = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/live',
  operationId: 'getStanding',
  summary: 'Session status for frequent polling: answered without waking the database while nothing moves',
  tags: ['sessions'],
  security: [{ UserKey: [] }],
  request: { params: SessionId },
  responses: answers(200, StandingJson, 'As it stands.', 'not_found'),
});

export const live = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const standing = await standingNow(deps, { userId: c.get('userId'), id }, c.get('view'));
    if (!standing) throw notFound();
    return c.json({ id, ...render.standing(standing.session, standing.budget, standing.asOf) }, 200);
  });
