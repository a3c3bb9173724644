/** Views → JSON, field by field as the schemas of the contract name it. */

import {
  forecast,
  getBudgetPercentage,
  gracefulThreshold,
  MOST_MICRODOLLARS,
  type Pace,
  resumeCost,
  retirement,
} from '../budget/index.ts';
import { conversation } from '../core/context.ts';
import { withoutMedia } from '../core/media.ts';
import { preview } from '../core/runtime-messages.ts';
import { searchesLeft } from '../core/searches.ts';
import type { Block, StoredMessage } from '../core/session.ts';
import { CRON_MS } from '../core/times.ts';
import type { BudgetView, JournalRow, KeyView, LiveSession, SessionView, UsageRow, User } from '../ports/index.ts';
import { iso, isoOrNull } from './iso.ts';
import { waitingJson } from './waiting.ts';
import { webJson } from './web-access.ts';

/**
 * Money leaves as a JSON integer, exact up to 2^53 - 1 microdollars, nine billion dollars. No cycle has more; what sums up cycles, or was
 * written before that was a rule, is shown as that.
 */
export const money = (amount: bigint): number => Number(amount < MOST_MICRODOLLARS ? amount : MOST_MICRODOLLARS);
const count = (number: number): number => Math.min(number, Number.MAX_SAFE_INTEGER);

function retiresAt(model: string): string | null {
  const end = retirement(model);
  return end === null ? null : iso(Date.parse(end.at));
}

export const session = (view: SessionView) => ({
  id: view.id,
  user_id: view.userId,
  goal: view.goal,
  system: view.system,
  agent: view.agent,
  tier: view.tier,
  model: view.model,
  model_retires_at: retiresAt(view.model),
  model_ladder: view.ladder,
  daily_share_percent: view.share,
  effort: view.effort,
  max_output_tokens: view.maxOutputTokens,
  tools: view.tools,
  web: view.web && webJson(view.web),
  mcp: view.mcp,
  memory: view.memoryName,
  searches_left_today: searchesLeft(view, view.searches),
  approvals: view.approvals,
  result_schema: view.resultSchema,
  offer_choices: view.offerChoices,
  on_end_turn: view.onEndTurn,
  max_iterations: view.maxIterations,
  max_cost_microdollars: view.maxCost === null ? null : money(view.maxCost),
  status: view.status,
  step: view.step,
  activity: activityOf(view.activity),
  iteration_number: view.iterationNumber,
  current_phase: view.currentPhase,
  cost_microdollars: money(view.cost),
  daily_budget_microdollars: money(view.dailyBudget),
  winding_down: view.windingDown,
  wake_at: isoOrNull(view.wakeAt),
  sleep_reason: view.sleepReason,
  sleep: sleepOf(view),
  question: view.question,
  waiting: waitingJson(view),
  result: view.result,
  result_json: view.resultJson,
  error: view.error,
  outcome: view.outcome,
  created_at: iso(view.createdAt),
  updated_at: iso(view.updatedAt),
  last_checkpoint_at: isoOrNull(view.lastCheckpointAt),
  completed_at: isoOrNull(view.completedAt),
  metadata: view.metadata,
});

const activityOf = (activity: SessionView['activity']) =>
  activity && {
    state: activity.state,
    since: iso(activity.since),
    due_at: isoOrNull(activity.dueAt),
    heartbeat_at: isoOrNull(activity.heartbeatAt),
    attempts: activity.attempts,
    held_microdollars: money(activity.held),
  };

/** Why a session sleeps. The amounts are of now: spending of other sessions and top-ups count. */
function sleepOf(view: SessionView) {
  const { sleepReason: reason, topUpToWake, handOff, wakeAt } = view;
  if (reason === null) return null;
  const short = reason === 'allowance';
  const resumes = resumeCost(view.model, view.contextTokens);
  return {
    reason,
    wakes_at: isoOrNull(wakeAt),
    wake_window: wakeAt === null ? null : { from: iso(wakeAt), to: iso(wakeAt + 2 * CRON_MS) },
    limit: view.sleepLimit,
    needed_microdollars: short ? money(view.needed) : null,
    available_microdollars: short ? money(view.available) : null,
    kept_for_hand_offs_microdollars: short ? money(view.keptForHandOffs) : null,
    top_up_to_wake_microdollars: topUpToWake === null ? null : money(topUpToWake),
    resume_cost_microdollars: resumes === null ? null : money(resumes),
    note: handOff === null ? null : preview(handOff),
  };
}

