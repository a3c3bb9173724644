/** A session's row as users see it. What its state means to them is decided in lib/core/status.ts, here it is only fetched. */
import { sql } from 'drizzle-orm';
import { agentCheckpoints, agentSessions, budgetHolds, sessionDays, toolCalls } from '../../../schema/index.ts';
import { shareOf } from '../../budget/rules.ts';
import { isWoundDown, sleepLimit } from '../../budget/sleep-limit.ts';
import { topUpToWake } from '../../budget/top-up-to-wake.ts';
import type { Memory } from '../../core/memory.ts';
import type { Day, StoredState } from '../../core/session.ts';
import { activityOf, detailsOf, type Status, shortOf, stepOf, waitingOf } from '../../core/status.ts';
import { LEASE_MS } from '../../core/times.ts';
import type { SessionView } from '../../ports/index.ts';
import { type DayJson, dayOf, fromInstant } from './json.ts';
import { type PendingJson, pendingColumn, pendingOf } from './pending-approvals.ts';

const { dueAt, sleepUntil, sleepReason, question, waitingFor, choices, outcome, result, resultJson } = agentSessions;
const { errorCode, errorMessage } = agentSessions;
const stateColumns = {
  state: agentSessions.state,
  sleepUntil,
  sleepReason,
  question,
  waitingFor,
  choices,
  outcome,
  result,
  resultJson,
  errorCode,
  errorMessage,
};

/** The last day on which a session worked, and what it spent and holds of that day's money. */
type OwnDay = { date: string; spent: string; held: string };

/**
 * What `viewOf` needs, of `agent_sessions` joined with `agent_checkpoints`. The day is asked for once per query, not per row, and is
 * frozen by the first question after midnight. `inList`: of long arguments that wait for approval only the beginning is read.
 */
export const viewColumns = (userId: string, { inList } = { inList: false }) => ({
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
  tools: agentSessions.tools,
  web: agentSessions.web,
  mcp: agentSessions.mcp,
  searches: sql<number>`searches_today(${agentSessions})`,
  approvals: agentSessions.approvals,
  resultSchema: agentSessions.resultSchema,
  offerChoices: agentSessions.offerChoices,
  waitingSince: agentSessions.waitingSince,
  asked: pendingColumn(inList),
  memoryName: agentSessions.memoryName,
  metadata: agentSessions.metadata,
  desired: agentSessions.desired,
  dueAt,
  fence: agentSessions.fence,
  savedFence: agentSessions.savedFence,
  iterationNumber: agentSessions.iteration,
  cost: agentSessions.costMicrodollars,
  needed: agentSessions.leastMicrodollars,
  currentPhase: agentCheckpoints.currentPhase,
  windDown: sql<Memory['windDown']>`${agentCheckpoints.agentState} -> 'windDown'`,
  createdAt: agentSessions.createdAt,
  updatedAt: agentSessions.updatedAt,
  lastCheckpointAt: agentSessions.lastCheckpointAt,
  completedAt: agentSessions.completedAt,
  attempts: agentSessions.attempts,
  // A lease is of real time; what is shown is of the clock that all other instants are of.
  heartbeatAt: sql<
    string | null
  >`${agentSessions.leaseUntil} - make_interval(secs => ${LEASE_MS / 1_000}) + (select shift from app_clock)`,
  hold: sql<{
    amount: string;
    at: string | null;
  } | null>`(select json_build_object('amount', sum(h.amount)::text, 'at', max(h.at) filter (where h.kind = 'call')) from ${budgetHolds} h
    where h.session_id = ${agentSessions.id} and h.class = 'held' having count(*) > 0)`,
  calling: sql<boolean>`exists (select from ${toolCalls} c where c.session_id = ${agentSessions.id} and c.done_at is null)`,
  handOff: sql<string | null>`${agentCheckpoints.agentState} ->> 'handOff'`,
  contextTokens: sql<number | null>`(${agentCheckpoints.agentState} #>> '{counted,tokens}')::int`,
  keptForHandOffs: sql<
    string | null
  >`case when ${agentSessions.state} = 'sleeping' and ${agentSessions.sleepReason} = 'allowance'
    then (select kept_for_hand_offs(${userId}))::text end`,
  ownDay: sql<OwnDay | null>`case when ${agentSessions.dailySharePercent} is not null
    then (select json_build_object('date', o.day, 'spent', o.spent::text, 'held', o.held::text) from ${sessionDays} o where o.session_id = ${agentSessions.id}) end`,
  day: sql<DayJson>`(select today(${userId}))`,
  now: sql<string>`(select app_now())`,
});

/** As statusOf of the core decides it, for filters and counts. */
export const statusColumn = sql<Status>`case when ${agentSessions.state} = 'ended'
    then case when ${agentSessions.outcome} in ('completed', 'cancelled') then ${agentSessions.outcome} else 'failed' end
  when ${agentSessions.desired} = 'cancel' then 'cancelled'
  when ${agentSessions.desired} = 'pause' then 'paused'
  when ${agentSessions.state} = 'ready' or ${agentSessions.dueAt} <= (select app_now()) then 'working'
  when ${agentSessions.state} = 'exceeded' then 'budget_exceeded'
  when ${agentSessions.state} = 'waiting' then 'waiting_for_input'
  else ${agentSessions.state} end`;

