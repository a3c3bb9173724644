import { sql } from 'drizzle-orm';
import { boolean, check, date, index, integer, json, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import type { Effort } from '../../lib/budget/prices.ts';
import type { Outcome, PendingCommands, ResultJson, SleepReason, StoredState } from '../../lib/core/session.ts';
import type { WebAccess } from '../../lib/web/access.ts';
import { count, id, instant, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * One agent working on one goal for one user: who owns it, when it must next move, and the state that it is in. Only the functions of
 * schema/functions/ write here. Columns that change stand before those that never do: an update then logs only what lies between the first
 * and the last changed byte, however long the goal is.
 *
 * - `fence` grows with every owner; `saved_fence` is the last that has saved, so `fence > saved_fence` means owned.
 * - `due_at` (settable clock): when it must next move. `infinity`: when a user acts. Null: never, it has ended (G7).
 * - `lease_until`, `hint_at` (real time): the owner is given up after the one, the sweep sends no hint before the other.
 * - `command_seq`, `command_seen`: commands so far, and as of the last claim; while they differ the session is not suspended (R5).
 * - `wake_requested`: a user asked to wake the session, and no owner that knew it has saved since.
 * - `seq`, `msg_n`, `inbox_n`: the last number given in the journal, the messages and the inbox; `inbox_taken`: read up to here.
 * - `least_microdollars`: what the last hold asked for at least; less free money wakes nobody.
 * - `wants_microdollars`: it sleeps for want of money, and so much free money moves it.
 * - `daily_share_percent`: the most of each day's allowance that it may use. `model_ladder`: cheaper models that it goes down to.
 * - `look_at` (settable clock): when a sweep next looks at it. A trigger puts it to `due_at` whenever that moves, or a hint or a lease is
 *   taken back; a sweep puts it off until the hint or the lease that it found has run out.
 * - `cleared_at`: its messages, journal and files were given up after `KEEP_ENDED_DAYS`; `stripped`: they are gone.
 * - `tools`: the only tools of its agent that it may use; null: all of them.
 * - `web`: which addresses it may ask, and how often it may search; null: only addresses that others have named, and searches without a limit.
 * - `mcp`: the MCP servers whose tools it has, by name; null: those of its agent.
 * - `memory_name`: the shared memory of its user that it reads and writes; null: none. It never changes.
 * - `searches`: its searches of the web on the UTC day `searches_on`; on a later day it has none.
 * - `effort`, `max_output_tokens`: what was asked for of its replies; null: as its agent, its tier and the deployment have it.
 * - `waiting_for`: what of its user it waits for; `waiting_since` (settable clock): since when, if it waits; `choices`: answers that its question offers.
 * - `approvals`: tools whose calls a person must approve; null: those alone of which the deployment says so.
 * - `result_schema`: JSON Schema of its result; null: a text. `result_json`: the result by it.
 * - `offer_choices`: its questions may offer choices.
 * - `sleep_until`, `sleep_reason`, `question`, `error_…`, `outcome`, `result`: what is true in the state, null in every other.
 */
export const agentSessions = pgTable(
  'agent_sessions',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    createdAt: instant('created_at').notNull(),
    state: text('state').$type<StoredState['state']>().notNull().default('ready'),
    desired: text('desired').$type<PendingCommands['desired']>().notNull().default('run'),
    fence: count('fence').notNull().default(0),
    savedFence: count('saved_fence').notNull().default(0),
    claimedBy: uuid('claimed_by'),
    leaseUntil: instant('lease_until'),
    dueAt: instant('due_at'),
    hintAt: instant('hint_at').notNull(),
    commandSeq: count('command_seq').notNull().default(0),
    commandSeen: count('command_seen').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    iteration: integer('iteration').notNull().default(0),
    seq: count('seq').notNull().default(0),
    msgN: integer('msg_n').notNull().default(0),
    inboxN: integer('inbox_n').notNull().default(0),
    inboxTaken: integer('inbox_taken').notNull().default(0),
    costMicrodollars: money('cost_microdollars').notNull().default(sql`0`),
    leastMicrodollars: money('least_microdollars').notNull().default(sql`0`),
    updatedAt: instant('updated_at').notNull(),
    lastCheckpointAt: instant('last_checkpoint_at'),
    completedAt: instant('completed_at'),
    deletedAt: instant('deleted_at'),
    sleepUntil: instant('sleep_until'),
    sleepReason: text('sleep_reason').$type<SleepReason>(),
    outcome: text('outcome').$type<Outcome>(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    question: text('question'),
    result: text('result'),
    wakeRequested: boolean('wake_requested').notNull().default(false),
    wantsMicrodollars: money('wants_microdollars'),
    lookAt: instant('look_at'),
    clearedAt: instant('cleared_at'),
    stripped: boolean('stripped').notNull().default(false),
    agent: text('agent').notNull(),
    tier: text('tier').notNull(),
    model: text('model').notNull(),
    onEndTurn: text('on_end_turn', { enum: ['complete', 'wait'] }).notNull(),
    maxIterations: integer('max_iterations').notNull(),
    maxCostMicrodollars: money('max_cost_microdollars'),
    metadata: json('metadata').$type<Record<string, unknown>>().notNull(),
    system: text('system'),
    goal: text('goal').notNull(),
    dailySharePercent: integer('daily_share_percent'),
    modelLadder: text('model_ladder').array().notNull().default(sql`'{}'`),
    effort: text('effort').$type<Effort>(),
    maxOutputTokens: integer('max_output_tokens'),
    tools: text('tools').array(),
    web: json('web').$type<WebAccess>(),
    mcp: text('mcp').array(),
    searches: integer('searches').notNull().default(0),
    searchesOn: date('searches_on'),
    waitingFor: text('waiting_for').$type<'question' | 'approval'>(),
    waitingSince: instant('waiting_since').notNull().default(sql`now()`),
    choices: text('choices').array(),
    resultJson: json('result_json').$type<ResultJson>(),
    approvals: text('approvals').array(),
    resultSchema: json('result_schema').$type<Record<string, unknown>>(),
    offerChoices: boolean('offer_choices').notNull().default(false),
    memoryName: text('memory_name'),
  },
  (t) => [
    index('agent_sessions_list').on(t.userId, t.createdAt, t.id),
    index('agent_sessions_due').on(t.dueAt, t.id).where(sql`${t.dueAt} < 'infinity'`),
    index('agent_sessions_wanting').on(t.userId, t.wantsMicrodollars).where(sql`${t.wantsMicrodollars} is not null`),
    index('agent_sessions_look').on(t.lookAt).where(sql`${t.lookAt} < 'infinity'`),
    index('agent_sessions_live').on(t.userId, t.dueAt).where(sql`${t.dueAt} is not null`),
    index('agent_sessions_asleep')
      .on(t.userId, t.sleepUntil)
      .where(sql`${t.state} = 'sleeping' and ${t.sleepReason} = 'allowance'`),
    index('agent_sessions_ended').on(t.completedAt).where(sql`${t.state} = 'ended' and not ${t.stripped}`),
    index('agent_sessions_waiting').on(t.userId, t.waitingSince, t.id).where(sql`${t.state} = 'waiting'`),
    index('agent_sessions_completed').on(t.userId, t.completedAt).where(sql`${t.completedAt} is not null`),
    index('agent_sessions_deleted').on(t.deletedAt).where(sql`${t.deletedAt} is not null`),
    check('state_known', sql`${t.state} in ('ready', 'sleeping', 'waiting', 'paused', 'exceeded', 'ended')`),
    check('desired_known', sql`${t.desired} in ('run', 'pause', 'cancel')`),
    check('on_end_turn_known', sql`${t.onEndTurn} in ('complete', 'wait')`),
    check('due_until_ended', sql`(${t.state} = 'ended') = (${t.dueAt} is null)`),
    check('ended_with_outcome', sql`(${t.state} = 'ended') = (${t.outcome} is not null)`),
    check('sleeping_with_reason', sql`(${t.state} = 'sleeping') = (${t.sleepReason} is not null)`),
    check('sleep_has_an_end', sql`(${t.state} in ('sleeping', 'exceeded')) = (${t.sleepUntil} is not null)`),
    check('saved_by_an_owner', sql`${t.savedFence} <= ${t.fence}`),
    check('read_what_was_written', sql`${t.inboxTaken} <= ${t.inboxN}`),
    check('share_is_a_part', sql`${t.dailySharePercent} between 1 and 100`),
    check('cost_not_negative', sql`${t.costMicrodollars} >= 0`),
  ],
);
