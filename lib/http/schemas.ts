/** The shapes of the contract that several routes share. Requests are strict: a misspelt limit must not pass for no limit. */

import { z } from '@hono/zod-openapi';
import { EFFORTS, SLEEP_LIMITS } from '../budget/index.ts';
import { ACTIVITIES, STATUSES } from '../core/status.ts';
import { ID } from '../ids.ts';
import { THRESHOLDS } from '../ports/index.ts';
import type { Code } from '../problem.ts';
import { isBlank } from '../text.ts';
import { notifyShown } from './notification-target.ts';
import { problems } from './problems.ts';
import { WaitingJson } from './waiting.ts';
import { WebJson } from './web-access.ts';

/** The longest text that a user may send in one piece: more than this does not fit a model's window. Characters. */
export const MAX_TEXT = 200_000;
const MAX_METADATA = 16_384;

export const money = (description?: string) => z.int().openapi({ format: 'int64', description });
/** Money that a user names: whole microdollars that JSON carries exactly. */
export const moneyIn = (least: 0 | 1) => z.int().min(least);
export const instant = () => z.iso.datetime();
/** A name in a query: printable, so that the database takes it. */
export const nameIn = () =>
  z.string().regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u, 'Must be 1 to 200 characters that can be seen');

/** An instant that somebody names, as milliseconds. */
export const momentIn = () =>
  z.iso
    .datetime({ offset: true, error: 'Must be an instant with its zone, such as 2026-12-01T00:00:00Z' })
    .refine((at) => inYears(Date.parse(at)), 'Must lie between 1970 and 9999')
    .transform((text) => Date.parse(text));
/** A UTC day that somebody names. Postgres has no year 0, and an ISO date no fifth digit; before 1970 nothing here has a date. */
export const dayIn = () =>
  z.iso
    .date('Must be a UTC date such as 2026-12-01')
    .refine((day) => day >= '1970-01-01', 'Must lie between 1970 and 9999');
/**
 * A day that somebody names as a UTC date, or as an instant with its zone, which stands for the UTC day that it lies in: `2026-12-01T01:00:00+02:00`
 * is 2026-11-30. `utcDate` of lib/budget gives the date of both.
 */
export const dayOrInstantIn = () =>
  z.union(
    [
      dayIn(),
      z.iso.datetime({ offset: true }).refine((at) => inYears(Date.parse(at)), 'Must lie between 1970 and 9999'),
    ],
    'Must be a UTC date such as 2026-12-01, or an instant with its zone, between 1970 and 9999',
  );

const inYears = (ms: number): boolean => ms >= 0 && ms < Date.UTC(10_000, 0, 1);

export const text = () =>
  z
    .string()
    .max(MAX_TEXT)
    .refine((value) => !isBlank(value), 'Must not be empty, nor only of characters that nobody sees');

export const Metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= MAX_METADATA, `Must be at most ${MAX_METADATA} characters of JSON`)
  .openapi({ type: 'object', additionalProperties: true, description: "The caller's own; never shown to the model." });

