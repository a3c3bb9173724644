/** What the contract's routes take, for everything that no route takes: a path, a method, a query parameter. */
import { z } from '@hono/zod-openapi';
import type { MiddlewareHandler, NotFoundHandler } from 'hono';
import { Problem } from '../problem.ts';
import type { App, HttpEnv } from './deps.ts';
import { invalid, notFound, respond } from './problems.ts';

type KnownRoute = { method: string; pattern: RegExp; parameters: string[] };

/** The routes that take a path, by any method. Built with the first request, when all routes are there. */
function routesOf(app: App): (path: string) => KnownRoute[] {
  let routes: KnownRoute[] | null = null;
  return (path) => {
    routes ??= app.openAPIRegistry.definitions.flatMap((d) =>
      d.type === 'route'
        ? [
            {
              method: d.route.method.toUpperCase(),
              pattern: patternOf(d.route.path),
              parameters: parametersOf(d.route.request?.query as { shape?: Record<string, unknown> } | undefined),
            },
          ]
        : [],
    );
    return routes.filter(({ pattern }) => pattern.test(path));
  };
}

/** `metadata[team]` is the entry `team` of the parameter `metadata`, a record. */
const ENTRY = /\[[^\]]+\]$/;

const parametersOf = (query: { shape?: Record<string, unknown> } | undefined): string[] =>
  Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return inner instanceof z.ZodRecord ? `${name}[…]` : name;
  });

/** The entries of a parameter that is a record. */
export const entriesOf = <T>(query: Record<string, T>, parameter: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      name.startsWith(`${parameter}[`) && ENTRY.test(name) ? [[name.slice(parameter.length + 1, -1), value]] : [],
    ),
  );

/**
 * Refuses what no route takes, before any body is read: an unknown path (404 `not_found`), another method (405 `method_not_allowed`), or a query
 * parameter (422 `invalid_request`), since a misspelt filter must not pass for no filter.
 */
export function onlyKnown(app: App): MiddlewareHandler<HttpEnv> {
  const known = routesOf(app);
  return async (c, next) => {
    const routes = known(c.req.path);
    if (routes.length === 0) throw notFound('route');
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
    const route = routes.find((one) => one.method === method);
    if (!route) throw wrongMethod(c.req.method, routes);
    const takes =
      route.parameters.length > 0 ? `This route takes ${route.parameters.join(', ')}` : 'This route takes none';
    const unknown = Object.keys(c.req.query()).filter((name) => !route.parameters.includes(name.replace(ENTRY, '[…]')));
    if (unknown.length > 0)
      throw invalid(unknown.map((path) => ({ path: path.slice(0, 200), message: `Unknown parameter. ${takes}` })));
    await next();
  };
}

/** No route: 405 with what would be allowed if the path is one of ours, else 404. */
export function onMissing(app: App): NotFoundHandler<HttpEnv> {
  const known = routesOf(app);
  return (c) => {
    const routes = known(c.req.path);
    return respond(c, routes.length === 0 ? notFound('route') : wrongMethod(c.req.method, routes));
  };
}

function wrongMethod(method: string, routes: KnownRoute[]): Problem {
  const allow = [...new Set(routes.map((route) => route.method))];
  const detail = `${method} is not for this path. Nothing was done; it takes ${allow.join(', ')}.`;
  return new Problem('method_not_allowed', detail, { allow });
}

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[.]/g, '\\.')
      .replace(/\{path\}/g, '.+')
      .replace(/\{[^}]+\}/g, '[^/]+')}$`,
    // A path of a file may hold any character, a line's end too.
    's',
  );
