import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { followAll, sharedReads } from '../all-events.ts';
import { takeStreamSlot } from '../auth/rate-limits.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { isCursor, placeOfCursor } from '../events-cursor.ts';
import { problems } from '../problems.ts';
import { streamed } from '../streamed.ts';

const place = () => z.string().refine(isCursor, 'Must be an `id:` of this stream').optional();

const watch = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'streamAllEvents',
  summary: 'The journals of all your sessions as one live stream of server-sent events',
  description: [
    'Every entry after `Last-Event-ID` (or `after`), then the new ones as they come; without one, from now on. `event:` is the `type`, the entry is',
    'the `data:`, and `id:` is opaque: come back with the last one and get exactly the rest. `session_id` and `seq` name an entry, should one come',
    'twice: that can be with more than 120 sessions that move within two minutes. A frame without `data:` says where the stream begins or ends. A place',
    'of more than a day ago, or of a database that was restored since, is answered with `agent.resync`: read your sessions anew; the stream goes on.',
    'Replies being written are only in the stream of their session. Entries later than a day after the end of a session are only in its own journal.',
    'While nothing happens, no database is asked. The stream ends before the server must, and when the key is revoked.',
  ].join(' '),
  tags: ['events'],
  security: [{ UserKey: [] }],
  request: {
    query: z.object({
      after: place().openapi({
        description: 'The last `id:` that you have; `Last-Event-ID`, where it is sent, counts instead.',
      }),
    }),
    headers: z.object({ 'Last-Event-ID': place().openapi({ description: 'The last `id:` that you have.' }) }),
  },
  responses: {
    ...problems('invalid_request'),
    200: {
      description: 'The stream.',
      content: { 'text/event-stream': { schema: z.string().openapi({ description: 'Server-sent events.' }) } },
    },
  },
});

/** One stream of a user, however many sessions there are. Its frames are in ../all-events.ts. */
export function allEvents(deps: Ready) {
  const shared = sharedReads(deps);
  return new OpenAPIHono<HttpEnv>().openapi(watch, async (c) => {
    const userId = c.get('user').id;
    const last = c.req.valid('header')['Last-Event-ID'] ?? c.req.valid('query').after;
    // The beginning is read before the stream begins, so that a fault is a problem and no stream that breaks off.
    const after = last === undefined ? null : placeOfCursor(last);
    const begun = await shared.begin(userId, after);
    return streamed(deps, c, { stream: 'all' }, await takeStreamSlot(deps, userId), (terms) =>
      followAll(deps, shared, userId, { after, begun, ...terms }),
    );
  });
}
