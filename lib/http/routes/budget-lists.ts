/** What was added to a user's budget, and what became of each of its days. */
import { createHash } from 'node:crypto';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { BudgetDay, TopUp } from '../../ports/index.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { iso } from '../iso.ts';
import { invalid } from '../problems.ts';
import * as render from '../render.ts';
import { answers, cursorParam, dayIn, instant, limitParam, listOf, money } from '../schemas.ts';

/** Payments count under keys that no user can send, since IdempotencyKey takes printable characters only (schema/functions/stripe.sql). */
const PAYMENT = 'payment\n';
const tags = ['budget'];
const security = [{ UserKey: [] }];

export const TopUpJson = z
  .object({
    id: z.string().openapi({ example: 'tup_5b0c…' }),
    date: z.iso.date().openapi({ description: 'The UTC day that it counts on.' }),
    amount_microdollars: money(),
    spread: z.enum(['today', 'cycle']).openapi({
      description: '`today`: all of it counted on its day. `cycle`: it is spread over the days to the renewal.',
    }),
    source: z.enum(['request', 'payment']),
    reference: z.string().openapi({
      description:
        'The Idempotency-Key of the request, made up where it had none (`op_…`); or the id of the payment: of its checkout session at Stripe.',
    }),
    created_at: instant(),
  })
  .openapi('TopUp');

const topUps = createRoute({
  method: 'get',
  path: '/v1/budget/top-ups',
  operationId: 'listTopUps',
  summary: 'Money that was added, by requests and by payments, the newest first',
  description:
    'A top-up counts once, under its key. One for `today` is spent today alone; one for `cycle` is shared out over the days that are left.',
  tags,
  security,
  request: { query: z.object({ limit: limitParam(20, 100), cursor: cursorParam() }) },
  responses: answers(200, listOf(TopUpJson).openapi('TopUpList'), 'A page.', 'invalid_request'),
});

export const BudgetDayJson = z
  .object({
    date: z.iso.date(),
    daily_budget_microdollars: money('The allowance of this UTC day.'),
    hard_ceiling_microdollars: money('Never passed (110 %, or what was left of the subscription).'),
    spent_microdollars: money('The sum of its calls in the ledger.'),
    held_microdollars: money('Reserved for calls whose cost is not known yet.'),
    handed_off_microdollars: money(
      'Spent or held by calls of wind-downs, part of the two above. Null: more than 92 days ago, and no longer known.',
    ).nullable(),
    remaining_microdollars: money('Allowance less spent and held, at least 0.'),
    percentage: z
      .number()
      .nullable()
      .openapi({ description: '100 × spent / allowance, to two digits; null without an allowance.' }),
    carried_in_microdollars: money(
      'What the subscription had left before this day; on a renewal date the plan and what was carried over. Null: not known.',
    ).nullable(),
    topped_up_microdollars: money('Added on this day.'),
    carried_out_microdollars: money(
      'Carried in and topped up, less spent and held, at least 0: what the next day begins with. They differ where a call was settled later, or the plan changed.',
    ).nullable(),
  })
  .openapi('BudgetDay');

const days = createRoute({
  method: 'get',
  path: '/v1/budget/days',
  operationId: 'listBudgetDays',
  summary: 'What each day was allowed, and what it spent, the newest first',
  description: 'A day is there once a call or a question opened it. Nothing was spent on a day that is missing.',
  tags,
  security,
  request: {
    query: z.object({
      from: dayIn().default('1970-01-01').openapi({ description: 'First UTC day. By default all that there are.' }),
      to: dayIn().default('9999-12-31').openapi({ description: 'Last UTC day, included.' }),
      limit: limitParam(31, 100),
      cursor: cursorParam(),
    }),
  },
  responses: answers(200, listOf(BudgetDayJson).openapi('BudgetDayList'), 'A page.', 'invalid_request'),
});

export const budgetLists = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(topUps, async (c) => {
      const { limit, cursor = null } = c.req.valid('query');
      const userId = c.get('user').id;
      const { data, next } = await deps.accounts.topUps(userId, { limit, cursor });
      return c.json({ data: data.map((topUp) => topUpJson(userId, topUp)), next_cursor: next }, 200);
    })
    .openapi(days, async (c) => {
      const { from, to, limit, cursor = null } = c.req.valid('query');
      if (from > to) throw invalid([{ path: 'from', message: 'Must not be after `to`' }]);
      const { data, next } = await deps.accounts.days(c.get('user').id, { from, to }, { limit, cursor });
      return c.json({ data: data.map(dayJson), next_cursor: next }, 200);
    });

/** The id is the same whenever it is asked for: its key counts once for its user. */
function topUpJson(userId: string, { key, day, at, amount, spread }: TopUp) {
  const paid = key.startsWith(PAYMENT);
  return {
    id: `tup_${createHash('sha256').update(`${userId}\n${key}`).digest('hex').slice(0, 32)}`,
    date: day,
    amount_microdollars: render.money(amount),
    spread,
    source: paid ? ('payment' as const) : ('request' as const),
    reference: paid ? key.slice(PAYMENT.length) : key,
    created_at: iso(at),
  };
}

function dayJson(day: BudgetDay) {
  const { date, allowance, ceiling, spent, held, carriedIn, toppedUp, handedOff } = day;
  const out = carriedIn === null ? null : render.atLeastZero(carriedIn + toppedUp - spent - held);
  return {
    date,
    daily_budget_microdollars: render.money(allowance),
    hard_ceiling_microdollars: render.money(ceiling),
    spent_microdollars: render.money(spent),
    held_microdollars: render.money(held),
    handed_off_microdollars: handedOff === null ? null : render.money(handedOff),
    remaining_microdollars: render.money(render.atLeastZero(allowance - spent - held)),
    percentage: render.percentage({ spent, allowance }),
    carried_in_microdollars: carriedIn === null ? null : render.money(carriedIn),
    topped_up_microdollars: render.money(toppedUp),
    carried_out_microdollars: out === null ? null : render.money(out),
  };
}
