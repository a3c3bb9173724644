import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import type { SessionView } from '../../ports/index.ts';
import { type StreamSlot, takeStreamSlot } from '../auth/rate-limits.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { EventJson } from '../event-schemas.ts';
import { invalid, notFound, problems } from '../problems.ts';
import * as render from '../render.ts';
import { json, limitParam, listOf, SessionId } from '../schemas.ts';
import { follow } from '../sse.ts';

/** Kept of the function's time for ending the stream properly. */
const LAST_WORDS_MS = 5_000;

const sequence = z.coerce.number().pipe(z.int().min(0));

const list = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/events',
  operationId: 'listEvents',
  summary: 'The journal, as JSON or as a live stream',
  description: [
    'With `Accept: text/event-stream`: every entry after `Last-Event-ID` (or `after`), then the new ones as they come, with `id:` = `seq`,',
    '`event:` = `type` and the entry as `data:`. The reply being written comes as `agent.delta`, without an id, as',
    '`{iteration, kind, offset, text}`: put `text` at `offset` of what you have of that kind, `text` or `thought`. A number beyond the end is answered',
    'with `agent.resync`, as `{seq, after}`: this journal has not given it, so read the session and its events anew; the stream goes on after',
    '`seq`. The stream ends after the last entry of an ended session, before the server must, and when the',
    'key is revoked or the token expires (looked at once a minute);',
    'come back with the last id and get exactly the rest. Hanging up never cancels a session.',
  ].join(' '),
  tags: ['events'],
  security: [{ UserKey: [] }],
  request: {
    params: SessionId,
    query: z.object({
      after: sequence.optional().openapi({ description: 'Exclusive: the last `seq` that you have.' }),
      cursor: sequence.optional().openapi({ description: 'The `next_cursor` of the page before; not beside `after`.' }),
      limit: limitParam(100, 1_000).openapi({ description: 'JSON only.' }),
    }),
    headers: z.object({ 'Last-Event-ID': sequence.optional() }),
  },
  responses: {
    ...problems('not_found', 'invalid_request'),
    200: {
      description: 'One page, or the stream.',
      content: {
        ...json(listOf(EventJson)).content,
        'text/event-stream': { schema: z.string().openapi({ description: 'Server-sent events.' }) },
      },
    },
  },
});

export const events = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const { after: last, cursor, limit } = c.req.valid('query');
    if (last !== undefined && cursor !== undefined)
      throw invalid([{ path: 'cursor', message: 'Must not be sent beside `after`, which means the same' }]);
    const after = last ?? cursor ?? 0;
    const userId = c.get('user').id;
    if (/\btext\/event-stream\b/i.test(c.req.header('accept') ?? '')) {
      const view = await deps.userSessions.get(userId, id);
      if (!view) throw notFound();
      const from = c.req.valid('header')['Last-Event-ID'] ?? after;
      return streamed(deps, c, view, await takeStreamSlot(deps, userId), from);
    }
    const rows = await deps.userSessions.events(userId, id, { after, limit: limit + 1 });
    if (!rows) throw notFound();
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? String(page.at(-1)?.seq) : null;
    return c.json({ data: page.map((row) => render.event(id, row)), next_cursor: next }, 200);
  });

function streamed(deps: Ready, c: Context<HttpEnv>, view: SessionView, place: StreamSlot, after: number): Response {
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-cache, no-transform');
  c.header('x-accel-buffering', 'no');
  const remaining = c.env?.context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  const ms = Math.min(deps.limits.streamMs, remaining - LAST_WORDS_MS);
  const keyCheck = c.get('keyCheck');
  return stream(c, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    const signal = AbortSignal.any([gone.signal, c.req.raw.signal]);
    try {
      for await (const frame of follow(deps, view, { after, ms, signal, keyCheck })) {
        if (!(await within(deps.limits.stallMs, out.write(frame)))) break;
        place.prolong();
      }
    } catch (error) {
      deps.log({ level: 'warn', message: 'stream broke', session: view.id, error: String(error) });
    } finally {
      await place.leave();
    }
  });
}

/** Whether `done` came true within `ms` of real time. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
