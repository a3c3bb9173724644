import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Env, Ready } from './deps.ts';
import { invalid } from './problems.ts';
import * as render from './render.ts';
import { answers, listOf, money } from './schemas.ts';

const UsageJson = z
  .object({
    key: z.string().openapi({ description: 'The day, session, model or tool.' }),
    calls: z.int(),
    cost_microdollars: money(),
    unknown_outcome_cost_microdollars: money('The part of the cost charged for calls whose outcome is not known.'),
    input_tokens: z.int(),
    output_tokens: z.int(),
  })
  .openapi('Usage');

const get = createRoute({
  method: 'get',
  path: '/v1/usage',
  operationId: 'getUsage',
  summary: 'What was spent, from the ledger',
  tags: ['budget'],
  security: [{ UserKey: [] }],
  request: {
    query: z.object({
      from: z.iso.date().default('1970-01-01').openapi({ description: 'First UTC day. By default all that there is.' }),
      to: z.iso.date().default('9999-12-31').openapi({ description: 'Last UTC day, included.' }),
      group_by: z.enum(['day', 'session', 'model', 'tool']).default('day'),
    }),
  },
  responses: answers(200, listOf(UsageJson), 'By key, in order; `next_cursor` is always null.', 'invalid_request'),
});

export const usage = (deps: Ready) =>
  new OpenAPIHono<Env>().openapi(get, async (c) => {
    const { from, to, group_by } = c.req.valid('query');
    if (from > to) throw invalid([{ path: 'from', message: 'Must not be after `to`' }]);
    const rows = await deps.accounts.usage(c.get('user').id, { from, to }, group_by);
    return c.json({ data: rows.map(render.usage), next_cursor: null }, 200);
  });
