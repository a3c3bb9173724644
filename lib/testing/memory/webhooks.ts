/** Webhooks and their outbox by the words of the ports (lib/ports/webhooks.ts), not by those of the SQL: the two must agree. */
import type {
  DeliveryOutcome,
  DueDelivery,
  Outbox,
  Webhook,
  WebhookDelivery,
  WebhookRequest,
  Webhooks,
  WebhookView,
} from '../../ports/index.ts';
import { MOST_WEBHOOKS, UnknownCursor } from '../../ports/index.ts';
import { alertKey, look } from './alerts.ts';
import { counting, rotated } from './secrets.ts';
import { copy, type DeliveryRow, deliveryKey, type Store, type WebhookRow } from './store.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** After the first try, the second, and so on; the last is only waited for. */
const BACKOFF_MINUTES = [1, 5, 30, 120, 240, ...Array<number>(12).fill(360), 10];
const HELD = Number.POSITIVE_INFINITY;
const KEPT = 'What was not delivered is kept for 30 days: enable the webhook to have it sent.';

const backoff = (attempt: number): number | undefined => BACKOFF_MINUTES[attempt - 1];

export function memoryWebhooks(store: Store): Webhooks {
  const find = (userId: string, id: string) => {
    const row = store.webhooks.get(id);
    return row?.userId === userId ? row : null;
  };
  const own = (userId: string) => [...store.webhooks.values()].filter((row) => row.userId === userId);
  const wake = (row: WebhookRow) => Object.assign(row, { failures: 0, failingSince: null, retryAt: null });
  const ask = (row: WebhookRow, delivery: DeliveryRow) => {
    row.retryAt = null;
    return deliveryView(delivery);
  };
  return {
    async create(userId, { secret, ...settings }, once) {
      const key = once && `${userId} webhook ${once.key}`;
      const earlier = key ? store.operations.get(key) : undefined;
      if (earlier && earlier.fingerprint !== once?.fingerprint) return 'conflict';
      const known = find(userId, earlier?.sessionId ?? settings.id);
      if (known) return viewOf(known);
      if (earlier) return 'conflict';
      if (own(userId).filter(({ managedBy }) => managedBy === 'user').length >= MOST_WEBHOOKS) return 'full';
      if (key && once) store.operations.set(key, { fingerprint: once.fingerprint, sessionId: settings.id });
      const row: WebhookRow = {
        ...{ ...settings, userId, secret, previous: [], managedBy: 'user', disabledReason: null },
        ...{ failures: 0, failingSince: null, retryAt: null, createdAt: store.now, updatedAt: store.now },
      };
      store.webhooks.set(row.id, copy(row));
      return viewOf(row);
    },
    list: async (userId) =>
      own(userId)
        .filter(({ url }) => url !== '')
        .map(viewOf),
    async get(userId, id) {
      const row = find(userId, id);
      return row && viewOf(row);
    },
    async change(userId, id, change) {
      const row = find(userId, id);
      if (!row) return null;
      if (row.managedBy !== 'user') return 'managed';
      const was = row.enabled;
      Object.assign(row, copy(change), { updatedAt: store.now });
      if (change.enabled !== undefined) row.disabledReason = null;
      if (change.enabled || change.url !== undefined) wake(row);
      if (row.enabled !== was) {
        for (const one of deliveriesOf(store, id))
          if (one.dueAt !== null) one.dueAt = row.enabled ? resumed(store, one) : HELD;
      }
      return viewOf(row);
    },
    async rotate(userId, id, secret, operation) {
      const row = find(userId, id);
      if (!row) return null;
      if (row.managedBy !== 'user') return 'managed';
      return { isNew: rotated(store, row, secret, operation), view: viewOf(row) };
    },
    async remove(userId, id) {
      const row = find(userId, id);
      if (!row) return null;
      if (row.managedBy !== 'user') return 'managed';
      store.webhooks.delete(id);
      for (const { eventId } of deliveriesOf(store, id)) store.deliveries.delete(deliveryKey(id, eventId));
      return 'removed';
    },
    async test(userId, id, eventId) {
      const row = find(userId, id);
      if (!row) return null;
      if (!row.enabled) return 'disabled';
      const waiting = deliveriesOf(store, id).find(({ type, dueAt }) => type === 'webhook.test' && dueAt !== null);
      const made: DeliveryRow = { ...blank(store), webhookId: id, eventId, userId, type: 'webhook.test' };
      if (!waiting) store.deliveries.set(deliveryKey(id, eventId), made);
      return ask(row, waiting ?? made);
    },
    async redeliver(userId, id, eventId) {
      const row = find(userId, id);
      if (!row) return null;
      if (!row.enabled) return 'disabled';
      const one = store.deliveries.get(deliveryKey(id, eventId));
      if (!one) return null;
      Object.assign(one, { attempts: 0, dueAt: store.now });
      return ask(row, one);
    },
    async deliveries(userId, id, { limit, cursor }) {
      if (!find(userId, id)) return null;
      const place = ({ at, eventId }: DeliveryRow) => `${String(at).padStart(15, '0')} ${eventId}`;
      const before = cursor === null ? '~' : Buffer.from(cursor, 'base64url').toString();
      if (cursor !== null && !/^\d{15} \w+$/.test(before)) throw new UnknownCursor();
      const rows = deliveriesOf(store, id)
        .filter((row) => place(row) < before)
        .sort((a, b) => (place(a) < place(b) ? 1 : -1));
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last ? Buffer.from(place(last)).toString('base64url') : null;
      return { data: rows.slice(0, limit).map(deliveryView), next };
    },
  };
}

