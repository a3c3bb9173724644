/** What users and viewers see of a row. */
import { isWoundDown, sleepLimit } from '../../budget/sleep-limit.ts';
import { topUpToWake } from '../../budget/top-up-to-wake.ts';
import type { Memory } from '../../core/memory.ts';
import { activityOf, detailsOf, type StatusInput, shortOf, stepOf, waitingOf, wakeAtOf } from '../../core/status.ts';
import { LEASE_MS } from '../../core/times.ts';
import type { LiveView, SessionView } from '../../ports/index.ts';
import { dayFor, dayOf, keptForHandOffs, openHolds } from './money.ts';
import { pendingApprovals } from './pending.ts';
import { searchesToday } from './reserve.ts';
import { copy, isOwned, type SessionRow, type Store } from './store.ts';

const standing = (store: Store, { state, desired, due }: SessionRow): StatusInput => ({
  state,
  desired,
  due,
  now: store.now,
});

const configured = ({ approvals = null, resultSchema = null, offerChoices = false }: SessionRow) => ({
  approvals,
  resultSchema,
  offerChoices,
});

export function sessionView(store: Store, row: SessionRow): SessionView {
  const day = dayOf(store, row.userId);
  const details = detailsOf(standing(store, row));
  const { id, userId, goal, agent, tier, ladder, share, cost, metadata } = row;
  const model = (row.memory as Partial<Memory>).successor ?? row.model;
  const { createdAt, updatedAt, lastCheckpointAt, completedAt, effort, maxOutputTokens, tools, web, mcp = null } = row;
  const { memoryName = null } = row;
  const { system, onEndTurn, maxIterations, maxCost } = row;
  const memory = row.memory as Partial<Memory>;
  const { fellShort, needed } = shortOf(memory.windDown ?? null, day, row.least);
  const own = dayFor(store, row);
  const wantsMoney = details.sleepReason === 'allowance';
  const kept = wantsMoney ? keptForHandOffs(store, userId) : 0n;
  const owned = isOwned(row);
  const calling = row.calls.some(({ done }) => !done);
  const holds = openHolds(store, id).map(([, hold]) => hold);
  const calls = holds.filter(({ tool }) => tool === undefined);
  return copy({
    ...{ id, userId, goal, agent, tier, model, ladder, share, cost, metadata },
    ...{ createdAt, updatedAt, lastCheckpointAt, completedAt, effort, maxOutputTokens, tools, web, mcp, memoryName },
    searches: searchesToday(store, row),
    ...{ system, onEndTurn, maxIterations, maxCost, needed, ...configured(row) },
    ...details,
    waiting: waitingOf(standing(store, row), row.waitingSince, pendingApprovals(row)),
    step: stepOf({ status: details.status, owned, holding: calls.length > 0, calling }),
    activity: activityOf(details.status, {
      ...{ owned, due: row.due, now: store.now, updatedAt, movedAt: lastCheckpointAt, attempts: row.attempts, calling },
      heartbeatAt: Number.isFinite(row.leaseUntil) ? row.leaseUntil - LEASE_MS + store.now - store.real : null,
      hold:
        holds.length === 0
          ? null
          : {
              amount: holds.reduce((sum, { amount }) => sum + amount, 0n),
              at: calls.length === 0 ? null : Math.max(...calls.map(({ at }) => at)),
            },
    }),
    iterationNumber: row.iteration,
    currentPhase: (row.memory as { phase?: string | null }).phase ?? null,
    dailyBudget: day.allowance,
    available: day.ceiling > day.spent + day.held ? day.ceiling - day.spent - day.held : 0n,
    pastThreshold: isWoundDown(own),
    fellShort,
    keptForHandOffs: kept,
    sleepLimit: wantsMoney ? sleepLimit({ ...own, kept, needed }) : null,
    topUpToWake: wantsMoney && share === null ? topUpToWake({ ...day, kept, needed, fellShort }) : null,
    handOff: memory.handOff ?? null,
    contextTokens: memory.counted?.tokens ?? null,
    windingDown:
      details.status === 'working' && (isWoundDown(own) || (row.memory as Partial<Memory>).windDown?.day === day.date),
  });
}

export function liveView(store: Store, row: SessionRow): LiveView {
  const at = standing(store, row);
  return {
    sessionId: row.id,
    userId: row.userId,
    fence: row.fence,
    seq: row.journal.length,
    wakeAt: wakeAtOf(at),
    cost: row.cost,
    due: row.due,
    day: dayOf(store, row.userId),
  };
}
