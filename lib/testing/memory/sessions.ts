/** The worker's side: claim, reserve, settle, save, and what lies beside them. */

import { tokensOf } from '../../budget/usage.ts';
import type { Save, Settlement } from '../../core/effect.ts';
import type { Message, StoredMessage } from '../../core/session.ts';
import { LEASE_MS } from '../../core/times.ts';
import type { Claim, FileChange, MemorySave, Saved, WorkerSessions } from '../../ports/index.ts';
import { FenceLost } from '../../ports/index.ts';
import { askedOf, closeQuestions, putQuestions } from './approvals.ts';
import { dateOf } from './cycle.ts';
import { takeFiles } from './files.ts';
import { memoryOf, sharedOf, swapMemory } from './memories.ts';
import { dayFor, openHolds, resolve, today, userOf } from './money.ts';
import { noteOutage } from './outage.ts';
import { holdTool, reserve, searchesToday, startSearch } from './reserve.ts';
import type { Hold, SessionRow, Store } from './store.ts';
import { callKey, copy, HINT_BACKOFF_MS, isOwned, journal, owned, toldRows, wishesOf } from './store.ts';
import { liveView } from './view.ts';

export function memorySessions(store: Store): WorkerSessions {
  return {
    claim: async (id, invocation) => claim(store, id, invocation),
    reserve: async (id, fence, ask) => copy(reserve(store, id, fence, ask)),
    settle: async (id, fence, settlement) => settle(store, id, fence, settlement),
    save: async (id, fence, save, files, memory) => persist(store, id, fence, save, files, memory),
    async heartbeat(id, fence) {
      const row = owned(store, id, fence);
      row.leaseUntil = store.real + LEASE_MS;
      return wishesOf(row);
    },
    holdTool: async (id, fence, ask) => copy(holdTool(store, id, fence, ask)),
    startSearch: async (id, fence, ask) => copy(startSearch(store, id, fence, ask)),
    async startTool(id, fence, callId) {
      const row = owned(store, id, fence);
      if (row.desired !== 'run') return row.desired;
      const call = row.calls.find((one) => one.id === callId && !one.done);
      if (call) call.startedBy ??= fence;
      return call?.startedBy === fence ? 'run' : 'begun';
    },
    async files(id) {
      const files = [...(store.sessions.get(id)?.files.values() ?? [])];
      return files.flatMap(({ path, content, mode }) => (content ? [copy({ path, content, mode })] : []));
    },
    async memory(id) {
      const { userId, memoryName } = store.sessions.get(id)!;
      return memoryOf(store, userId, memoryName!);
    },
    past: async (id, before) => copy(toldRows(store.sessions.get(id)?.rows ?? []).filter(({ n }) => n < before)),
  };
}

function claim(store: Store, id: string, invocation: string): Claim | { claimed: false; retryInMs: number | null } {
  const row = store.sessions.get(id);
  if (store.stop.stopped || !row || row.state.state === 'ended') return { claimed: false, retryInMs: null };
  if (row.claimedBy === invocation) {
    return isOwned(row) ? claimOf(store, row) : { claimed: false, retryInMs: null };
  }
  const wait = row.due - store.now;
  if (wait > 0) return { claimed: false, retryInMs: Number.isFinite(wait) ? wait : null };
  if (row.leaseUntil > store.real) return { claimed: false, retryInMs: null };
  for (const [key, hold] of openHolds(store, id)) chargeOnDoubt(store, row, key, hold);
  takeFiles(store, row);
  closeQuestions(store, row);
  const date = dateOf(store.now);
  if (row.counted?.date !== date) row.counted = { date, fence: row.fence };
  row.fence += 1;
  row.claimedBy = invocation;
  row.leaseUntil = store.real + LEASE_MS;
  row.hintAt = Number.NEGATIVE_INFINITY;
  row.attempts += 1;
  row.commandSeen = row.commandSeq;
  row.workedOn = today(store, row.userId);
  row.updatedAt = store.now;
  return claimOf(store, row);
}

/** The dead owner's call may have been billed: all of its hold is spent (R7). */
function chargeOnDoubt(store: Store, row: SessionRow, key: string, { amount, iteration, tool }: Hold): void {
  resolve(store, key, { cost: amount, class: 'unknown', model: row.model, usage: null, tools: [] });
  const cost = Number(amount);
  const unknown = { model: row.model, kind: null, cost_microdollars: cost, charge: 'unknown' } as const;
  const data = {
    ...unknown,
    ...tokensOf(null),
    duration_ms: Math.max(0, store.now - (store.holds.get(key)?.at ?? store.now)),
  };
  journal(store, row, [
    ...(tool === undefined ? [{ type: 'agent.model_called', iteration, data } as const] : []),
    { type: 'agent.retrying', iteration, data: { reason: 'outcome_unknown', cost_microdollars: cost } },
  ]);
}