export const memoryOutbox = (store: Store): Outbox => ({
  async sweep({ days, limit, busy }) {
    const raised = days > 0 ? look(store) : [];
    for (const one of store.deliveries.values())
      if (isWaiting(one) && !store.webhooks.get(one.webhookId)?.enabled) one.dueAt = HELD;
    const due = handOut(store, limit, busy);
    const dates = [...store.deliveries.values()]
      .filter(isWaiting)
      .map(({ dueAt, webhookId }) => Math.max(dueAt!, store.webhooks.get(webhookId)?.retryAt ?? 0));
    return { raised, due, nextDue: dates.length > 0 ? Math.min(...dates) : null, now: store.now };
  },
  async settle(outcomes) {
    const givenUp = outcomes.filter((outcome) => settled(store, outcome));
    const disabled = [...new Set(outcomes.map(({ webhookId }) => webhookId))].flatMap((id) =>
      rested(
        store,
        id,
        outcomes.filter(({ webhookId }) => webhookId === id),
      ),
    );
    return { givenUp: givenUp.map(({ webhookId, eventId }) => ({ webhookId, eventId })), disabled };
  },
});

/** `posted`: all that was sent. `refuse`: what a receiver answers, null for that it took it. */
export function memoryWebhook() {
  const posted: WebhookRequest[] = [];
  const receiver = { refuse: (_posting: WebhookRequest): string | null | Promise<string | null> => null };
  const webhook: Webhook = {
    async post(posting) {
      posted.push({ ...posting });
      const error = await receiver.refuse(posting);
      const [, status = null] = error === null ? [null, '200'] : (/^HTTP (\d+)/.exec(error) ?? []);
      return { status: status === null ? null : Number(status), error };
    },
  };
  return { ...webhook, posted, receiver };
}

const blank = (store: Store) => ({
  ...{ at: store.now, sessionId: null, seq: null, alert: null, attempts: 0, dueAt: store.now },
  ...{ attemptedAt: null, deliveredAt: null, statusCode: null, error: null },
});

const deliveriesOf = (store: Store, id: string): DeliveryRow[] =>
  [...store.deliveries.values()].filter(({ webhookId }) => webhookId === id);
const isWaiting = ({ dueAt }: DeliveryRow): boolean => dueAt !== null && dueAt < HELD;
const resumed = (store: Store, { dueAt }: DeliveryRow): number | null => (dueAt === HELD ? store.now : dueAt);

function viewOf({
  userId: _,
  secret: __,
  previous: ___,
  failures: ____,
  retryAt: _____,
  ...view
}: WebhookRow): WebhookView {
  return copy(view);
}

function deliveryView({
  webhookId: _,
  userId: __,
  seq: ___,
  alert: ____,
  dueAt,
  ...row
}: DeliveryRow): WebhookDelivery {
  const resting = row.deliveredAt !== null ? 'delivered' : 'given_up';
  const status = dueAt === null ? resting : dueAt < HELD ? 'pending' : 'held';
  return copy({ ...row, status, nextAttemptAt: status === 'pending' ? dueAt : null });
}