export const sessionStatus = ({ status, wakeAt, cost, asOf }: LiveSession, { day }: BudgetView) => ({
  status,
  wake_at: isoOrNull(wakeAt),
  cost_microdollars: money(cost),
  budget_pct: percentage(day),
  as_of: iso(asOf),
});

export const budget = ({ now, day, alerts, nextDue, ...subscription }: BudgetView) => ({
  date: day.date,
  daily_budget_microdollars: money(day.allowance),
  spent_microdollars: money(day.spent),
  held_microdollars: money(day.held),
  remaining_microdollars: money(atLeastZero(day.allowance - day.spent - day.held)),
  percentage: percentage(day),
  graceful_threshold_microdollars: money(gracefulThreshold(day.allowance)),
  hard_ceiling_microdollars: money(day.ceiling),
  resets_at: iso(day.resetsAt),
  subscription: {
    budget_microdollars: money(subscription.budget),
    spent_microdollars: money(subscription.spent),
    remaining_microdollars: money(subscription.remaining),
    carried_over_microdollars: money(subscription.carriedOver),
    topped_up_left_microdollars: money(subscription.toppedUpLeft),
    days_left: subscription.daysLeft,
    renewal_date: subscription.renewalDate,
  },
  alerts: alerts.map(({ threshold, at }) => ({ threshold, at: iso(at) })),
  forecast: forecastOf({
    now,
    day,
    works: nextDue !== null && nextDue < day.resetsAt,
    cycle: { start: subscription.cycleStart, ...subscription },
  }),
});

function forecastOf(pace: Pace) {
  const { day, gracefulAt, cycle, unused } = forecast(pace);
  return {
    day_microdollars: money(day),
    winds_down_at: isoOrNull(gracefulAt),
    cycle_microdollars: cycle === null ? null : money(cycle),
    unused_microdollars: unused === null ? null : money(unused),
  };
}

export const user = (user: User) => ({
  id: user.id,
  tier: user.tier,
  subscription_budget_microdollars: money(user.budget),
  subscription_renewal_date: user.renewalDate,
  wake_policy: user.wakePolicy,
  max_daily_multiple: user.maxDailyMultiple,
});

export const key = ({ id, name, prefix, createdAt, lastUsedAt, revokedAt }: KeyView) => ({
  id,
  name,
  prefix,
  created_at: iso(createdAt),
  last_used_at: isoOrNull(lastUsedAt),
  revoked_at: isoOrNull(revokedAt),
});

export const usage = (row: UsageRow) => ({
  key: row.key,
  calls: row.calls,
  cost_microdollars: money(row.cost),
  unknown_microdollars: money(row.unknown),
  input_tokens: count(row.inputTokens),
  cache_write_5m_tokens: count(row.cacheWrite5mTokens),
  cache_write_1h_tokens: count(row.cacheWrite1hTokens),
  cache_read_tokens: count(row.cacheReadTokens),
  output_tokens: count(row.outputTokens),
});

/** The history as the Messages API takes it: adjacent rows of one role are one message. Images and PDFs are told by type and size. */
export const messages = (rows: StoredMessage[]): { role: 'user' | 'assistant' | 'system'; content: Block[] }[] =>
  conversation(
    rows.map(({ role, content }) => ({ role, content: withoutMedia(content) })),
    { system: true, stub: false },
  );

/** A journal row with its own fields beside the five that every one has, which no own field can hide. */
export function event(sessionId: string, row: JournalRow) {
  const common = { seq: row.seq, at: iso(row.at), session_id: sessionId, iteration: row.iteration, type: row.type };
  return { ...common, ...row.data, ...common };
}

export const file = (entry: { path: string; bytes: number; mode: number; updatedAt: number }) => ({
  path: entry.path,
  bytes: entry.bytes,
  mode: entry.mode,
  updated_at: iso(entry.updatedAt),
});

/** To two digits; null without an allowance, of which nothing is a part. */
export const percentage = ({ spent, allowance }: Pick<BudgetView['day'], 'spent' | 'allowance'>): number | null =>
  allowance === 0n
    ? null
    : Math.round(100 * getBudgetPercentage({ spentMicrodollars: spent, dailyBudgetMicrodollars: allowance })) / 100;

export const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