type Column<T> = T extends { _: { data: infer D; notNull: infer N } } ? (N extends true ? D : D | null) : never;
type StateRow = { [K in keyof typeof stateColumns]: Column<(typeof stateColumns)[K]> };
type Fetched = Omit<
  SessionView,
  | 'status'
  | 'step'
  | 'activity'
  | 'keptForHandOffs'
  | 'sleepLimit'
  | 'topUpToWake'
  | 'fellShort'
  | 'dailyBudget'
  | 'available'
  | 'pastThreshold'
  | 'windingDown'
  | 'waiting'
  | keyof ReturnType<typeof detailsOf>
>;
export type ViewRow = StateRow &
  Fetched & {
    desired: 'run' | 'pause' | 'cancel';
    dueAt: number | null;
    fence: number;
    savedFence: number;
    windDown: Memory['windDown'];
    keptForHandOffs: string | null;
    ownDay: OwnDay | null;
    attempts: number;
    heartbeatAt: string | null;
    hold: { amount: string; at: string | null } | null;
    calling: boolean;
    waitingSince: number;
    asked: PendingJson[] | null;
    day: DayJson;
    now: string;
  };

export function viewOf(row: ViewRow): SessionView {
  const { id, userId, goal, agent, tier, model, ladder, share, iterationNumber, currentPhase, cost, metadata } = row;
  const { effort, maxOutputTokens, tools, web, mcp, memoryName, searches, system, onEndTurn, maxIterations } = row;
  const { createdAt, updatedAt, lastCheckpointAt, completedAt, fence, savedFence, attempts, calling } = row;
  const { approvals, resultSchema, offerChoices, maxCost } = row;
  const state = stateFrom(row);
  const due = row.dueAt ?? Number.POSITIVE_INFINITY;
  const now = fromInstant(row.now);
  const owned = fence > savedFence;
  const hold = row.hold && {
    amount: BigInt(row.hold.amount),
    at: row.hold.at === null ? null : fromInstant(row.hold.at),
  };
  const heartbeatAt = row.heartbeatAt === null ? null : fromInstant(row.heartbeatAt);
  const standing = { state, desired: row.desired, due, now };
  const details = detailsOf(standing);
  const day = dayOf(row.day);
  const { date, allowance, ceiling, spent, held } = day;
  const wantsMoney = details.sleepReason === 'allowance';
  const kept = wantsMoney ? BigInt(row.keptForHandOffs ?? 0) : 0n;
  const { fellShort, needed } = shortOf(row.windDown, { date, ceiling }, row.needed);
  const own = withShare(day, row);
  const atThreshold = isWoundDown(own);
  return {
    ...{ id, userId, goal, agent, tier, model, ladder, share, iterationNumber, currentPhase, cost, metadata },
    ...{ createdAt, updatedAt, lastCheckpointAt, completedAt, effort, maxOutputTokens, tools, web, mcp, searches },
    ...{ system, onEndTurn, maxIterations, maxCost, needed, approvals, resultSchema, offerChoices, memoryName },
    ...details,
    waiting: waitingOf(standing, row.waitingSince, (row.asked ?? []).map(pendingOf)),
    step: stepOf({ status: details.status, owned, holding: hold !== null && hold.at !== null, calling }),
    activity: activityOf(details.status, {
      owned,
      due,
      now,
      updatedAt,
      movedAt: lastCheckpointAt,
      heartbeatAt,
      attempts,
      hold,
      calling,
    }),
    dailyBudget: allowance,
    available: ceiling > spent + held ? ceiling - spent - held : 0n,
    pastThreshold: atThreshold,
    fellShort,
    keptForHandOffs: kept,
    sleepLimit: wantsMoney ? sleepLimit({ ...own, kept, needed }) : null,
    topUpToWake:
      wantsMoney && row.share === null
        ? topUpToWake({ allowance, ceiling, spent, held, kept, needed, fellShort })
        : null,
    ...{ handOff: row.handOff, contextTokens: row.contextTokens },
    windingDown: details.status === 'working' && (atThreshold || row.windDown?.day === date),
  };
}

function withShare(day: Day, { share: percent, ownDay }: ViewRow): Day {
  if (percent === null) return day;
  const { spent, held } = ownDay?.date === day.date ? ownDay : { spent: 0, held: 0 };
  const part = { allowance: shareOf(day.allowance, percent), ceiling: shareOf(day.ceiling, percent) };
  return { ...day, share: { ...part, spent: BigInt(spent), held: BigInt(held) } };
}

/** The table's checks say which columns a state has; what could only be missing by a broken row is an error here. */
function stateFrom(row: StateRow): StoredState {
  const error = row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' };
  const { state, sleepUntil, sleepReason, question, waitingFor, choices, outcome, result, resultJson } = row;
  if (state === 'sleeping' && sleepUntil !== null && sleepReason)
    return { state, until: sleepUntil, reason: sleepReason };
  if (state === 'exceeded' && sleepUntil !== null) return { state, until: sleepUntil };
  if (state === 'ended' && outcome) return { state, outcome, result, error, ...(resultJson && { resultJson }) };
  if (state === 'waiting') {
    const asks = { ...(choices && { choices }), ...(waitingFor === 'approval' && { kind: waitingFor }) };
    return { state, question, ...asks };
  }
  if (state === 'paused') return { state, error };
  if (state === 'ready') return { state };
  throw new Error(`a session is ${state} without what belongs to that state`);
}
