/**
 * Pages that an agent made, to be looked at in a frame: each runs in an origin of its own, which has no key, no storage and no network. They are the one
 * thing that an agent wrote and a browser runs.
 */
import { posix } from 'node:path';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { Problem } from '../../problem.ts';
import { requestsOf } from '../auth/rate-limits.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { iso } from '../iso.ts';
import { PREVIEW_MS, previewRight, previewToken } from '../preview-token.ts';
import { notFound, OF_BODIES } from '../problems.ts';
import { answers, instant, SessionId } from '../schemas.ts';
import { readPath } from '../workspace-files.ts';

const FOLDER = '/preview/';

/** What a page may be made of. All else is bytes. */
const TYPES: Record<string, string> = {
  ...{ '.html': 'text/html; charset=utf-8', '.htm': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8' },
  ...{ '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8' },
  ...{ '.json': 'application/json', '.txt': 'text/plain; charset=utf-8', '.csv': 'text/plain; charset=utf-8' },
  ...{ '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif' },
  ...{ '.webp': 'image/webp', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.woff': 'font/woff' },
};

const own = "'self' 'unsafe-inline'";
/** `sandbox` without `allow-same-origin`: an origin that nothing else has. What is left open is to load files of this preview. */
const POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  `script-src ${own}`,
  `style-src ${own}`,
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  ...["connect-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'"],
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=(), clipboard-write=()',
  'cache-control': 'private, no-store',
};

/** Headers of everything below /preview/, problems too; everything else has those of `otherwise`. */
export const previewHeadersOr =
  (otherwise: MiddlewareHandler): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    if (!c.req.path.startsWith(FOLDER)) return otherwise(c, next);
    await next();
    const kept = c.res.ok ? c.res.headers.get('cache-control') : null;
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    if (kept) c.header('cache-control', kept);
  };

const make = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/preview',
  operationId: 'createPreview',
  summary: 'An address at which the workspace can be looked at as a website, for ten minutes',
  description:
    'Put a path of the workspace behind `url`, and show it in a frame: its scripts run in an origin of their own, without a key, storage or network. Whoever has the address may read the files of this session until then.',
  tags: ['files'],
  security: [{ UserKey: [] }],
  request: { params: SessionId },
  responses: answers(
    200,
    z
      .object({
        url: z.string().openapi({ description: 'A path of this API, with a slash at its end.' }),
        expires_at: instant(),
      })
      .openapi('Preview'),
    'The address.',
    ...OF_BODIES,
    'not_found',
  ),
});

export function previews(deps: Ready) {
  const secret = deps.adminKeyHash;
  const app = new OpenAPIHono<HttpEnv>().openapi(make, async (c) => {
    const { id } = c.req.valid('param');
    const userId = c.get('user').id;
    if (!(await deps.userSessions.get(userId, id))) throw notFound();
    const until = deps.time.now() + PREVIEW_MS;
    const url = `${FOLDER}${previewToken(secret, { userId, sessionId: id, until })}/`;
    return c.json({ url, expires_at: iso(until) }, 200);
  });
  // Not in the contract: frames alone ask for it.
  app.get(`${FOLDER}:token/:path{[\\s\\S]*}`, async (c) => {
    const right = previewRight(secret, c.req.param('token'), deps.time.now());
    if (!right) throw notFound('preview');
    await requestsOf(deps, `preview ${right.userId}`, 'Too many files of pages that your agents made');
    if (c.req.header('sec-fetch-dest') === 'document') throw onlyFramed();
    const path = readPath(c.req.param('path'));
    const names = path.endsWith('/') ? [`${path}index.html`] : [path, `${path}/index.html`];
    for (const name of names) {
      const content = await deps.userSessions.file(right.userId, right.sessionId, name);
      if (!content) continue;
      const type = TYPES[posix.extname(name).toLowerCase()] ?? 'application/octet-stream';
      // Another look has another address, so that what is kept is never older than this one.
      const age = Math.max(0, Math.floor((right.until - deps.time.now()) / 1_000));
      return c.body(Uint8Array.from(content), 200, {
        'content-type': type,
        'cache-control': `private, max-age=${age}`,
      });
    }
    throw notFound('file');
  });
  return app;
}

/** In a tab of its own a page could lead its reader away with what it knows; in the frame the dashboard's policy forbids that. */
const onlyFramed = () =>
  new Problem(
    'forbidden',
    'A page that an agent made is shown within the dashboard alone. Nothing was done; open the file there.',
  );
