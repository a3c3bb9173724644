import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { flawOfEntry, isUntrusted, MEMORY_LIMITS, MEMORY_NAME, UNTRUSTED } from '../../core/shared-memory.ts';
import { newId } from '../../ids.ts';
import { readBody } from '../body.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { EntryJson, entryJson, MemoryJson, MemoryName, memoryJson, refusalOf } from '../memory-entries.ts';
import { invalid, notFound, problems } from '../problems.ts';
import { answers, cursorParam, json, limitParam, listOf, unchanged } from '../schemas.ts';
import { namesIn, tagOf } from '../workspace-files.ts';
import { Conditions, refusePart } from './file-writes.ts';
import { headersOf } from './files.ts';

const tags = ['memories'];
const security = [{ UserKey: [] }];

const Name = z.object({ name: MemoryName.openapi({ description: 'The name of the memory.', example: 'team' }) });
const EntryPath = Name.extend({
  path: z
    .string()
    .openapi({ description: 'The path in the memory; slashes may be sent as they are.', example: 'rules.md' }),
});

const list = createRoute({
  method: 'get',
  path: '/v1/memories',
  operationId: 'listMemories',
  summary: 'What your sessions remember together',
  description:
    'A memory is there from its first entry on. Sessions that were started with its name as `memory` read and write it.',
  tags,
  security,
  request: { query: z.object({ limit: limitParam(100, 100), cursor: cursorParam() }) },
  middleware: conditional,
  responses: unchanged(
    answers(200, listOf(MemoryJson).openapi('MemoryList'), 'A page, in the order of their names.', 'invalid_request'),
  ),
});

const entries = createRoute({
  method: 'get',
  path: '/v1/memories/{name}/entries',
  operationId: 'listMemoryEntries',
  summary: 'The entries of a memory',
  description: 'All of them, in the order of their paths.',
  tags,
  security,
  request: { params: Name },
  middleware: conditional,
  responses: unchanged(
    answers(200, listOf(EntryJson).openapi('MemoryEntryList'), 'The entries, without their texts.', 'not_found'),
  ),
});

const bytes = (type: string) => ({ [type]: { schema: z.string().openapi({ format: 'binary' }) } });
const read = createRoute({
  method: 'get',
  path: '/v1/memories/{name}/entries/{path}',
  operationId: 'readMemoryEntry',
  summary: 'One entry, as raw bytes',
  description: 'The rest of the address is the path in the memory.',
  tags,
  security,
  request: { params: EntryPath },
  responses: unchanged({
    ...problems('not_found'),
    200: {
      description: 'The bytes, to be saved and never shown as a page.',
      content: { ...bytes('text/plain'), ...bytes('application/octet-stream') },
    },
  }),
});

