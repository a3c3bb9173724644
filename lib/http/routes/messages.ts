import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { MESSAGE_PAGE, UnknownCursor } from '../../ports/index.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound } from '../problems.ts';
import * as render from '../render.ts';
import { answers, cursorParam, limitParam, listOf, SessionId } from '../schemas.ts';

const MessageJson = z
  .object({
    role: z
      .enum(['user', 'assistant', 'system'])
      .openapi({ description: 'What the runtime itself says has the role `system`.' }),
    content: z.array(z.looseObject({ type: z.string() })).openapi({
      description:
        'Content blocks of the Messages API: text, tool_use, tool_result and others. In place of an image or PDF that the agent was shown stands a text with its path, type and size.',
    }),
  })
  .openapi('Message');

const list = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/messages',
  operationId: 'listMessages',
  summary: 'The history in Messages API form, oldest first; what was compacted away is still here',
  description:
    'A page ends early where more than 4 MB would follow. All pages together are the whole history; each begins where the role changes.',
  tags: ['messages'],
  security: [{ UserKey: [] }],
  request: {
    params: SessionId,
    query: z.object({
      limit: limitParam(MESSAGE_PAGE.limit, MESSAGE_PAGE.limit).openapi({
        description: 'Turns as they were stored: those of one role that follow each other are one message.',
      }),
      cursor: cursorParam(),
    }),
  },
  responses: answers(200, listOf(MessageJson).openapi('MessageList'), 'A page.', 'not_found', 'invalid_request'),
});

export const messages = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursor === undefined ? 0 : placeOf(cursor);
    if (after === null) throw new UnknownCursor();
    const page = { ...MESSAGE_PAGE, limit, after };
    const found = await deps.userSessions.messages(c.get('user').id, c.req.valid('param').id, page);
    if (!found) throw notFound();
    const next = found.next === null ? null : Buffer.from(String(found.next)).toString('base64url');
    return c.json({ data: render.messages(found.data), next_cursor: next }, 200);
  });

/** The number of the page's last message; null: no page ever gave this cursor. */
function placeOf(cursor: string): number | null {
  const text = Buffer.from(cursor, 'base64url').toString();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
