import { posix } from 'node:path';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { FILE_PAGE, UnknownCursor } from '../../ports/index.ts';
import { cleanText } from '../../text.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound, problems } from '../problems.ts';
import * as render from '../render.ts';
import { answers, cursorParam, limitParam, listOf, SessionId, unchanged } from '../schemas.ts';
import { readPath, tagOf } from '../workspace-files.ts';

const tags = ['files'];
const security = [{ UserKey: [] }];

/** A file as lists and writes show it. */
export const FileJson = z
  .object({
    path: z.string().openapi({ description: 'From the root of the workspace.', example: '/guide.md' }),
    bytes: z.int().openapi({ description: 'Its length.' }),
    mode: z.int().openapi({ description: 'As in stat, e.g. 33188 or 420.' }),
    updated_at: z.iso.datetime().openapi({ description: 'When it was written last.' }),
  })
  .openapi('File');

const list = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/files',
  operationId: 'listFiles',
  summary: "The agent's workspace",
  description:
    'As it was when the last step was saved, and what you have put since: a step under way may have written more.',
  tags,
  security,
  request: {
    params: SessionId,
    query: z.object({
      limit: limitParam(FILE_PAGE.limit, FILE_PAGE.limit),
      cursor: cursorParam(16384),
    }),
  },
  middleware: conditional,
  responses: unchanged(
    answers(
      200,
      listOf(FileJson).openapi('FileList'),
      'A page, in the order of their paths.',
      'not_found',
      'invalid_request',
    ),
  ),
});

const bytes = (type: string) => ({ [type]: { schema: z.string().openapi({ format: 'binary' }) } });
const read = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/files/{path}',
  operationId: 'readFile',
  summary: 'One file, as raw bytes',
  description: 'The rest of the address is the path in the workspace; slashes may be sent as they are.',
  tags,
  security,
  request: {
    params: SessionId.extend({
      path: z.string().openapi({ description: 'A path of the list, without its first slash.', example: 'guide.md' }),
    }),
  },
  responses: unchanged({
    ...problems('not_found'),
    200: {
      description: 'The bytes, to be saved and never shown as a page.',
      content: { ...bytes('text/plain'), ...bytes('application/octet-stream') },
    },
  }),
});

export function files(deps: Ready) {
  const app = new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { limit, cursor = '' } = c.req.valid('query');
    const after = Buffer.from(cursor, 'base64url').toString();
    if (cursor !== '' && !isPath(after)) throw new UnknownCursor();
    const found = await deps.userSessions.fileList(c.get('user').id, c.req.valid('param').id, { after, limit });
    if (!found) throw notFound();
    const next = found.next === null ? null : Buffer.from(found.next).toString('base64url');
    return c.json({ data: found.data.map(render.file), next_cursor: next }, 200);
  });
  // Described by hand: a path of several segments has no form in OpenAPI that is also one of the router's.
  app.openAPIRegistry.registerPath(read);
  app.get('/v1/sessions/:id/files/:path{[\\s\\S]+}', conditional, async (c) => {
    const id = SessionId.safeParse({ id: c.req.param('id') });
    const path = readPath(c.req.param('path'));
    const content = id.success ? await deps.userSessions.file(c.get('user').id, id.data.id, path) : null;
    if (!content) throw notFound('file');
    return c.body(Uint8Array.from(content), 200, headersOf(path, content));
  });
  return app;
}

/** As the list writes a path into a cursor. */
const isPath = (text: string): boolean => text.startsWith('/') && cleanText(text) === text;

/** What an agent wrote is never a page of our origin: plain text or bytes, saved rather than shown. */
export const headersOf = (path: string, content: Uint8Array): Record<string, string> => ({
  etag: tagOf(content),
  'content-type': isText(content) ? 'text/plain; charset=utf-8' : 'application/octet-stream',
  'content-disposition': `attachment; filename*=UTF-8''${encodeName(posix.basename(path))}`,
  'content-length': String(content.length),
});

const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

function isText(content: Uint8Array): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
