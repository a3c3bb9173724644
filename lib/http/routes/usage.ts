import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { UnknownCursor } from '../../ports/index.ts';
import { csv } from '../csv.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { invalid } from '../problems.ts';
import * as render from '../render.ts';
import { answers, cursorParam, dayIn, limitParam, listOf, money, SessionId } from '../schemas.ts';

export const UsageJson = z
  .object({
    key: z.string().openapi({
      description: "The day, the hour's beginning, the session, model, tool, or `session:iteration`.",
    }),
    calls: z.int().openapi({ description: 'By `tool`: tool calls.' }),
    cost_microdollars: money(),
    unknown_microdollars: money('The part of the cost charged for calls whose outcome is not known.'),
    input_tokens: z.int().openapi({ description: 'Neither read from the cache nor written to it.' }),
    cache_write_5m_tokens: z.int().openapi({ description: 'Written to the cache for five minutes.' }),
    cache_write_1h_tokens: z.int().openapi({ description: 'Written to the cache for an hour.' }),
    cache_read_tokens: z.int().openapi({ description: 'Read from the cache.' }),
    output_tokens: z.int().openapi({ description: 'Thinking included.' }),
  })
  .openapi('Usage');

/** Days whose hours one request may ask for: as many as a month has. */
const MOST_HOURLY_DAYS = 31;
/** Rows that are read at a time. */
const CSV_PAGE = 5_000;
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
  description:
    'With `Accept: text/csv` all rows as CSV, for spreadsheets; one that breaks off was cut by a fault and is not whole.',
  tags: ['budget'],
  security: [{ UserKey: [] }],
  request: {
    query: z.object({
      from: dayIn().default('1970-01-01').openapi({ description: 'First UTC day. By default all that there is.' }),
      to: dayIn().default('9999-12-31').openapi({ description: 'Last UTC day, included.' }),
      group_by: z
        .enum(['day', 'hour', 'session', 'model', 'tool', 'iteration'])
        .default('day')
        .openapi({
          description: `What one row sums up. By \`hour\` at most ${MOST_HOURLY_DAYS} days. A call counts in the hour in which it began.`,
        }),
      limit: limitParam(1_000, 10_000).openapi({ description: 'JSON only: CSV has all rows.' }),
      cursor: cursorParam(4_096),
      session_id: SessionId.shape.id.optional().openapi({ description: 'Only the calls of this session.' }),
    }),
  },
  responses: withCsv(
    answers(200, listOf(UsageJson).openapi('UsageList'), 'A page, by key, in order.', 'invalid_request'),
  ),
});

export const usage = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(get, async (c) => {
    const { from, to, group_by: group, session_id: sessionId, limit, cursor } = c.req.valid('query');
    if (from > to) throw invalid([{ path: 'from', message: 'Must not be after `to`' }]);
    if (group === 'hour' && daysIn(from, to) > MOST_HOURLY_DAYS)
      throw invalid([{ path: 'from', message: `Must name at most ${MOST_HOURLY_DAYS} days with \`to\`, for hours` }]);
    const place = cursor === undefined ? null : placeOf(group, cursor);
    if (place === undefined) throw new UnknownCursor();
    const userId = c.get('user').id;
    const read = async (after: string | null, most: number) => {
      const rows = await deps.accounts.usage(userId, { from, to, sessionId }, group, {
        after,
        limit: most + 1,
      });
      const data = rows.slice(0, most).map(render.usage);
      return { data, next: rows.length > most ? (data.at(-1)?.key ?? null) : null };
    };
    c.header('Vary', 'Accept', { append: true });
    if (!wantsCsv(c)) {
      const { data, next } = await read(place, limit);
      return c.json({ data, next_cursor: next === null ? null : Buffer.from(next).toString('base64url') }, 200);
    }
    const first = await read(place, CSV_PAGE);
    return c.body(
      whole(first, (after) => read(after, CSV_PAGE)),
      200,
      {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="usage.csv"',
      },
    ) as never;
  });

const daysIn = (from: string, to: string): number => 1 + (Date.parse(to) - Date.parse(from)) / 86_400_000;

/** The key of the last row that was shown; undefined for what no page ever gave. */
function placeOf(group: string, cursor: string): string | undefined {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (group === 'day') return z.iso.date().safeParse(key).success ? key : undefined;
  if (group === 'hour') return z.iso.datetime().safeParse(key).success ? key : undefined;
  if (group === 'iteration') return /^[\w-]+:\d{1,10}$/.test(key) ? key : undefined;
  return key.isWellFormed() && !key.includes('\0') ? key : undefined;
}

type Page = { data: ReturnType<typeof render.usage>[]; next: string | null };

/** Page by page, as the reader takes them. A fault on the way breaks the stream off, so that a part is not taken for the whole. */
function whole(first: Page, read: (after: string) => Promise<Page>): ReadableStream<Uint8Array> {
  let page: Page | null = first;
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      if (page === null) return controller.close();
      const lines = csv(COLUMNS, page.data);
      controller.enqueue(encoder.encode(page === first ? lines : withoutHead(lines)));
      page = page.next === null ? null : await read(page.next);
    },
  });
}

const withoutHead = (lines: string): string => lines.slice(lines.indexOf('\r\n') + 2);
