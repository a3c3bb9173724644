/** Questions about calls, in memory: asked by a save, decided once, by a person or by a claim. And the inbox of a user. */
import type { ApprovalRequest, CallApproval } from '../../core/approval.ts';
import type { LogEntry } from '../../core/events.ts';
import { inputPreview } from '../../core/gate.ts';
import { canonical } from '../../core/hash.ts';
import { hasWordOfPerson } from '../../core/inbox.ts';
import {
  type ApprovalReply,
  type InboxPage,
  type PendingApproval,
  type SessionView,
  UnknownCursor,
  type UserApprovals,
} from '../../ports/index.ts';
import { isOpen, pendingOf } from './pending.ts';
import { type AskedRow, copy, find, journal, nudge, type SessionRow, type Store } from './store.ts';
import { sessionView } from './view.ts';

export function memoryApprovals(store: Store): UserApprovals<SessionView> {
  return {
    async approval(userId, id, callId) {
      const row = find(store, userId, id);
      if (!row) return null;
      const asked = row.asked.get(callId);
      return asked && asked.decision === null && isOpen(row, callId)
        ? copy({ ...pendingOf(asked), schema: asked.schema })
        : 'absent';
    },
    answer: async (userId, id, callId, reply, operation) => answered(store, userId, id, callId, copy(reply), operation),
    inbox: async (userId, page) => inbox(store, userId, page),
  };
}

/** A view in a list: of long arguments the beginning. */
export function inList({ waiting, ...view }: SessionView): SessionView {
  const approvals = (waiting?.approvals ?? []).map((one): PendingApproval => {
    const { input_preview: text } = inputPreview(one.input ?? {}) as { input_preview?: string };
    return text === undefined ? one : { ...one, input: null, inputPreview: text };
  });
  return { ...view, waiting: waiting && { ...waiting, approvals } };
}

/** With a save. The latest question about a call is the one that counts. */
export function putQuestions(store: Store, row: SessionRow, requests: ApprovalRequest[]): void {
  for (const { id, ...request } of copy(requests))
    row.asked.set(id, { callId: id, ...request, askedAt: store.now, decision: null, reason: null });
}

/** With a claim: what nobody decided in time has expired, and a message of a person that waits withdraws the others. */
export function closeQuestions(store: Store, row: SessionRow): void {
  const spoken = hasWordOfPerson({ inbox: row.inbox.filter(({ n }) => n > row.inboxTaken) });
  for (const asked of row.asked.values()) {
    if (asked.decision !== null || !isOpen(row, asked.callId)) continue;
    const decision = asked.expiresAt <= store.now ? 'expired' : spoken ? 'withdrawn' : null;
    if (decision === null) continue;
    asked.decision = decision;
    journal(store, row, [entryOf(asked, { decision })]);
  }
}

export function askedOf(row: SessionRow, id: string): { approval?: CallApproval } {
  const asked = row.asked.get(id);
  if (!asked) return {};
  const { input, edited, toolSha, expiresAt, decision, reason } = asked;
  return { approval: { input, edited, toolSha, expiresAt, decision, reason } };
}

const entryOf = (
  { callId, tool }: AskedRow,
  data: { decision: NonNullable<AskedRow['decision']>; input?: Record<string, unknown>; reason?: string },
): LogEntry => ({ type: 'agent.approval_decided', data: { tool_use_id: callId, name: tool, ...data } });

function answered(store: Store, userId: string, id: string, callId: string, reply: ApprovalReply, operation: string) {
  const row = find(store, userId, id);
  if (!row) return null;
  const key = `${userId} ${id} ${operation}`;
  const fingerprint = `approval ${callId} ${canonical(reply)}`;
  const earlier = store.operations.get(key);
  if (earlier) return earlier.fingerprint === fingerprint ? ({ answered: true } as const) : 'conflict';
  const asked = row.asked.get(callId);
  if (!asked) return row.state.state === 'ended' ? 'ended' : 'absent';
  if (reply.argsSha !== undefined && reply.argsSha !== asked.argsSha) return { changed: 'arguments' } as const;
  if (reply.toolSha !== undefined && reply.toolSha !== asked.toolSha) return { changed: 'tool' } as const;
  if (asked.decision !== null) {
    const same =
      asked.decision === reply.decision &&
      (reply.decision !== 'edit' || canonical(reply.input) === canonical(asked.input));
    return same ? ({ answered: true } as const) : { decided: asked.decision };
  }
  if (row.state.state === 'ended' || row.desired === 'cancel') return 'ended';
  if (!isOpen(row, callId)) return 'absent';
  if (asked.expiresAt <= store.now) return { expired: asked.expiresAt };
  store.operations.set(key, { fingerprint, sessionId: id });
  asked.decision = reply.decision;
  asked.reason = reply.reason ?? null;
  if (reply.decision === 'edit') {
    asked.input = reply.input ?? {};
    asked.edited = true;
  }
  const { decision, input, reason } = reply;
  journal(store, row, [
    entryOf(asked, {
      decision,
      ...(decision === 'edit' && { input: input ?? {} }),
      ...(reason !== undefined && { reason }),
    }),
  ]);
  nudge(store, row);
  return { answered: true } as const;
}

function inbox(store: Store, userId: string, { limit, cursor, order, kind }: InboxPage) {
  const text = cursor === null ? null : Buffer.from(cursor, 'base64url').toString();
  if (text !== null && !/^\d+ \S+$/.test(text)) throw new UnknownCursor();
  const sign = order === 'newest' ? -1 : 1;
  const [since, id] = text?.split(' ') ?? [];
  const compare = (a: { waitingSince: number; id: string }, b: { waitingSince: number; id: string }) =>
    sign * (a.waitingSince - b.waitingSince || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows = [...store.sessions.values()]
    .filter((row) => row.userId === userId && !row.removed)
    .filter((row) => sessionView(store, row).status === 'waiting_for_input')
    .filter((row) => kind === undefined || sessionView(store, row).waiting?.kind === kind)
    .filter((row) => text === null || compare(row, { waitingSince: Number(since), id: id! }) > 0)
    .sort(compare);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const next = last ? Buffer.from(`${last.waitingSince} ${last.id}`).toString('base64url') : null;
  return { data: rows.slice(0, limit).map((row) => inList(sessionView(store, row))), next };
}