function claimOf(store: Store, row: SessionRow): Claim {
  const {
    id,
    userId,
    goal,
    agent,
    model,
    ladder,
    tier,
    system,
    onEndTurn,
    maxIterations,
    maxCost,
    effort,
    maxOutputTokens,
    tools,
    web,
    approvals = null,
    resultSchema = null,
    offerChoices = false,
    memoryName = null,
    mcp = null,
  } = row;
  const { wakePolicy } = userOf(store, userId);
  return copy({
    fence: row.fence,
    at: store.now,
    attempts: row.attempts,
    iteration: row.iteration,
    cost: row.cost,
    least: row.least,
    facts: {
      id,
      userId,
      goal,
      agent,
      model,
      ladder,
      tier,
      system,
      onEndTurn,
      maxIterations,
      maxCost,
      effort,
      maxOutputTokens,
      tools,
      web,
      approvals,
      resultSchema,
      offerChoices,
      memoryName,
      mcp,
      wakePolicy,
    },
    state: row.state,
    memory: row.memory,
    history: row.rows.filter(({ n }) => n >= compactedTo(row.memory)),
    calls: row.calls
      .filter(({ done }) => !done)
      .map(({ done: _, counted: __, ...call }) => ({ ...call, ...askedOf(row, call.id) })),
    pending: wishesOf(row),
    searches: searchesToday(store, row),
    shared: sharedOf(store, row),
    day: dayFor(store, row),
    claims: { today: row.fence - (row.counted?.fence ?? 0), most: store.claimsPerDay },
  });
}

const compactedTo = (memory: unknown) => (memory as { context?: { from?: number } }).context?.from ?? 1;

function settle(store: Store, id: string, fence: number, settlement: Settlement) {
  const row = store.sessions.get(id);
  const key = callKey(id, fence, settlement.n);
  const mine = row && row.fence === fence && row.savedFence < fence;
  const first = resolve(store, key, {
    cost: settlement.cost ?? store.holds.get(key)?.amount ?? 0n,
    class: settlement.class,
    model: settlement.model,
    usage: settlement.usage,
    tools: settlement.calls.map(({ name }) => name),
  });
  if (!mine) throw new FenceLost(`session ${id} is not owned by fence ${fence}: only the money was settled`);
  if (first) {
    keepReply(store, row, settlement);
    noteOutage(store, row, key, settlement.outage);
  }
  return { day: dayFor(store, row), cost: row.cost, pending: wishesOf(row) };
}

/** From here the reply is never bought again: the session is ready, whatever it was before (R7). */
function keepReply(store: Store, row: SessionRow, settlement: Settlement): void {
  row.rows.push(...numbered(row, settlement.turns));
  row.calls.push(...settlement.calls.map((call) => copy({ ...call, startedBy: null, done: false })));
  row.iteration += settlement.iterated ? 1 : 0;
  row.inboxTaken = Math.max(row.inboxTaken, settlement.inboxTaken);
  if (settlement.filesTold) for (const [path, { taken }] of row.received) if (taken) row.received.delete(path);
  row.memory = copy(settlement.memory);
  row.state = { state: 'ready' };
  row.attempts = 0;
  row.lastCheckpointAt = store.now;
  journal(store, row, settlement.journal);
}

function numbered(row: SessionRow, turns: Message[]): StoredMessage[] {
  return turns.map((turn, i) => copy({ n: row.rows.length + 1 + i, role: turn.role, content: turn.content }));
}

function persist(store: Store, id: string, fence: number, save: Save, files: FileChange[], memory?: MemorySave): Saved {
  const before = store.sessions.get(id);
  if (before?.savedFence !== fence) {
    const mine = owned(store, id, fence);
    if (memory) swapMemory(store, mine, memory);
    commit(store, mine, save, files);
  }
  const row = store.sessions.get(id)!;
  const chain = row.state.state !== 'ended' && row.due <= store.now;
  return { state: row.state.state, due: row.due, chain, view: liveView(store, row) };
}

/** With commands that its claim has not seen the session is not suspended, and its suspension is not journalled (R5). */
function commit(store: Store, row: SessionRow, save: Save, files: FileChange[]): void {
  const nudged = row.commandSeq !== row.commandSeen;
  const suspension = nudged ? null : save.suspension;
  for (const { n, cost } of save.paid) {
    const key = callKey(row.id, row.fence, n);
    const all = store.holds.get(key)?.amount ?? 0n;
    const outcome = { cost: cost ?? all, class: cost === null ? 'unknown' : 'settled' } as const;
    resolve(store, key, { ...outcome, model: row.model, usage: null, tools: [] });
  }
  row.wakeRequested &&= nudged || row.desired === 'pause';
  if (suspension?.to.state === 'waiting' && row.state.state !== 'waiting') row.waitingSince = store.now;
  row.state = copy(suspension?.to ?? { state: 'ready' });
  row.due = nudged ? store.now : (suspension?.due ?? save.due);
  if (row.state.state === 'ended') {
    row.due = Number.POSITIVE_INFINITY;
    row.completedAt = store.now;
  }
  row.memory = copy(suspension?.memory ?? save.memory);
  if (save.turn) {
    row.rows.push(...numbered(row, [{ role: 'user', content: save.turn }]));
    for (const call of row.calls) call.done ||= !save.open?.includes(call.id);
  }
  putQuestions(store, row, save.requests ?? []);
  for (const file of files) row.files.set(file.path, { ...copy(file), updatedAt: store.now });
  row.inboxTaken = Math.max(row.inboxTaken, save.inboxTaken);
  row.savedFence = row.fence;
  row.leaseUntil = Number.NEGATIVE_INFINITY;
  row.hintAt = store.real + HINT_BACKOFF_MS;
  row.attempts = 0;
  row.lastCheckpointAt = store.now;
  journal(store, row, [...save.journal, ...(suspension?.journal ?? [])]);
}