/** Four of a user, one of a webhook that fails, none of a webhook that rests or whose user is busy; the longest due first. */
function handOut(store: Store, limit: number, busy: string[]): DueDelivery[] {
  const [ofUser, ofWebhook] = [new Map<string, number>(), new Map<string, number>()];
  const picked = [...store.deliveries.values()]
    .filter(({ dueAt, userId }) => dueAt !== null && dueAt <= store.now && !busy.includes(userId))
    .sort((a, b) => a.dueAt! - b.dueAt! || (a.eventId < b.eventId ? -1 : 1))
    .filter(({ userId, webhookId }) => {
      const { failures, retryAt } = store.webhooks.get(webhookId)!;
      const [ofIt, ofThem] = [ofWebhook.get(webhookId) ?? 0, ofUser.get(userId) ?? 0];
      if ((retryAt ?? 0) > store.now || ofIt >= (failures > 0 ? 1 : 4) || ofThem >= 4) return false;
      ofWebhook.set(webhookId, ofIt + 1);
      ofUser.set(userId, ofThem + 1);
      return true;
    });
  return picked.slice(0, limit).flatMap((row) => {
    const wait = backoff(row.attempts + 1);
    if (wait === undefined) {
      row.dueAt = null;
      return [];
    }
    const tried = { attempts: row.attempts + 1, attemptedAt: store.now, dueAt: store.now + wait * MINUTE_MS };
    return [dueOf(store, Object.assign(row, tried))];
  });
}

function dueOf(store: Store, row: DeliveryRow): DueDelivery {
  const { webhookId, eventId, userId, type, at, attempts, sessionId, seq, alert } = row;
  const { url, format, includeText, ...webhook } = store.webhooks.get(webhookId)!;
  const secrets = counting(store, webhook);
  const session = sessionId === null ? undefined : store.sessions.get(sessionId);
  const data = session?.journal[seq! - 1]?.data as Record<string, unknown>;
  const goal = session && includeText ? session.goal : null;
  const found = alert && store.alerts.get(alertKey(alert));
  return copy({
    ...{ webhookId, eventId, userId, type, at, attempt: attempts, url, format, includeText, secrets },
    session: session ? { id: session.id, agent: session.agent, seq: seq!, data, goal } : null,
    alert: found ?? null,
  });
}

/** True: it is given up herewith. */
function settled(store: Store, { webhookId, eventId, attempt, status, error }: DeliveryOutcome): boolean {
  const row = store.deliveries.get(deliveryKey(webhookId, eventId));
  if (!row || row.dueAt === null || (error !== null && row.attempts !== attempt)) return false;
  const isLast = backoff(row.attempts + 1) === undefined;
  Object.assign(row, { error, statusCode: status, ...(error === null && { deliveredAt: store.now }) });
  if (error === null || isLast) row.dueAt = null;
  return error !== null && isLast;
}

/** The webhook after some attempts: awake again, at rest, or disabled. */
function rested(store: Store, id: string, outcomes: DeliveryOutcome[]): { webhookId: string; userId: string }[] {
  const row = store.webhooks.get(id);
  const good = outcomes.some(({ error }) => error === null);
  if (!row?.enabled || (good && row.failures === 0)) return [];
  if (good) {
    Object.assign(row, { failures: 0, failingSince: null, retryAt: null });
    const isOld = ({ attemptedAt }: DeliveryRow) => attemptedAt === null || attemptedAt < store.now - MINUTE_MS;
    for (const one of deliveriesOf(store, id))
      if (isWaiting(one) && one.dueAt! > store.now && isOld(one)) one.dueAt = store.now;
    return [];
  }
  const gone = outcomes.some(({ status }) => status === 410);
  const tired = row.failingSince !== null && row.failingSince <= store.now - 3 * DAY_MS;
  row.failures += 1;
  row.failingSince ??= store.now;
  row.retryAt = store.now + backoff(Math.min(row.failures, 17))! * MINUTE_MS;
  if (!gone && !tired) return [];
  row.enabled = false;
  row.disabledReason = `${gone ? 'The receiver answered 410 (gone)' : 'Nobody took a notice in three days of trying'}, so nothing more is sent there. ${KEPT}`;
  for (const one of deliveriesOf(store, id)) if (isWaiting(one)) one.dueAt = HELD;
  return [{ webhookId: id, userId: row.userId }];
}
