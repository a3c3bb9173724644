/** All users of the deployment, for its operator. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { USER_STATUSES, type User, type UserStanding } from '../../ports/index.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { iso } from '../iso.ts';
import * as render from '../render.ts';
import { answers, BudgetJson, cursorParam, instant, limitParam, listOf, money, nameIn, UserJson } from '../schemas.ts';

export const ListedUserJson = UserJson.omit({ notify_url: true })
  .extend({
    status: z.enum(USER_STATUSES).openapi({
      description:
        '`no_budget`: no subscription budget, so nothing can be started. Else `active`: a session has not ended. Else `idle`.',
    }),
    created_at: instant(),
    today: BudgetJson.pick({
      ...{ date: true, daily_budget_microdollars: true, spent_microdollars: true },
      ...{ held_microdollars: true, remaining_microdollars: true, percentage: true },
    }).openapi({ description: 'As it is, or as it would open: to look at it opens no day.' }),
    subscription_left_microdollars: money(
      'Of the money of this cycle, top-ups included, neither spent nor held. Null: not known.',
    ).nullable(),
    days_left: z.int().nullable().openapi({ description: 'To the renewal, today included. Null: not known.' }),
  })
  .openapi('ListedUser');

const list = createRoute({
  method: 'get',
  path: '/v1/admin/users',
  operationId: 'listUsers',
  summary: 'All users by id, with what each may spend today and has spent',
  description:
    'With a filter a page looks at 10,000 users. It may show fewer than `limit`, or none, and still have a `next_cursor`.',
  tags: ['admin'],
  security: [{ AdminKey: [] }],
  request: {
    query: z.object({
      tier: nameIn().optional().openapi({ description: 'Only users of this tier.' }),
      status: z.enum(USER_STATUSES).optional().openapi({ description: 'Only users of this status.' }),
      id_prefix: z
        .string()
        .regex(/^[0-9A-Za-z_.:@+-]{1,128}$/, 'Must be 1 to 128 letters, digits or any of _ . : @ + -')
        .optional()
        .openapi({ description: 'Only users whose id, which you gave them, begins so.' }),
      limit: limitParam(20, 100),
      cursor: cursorParam(),
    }),
  },
  responses: answers(200, listOf(ListedUserJson).openapi('UserList'), 'A page.', 'invalid_request'),
});

export const adminUsers = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(list, async (c) => {
    const { tier, status, id_prefix: idPrefix, limit, cursor = null } = c.req.valid('query');
    const { data, next } = await deps.accounts.users({ tier, status, idPrefix }, { limit, cursor });
    return c.json({ data: data.map(userJson), next_cursor: next }, 200, { 'cache-control': 'no-store' });
  });

function userJson({ status, createdAt, day, ...user }: User & UserStanding) {
  const { date, allowance, spent, held, cycle } = day;
  return {
    ...render.user(user),
    status,
    created_at: iso(createdAt),
    today: {
      date,
      daily_budget_microdollars: render.money(allowance),
      spent_microdollars: render.money(spent),
      held_microdollars: render.money(held),
      remaining_microdollars: render.money(render.atLeastZero(allowance - spent - held)),
      percentage: render.percentage({ spent, allowance }),
    },
    subscription_left_microdollars: cycle ? render.money(render.atLeastZero(cycle.remaining - spent - held)) : null,
    days_left: cycle?.daysLeft ?? null,
  };
}
