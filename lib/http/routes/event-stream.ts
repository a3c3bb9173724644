import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { takeStreamSlot } from '../auth/rate-limits.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound, problems } from '../problems.ts';
import { SessionId, sequence } from '../schemas.ts';
import { follow } from '../sse.ts';
import { streamed } from '../streamed.ts';

const watch = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/events/stream',
  operationId: 'streamEvents',
  summary: 'The journal as a live stream of server-sent events',
  description: [
    'Every entry after `Last-Event-ID` (or `after`), then the new ones as they come, with `id:` = `seq`,',
    '`event:` = `type` and the entry as `data:`. The reply being written comes as `agent.delta`, without an id, as',
    '`{iteration, kind, offset, text}`: put `text` at `offset` of what you have of that kind, `text` or `thought`. A number beyond the end is answered',
    'with `agent.resync`, as `{seq, after}`: this journal has not given it, so read the session and its events anew; the stream goes on after',
    '`seq`. The stream ends after the last entry of an ended session, with `retry: 3600000`; before the server must; and when the',
    'key is revoked or the token expires (looked at once a minute);',
    'come back with the last id and get exactly the rest. Hanging up never cancels a session.',
  ].join(' '),
  tags: ['events'],
  security: [{ UserKey: [] }],
  request: {
    params: SessionId,
    query: z.object({
      after: sequence().optional().openapi({
        description: 'Exclusive: the last `seq` that you have; `Last-Event-ID`, where it is sent, counts instead.',
      }),
    }),
    headers: z.object({
      'Last-Event-ID': sequence().optional().openapi({ description: 'The last `id:` that you have.' }),
    }),
  },
  responses: {
    ...problems('not_found', 'invalid_request'),
    200: {
      description: 'The stream.',
      content: { 'text/event-stream': { schema: z.string().openapi({ description: 'Server-sent events.' }) } },
    },
  },
});

/** The route of the stream. Its frames, and what they may repeat or leave out, are in ../sse.ts. */
export const eventStream = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(watch, async (c) => {
    const { id } = c.req.valid('param');
    const userId = c.get('user').id;
    const view = await deps.userSessions.get(userId, id);
    if (!view) throw notFound();
    const after = c.req.valid('header')['Last-Event-ID'] ?? c.req.valid('query').after ?? 0;
    return streamed(deps, c, { session: id }, await takeStreamSlot(deps, userId), (terms) =>
      follow(deps, view, { after, ...terms }),
    );
  });
