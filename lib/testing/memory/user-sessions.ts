/** The user's side of the sessions, scoped by the user. */
import { canonical } from '../../core/hash.ts';
import { tooMuchWaits } from '../../core/inbox.ts';
import { STATUSES, type Status } from '../../core/status.ts';
import { isGitState } from '../../core/workspace.ts';
import {
  FILE_PAGE,
  MESSAGE_PAGE,
  type NewSession,
  type Once,
  type SessionChange,
  type SessionCommand,
  type SessionFilter,
  type SessionView,
  UnknownCursor,
  type UserSessions,
} from '../../ports/index.ts';
import { memoryAllEvents } from './all-events.ts';
import { inList, memoryApprovals } from './approvals.ts';
import { attached, receive, writtenFile, writtenFiles } from './files.ts';
import { userOf } from './money.ts';
import { copy, find, journal, nudge, type SessionRow, type Store, seenFiles, toldRows } from './store.ts';
import { sessionView } from './view.ts';

export function memoryDesk(store: Store): UserSessions {
  return {
    create: async (userId, session, once, mostLive = null) => create(store, userId, session, once, mostLive),
    async earlier(userId, { key, fingerprint }) {
      const made = store.operations.get(`${userId} create ${key}`);
      if (!made) return null;
      return made.sessionId === null || made.fingerprint !== fingerprint ? 'conflict' : { id: made.sessionId };
    },
    ...memoryApprovals(store),
    async get(userId, id) {
      const row = find(store, userId, id);
      return row && sessionView(store, row);
    },
    async list(userId, { limit, cursor }, filter = {}) {
      const before = cursor === null ? Number.POSITIVE_INFINITY : Number(Buffer.from(cursor, 'base64url').toString());
      if (cursor !== null && !/^\d+$/.test(Buffer.from(cursor, 'base64url').toString())) throw new UnknownCursor();
      const rows = [...store.sessions.values()]
        .filter((row) => row.userId === userId && !row.removed && row.order < before && isWanted(store, row, filter))
        .sort((a, b) => b.order - a.order);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last ? Buffer.from(String(last.order)).toString('base64url') : null;
      return { data: rows.slice(0, limit).map((row) => inList(sessionView(store, row))), next };
    },
    async counts(userId) {
      const rows = [...store.sessions.values()].filter((row) => row.userId === userId && !row.removed);
      const all = rows.map((row) => sessionView(store, row).status);
      const each = STATUSES.map((status) => [status, all.filter((one) => one === status).length]);
      return Object.fromEntries(each) as Record<Status, number>;
    },
    change: async (userId, id, change, operation) => changed(store, userId, id, change, operation),
    async messages(userId, id, { after, limit, bytes } = MESSAGE_PAGE) {
      const row = find(store, userId, id);
      if (!row) return null;
      const rows = toldRows(row.rows).filter(({ n }) => n > after);
      let size = 0;
      const fitting = rows.findIndex((row, i) => {
        size += Buffer.byteLength(JSON.stringify(row.content));
        return i > 0 && (i >= limit || size > bytes);
      });
      const most = fitting < 0 ? rows.length : fitting;
      let end = most;
      while (end < rows.length && end > 0 && rows[end - 1]!.role === rows[end]!.role) end--;
      const data = rows.slice(0, end || most);
      return copy({ data, next: data.length < rows.length ? data.at(-1)!.n : null });
    },
    allEvents: async (userId, place, limit) => memoryAllEvents(store, userId, place, limit),
    async lastSeq(userId, id) {
      return find(store, userId, id)?.journal.at(-1)?.seq ?? null;
    },
    async events(userId, id, { after, limit }) {
      const journal = find(store, userId, id)?.journal;
      return copy(journal?.filter(({ seq }) => seq > after).slice(0, limit) ?? null);
    },
    async fileList(userId, id, { after, limit } = FILE_PAGE) {
      const row = find(store, userId, id);
      if (!row) return null;
      const found = listedFiles(row)
        .map(({ content, ...file }) => ({ ...file, bytes: content.byteLength }))
        .filter(({ path }) => Buffer.compare(Buffer.from(path), Buffer.from(after)) > 0);
      return { data: found.slice(0, limit), next: found.length > limit ? found[limit - 1]!.path : null };
    },
    async file(userId, id, path) {
      const row = find(store, userId, id);
      return copy((row && seenFiles(row).find((file) => file.path === path)?.content) ?? null);
    },
    async fileContents(userId, id, { after, bytes }) {
      const row = find(store, userId, id);
      if (!row) return null;
      const all = listedFiles(row).filter(({ path }) => Buffer.compare(Buffer.from(path), Buffer.from(after)) > 0);
      let size = 0;
      const data = all.filter(({ content }, i) => {
        size += content.length;
        return i === 0 || size <= bytes;
      });
      return copy({ data, next: data.length < all.length ? data.at(-1)!.path : null });
    },
    writeFile: async (userId, id, write, operation) => {
      const row = find(store, userId, id);
      return row && writtenFile(store, row, write, operation);
    },
    writeFiles: async (userId, id, files, operation) => {
      const row = find(store, userId, id);
      return row && writtenFiles(store, row, copy(files), operation);
    },
    command: async (userId, id, wish, operation) => wished(store, userId, id, wish, operation),
    async remove(userId, id) {
      const row = find(store, userId, id);
      if (!row) return false;
      row.removed = true;
      row.desired = 'cancel';
      if (row.state.state !== 'ended') nudge(store, row);
      return true;
    },
  };
}

