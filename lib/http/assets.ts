/** Files that are served as they were built: of the dashboard, and of its documents. */
import { brotliDecompressSync } from 'node:zlib';
import type { Context } from 'hono';
import type { HttpEnv } from './deps.ts';

/**
 * `br`: the body as brotli, in base64. `etag`: of the body as it was before. `style`: of a page, the hash of its inline style, as a content security
 * policy names it.
 */
export type PackedAsset = { type: string; etag: string; br: string; style?: string };

/** For a file whose name changes with its content. */
export const FOR_EVER = 'public, max-age=31536000, immutable';

/** Answers with the file, packed for who takes brotli; 304 where `If-None-Match` names it. */
export function asset(
  c: Context<HttpEnv>,
  { type, etag, br }: PackedAsset,
  cacheControl: string,
  status: 200 | 404 = 200,
) {
  // Weak, because the packed and the plain form have the same.
  const headers = { 'content-type': type, etag: `W/${etag}`, vary: 'accept-encoding', 'cache-control': cacheControl };
  if (status === 200 && c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304, headers);
  const packed = Buffer.from(br, 'base64');
  if (/\bbr\b/.test(c.req.header('accept-encoding') ?? ''))
    return c.body(packed, status, { ...headers, 'content-encoding': 'br' });
  return c.body(new Uint8Array(brotliDecompressSync(packed)), status, headers);
}
