/** Requests that a route of this API makes to other routes, for the user who asked. They were let in and counted with the first. */
import type { Context, MiddlewareHandler } from 'hono';
import type { HttpEnv } from './deps.ts';

type Caller = Pick<HttpEnv['Variables'], 'user' | 'keyCheck' | 'userId' | 'viewAnswers' | 'caller'>;

/** By the request itself, which nobody outside can hand in. */
const callers = new WeakMap<Request, Caller>();

/** The request as one of the same caller. */
export function asCallerOf(c: Context<HttpEnv>, request: Request): Request {
  const { user, keyCheck, userId, viewAnswers, caller } = c.var;
  callers.set(request, { user, keyCheck, userId, viewAnswers, caller });
  return request;
}

/** The guard of a route, for requests from outside. */
export const unlessWithin =
  (guard: MiddlewareHandler<HttpEnv>): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const caller = callers.get(c.req.raw);
    if (!caller) return guard(c, next);
    for (const [name, value] of Object.entries(caller)) c.set(name as keyof Caller, value as never);
    await next();
  };