/** What git keeps is not shown. */
const listedFiles = (row: SessionRow) => seenFiles(row).filter(({ path }) => !isGitState(path));

function isWanted(store: Store, row: SessionRow, filter: SessionFilter): boolean {
  const { statuses, agent, createdAfter, createdBefore, metadata = {} } = filter;
  return (
    (statuses?.includes(sessionView(store, row).status) ?? true) &&
    (agent ?? row.agent) === row.agent &&
    row.createdAt > (createdAfter ?? Number.NEGATIVE_INFINITY) &&
    row.createdAt < (createdBefore ?? Number.POSITIVE_INFINITY) &&
    Object.entries(metadata).every(([name, value]) => row.metadata[name] === value)
  );
}

/** Recorded once per operation, as a command is. */
function changed(store: Store, userId: string, id: string, change: SessionChange, operation: string) {
  const row = find(store, userId, id);
  if (!row) return null;
  const key = `${userId} ${id} ${operation}`;
  const fingerprint = `change ${plain(change)}`;
  const earlier = store.operations.get(key);
  if (earlier && earlier.fingerprint !== fingerprint) return 'conflict';
  const ended = row.state.state === 'ended' && Object.keys(change).some((name) => name !== 'metadata');
  if (earlier || ended) return { view: sessionView(store, row), ended: ended && !earlier };
  store.operations.set(key, { fingerprint, sessionId: id });
  const news = Object.entries(change).filter(
    ([name, value]) => plain(value) !== plain(row[name as keyof SessionChange]),
  );
  if (news.length > 0) {
    Object.assign(row, copy(Object.fromEntries(news)));
    row.commandSeq += 1;
    const data = Object.fromEntries(
      news.map(([name, value]) => [TOLD[name as keyof SessionChange], toldAs(name, value)]),
    );
    journal(store, row, [{ type: 'agent.settings_changed', data }]);
  }
  return { view: sessionView(store, row), ended: false };
}

const plain = (value: unknown): string =>
  canonical(JSON.parse(JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? `${field}n` : field))));

const TOLD: Record<keyof SessionChange, string> = {
  maxIterations: 'max_iterations',
  maxCost: 'max_cost_microdollars',
  ladder: 'model_ladder',
  share: 'daily_share_percent',
  effort: 'effort',
  maxOutputTokens: 'max_output_tokens',
  web: 'web',
  metadata: 'metadata',
};

function toldAs(name: string, value: unknown): unknown {
  if (name === 'metadata' || name === 'web') return 'changed';
  return typeof value === 'bigint' ? Number(value) : value;
}

function create(
  store: Store,
  userId: string,
  session: NewSession,
  once: Once | null,
  mostLive: number | null,
): SessionView | 'conflict' | 'full' {
  const unique = once && { ...once, key: `create ${once.key}` };
  if (isFull(store, userId, session.id, unique, mostLive)) return 'full';
  return createdOnce(store, userId, session.id, unique, () => {
    const { agent, model, tier, goal } = session;
    const row = freshRow(store, userId, session);
    row.rows.push({ n: 1, role: 'user', content: [{ type: 'text', text: goal }] });
    journal(store, row, [{ type: 'agent.started', data: { agent, model, tier } }]);
    for (const file of session.firstFiles ?? []) receive(store, row, { ...copy(file), mode: 0o644 });
    return row;
  });
}

