/**
 * The documents at `/docs`, each as HTML and with `.md` as Markdown, and `/llms.txt`, which lists them for agents. Anybody may read them: they say
 * the same of every deployment, and nothing of a user.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { asset, FOR_EVER } from '../assets.ts';
import { PUBLIC } from '../caching.ts';
import type { HttpEnv } from '../deps.ts';
import { notFound } from '../problems.ts';
import { wantsPage } from './dashboard.ts';

const FIRST = '/docs';
const FOR_AGENTS = '/llms.txt';

const none = ["'none'"];
/** A page loads its style, and nothing runs in it. */
const ofPage = secureHeaders({
  contentSecurityPolicy: {
    ...{ defaultSrc: none, styleSrc: ["'self'"], imgSrc: ['data:'] },
    ...{ baseUri: none, formAction: none, frameAncestors: none },
  },
  xFrameOptions: 'DENY',
});

const isOfDocs = (path: string): boolean =>
  [FIRST, `${FIRST}.md`, FOR_AGENTS].includes(path) || path.startsWith(`${FIRST}/`);

/** The security headers of the documents, and of everything else those of `otherwise`. */
export const docsHeadersOr =
  (otherwise: MiddlewareHandler): MiddlewareHandler<HttpEnv> =>
  (c, next) =>
    isOfDocs(c.req.path) ? ofPage(c, next) : otherwise(c, next);

/** Not in the contract: they are for people and for agents that read. */
export const docs = () =>
  new OpenAPIHono<HttpEnv>()
    .get(FOR_AGENTS, served)
    .get(FIRST, served)
    .get(`${FIRST}/`, (c) => c.redirect(FIRST, 308))
    .get(`${FIRST}.md`, served)
    .get(`${FIRST}/:page`, served);

async function served(c: Context<HttpEnv>): Promise<Response> {
  // Loaded with the first request for them, like the files of the dashboard.
  const { DOCS_ASSETS } = await import('../docs-assets.ts');
  const { path } = c.req;
  if (Object.hasOwn(DOCS_ASSETS, path)) return asset(c, DOCS_ASSETS[path]!, keptOf(DOCS_ASSETS[path]!.type));
  c.header('Vary', 'Accept', { append: true });
  if (!wantsPage(c)) throw notFound('page');
  return asset(c, DOCS_ASSETS['404']!, 'no-store', 404);
}

/** A page names the style of its own deployment, which is gone after the next one: a kept page would be without. */
function keptOf(type: string): string {
  if (type.startsWith('text/css')) return FOR_EVER;
  return type.startsWith('text/html') ? 'no-cache' : PUBLIC['cache-control'];
}
