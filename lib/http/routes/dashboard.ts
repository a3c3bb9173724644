/**
 * The dashboard at `/app`: a page, and files whose names change with their content. It asks the API as any client does, with the user's key,
 * so it needs no rights here, and no route of the contract is for it alone.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { secureHeaders } from 'hono/secure-headers';
import { asset, FOR_EVER, type PackedAsset } from '../assets.ts';
import type { HttpEnv } from '../deps.ts';
import { notFound } from '../problems.ts';

const PAGE = '/app';

const self = ["'self'"];
const none = ["'none'"];

/**
 * What the page may do: run its own files, apply the style in it, ask its own origin, and frame it. Previews are sandboxed by headers of their own. A
 * text becomes markup nowhere but in the sandboxed frame of a preview, by the one policy that is named here.
 */
const ofPage = ({ style }: PackedAsset) =>
  secureHeaders({
    contentSecurityPolicy: {
      ...{ defaultSrc: none, scriptSrc: self, styleSrc: [...self, style!], connectSrc: self, frameSrc: self },
      ...{ imgSrc: ["'self'", 'data:', 'blob:'], baseUri: none, formAction: none, frameAncestors: none },
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ['preview'],
    },
    xFrameOptions: 'DENY',
  });
/** A frame without an origin of its own loads the style sheet of previews. */
const ofStyle = secureHeaders({
  contentSecurityPolicy: { defaultSrc: none },
  crossOriginResourcePolicy: 'cross-origin',
});

const isOfApp = (path: string): boolean => path === PAGE || path.startsWith(`${PAGE}/`);

/** The security headers of the dashboard, and of everything else those of `otherwise`. Hono's overwrite what a handler has set. */
export const headersBy =
  (otherwise: MiddlewareHandler): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    if (!isOfApp(c.req.path)) return otherwise(c, next);
    return (c.req.path.endsWith('.css') ? ofStyle : ofPage((await assets())[PAGE]!))(c, next);
  };

/** Not in the contract: they are for browsers. `/` leads people to the dashboard, and tells programs what is here. */
export const dashboard = () =>
  new OpenAPIHono<HttpEnv>()
    .get('/', (c) => {
      c.header('Vary', 'Accept', { append: true });
      if (wantsPage(c)) return c.redirect(PAGE, 302);
      return c.json(
        { name: 'circadian', app: PAGE, docs: '/docs', contract: '/openapi.json', health: '/healthz' },
        200,
      );
    })
    .get(PAGE, served)
    .get(`${PAGE}/*`, served);

/** Whether a browser asks, and not a program. */
export const wantsPage = (c: Context): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/html'],
    default: 'application/json',
  }) === 'text/html';

/** Loaded with the first request for them: an API that nobody looks at with a browser starts without. */
const assets = async () => (await import('../app-assets.ts')).APP_ASSETS;

/** Every address below /app that is no file is a screen of the page. A file of another deployment is none: the page says so. */
async function served(c: Context<HttpEnv>): Promise<Response> {
  const files = await assets();
  const isFile = c.req.path !== PAGE && Object.hasOwn(files, c.req.path);
  if (/\.(js|css|txt)$/.test(c.req.path) && !isFile) throw notFound('file');
  return asset(c, files[isFile ? c.req.path : PAGE]!, isFile ? FOR_EVER : 'no-cache');
}
