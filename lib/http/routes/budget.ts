import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../../ids.ts';
import { conditional } from '../caching.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once } from '../idempotency.ts';
import { OF_BODIES } from '../problems.ts';
import * as render from '../render.ts';
import { answers, BudgetJson, body, IdempotencyKey, instant, moneyIn, unchanged } from '../schemas.ts';
import { budgetOf } from '../snapshots.ts';
import { tooMuchAdded } from '../sums.ts';
import { withHints } from '../wake-session.ts';

const tags = ['budget'];
const security = [{ UserKey: [] }];

const today = answers(200, BudgetJson, 'Today, in UTC.');
/** Not a field of the answer, so that two answers between which nothing changed are equal. */
const AsOf = z.object({
  'as-of': instant().openapi({
    description: 'When the database was asked, by its own clock: at most a minute ago.',
  }),
});

const get = createRoute({
  method: 'get',
  path: '/v1/budget',
  operationId: 'getBudget',
  summary: 'What may be spent today, and what was',
  description: 'While no session of yours works, the database is asked once a minute at most.',
  tags,
  security,
  middleware: conditional,
  responses: unchanged({ ...today, 200: { ...today[200], headers: AsOf } }),
});

const topUp = createRoute({
  method: 'post',
  path: '/v1/budget/top-ups',
  operationId: 'topUp',
  summary: 'Add money; sleepers that can use it wake at once',
  description: 'Send an Idempotency-Key: without one, a request repeated after a lost answer adds the money twice.',
  tags,
  security,
  request: {
    headers: IdempotencyKey,
    body: body(
      z
        .strictObject({
          amount_microdollars: moneyIn(1),
          spread: z.enum(['today', 'cycle']).default('cycle').openapi({
            description: '`today`: all of it counts today. `cycle`: it is spread over the days left to the renewal.',
          }),
        })
        .openapi('NewTopUp'),
    ),
  },
  responses: answers(
    200,
    BudgetJson,
    'The budget with the money in it.',
    ...OF_BODIES,
    'idempotency_conflict',
    'unavailable',
  ),
});

export const budget = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(get, async (c) => {
      const budget = await budgetOf(deps, c.get('userId'), c.get('viewAnswers'));
      return c.json(render.budget(budget), 200, { 'as-of': new Date(budget.now).toISOString() });
    })
    .openapi(topUp, async (c) => {
      const userId = c.get('user').id;
      const { amount_microdollars: amount, spread } = c.req.valid('json');
      const unique = await once(c, c.req.valid('header')['Idempotency-Key'] ?? newId('op'));
      const view = await withHints(
        deps,
        userId,
        () => deps.accounts.topUp(userId, BigInt(amount), spread, unique),
        (answer) => answer !== 'conflict' && !('tooMuch' in answer),
      );
      if (view === 'conflict') throw conflict();
      if ('tooMuch' in view) throw tooMuchAdded(BigInt(amount), view);
      return c.json(render.budget(view), 200);
    });
