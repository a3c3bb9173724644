import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { createTarPacker, type TarPackController } from 'modern-tar';
import type { HttpEnv, Ready } from '../deps.ts';
import { notFound, problems } from '../problems.ts';
import { SessionId } from '../schemas.ts';

/** Bytes of files that are read and held at a time. One file may be larger. */
const PAGE_BYTES = 4_000_000;
const PERMISSIONS = 0o777;

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

/** Described by hand: a colon within a segment has no form in the router. */
export function archive(deps: Ready) {
  const app = new OpenAPIHono<HttpEnv>();
  app.openAPIRegistry.registerPath(download);
  app.get('/v1/sessions/:id/:archive{files[:]archive}', async (c) => {
    const { success, data } = SessionId.safeParse({ id: c.req.param('id') });
    if (!success) throw notFound();
    const page = (after: string) =>
      deps.userSessions.fileContents(c.get('user').id, data.id, { after, bytes: PAGE_BYTES });
    const first = await page('');
    if (!first) throw notFound();
    const { readable, controller } = createTarPacker();
    void pack(controller, first, page).catch((error: unknown) => {
      deps.log({ level: 'error', message: 'an archive broke off', request: c.get('requestId'), error: String(error) });
      controller.error(error);
    });
    return c.body(readable.pipeThrough(new CompressionStream('gzip')), 200, {
      'content-type': 'application/gzip',
      'content-disposition': `attachment; filename="${data.id}.tar.gz"`,
      'cache-control': 'no-store',
    });
  });
  return app;
}

type Page = NonNullable<Awaited<ReturnType<Ready['userSessions']['fileContents']>>>;

/** A session that is removed meanwhile breaks the archive off, so that no part passes for the whole. */
async function pack(controller: TarPackController, first: Page, pageAfter: (path: string) => Promise<Page | null>) {
  for (let page: Page | null = first; ; ) {
    for (const { path, content, mode, updatedAt } of page.data) {
      const header = {
        name: path.slice(1),
        size: content.length,
        mode: mode & PERMISSIONS,
        mtime: new Date(updatedAt),
      };
      const writer = controller.add(header).getWriter();
      await writer.write(content);
      await writer.close();
    }
    if (page.next === null) break;
    page = await pageAfter(page.next);
    if (!page) throw new Error('the session was removed');
  }
  controller.finalize();
}
