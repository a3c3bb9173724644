/**
 * The in-memory world's one shared state, and what every port does with it. It keeps the words and the rules of the SQL protocol
 * (docs/invariants.md) in their plainest form: every method runs to its end without a pause, so that "one transaction" is one function call.
 */

import { createHash } from 'node:crypto';
import type { LogEntry } from '../../core/events.ts';
import type { RefusedBy } from '../../core/input.ts';
import { unloaded } from '../../core/media.ts';
import type { Day, PendingCommands, ReceivedFiles, StoredMessage } from '../../core/session.ts';
import type { UnitPrice } from '../../payments/paid-invoices.ts';
import type { BudgetAlert, EmergencyStop } from '../../ports/index.ts';
import { FenceLost } from '../../ports/index.ts';
import { noticeOf } from './notice-of.ts';
import type {
  DayRow,
  Hold,
  KeyRow,
  LedgerRow,
  MemoryRow,
  Outage,
  RunRow,
  ScheduleRow,
  SessionRow,
  StoredFile,
  TopUpRow,
  TriggerRow,
  UserRow,
} from './rows.ts';
import type { StripeRow } from './stripe-rows.ts';
import type { DeliveryRow, WebhookRow } from './webhook-rows.ts';

export const HINT_BACKOFF_MS = 30_000;
export const LONGEST_BACKOFF_MS = 16 * 60_000;

export type * from './rows.ts';
export type { DeliveryRow, WebhookRow } from './webhook-rows.ts';

export type Store = ReturnType<typeof emptyStore>;

export function emptyStore(now: number) {
  return {
    /** The settable clock and real time: two numbers that move only when a test says so. */
    now,
    real: now,
    /** The operator's: while stopped, nothing is claimed and nothing swept. */
    stop: { stopped: false, reason: null } as EmergencyStop,
    /** The operator's limit: the most claims of one session a day. */
    claimsPerDay: 10_000,
    /** `month` compares the rule of hand-offs with a plainer one: this part of the allowance, as long as anybody has not handed off. */
    handOffPart: null as bigint | null,
    sessions: new Map<string, SessionRow>(),
    users: new Map<string, UserRow>(),
    keys: new Map<string, KeyRow>(),
    /** By user, then by date. */
    days: new Map<string, Map<string, DayRow>>(),
    topUps: new Map<string, TopUpRow[]>(),
    /** By Stripe's id. */
    stripe: new Map<string, StripeRow>(),
    stripePrices: new Map<string, UnitPrice>(),
    /** Holds and ledger by `session:fence:n`; nothing ever removes one. */
    holds: new Map<string, Hold>(),
    ledger: new Map<string, LedgerRow>(),
    /** What an owner was told whose question for money was refused, by call and question. */
    refusals: new Map<string, { refused: RefusedBy; day: Day; until?: number }>(),
    /** Of searches that the session's own limit refused. */
    searchRefusals: new Map<string, { refused: 'searches'; most: number; day: Day }>(),
    /** By user; and the sessions that sleep for it. */
    outages: new Map<string, Outage>(),
    heldBack: new Set<string>(),
    /** What users asked for, by user, kind and key. */
    operations: new Map<string, { fingerprint: string; sessionId: string | null }>(),
    /** By user, day and threshold. */
    alerts: new Map<string, BudgetAlert>(),
    webhooks: new Map<string, WebhookRow>(),
    /** By webhook and notice. */
    deliveries: new Map<string, DeliveryRow>(),
    schedules: new Map<string, ScheduleRow>(),
    runs: new Map<string, RunRow>(),
    triggers: new Map<string, TriggerRow>(),
    /** By user and name; and the last revision that any of them got. */
    memories: new Map<string, MemoryRow>(),
    revisions: 0,
  };
}

export const callKey = (sessionId: string, fence: number, n: number) => `${sessionId}:${fence}:${n}`;

/** Values go in and out by copy, as through JSON: nobody can change a row by keeping a reference to it. */
export const copy = <T>(value: T): T => structuredClone(value);

export const isOwned = (row: SessionRow) => row.fence > row.savedFence;