export const SessionJson = z
  .object({
    id: z.string().openapi({ example: 'ses_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
    user_id: z.string(),
    goal: z.string(),
    system: z.string().nullable(),
    agent: z.string(),
    tier: z.string(),
    model: z.string(),
    model_retires_at: instant().nullable().openapi({
      description:
        'The announced end of its model: from then on its ladder serves it, or it pauses until you resume it with the successor.',
    }),
    model_ladder: z.array(z.string()),
    daily_share_percent: z.int().nullable(),
    effort: z.enum(EFFORTS).nullable().openapi({
      description: "As it was asked for; null: the agent's, else the tier's. `agent.thinking` says what each call has.",
    }),
    max_output_tokens: z.int().nullable(),
    tools: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'The only tools of its agent that it may use; null: all of them.' }),
    web: WebJson.nullable().openapi({
      description: 'What it may ask of the web; null: only addresses that others have named.',
    }),
    mcp: z.array(z.string()).nullable().openapi({
      description: 'The MCP servers whose tools it has, by name; null: those of its agent.',
    }),
    memory: z
      .string()
      .nullable()
      .openapi({ description: 'The memory that it shares with your other sessions of it; null: none.' }),
    searches_left_today: z.int().nullable().openapi({
      description: 'Searches of the web that are left of this UTC day; null: no limit but its money.',
    }),
    approvals: z.array(z.string()).nullable().openapi({
      description: 'Tools whose calls you must approve, besides those of which the deployment says so; null: none.',
    }),
    result_schema: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'JSON Schema of its result; null: a text.' }),
    offer_choices: z.boolean(),
    on_end_turn: z.enum(['complete', 'wait']),
    max_iterations: z.int(),
    max_cost_microdollars: money('The most that this session may ever cost; null: no limit of its own.').nullable(),
    status: z.enum(STATUSES),
    step: z.enum(['load', 'think', 'act']).nullable(),
    activity: z
      .object({
        state: z.enum(ACTIVITIES).openapi({
          description:
            '`queued`: due, and taken up in a moment. `late`: due for more than two minutes. `loading`, `thinking`, `acting`: within an iteration. `silent`: its worker is not heard of; another one takes it up from its last save.',
        }),
        since: instant(),
        due_at: instant().nullable(),
        heartbeat_at: instant()
          .nullable()
          .openapi({ description: 'When its worker was last heard of; null: it has none.' }),
        attempts: z
          .int()
          .openapi({ description: 'Times it was taken up since it last got anywhere; the sixth in vain ends it.' }),
        held_microdollars: money('Reserved for its model call under way, at the worst case.'),
      })
      .nullable()
      .openapi({ description: 'What a working session does; null: it does not work.' }),
    iteration_number: z.int(),
    current_phase: z.string().nullable(),
    cost_microdollars: money('What this session has cost so far.'),
    daily_budget_microdollars: money("The user's allowance of today, shared by all sessions."),
    winding_down: z.boolean(),
    wake_at: instant().nullable(),
    sleep_reason: z.string().nullable().openapi({ example: 'allowance' }),
    sleep: z
      .object({
        reason: z.string(),
        wakes_at: instant().nullable(),
        wake_window: z.object({ from: instant(), to: instant() }).nullable().openapi({
          description:
            'In it the session goes on: alarms are of whole minutes, and a lost one is made good in another.',
        }),
        limit: z.enum(SLEEP_LIMITS).nullable().openapi({
          description:
            'For want of money: `cycle`, the cycle has nothing left or is not paid, so it goes on with a renewal or a top-up; `wind_down`, 90 % of the allowance is spent; `next_step`, the next call does not fit in what is available, some of which is kept for the hand-offs of your other sessions; `share`, the day has room for it, but its own share of the day has not.',
        }),
        needed_microdollars: money('What the next call asks for at least; null: no money is wanting.').nullable(),
        available_microdollars: money("Of today's ceiling, neither spent nor held.").nullable(),
        kept_for_hand_offs_microdollars: money(
          'Of what is available, kept so that your sessions that still work today can hand off.',
        ).nullable(),
        top_up_to_wake_microdollars: money(
          'The least top-up for today with which it goes on; null: no money is wanting, or it has a share of its own.',
        ).nullable(),
        resume_cost_microdollars: money(
          "For reading its context anew when it wakes, since the provider's cache has forgotten it by then; null: not known.",
        ).nullable(),
        note: z.string().nullable().openapi({ description: 'What its agent left for its next day.' }),
      })
      .nullable()
      .openapi({ description: 'Why it sleeps, in amounts as they are now; null: it does not sleep.' }),
    question: z.string().nullable(),
    waiting: WaitingJson.nullable().openapi({ description: 'What it waits for, of you; null: it does not.' }),
    result: z.string().nullable(),
    result_json: z.record(z.string(), z.unknown()).nullable().openapi({
      description: 'The result in the shape of `result_schema`; null: it has none, or has not finished by it.',
    }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    outcome: z.string().nullable().openapi({ example: 'completed' }),
    created_at: instant(),
    updated_at: instant(),
    last_checkpoint_at: instant().nullable(),
    completed_at: instant().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  })
  .openapi('Session');

