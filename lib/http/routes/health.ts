import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Problem } from '../../problem.ts';
import { sha256 } from '../auth/api-keys.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { ProblemJson } from '../problems.ts';
import { answers, json } from '../schemas.ts';

const Healthy = z.object({ status: z.literal('ok') }).openapi('DeepHealth');
export const SystemHealthJson = z
  .object({
    status: z.enum(['ok', 'degraded']),
    overdue_seconds: z.int().optional().openapi({
      description:
        'With `degraded`: for how long the most overdue session has not moved, by the last look of the recovery cron.',
    }),
  })
  .openapi('SystemHealth');
const away = {
  description: '`unavailable`: a part of the system is away',
  content: { 'application/problem+json': { schema: ProblemJson } },
};

const shallow = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary:
    'Is the API up, and does work go on? Asks the live view alone, so that a probe does not keep an idle database awake',
  description: 'Asks the live view alone, so that a probe does not keep an idle database awake.',
  tags: ['health'],
  security: [],
  responses: {
    200: { ...json(SystemHealthJson), description: 'It is. `degraded`: sessions that are due do not move.' },
    429: { description: 'AWS itself, without a problem: the deployment serves as many requests at once as it may.' },
  },
});

const deep = createRoute({
  method: 'get',
  path: '/v1/admin/health',
  operationId: 'getDeepHealth',
  summary: 'Do Postgres and the live view answer?',
  description: 'Asks both. Not for frequent probes: it wakes an idle database.',
  tags: ['admin'],
  security: [{ AdminKey: [] }],
  responses: { ...answers(200, Healthy, 'They do.'), 503: away },
});

/** Whoever is not taken up within two minutes is stuck: a lease and a minute of the recovery cron are less. */
const DEGRADED_AFTER_MS = 120_000;
/** The route has no key: however often it is asked, the live view is asked no more often than this. */
const KEEP_MS = 5_000;

/** What the live view last told of overdue work, asked again when that is old. */
function overdueOf({ live, time }: Pick<Ready, 'live' | 'time'>) {
  let asked: { at: number; answer: Promise<number | null> } | null = null;
  return (): Promise<number | null> => {
    const at = time.elapsed();
    if (!asked || at - asked.at > KEEP_MS) asked = { at, answer: live.overdue(time.now()) };
    return asked.answer;
  };
}

export function health(deps: Ready) {
  const overdue = overdueOf(deps);
  return new OpenAPIHono<HttpEnv>()
    .openapi(shallow, async (c) => {
      const overdueMs = await overdue();
      if (overdueMs === null || overdueMs <= DEGRADED_AFTER_MS) return c.json({ status: 'ok' as const }, 200);
      return c.json({ status: 'degraded' as const, overdue_seconds: Math.floor(overdueMs / 1_000) }, 200);
    })
    .openapi(deep, async (c) => {
      const asked = { postgres: deps.accounts.whoIs(sha256('')), 'live view': deps.live.watch('health') };
      const answersOf = await Promise.allSettled(Object.values(asked));
      const silent = Object.keys(asked).filter((_, i) => answersOf[i]?.status === 'rejected');
      if (silent.length > 0) {
        throw new Problem(
          'unavailable',
          `No answer from ${silent.join(' and ')}. Sessions go on from their last save once it is back; nothing is lost.`,
          { retryAfter: 60 },
        );
      }
      return c.json({ status: 'ok' as const }, 200);
    });
}
