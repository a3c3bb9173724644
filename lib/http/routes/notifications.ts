import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { alertJson } from '../../notifications/json.ts';
import { type ListedAlert, THRESHOLDS } from '../../ports/index.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { isoOrNull } from '../iso.ts';
import { answers, cursorParam, instant, limitParam, listOf, money } from '../schemas.ts';

const BudgetAlertJson = z
  .object({
    id: z.string().openapi({ description: 'The same in what is sent (`webhook-id`).', example: 'alr_5b0c…' }),
    date: z.iso.date().openapi({ description: 'The UTC day that it is about.' }),
    threshold: z.enum(THRESHOLDS).openapi({
      description:
        "`pace`: half is spent, and the day's money will be gone before 18:00 UTC. `graceful`: 90 %. `ceiling`: all of it, or what is left is too little. `breaker`: more than the hard ceiling, or the operator has stopped everything.",
    }),
    reason: z.enum(['spent', 'asleep', 'exceeded', 'stopped']).nullable().openapi({
      description: 'Of `ceiling`: `spent` or `asleep` (for want of money). Of `breaker`: `exceeded` or `stopped`.',
    }),
    at: instant().openapi({ description: 'When it was raised: a minute or two after it came to pass.' }),
    message: z.string().openapi({ description: 'The same as a sentence.' }),
    daily_budget_microdollars: money('As it was then; likewise the others.'),
    spent_microdollars: money(),
    held_microdollars: money(),
    hard_ceiling_microdollars: money(),
    delivery: z.object({
      status: z.enum(['none', 'pending', 'delivered', 'given_up']).openapi({
        description:
          'Over all webhooks that were told of it. `none`: there was none, or 30 days have passed. `given_up`: nobody took it.',
      }),
      attempts: z.int(),
      next_attempt_at: instant().nullable(),
      delivered_at: instant().nullable(),
      error: z.string().nullable().openapi({ description: 'How the last attempt failed.' }),
    }),
  })
  .openapi('BudgetAlert');

const list = createRoute({
  method: 'get',
  path: '/v1/budget/alerts',
  operationId: 'listBudgetAlerts',
  summary: 'When thresholds of the budget were passed',
  description: 'Once per UTC day and threshold. The newest day first, of each day the gravest first.',
  tags: ['budget'],
  security: [{ UserKey: [] }],
  request: {
    query: z.object({
      limit: limitParam(20, 100),
      cursor: cursorParam(),
    }),
  },
  responses: answers(200, listOf(BudgetAlertJson).openapi('BudgetAlertList'), 'A page.', 'invalid_request'),
});

export const alerts = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { limit, cursor = null } = c.req.valid('query');
    const { data, next } = await deps.alerts.list(c.get('user').id, { limit, cursor });
    return c.json({ data: data.map(withDelivery), next_cursor: next }, 200);
  });

const withDelivery = ({ delivery, ...passed }: ListedAlert) => ({
  ...alertJson(passed),
  delivery: {
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: isoOrNull(delivery.nextAttemptAt),
    delivered_at: isoOrNull(delivery.deliveredAt),
    error: delivery.error,
  },
});
