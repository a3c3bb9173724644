import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { packTar } from 'modern-tar';
import { WORKSPACE_LIMITS } from '../../core/workspace.ts';
import type { NewFile } from '../../ports/index.ts';
import { filesOf } from '../../transfer/archive.ts';
import { ARCHIVE_LIMITS, type ArchivedFile, refused } from '../../transfer/archive-limits.ts';
import { MOST_SENT, readBody } from '../body.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { refusalOf } from '../file-refusals.ts';
import { operationOf } from '../idempotency.ts';
import { invalid, notFound, problems } from '../problems.ts';
import { IdempotencyKey, json, SessionId } from '../schemas.ts';
import { turns } from '../turns.ts';
import { flawOfWrite } from '../workspace-files.ts';

/** Bytes of files that are read and held at a time. One file may be larger. */
const PAGE_BYTES = 4_000_000;
const PERMISSIONS = 0o777;
/** Two blocks of nothing end an archive. */
const END_BYTES = 1024;

const download = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/files:archive',
  operationId: 'downloadFiles',
  summary: 'The whole workspace as a .tar.gz',
  description:
    'Written while it is read: a step that is saved meanwhile may show in the files that come after it. An export is one snapshot.',
  tags: ['files'],
  security: [{ UserKey: [] }],
  request: { params: SessionId },
  responses: {
    ...problems('not_found'),
    200: {
      description: 'The archive, in the order of the paths.',
      content: { 'application/gzip': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
});

const Unpacked = z
  .object({
    files: z.int().openapi({ description: 'How many the archive has.' }),
    bytes: z.int().openapi({ description: 'Their length together.' }),
  })
  .openapi('UnpackedArchive');

const upload = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/files:archive',
  operationId: 'uploadFiles',
  summary: 'Put the files of an archive into the workspace, all of them or none',
  description:
    `A .tar.gz, .tar or .zip: at most ${MOST_SENT} bytes as sent, ${ARCHIVE_LIMITS.bytes} unpacked, ${ARCHIVE_LIMITS.entries} entries, ${WORKSPACE_LIMITS.files} files, ${WORKSPACE_LIMITS.fileBytes} bytes a file. ` +
    'Files that are there are replaced, others stay; folders come with their files. Links, devices, encrypted files, double names and paths that climb or begin with a slash are refused. ' +
    'Each file counts as if it had been put by itself; the agent is told of those that are new or have changed.',
  tags: ['files'],
  security: [{ UserKey: [] }],
  request: {
    params: SessionId,
    headers: IdempotencyKey,
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    ...problems(
      ...(['not_found', 'session_ended', 'file_clash', 'workspace_full', 'invalid_archive'] as const),
      ...(['payload_too_large', 'idempotency_conflict'] as const),
    ),
    200: { ...json(Unpacked), description: 'All of it is in the workspace.' },
  },
});

/** One of the largest takes some 100 MB while it is read and written. */
const AT_ONCE = { atOnce: 2, waiting: 16 };
const PATH = '/v1/sessions/:id/:archive{files[:]archive}';

/** Described by hand: a colon within a segment has no form in the router, and a body of bytes none in its schemas. */
export function archive(deps: Ready) {
  const app = new OpenAPIHono<HttpEnv>();
  app.openAPIRegistry.registerPath(download);
  app.openAPIRegistry.registerPath(upload);
  const inTurn = turns(AT_ONCE);
  app.get(PATH, async (c) => {
    const id = sessionIn(c.req.param('id'));
    const page = (after: string) => deps.userSessions.fileContents(c.get('user').id, id, { after, bytes: PAGE_BYTES });
    const first = await page('');
    if (!first) throw notFound();
    const broken = (error: unknown) =>
      deps.log({ level: 'error', message: 'an archive broke off', request: c.get('requestId'), error: String(error) });
    const tar = ReadableStream.from(packed(first, page, broken));
    return c.body(tar.pipeThrough(new CompressionStream('gzip')), 200, {
      'content-type': 'application/gzip',
      'content-disposition': `attachment; filename="${id}.tar.gz"`,
      'cache-control': 'no-store',
    });
  });
  app.post(PATH, async (c) => {
    const id = sessionIn(c.req.param('id'));
    const key = IdempotencyKey.safeParse({ 'Idempotency-Key': c.req.header('idempotency-key') });
    if (!key.success) throw invalid([{ path: 'Idempotency-Key', message: key.error.issues[0]?.message ?? '' }]);
    const sent = await readBody(c.req.raw, MOST_SENT);
    const whose = { userId: c.get('user').id, id };
    return c.json(await inTurn(() => unpack(deps, whose, sent, operationOf(key.data['Idempotency-Key']))), 200);
  });
  return app;
}

function sessionIn(id: string | undefined): string {
  const { success, data } = SessionId.safeParse({ id });
  if (!success) throw notFound();
  return data.id;
}

/** Throws the problem of an archive that was not taken. */
async function unpack(
  deps: Ready,
  whose: { userId: string; id: string },
  sent: Uint8Array,
  operation: string,
): Promise<z.infer<typeof Unpacked>> {
  const files = storedFiles(await filesOf(sent));
  const answer = await deps.userSessions.writeFiles(whose.userId, whose.id, files, operation);
  if (!answer) throw notFound();
  if ('refused' in answer) throw await refusalOf(deps, whose, answer);
  return { files: files.length, bytes: files.reduce((sum, { content }) => sum + content.length, 0) };
}

/** By stored paths. `./` at the beginning of a name is how tar packs a folder from within. Throws `invalid_archive`. */
function storedFiles(files: ArchivedFile[]): NewFile[] {
  const paths = new Set<string>();
  return files.map(({ name, content, mode }) => {
    const path = `/${name.replace(/^(\.\/)+/, '')}`;
    const flaw = flawOfName(name) ?? flawOfWrite(path) ?? (paths.has(path) ? 'comes twice' : null);
    if (flaw) throw refused(`has a path that ${flaw}`, name);
    paths.add(path);
    return { path, content, mode };
  });
}

/** Its reader puts the replacement character where bytes of a name are no UTF-8: two names could then be one. */
function flawOfName(name: string): string | null {
  if (name.startsWith('/')) return 'begins with a slash';
  return name.includes('\uFFFD') ? 'is not UTF-8' : null;
}

type Page = NonNullable<Awaited<ReturnType<Ready['userSessions']['fileContents']>>>;

/** Page after page, as the reader takes them. A session that is removed meanwhile breaks the archive off, so that no part passes for the whole. */
async function* packed(
  first: Page,
  pageAfter: (path: string) => Promise<Page | null>,
  broken: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for (let page: Page | null = first; ; ) {
      const tar = await packTar(page.data.map(entryOf));
      yield page.next === null ? tar : tar.subarray(0, -END_BYTES);
      if (page.next === null) return;
      page = await pageAfter(page.next);
      if (!page) throw new Error('the session was removed');
    }
  } catch (error) {
    broken(error);
    throw error;
  }
}

const entryOf = ({ path, content, mode, updatedAt }: Page['data'][number]) => ({
  header: { name: path.slice(1), size: content.length, mode: mode & PERMISSIONS, mtime: new Date(updatedAt) },
  body: content,
});