const written = (description: string) => ({
  ...json(EntryJson),
  description,
  headers: { ETag: { $ref: '#/components/headers/ETag' } },
});
const put = createRoute({
  method: 'put',
  path: '/v1/memories/{name}/entries/{path}',
  operationId: 'putMemoryEntry',
  summary: 'Put an entry into a memory',
  description: `The body is the entry, whatever its content type. The memory is made by its first entry. Sessions have it with their next step, and their agents are told; no sleeper is woken. Yours is trusted, so no path below \`${UNTRUSTED}/\` is taken. An entry that is there already, byte for byte, answers 200 whatever the conditions. A repeat of the same request is harmless.`,
  tags,
  security,
  request: {
    params: EntryPath,
    headers: Conditions,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    ...problems(
      'memory_full',
      'file_clash',
      'precondition_failed',
      'payload_too_large',
      'idempotency_conflict',
      'invalid_request',
    ),
    200: written('It took the place of another entry, or was there already.'),
    201: written('It is a new entry.'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/memories/{name}/entries/{path}',
  operationId: 'deleteMemoryEntry',
  summary: 'Remove an entry from a memory',
  description: 'For good: no version of it is kept.',
  tags,
  security,
  request: { params: EntryPath, headers: Conditions.pick({ 'If-Match': true }) },
  responses: {
    ...problems('not_found', 'precondition_failed', 'idempotency_conflict'),
    204: { description: 'It is gone.' },
  },
});

const forget = createRoute({
  method: 'delete',
  path: '/v1/memories/{name}',
  operationId: 'deleteMemory',
  summary: 'Remove a memory with all its entries',
  description: 'For good. Sessions that name it go on with an empty one.',
  tags,
  security,
  request: { params: Name },
  responses: { ...problems('not_found'), 204: { description: 'It is gone.' } },
});

const ENTRY = '/v1/memories/:name/entries/:path{[\\s\\S]+}';

export function memories(deps: Ready) {
  const app = new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { limit, cursor = '' } = c.req.valid('query');
      const after = Buffer.from(cursor, 'base64url').toString();
      if (cursor !== '' && !MEMORY_NAME.test(after))
        throw invalid([{ path: 'cursor', message: 'Must be a `next_cursor` of this list' }]);
      const page = await deps.memories.list(c.get('user').id, { after, limit });
      const next = page.next === null ? null : Buffer.from(page.next).toString('base64url');
      return c.json({ data: page.data.map(memoryJson), next_cursor: next }, 200);
    })
    .openapi(entries, async (c) => {
      const found = await deps.memories.entries(c.get('user').id, c.req.valid('param').name);
      if (!found) throw notFound('memory');
      return c.json({ data: found.map(entryJson), next_cursor: null }, 200);
    })
    .openapi(forget, async (c) => {
      const gone = await deps.memories.remove(c.get('user').id, c.req.valid('param').name, newId('op'));
      if (!gone) throw notFound('memory');
      return c.body(null, 204);
    });
  // Described by hand, as files are: a path of several segments.
  for (const route of [read, put, remove]) app.openAPIRegistry.registerPath(route);
  app.get(ENTRY, conditional, async (c) => {
    const { name, path } = addressed(c);
    if (flawOfEntry(path) !== null) throw notFound('entry');
    const content = await deps.memories.entry(c.get('user').id, name, path);
    if (!content) throw notFound('entry');
    return c.body(Uint8Array.from(content), 200, headersOf(path, content));
  });
  app.put(ENTRY, async (c) => {
    refusePart(c);
    const name = MemoryName.safeParse(c.req.param('name'));
    if (!name.success) throw invalid([{ path: 'name', message: name.error.issues[0]!.message }]);
    const content = await readBody(c.req.raw, MEMORY_LIMITS.bytes);
    const answer = await write(deps, c, content);
    if (!('entry' in answer)) throw notFound('entry');
    return c.json(entryJson(answer.entry), answer.created ? 201 : 200, { etag: tagOf(content) });
  });
  app.delete(ENTRY, async (c) => {
    await write(deps, c, null);
    return c.body(null, 204);
  });
  return app;
}

/** Throws `not_found` for what can name no memory. */
function addressed(c: Context<HttpEnv>): { name: string; path: string } {
  const name = c.req.param('name') ?? '';
  if (!MEMORY_NAME.test(name)) throw notFound('memory');
  return { name, path: c.req.param('path') ?? '' };
}

/** Throws the problem of a write that was not taken. */
async function write(deps: Ready, c: Context<HttpEnv>, content: Uint8Array | null) {
  const { name, path } = addressed(c);
  const flaw = flawOfEntry(path) ?? (isUntrusted(path) ? OF_UNTRUSTED : null);
  if (content === null && flawOfEntry(path) !== null) throw notFound('entry');
  if (content !== null && flaw !== null)
    throw invalid([{ path: 'path', message: `Cannot be written: the path ${flaw}` }]);
  const wanted = {
    ...{ path, content },
    ifMatch: namesIn(c.req.header('if-match'), { weak: false }),
    ifNoneMatch: namesIn(c.req.header('if-none-match'), { weak: true }),
  };
  const answer = await deps.memories.write(c.get('user').id, name, wanted, newId('op'));
  if ('refused' in answer) throw refusalOf(answer, path);
  return answer;
}

const OF_UNTRUSTED = `lies below ${UNTRUSTED}/, where only agents write; put what you trust under another path, and remove this one`;
