import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { App, HttpEnv, Ready } from '../deps.ts';
import { EventJson } from '../event-schemas.ts';
import { invalid, notFound } from '../problems.ts';
import * as render from '../render.ts';
import { answers, limitParam, listOf, SessionId, sequence } from '../schemas.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/events',
  operationId: 'listEvents',
  summary: 'The journal',
  description: 'Oldest first. `/v1/sessions/{id}/events/stream` gives the same entries as they come.',
  tags: ['events'],
  security: [{ UserKey: [] }],
  request: {
    params: SessionId,
    query: z.object({
      after: sequence().optional().openapi({ description: 'Exclusive: the last `seq` that you have.' }),
      cursor: sequence()
        .optional()
        .openapi({ description: 'The `next_cursor` of the page before; not beside `after`.' }),
      limit: limitParam(100, 1_000),
    }),
  },
  responses: answers(200, listOf(EventJson).openapi('EventList'), 'One page.', 'not_found', 'invalid_request'),
});

export const events = (deps: Ready): App =>
  new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const { after, cursor, limit } = c.req.valid('query');
    if (after !== undefined && cursor !== undefined)
      throw invalid([{ path: 'cursor', message: 'Must not be sent beside `after`, which means the same' }]);
    const rows = await deps.userSessions.events(c.get('user').id, id, {
      after: after ?? cursor ?? 0,
      limit: limit + 1,
    });
    if (!rows) throw notFound();
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? String(page.at(-1)?.seq) : null;
    return c.json({ data: page.map((row) => render.event(id, row)), next_cursor: next }, 200);
  });
