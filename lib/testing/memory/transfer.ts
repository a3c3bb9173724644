/** Sessions taken out and put in, in memory. */

import type { ToolUseBlock } from '../../core/session.ts';
import type { NewSession, Once, SessionView } from '../../ports/index.ts';
import type { Restored, Snapshot, Transfer } from '../../ports/transfer.ts';
import { copy, find, type SessionRow, type Store, seenFiles, toldRows } from './store.ts';
import { createdOnce, freshRow, isFull } from './user-sessions.ts';

export function memoryTransfer(store: Store): Transfer {
  return {
    async read(userId, id, mostBytes) {
      const row = find(store, userId, id);
      if (!row) return null;
      const files = seenFiles(row).reduce((sum, { content }) => sum + content.length, 0);
      const bytes = files + JSON.stringify([toldRows(row.rows), row.journal]).length;
      return bytes > mostBytes ? { bytes } : copy(snapshotOf(store, row));
    },
    write: async (userId, session, unique, mostLive = null) => write(store, userId, copy(session), unique, mostLive),
  };
}

function factsOf(row: NewSession): NewSession {
  const {
    id,
    goal,
    agent,
    model,
    tier,
    system,
    onEndTurn,
    maxIterations,
    maxCost,
    ladder,
    share,
    metadata,
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
  return {
    id,
    goal,
    agent,
    model,
    tier,
    system,
    onEndTurn,
    maxIterations,
    maxCost,
    ladder,
    share,
    metadata,
    effort,
    maxOutputTokens,
    tools,
    web,
    approvals,
    resultSchema,
    offerChoices,
    memoryName,
    mcp,
  };
}

function snapshotOf(store: Store, row: SessionRow): Snapshot {
  const places = new Map(
    row.rows.flatMap(({ n, content }) => {
      const uses = content.filter((block): block is ToolUseBlock => block.type === 'tool_use');
      return uses.map((block, i) => [block.id, { messageN: n, position: i + 1 }]);
    }),
  );
  return {
    at: store.now,
    facts: { ...factsOf(row), createdAt: row.createdAt },
    ...{ state: row.state, desired: row.desired, iteration: row.iteration, cost: row.cost, memory: row.memory },
    rows: toldRows(row.rows).map((one) => ({ ...one, at: row.updatedAt })),
    calls: row.calls.map(({ id, name, startedBy, done }) => ({
      ...{ id, name, started: startedBy !== null, doneAt: done ? row.updatedAt : null },
      ...places.get(id)!,
    })),
    inbox: row.inbox.filter(({ n }) => n > row.inboxTaken).map(({ content }) => ({ at: row.updatedAt, content })),
    received: [...row.received.values()]
      .map(({ path, bytes }) => ({ path, bytes }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
    journal: row.journal,
    files: seenFiles(row),
    ledger: [...store.ledger.values()]
      .filter(({ sessionId, userId }) => sessionId === row.id && userId === row.userId)
      .map(({ day, iteration, model, cost, usage, ...one }) => ({
        ...{ day, iteration, model, cost, usage: usage as Record<string, unknown> | null },
        ...{ at: row.updatedAt, kind: null, class: one.class },
      })),
  };
}

function write(
  store: Store,
  userId: string,
  session: Restored,
  once: Once | null,
  mostLive: number | null,
): SessionView | 'conflict' | 'full' {
  const { rows, calls, inbox, received, journal, files, state, memory, iteration } = session;
  const { now } = store;
  const ended = state.state === 'ended';
  const unique = once && { ...once, key: `import ${once.key}` };
  if (!ended && isFull(store, userId, session.id, unique, mostLive)) return 'full';
  return createdOnce(store, userId, session.id, unique, () => ({
    ...freshRow(store, userId, factsOf(session)),
    ...{ state, memory, iteration, due: Number.POSITIVE_INFINITY, lastCheckpointAt: now },
    completedAt: ended ? now : null,
    rows: rows.map(({ role, content }, i) => ({ n: i + 1, role, content })),
    calls: calls.map(({ id, name, input, started, doneAt }) => ({
      ...{ id, name, input, startedBy: started ? 0 : null, done: doneAt !== null },
    })),
    inbox: inbox.map(({ content }, i) => ({ n: i + 1, content })),
    journal: journal.map((entry, i) => ({ iteration, ...entry, seq: i + 1, at: entry.at ?? now })),
    files: new Map(files.map((file) => [file.path, file])),
    received: new Map(
      received.map((one) => [one.path, { ...one, content: null, mode: 0o644, updatedAt: now, taken: true }]),
    ),
  }));
}
