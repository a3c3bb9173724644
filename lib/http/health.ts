import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Problem } from '../problem.ts';
import type { Env, Ready } from './deps.ts';
import { sha256 } from './keys.ts';
import { ProblemJson } from './problems.ts';
import { answers, json } from './schemas.ts';

const Healthy = z.object({ status: z.literal('ok') });
const away = {
  description: '`unavailable`: a part of the system is away',
  content: { 'application/problem+json': { schema: ProblemJson } },
};

const shallow = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Is the API up? Asks nothing else, so that a probe does not keep an idle database awake',
  tags: ['health'],
  responses: { 200: { ...json(Healthy), description: 'It is.' } },
});

const deep = createRoute({
  method: 'get',
  path: '/v1/admin/health',
  operationId: 'getDeepHealth',
  summary: 'Do Postgres and the live view answer?',
  tags: ['admin'],
  security: [{ AdminKey: [] }],
  responses: { ...answers(200, Healthy, 'They do.'), 503: away },
});

export const health = (deps: Ready) =>
  new OpenAPIHono<Env>()
    .openapi(shallow, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(deep, async (c) => {
      const asked = { postgres: deps.accounts.whoIs(sha256('')), 'live view': deps.live.watch('health') };
      const answersOf = await Promise.allSettled(Object.values(asked));
      const silent = Object.keys(asked).filter((_, i) => answersOf[i]?.status === 'rejected');
      if (silent.length > 0) {
        throw new Problem(
          'unavailable',
          `No answer from ${silent.join(' and ')}. Sessions go on from their last save once it is back; nothing is lost.`,
        );
      }
      return c.json({ status: 'ok' as const }, 200);
    });
