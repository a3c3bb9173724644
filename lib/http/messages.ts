import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Env, Ready } from './deps.ts';
import { notFound } from './problems.ts';
import * as render from './render.ts';
import { answers, listOf, SessionId } from './schemas.ts';

const MessageJson = z
  .object({
    role: z
      .enum(['user', 'assistant', 'system'])
      .openapi({ description: 'What the runtime itself says has the role `system`.' }),
    content: z
      .array(z.looseObject({ type: z.string() }))
      .openapi({ description: 'Content blocks of the Messages API: text, tool_use, tool_result and others.' }),
  })
  .openapi('Message');

const list = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/messages',
  operationId: 'listMessages',
  summary: 'The whole history in Messages API form, oldest first; what was compacted away is still here',
  tags: ['messages'],
  security: [{ UserKey: [] }],
  request: { params: SessionId },
  responses: answers(200, listOf(MessageJson), 'All of it; `next_cursor` is always null.', 'not_found'),
});

export const messages = (deps: Ready) =>
  new OpenAPIHono<Env>().openapi(list, async (c) => {
    const rows = await deps.desk.messages(c.get('user').id, c.req.valid('param').id);
    if (!rows) throw notFound();
    return c.json({ data: render.messages(rows), next_cursor: null }, 200);
  });
