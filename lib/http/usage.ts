import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { csv } from './csv.ts';
import type { Env, Ready } from './deps.ts';
import { invalid } from './problems.ts';
import * as render from './render.ts';
import { answers, dayIn, listOf, money, SessionId } from './schemas.ts';

const UsageJson = z
  .object({
    key: z.string().openapi({ description: 'The day, session, model, tool, or `session:iteration`.' }),
    calls: z.int(),
    cost_microdollars: money(),
    unknown_microdollars: money('The part of the cost charged for calls whose outcome is not known.'),
    input_tokens: z.int(),
    output_tokens: z.int(),
  })
  .openapi('Usage');

const COLUMNS = Object.keys(UsageJson.shape);

/** The typed answer stays JSON: the other form is described beside it. */
const withCsv = <T extends { 200: { content: object } }>(responses: T): T => ({
  ...responses,
  200: {
    ...responses[200],
    content: { ...responses[200].content, 'text/csv': { schema: { type: 'string' } } },
  },
});

const wantsCsv = (c: Context): boolean =>
  accepts(c, { header: 'Accept', supports: ['application/json', 'text/csv'], default: 'application/json' }) ===
  'text/csv';

const get = createRoute({
  method: 'get',
  path: '/v1/usage',
  operationId: 'getUsage',
  summary: 'What was spent, from the ledger',
  description: 'With `Accept: text/csv` the same rows as CSV, for spreadsheets.',
  tags: ['budget'],
  security: [{ UserKey: [] }],
  request: {
    query: z.object({
      from: dayIn().default('1970-01-01').openapi({ description: 'First UTC day. By default all that there is.' }),
      to: dayIn().default('9999-12-31').openapi({ description: 'Last UTC day, included.' }),
      group_by: z.enum(['day', 'session', 'model', 'tool', 'iteration']).default('day'),
      session_id: SessionId.shape.id.optional().openapi({ description: 'Only the calls of this session.' }),
    }),
  },
  responses: withCsv(
    answers(200, listOf(UsageJson), 'By key, in order; `next_cursor` is always null.', 'invalid_request'),
  ),
});

export const usage = (deps: Ready) =>
  new OpenAPIHono<Env>().openapi(get, async (c) => {
    const { from, to, group_by, session_id: sessionId } = c.req.valid('query');
    if (from > to) throw invalid([{ path: 'from', message: 'Must not be after `to`' }]);
    const rows = await deps.accounts.usage(c.get('user').id, { from, to, sessionId }, group_by);
    const data = rows.map(render.usage);
    c.header('Vary', 'Accept', { append: true });
    if (!wantsCsv(c)) return c.json({ data, next_cursor: null }, 200);
    return c.body(csv(COLUMNS, data), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage.csv"',
    }) as never;
  });