export const BudgetJson = z
  .object({
    date: z.iso.date(),
    daily_budget_microdollars: money('The allowance of this UTC day.'),
    spent_microdollars: money(),
    held_microdollars: money('Reserved for calls of models and paid tools under way, at their worst case.'),
    remaining_microdollars: money('Allowance less spent and held, at least 0.'),
    percentage: z
      .number()
      .nullable()
      .openapi({ description: '100 × spent / allowance, to two digits; null without an allowance.' }),
    graceful_threshold_microdollars: money('From here on agents wind down (90 %).'),
    hard_ceiling_microdollars: money('Never passed (110 %, or what is left of the subscription).'),
    resets_at: instant(),
    subscription: z.object({
      budget_microdollars: money('The plan, what was carried over, and the top-ups of this cycle.'),
      spent_microdollars: money(),
      remaining_microdollars: money(),
      carried_over_microdollars: money('Of the budget: topped up before this cycle, and not used then.'),
      topped_up_left_microdollars: money(
        'Topped up and not used yet. It is used before the plan, and carries over the renewal.',
      ),
      days_left: z.int(),
      renewal_date: z.iso.date().nullable(),
    }),
    alerts: z.array(z.object({ threshold: z.enum(THRESHOLDS), at: instant() })).openapi({
      description: 'Thresholds passed today, oldest first; all of them at `/v1/budget/alerts`.',
    }),
    forecast: z
      .object({
        day_microdollars: money('What this day will end at, at most its hard ceiling.'),
        winds_down_at: instant()
          .nullable()
          .openapi({ description: 'When 90 % of the allowance will be spent; null: not today.' }),
        cycle_microdollars: money(
          'What the subscription will end at on its renewal date; null without one.',
        ).nullable(),
        unused_microdollars: money('What of the subscription will be left by then.').nullable(),
      })
      .openapi({
        description:
          'If spending goes on at its present pace: a guess, on which nothing depends. Where no session works before the day ends, the day ends at what is spent and held.',
      }),
  })
  .openapi('Budget');

export const UserJson = z
  .object({
    id: z.string(),
    tier: z.string(),
    subscription_budget_microdollars: money(),
    subscription_renewal_date: z.iso.date().nullable(),
    wake_policy: z.enum(['auto', 'manual']),
    max_daily_multiple: z.number().nullable(),
    ...notifyShown,
  })
  .openapi('User');

/** A list: `next_cursor` goes into the next request, null at the end. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });
export const SessionList = listOf(SessionJson).openapi('SessionList');

const OF_PAGES = { type: 'integer', minimum: 1, description: 'The most that one page has.' } as const;
export const limitParam = (usual: number, most: number) =>
  z.coerce
    .number()
    .pipe(z.int().min(1).max(most))
    .default(usual)
    .openapi({ ...OF_PAGES, maximum: most, default: usual });

/** Where the next page begins. `most`: characters. */
export const cursorParam = (most = 512) =>
  z
    .string()
    .regex(new RegExp(`^[\\w=-]{1,${most}}$`), 'Must be a `next_cursor`')
    .optional()
    .openapi({ description: 'The `next_cursor` of the page before; absent: the first page.' });

/** The number of a journal entry; 0 is before the first. */
export const sequence = () => z.coerce.number().pipe(z.int().min(0)).openapi({ type: 'integer', minimum: 0 });

/** An id in an address. */
export const idIn = () => z.string().regex(ID);

export const SessionId = z.object({
  id: idIn().openapi({ description: 'The `id` of a session.', example: 'ses_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
});

export const IdempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'Must be 1 to 255 printable ASCII characters')
    .optional()
    .openapi({
      description:
        'A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict.',
    }),
});

export const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } } });
export const body = <T extends z.ZodType>(schema: T) => ({ ...json(schema), required: true });

/** A success response that carries JSON, with the problems beside it. */
export const answers = <S extends 200 | 201 | 202, T extends z.ZodType>(
  status: S,
  schema: T,
  description: string,
  ...codes: Code[]
) => ({ ...problems(...codes), [status]: { ...json(schema), description } }) as Answers<S, T>;

/** Of a route whose answer need not be sent again. The type does not say so, since `conditional` of caching.ts answers and not the handler. */
export const unchanged = <T extends object>(responses: T): T => ({
  ...responses,
  304: { description: 'What `If-None-Match` names still holds.' },
});

type Answers<S extends number, T extends z.ZodType> = {
  [K in S]: { content: { 'application/json': { schema: T } }; description: string };
};
