import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { newId } from '../ids.ts';
import { authenticate } from './auth/authenticate.ts';
import { behindFront } from './auth/front.ts';
import { rateLimit } from './auth/rate-limits.ts';
import { jsonBody } from './body.ts';
import { cacheControl } from './caching.ts';
import { type App, type Deps, type HttpEnv, type Ready, ready } from './deps.ts';
import { onlyKnown, onMissing } from './known-routes.ts';
import { isOfEntry } from './memory-entries.ts';
import { onError, refuseInvalid } from './problems.ts';
import { admin } from './routes/admin.ts';
import { adminUsers } from './routes/admin-users.ts';
import { allEvents } from './routes/all-events.ts';
import { approvals } from './routes/approvals.ts';
import { archive } from './routes/archive.ts';
import { budget } from './routes/budget.ts';
import { budgetLists } from './routes/budget-lists.ts';
import { catalog } from './routes/catalog.ts';
import { dashboard, headersBy } from './routes/dashboard.ts';
import { docs, docsHeadersOr } from './routes/docs.ts';
import { emergencyStop } from './routes/emergency-stop.ts';
import { eventStream } from './routes/event-stream.ts';
import { events } from './routes/events.ts';
import { fileWrites } from './routes/file-writes.ts';
import { files } from './routes/files.ts';
import { health } from './routes/health.ts';
import { inbound } from './routes/inbound.ts';
import { live } from './routes/live.ts';
import { mcp } from './routes/mcp.ts';
import { memories } from './routes/memories.ts';
import { messages } from './routes/messages.ts';
import { alerts } from './routes/notifications.ts';
import { contract } from './routes/openapi.ts';
import { previewHeadersOr, previews } from './routes/previews.ts';
import { schedules } from './routes/schedules.ts';
import { pending } from './routes/session-actions.ts';
import { sessionSettings } from './routes/session-settings.ts';
import { sessions } from './routes/sessions.ts';
import { stripe } from './routes/stripe.ts';
import { READ_THERE, transfer } from './routes/transfer.ts';
import { triggers } from './routes/triggers.ts';
import { usage } from './routes/usage.ts';
import { webhooks } from './routes/webhooks.ts';
import { unlessWithin } from './within.ts';
import { isOfFile } from './workspace-files.ts';

/**
 * The whole HTTP API on the given ports. It keeps nothing between requests, and a request that fails half-way may be repeated:
 * every change carries a key that was minted, or sent, before its first try.
 */
export function app(given: Deps): App {
  const deps = ready(given);
  const base = new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalid });
  base.onError(onError(deps));
  base.use(named(deps));
  base.use(
    headersBy(
      docsHeadersOr(
        previewHeadersOr(
          secureHeaders({
            contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
            xFrameOptions: 'DENY',
          }),
        ),
      ),
    ),
  );
  base.use(cacheControl);
  base.use(behindFront(deps));
  if (deps.corsOrigins) base.use(otherOrigins(deps.corsOrigins));
  base.route('/', dashboard());
  base.route('/', docs());
  base.route('/', stripe(deps));
  base.route('/', inbound(deps));
  const guards = [unlessWithin(authenticate(deps)), unlessWithin(rateLimit(deps)), onlyKnown(base)] as const;
  for (const path of ['/v1/*', '/mcp']) base.use(path, ...guards, jsonBody(deps.limits.bodyBytes, readThere));
  contract(base);
  base
    .route('/', sessions(deps))
    .route('/', sessionSettings(deps))
    .route('/', live(deps))
    .route('/', pending(deps))
    .route('/', approvals(deps))
    .route('/', messages(deps))
    .route('/', events(deps))
    .route('/', eventStream(deps))
    .route('/', allEvents(deps))
    .route('/', files(deps))
    .route('/', fileWrites(deps))
    .route('/', archive(deps))
    .route('/', previews(deps))
    .route('/', memories(deps))
    .route('/', transfer(deps))
    .route('/', budget(deps))
    .route('/', budgetLists(deps))
    .route('/', alerts(deps))
    .route('/', webhooks(deps))
    .route('/', schedules(deps))
    .route('/', triggers(deps))
    .route('/', usage(deps))
    .route('/', catalog(deps))
    .route('/', admin(deps))
    .route('/', adminUsers(deps))
    .route('/', emergencyStop(deps))
    .route(
      '/',
      mcp((request, env) => base.fetch(request, env)),
    )
    .route('/', health(deps));
  base.notFound(onMissing(base));
  return base;
}

/** Paths whose routes read the body themselves. */
const readThere = (path: string): boolean => READ_THERE.includes(path) || isOfFile(path) || isOfEntry(path);

/** Answers a browser that asks for a page of one of these origins. It has no key yet, so this comes before the key is asked for. */
const otherOrigins = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'last-event-id'],
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: [
      'as-of',
      'etag',
      'idempotent-replayed',
      'location',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-request-id',
    ],
    maxAge: 600,
  });

/** Gives the request a name, and the log one line about it: the route, never the address, which may hold a user's words. */
const named = (deps: Ready) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const started = deps.time.elapsed();
    const requestId = newId('req');
    c.set('requestId', requestId);
    await next();
    c.header('x-request-id', requestId);
    deps.log({
      level: 'info',
      message: 'request',
      request: requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      ms: Math.round(deps.time.elapsed() - started),
    });
  });