/** Has the user as many sessions as he may, so that a new one is one too many? */
export function isFull(store: Store, userId: string, id: string, once: Once | null, mostLive: number | null): boolean {
  const known = store.sessions.has(id) || (once && store.operations.has(`${userId} ${once.key}`));
  const live = [...store.sessions.values()].filter(
    (row) => row.userId === userId && row.state.state !== 'ended' && !row.removed,
  );
  return !known && mostLive !== null && live.length >= mostLive;
}

/** The session that `once` or `id` stands for, made now if there is none. */
export function createdOnce(
  store: Store,
  userId: string,
  id: string,
  once: Once | null,
  make: () => SessionRow,
): SessionView | 'conflict' {
  userOf(store, userId);
  const key = once && `${userId} ${once.key}`;
  const earlier = key ? store.operations.get(key) : undefined;
  if (earlier && earlier.fingerprint !== once?.fingerprint) return 'conflict';
  const row = store.sessions.get(earlier?.sessionId ?? id) ?? (earlier ? null : make());
  if (!row) return 'conflict';
  store.sessions.set(row.id, row);
  if (key && !earlier) store.operations.set(key, { fingerprint: once.fingerprint, sessionId: row.id });
  return sessionView(store, row);
}

/** A new session without a word in it. */
export function freshRow(store: Store, userId: string, session: NewSession): SessionRow {
  return {
    ...copy(session),
    ...{ userId, order: store.sessions.size, state: { state: 'ready' }, desired: 'run', memory: {} },
    ...{
      fence: 0,
      savedFence: 0,
      claimedBy: null,
      attempts: 0,
      iteration: 0,
      cost: 0n,
      least: 0n,
      workedOn: null,
      searched: null,
      commandSeq: 0,
      commandSeen: 0,
      wakeRequested: false,
    },
    ...{ leaseUntil: Number.NEGATIVE_INFINITY, hintAt: Number.NEGATIVE_INFINITY, due: store.now },
    ...{
      rows: [],
      calls: [],
      files: new Map(),
      received: new Map(),
      asked: new Map(),
      waitingSince: store.now,
      inbox: [],
      inboxTaken: 0,
      journal: [],
      removed: false,
    },
    ...{ createdAt: store.now, updatedAt: store.now, lastCheckpointAt: null, completedAt: null },
  };
}

/** A command is recorded once per operation; one that came too late is not recorded at all. */
function wished(store: Store, userId: string, id: string, wish: SessionCommand, operation: string) {
  const row = find(store, userId, id);
  if (!row) return null;
  const key = `${userId} ${id} ${operation}`;
  const fingerprint = JSON.stringify(wish, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  const earlier = store.operations.get(key);
  if (earlier && earlier.fingerprint !== fingerprint) return 'conflict';
  if (earlier) return { view: sessionView(store, row), ended: false };
  if (row.state.state === 'ended') return { view: sessionView(store, row), ended: true };
  const waiting = row.inbox.filter(({ n }) => n > row.inboxTaken);
  if (wish.type === 'message' && tooMuchWaits([...waiting, wish])) return 'full';
  const refusal = wish.type === 'message' && wish.files ? attached(store, row, wish.files) : null;
  if (refusal) return refusal;
  store.operations.set(key, { fingerprint, sessionId: id });
  if (wish.type === 'message') {
    row.inbox.push({ n: row.inbox.length + 1, content: wish.content });
    journal(store, row, [{ type: 'agent.message_received', data: { content: wish.content } }]);
  }
  const desired = { pause: 'pause', resume: 'run', cancel: 'cancel', message: null, wake: null } as const;
  if (row.desired !== 'cancel') row.desired = desired[wish.type] ?? row.desired;
  if (wish.type === 'wake' || wish.type === 'pause') row.wakeRequested = wish.type === 'wake';
  nudge(store, row);
  return { view: sessionView(store, row), ended: false };
}
