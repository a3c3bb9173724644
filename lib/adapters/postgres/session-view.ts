/** A session's row as users see it. What its state means to them is decided in lib/core/status.ts, here it is only fetched. */
import { sql } from 'drizzle-orm';
import { agentCheckpoints, agentSessions, budgetHolds, toolCalls } from '../../../schema/index.ts';
import { isAtGracefulThreshold } from '../../budget/allowance.ts';
import type { StoredState } from '../../core/session.ts';
import { detailsOf, stepOf } from '../../core/status.ts';
import type { SessionView } from '../../ports/index.ts';
import { type DayJson, dayOf, fromInstant } from './json.ts';

const { dueAt, sleepUntil, sleepReason, question, outcome, result, errorCode, errorMessage } = agentSessions;
const stateColumns = {
  state: agentSessions.state,
  sleepUntil,
  sleepReason,
  question,
  outcome,
  result,
  errorCode,
  errorMessage,
};

/**
 * What `viewOf` needs, of `agent_sessions` joined with `agent_checkpoints`. The day is asked for once per query, not per row, and is
 * frozen by the first question after midnight.
 */
export const viewColumns = (userId: string) => ({
  ...stateColumns,
  id: agentSessions.id,
  userId: agentSessions.userId,
  goal: agentSessions.goal,
  system: agentSessions.system,
  onEndTurn: agentSessions.onEndTurn,
  maxIterations: agentSessions.maxIterations,
  maxCost: agentSessions.maxCostMicrodollars,
  agent: agentSessions.agent,
  tier: agentSessions.tier,
  model: sql<string>`coalesce(${agentCheckpoints.agentState} ->> 'successor', ${agentSessions.model})`,
  ladder: agentSessions.modelLadder,
  share: agentSessions.dailySharePercent,
  effort: agentSessions.effort,
  maxOutputTokens: agentSessions.maxOutputTokens,
  metadata: agentSessions.metadata,
  desired: agentSessions.desired,
  dueAt,
  fence: agentSessions.fence,
  savedFence: agentSessions.savedFence,
  iterationNumber: agentSessions.iteration,
  cost: agentSessions.costMicrodollars,
  needed: agentSessions.leastMicrodollars,
  currentPhase: agentCheckpoints.currentPhase,
  windDownDay: sql<string | null>`${agentCheckpoints.agentState} #>> '{windDown,day}'`,
  createdAt: agentSessions.createdAt,
  updatedAt: agentSessions.updatedAt,
  lastCheckpointAt: agentSessions.lastCheckpointAt,
  completedAt: agentSessions.completedAt,
  holding: sql<boolean>`exists (select from ${budgetHolds} h where h.session_id = ${agentSessions.id} and h.class = 'held')`,
  calling: sql<boolean>`exists (select from ${toolCalls} c where c.session_id = ${agentSessions.id} and c.done_at is null)`,
  day: sql<DayJson>`(select today(${userId}))`,
  now: sql<string>`(select app_now())`,
});

type Column<T> = T extends { _: { data: infer D; notNull: infer N } } ? (N extends true ? D : D | null) : never;
type StateRow = { [K in keyof typeof stateColumns]: Column<(typeof stateColumns)[K]> };
type Fetched = Omit<
  SessionView,
  'status' | 'step' | 'dailyBudget' | 'available' | 'pastThreshold' | 'windingDown' | keyof ReturnType<typeof detailsOf>
>;
export type ViewRow = StateRow &
  Fetched & {
    desired: 'run' | 'pause' | 'cancel';
    dueAt: number | null;
    fence: number;
    savedFence: number;
    windDownDay: string | null;
    holding: boolean;
    calling: boolean;
    day: DayJson;
    now: string;
  };

export function viewOf(row: ViewRow): SessionView {
  const { id, userId, goal, agent, tier, model, ladder, share, iterationNumber, currentPhase, cost, metadata } = row;
  const { effort, maxOutputTokens, system, onEndTurn, maxIterations, maxCost, needed } = row;
  const { createdAt, updatedAt, lastCheckpointAt, completedAt, fence, savedFence, holding, calling } = row;
  const state = stateFrom(row);
  const due = row.dueAt ?? Number.POSITIVE_INFINITY;
  const details = detailsOf({ state, desired: row.desired, due, now: fromInstant(row.now) });
  const { date, allowance, ceiling, spent, held } = dayOf(row.day);
  const atThreshold = isAtGracefulThreshold({ spentMicrodollars: spent, dailyBudgetMicrodollars: allowance });
  return {
    ...{ id, userId, goal, agent, tier, model, ladder, share, iterationNumber, currentPhase, cost, metadata },
    ...{ createdAt, updatedAt, lastCheckpointAt, completedAt, effort, maxOutputTokens },
    ...{ system, onEndTurn, maxIterations, maxCost, needed },
    ...details,
    step: stepOf({ status: details.status, owned: fence > savedFence, holding, calling }),
    dailyBudget: allowance,
    available: ceiling > spent + held ? ceiling - spent - held : 0n,
    pastThreshold: atThreshold,
    windingDown: details.status === 'working' && (atThreshold || row.windDownDay === date),
  };
}

/** The table's checks say which columns a state has; what could only be missing by a broken row is an error here. */
function stateFrom(row: StateRow): StoredState {
  const error = row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' };
  const { state, sleepUntil, sleepReason, question, outcome, result } = row;
  if (state === 'sleeping' && sleepUntil !== null && sleepReason)
    return { state, until: sleepUntil, reason: sleepReason };
  if (state === 'exceeded' && sleepUntil !== null) return { state, until: sleepUntil };
  if (state === 'ended' && outcome) return { state, outcome, result, error };
  if (state === 'waiting') return { state, question };
  if (state === 'paused') return { state, error };
  if (state === 'ready') return { state };
  throw new Error(`a session is ${state} without what belongs to that state`);
}
