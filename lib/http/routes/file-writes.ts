import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { WORKSPACE_LIMITS } from '../../core/workspace.ts';
import { newId } from '../../ids.ts';
import type { FileWrite } from '../../ports/index.ts';
import { MOST_SENT, readBody } from '../body.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { refusalOf } from '../file-refusals.ts';
import { invalid, notFound, problems } from '../problems.ts';
import * as render from '../render.ts';
import { json, SessionId } from '../schemas.ts';
import { namesIn, tagOf, writePath } from '../workspace-files.ts';
import { FileJson } from './files.ts';

const tags = ['files'];
const security = [{ UserKey: [] }];
const { fileBytes } = WORKSPACE_LIMITS;

const FilePath = SessionId.extend({
  path: z
    .string()
    .openapi({ description: 'The path in the workspace; slashes may be sent as they are.', example: 'data/sales.csv' }),
});

export const Conditions = z.object({
  'If-Match': z.string().optional().openapi({
    description:
      'The `ETag` of the file as you know it: a file that has changed since is not touched. `*`: only a file that is there.',
  }),
  'If-None-Match': z.string().optional().openapi({ description: '`*`: only if there is no such file.' }),
});

const TAKEN_UP =
  'Every reader sees it at once. The agent gets it with its next step, after all that it saved before, and is told; a sleeper sleeps on, so send a message to wake it.';
const REPEATABLE = 'A repeat of the same request is harmless.';

const written = (description: string) => ({
  ...json(FileJson),
  description,
  headers: { ETag: { $ref: '#/components/headers/ETag' } },
});

const put = createRoute({
  method: 'put',
  path: '/v1/sessions/{id}/files/{path}',
  operationId: 'putFile',
  summary: 'Put a file into the workspace',
  description: `The body is the file, whatever its content type: at most ${fileBytes} bytes, and ${MOST_SENT} on AWS where it is no text. ${TAKEN_UP} If the agent wrote the same file in a step under way, yours stands. A file that is there already, byte for byte, answers 200 whatever the conditions. ${REPEATABLE}`,
  tags,
  security,
  request: {
    params: FilePath,
    headers: Conditions,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    ...problems(
      ...(['not_found', 'session_ended', 'file_clash', 'workspace_full', 'precondition_failed'] as const),
      ...(['payload_too_large', 'idempotency_conflict'] as const),
    ),
    200: written('It took the place of another file, or was there already.'),
    201: written('It is a new file.'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}/files/{path}',
  operationId: 'deleteFile',
  summary: 'Remove a file from the workspace',
  description: `${TAKEN_UP} The versions before it stay for a month.`,
  tags,
  security,
  request: { params: FilePath, headers: Conditions.pick({ 'If-Match': true }) },
  responses: {
    ...problems('not_found', 'session_ended', 'precondition_failed', 'idempotency_conflict'),
    204: { description: 'It is gone.' },
  },
});

/** Described by hand, as the reading of a file is: a path of several segments. */
export function fileWrites(deps: Ready) {
  const app = new OpenAPIHono<HttpEnv>();
  app.openAPIRegistry.registerPath(put);
  app.openAPIRegistry.registerPath(remove);
  app.put(PATH, async (c) => {
    refusePart(c);
    const content = await readBody(c.req.raw, fileBytes);
    const answer = await write(deps, c, content);
    if (!('file' in answer)) throw notFound('file');
    return c.json(render.file(answer.file), answer.created ? 201 : 200, { etag: tagOf(content) });
  });
  app.delete(PATH, async (c) => {
    await write(deps, c, null);
    return c.body(null, 204);
  });
  return app;
}

const PATH = '/v1/sessions/:id/files/:path{[\\s\\S]+}';

/** Throws `invalid_request` for a body that is not the whole file as it is. */
export function refusePart(c: Context<HttpEnv>): void {
  for (const name of ['Content-Range', 'Content-Encoding'])
    if (c.req.header(name) !== undefined && c.req.header(name) !== 'identity')
      throw invalid([{ path: name, message: 'Must not be sent: the body is the whole file as it is' }]);
}

/** Throws the problem of a write that was not taken. */
async function write(deps: Ready, c: Context<HttpEnv>, content: Uint8Array | null) {
  const id = SessionId.safeParse({ id: c.req.param('id') });
  if (!id.success) throw notFound();
  const wanted: FileWrite = {
    path: writePath(c.req.param('path') ?? ''),
    content,
    ifMatch: namesIn(c.req.header('if-match'), { weak: false }),
    ifNoneMatch: namesIn(c.req.header('if-none-match'), { weak: true }),
  };
  const userId = c.get('user').id;
  const answer = await deps.userSessions.writeFile(userId, id.data.id, wanted, newId('op'));
  if (!answer) throw notFound();
  if (!('refused' in answer)) return answer;
  throw await refusalOf(deps, { userId, id: id.data.id }, answer, wanted.path);
}