/** The guard (R2): the fence is ours and this owner has not saved yet. The lease does not matter. */
export function owned(store: Store, id: string, fence: number): SessionRow {
  const row = store.sessions.get(id);
  if (!row || row.fence !== fence || row.savedFence >= fence) {
    throw new FenceLost(`session ${id} is not owned by fence ${fence}`);
  }
  return row;
}

/** Appends to the journal under the next numbers. */
export function journal(store: Store, row: SessionRow, entries: LogEntry[]): void {
  for (const entry of entries) {
    row.journal.push({ iteration: row.iteration, ...copy(entry), seq: row.journal.length + 1, at: store.now });
    tellWebhooks(store, row, entry);
  }
  row.updatedAt = store.now;
}

export const deliveryKey = (webhookId: string, eventId: string) => `${webhookId} ${eventId}`;

/** One row for each webhook that is enabled and wants it. */
export function enterOutbox(
  store: Store,
  userId: string,
  told: Pick<DeliveryRow, 'eventId' | 'type' | 'sessionId' | 'seq' | 'alert'>,
): void {
  const wants = ({ events }: WebhookRow) => events === null || events.some((name) => name === told.type);
  for (const { id } of [...store.webhooks.values()].filter(
    (one) => one.userId === userId && one.enabled && wants(one),
  )) {
    store.deliveries.set(deliveryKey(id, told.eventId), {
      ...{ ...told, webhookId: id, userId, at: store.now, attempts: 0, dueAt: store.now },
      ...{ attemptedAt: null, deliveredAt: null, statusCode: null, error: null },
    });
  }
}

/** Of the entry that the journal has just taken. A session that its user removed tells nothing more. */
function tellWebhooks(
  store: Store,
  { id, userId, removed, journal: { length: seq } }: SessionRow,
  entry: LogEntry,
): void {
  const type = noticeOf(entry);
  if (type === null || removed) return;
  const eventId = `evt_${createHash('sha256').update(`${id}\n${seq}`).digest('hex').slice(0, 32)}`;
  enterOutbox(store, userId, { eventId, type, sessionId: id, seq, alert: null });
}

/** What the outside wants of a session (R5). */
export function wishesOf(row: SessionRow): PendingCommands {
  return copy({
    desired: row.desired,
    wakeRequested: row.wakeRequested,
    inbox: row.inbox.filter(({ n }) => n > row.inboxTaken),
    ...receivedOf([...row.received.values()]),
  });
}

const MOST_TOLD = 100;
const inBytes = (a: { path: string }, b: { path: string }) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

/** The first of them by path, and how many there are besides. */
export function receivedOf(some: { path: string; bytes: number | null }[]): { received?: ReceivedFiles } {
  if (some.length === 0) return {};
  const all = some.sort(inBytes);
  const first = all.slice(0, MOST_TOLD);
  const files = first.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ path, bytes }]));
  const removed = first.flatMap(({ path, bytes }) => (bytes === null ? [path] : []));
  return { received: { files, removed, more: all.length - first.length } };
}

/** The workspace as its user sees it: what they wrote since the last claim lies over it. */
export function seenFiles(row: SessionRow): (StoredFile & { content: Uint8Array })[] {
  const waiting = [...row.received.values()].filter(({ taken }) => !taken);
  const all = new Map([...row.files, ...waiting.map((one) => [one.path, one] as const)]);
  return [...all.values()]
    .flatMap(({ path, content, mode, updatedAt }) => (content ? [{ path, content, mode, updatedAt }] : []))
    .sort(inBytes);
}

/** Makes a session move: whoever owns it, it may not rest before it has seen this. */
export function nudge(store: Store, row: SessionRow): void {
  row.commandSeq += 1;
  row.due = Math.min(row.due, store.now);
  row.hintAt = Number.NEGATIVE_INFINITY;
  row.updatedAt = store.now;
}

/** Without the bytes of images and PDFs, which only prompts have. */
export const toldRows = (rows: StoredMessage[]): StoredMessage[] =>
  rows.map((row) => ({ ...row, content: row.content.map(unloaded) }));

/** A session of this user that was not removed. */
export function find(store: Store, userId: string, id: string): SessionRow | null {
  const row = store.sessions.get(id);
  return row && row.userId === userId && !row.removed ? row : null;
}
