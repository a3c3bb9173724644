/** How long an answer may be kept, and when a kept one need not be sent again. */
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './deps.ts';

/** What is anybody's and changes with a deployment only. */
export const PUBLIC = { 'cache-control': 'public, max-age=300' };

/**
 * `Cache-Control` of answers that have none of their own: a user's data may be kept by the user's own client, which asks each time whether it
 * still holds. Problems are not kept.
 */
export const cacheControl = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (c.res.headers.has('cache-control')) return;
  c.header('cache-control', c.res.status >= 400 ? 'no-store' : 'private, no-cache');
});

/**
 * 304 without a body where `If-None-Match` names what would be sent. The tag is a hash of the body, so the answer is made all the same. It is
 * read into memory first: never for a stream.
 */
export const conditional = etag({
  retainedHeaders: [...RETAINED_304_HEADERS, 'access-control-allow-origin', 'access-control-expose-headers', 'as-of'],
});
