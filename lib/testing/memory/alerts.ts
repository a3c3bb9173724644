/** Alerts by the words of the port (lib/ports/notifications.ts), not by those of the SQL: the two must agree. */
import { gracefulAt, handoffReserveOf } from '../../budget/rules.ts';
import { alertId } from '../../notifications/json.ts';
import type {
  AlertKey,
  BudgetAlert,
  BudgetAlerts,
  Delivery,
  ListedAlert,
  Reason,
  Threshold,
} from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import { dateOf, dayAfter, startOf } from './cycle.ts';
import { copy, type DayRow, enterOutbox, type Store } from './store.ts';

const MINUTE_MS = 60_000;
const GRAVITY: Threshold[] = ['pace', 'graceful', 'ceiling', 'breaker'];
const SIX_IN_THE_EVENING_MS = 18 * 60 * MINUTE_MS;

export function memoryAlerts(store: Store): BudgetAlerts {
  return {
    async list(userId, { limit, cursor }) {
      const before = cursor === null ? '~' : Buffer.from(cursor, 'base64url').toString();
      if (cursor !== null && !/^\d{4}-\d\d-\d\d /.test(before)) throw new UnknownCursor();
      const rows = [...store.alerts.values()]
        .filter((row) => row.userId === userId && placeOf(row) < before)
        .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last ? Buffer.from(placeOf(last)).toString('base64url') : null;
      return { data: rows.slice(0, limit).map((row) => alertOf(store, row)), next };
    },
    target: async (userId) => {
      const row = store.webhooks.get(operatorId(userId));
      return row && (row.url === '' ? null : row.url);
    },
    async putTarget(userId, { url, secret, replace }) {
      const id = operatorId(userId);
      const was = store.webhooks.get(id);
      const target = {
        url: url === undefined ? (was?.url ?? '') : (url ?? ''),
        secret: was && !replace ? was.secret : secret,
      };
      store.webhooks.set(id, {
        ...{ id, userId, ...target, previous: [], format: 'standard', events: [...ALERTS], includeText: false },
        ...{ description: null, enabled: target.url !== '', managedBy: 'operator', disabledReason: null },
        ...{ failures: 0, failingSince: null, retryAt: null, createdAt: store.now, updatedAt: store.now },
      });
      for (const one of [...store.deliveries.values()].filter(({ webhookId }) => webhookId === id)) {
        if (target.url === '') one.dueAt = null;
        else if (one.dueAt === Number.POSITIVE_INFINITY) one.dueAt = store.now;
      }
      return { url: target.url === '' ? null : target.url, secret: target.secret };
    },
  };
}

const ALERTS = ['budget.pace', 'budget.graceful', 'budget.ceiling', 'budget.breaker'] as const;
export const operatorId = (userId: string): string => `whk_operator_${userId}`;

export const alertKey = ({ userId, day, threshold }: AlertKey): string => `${userId} ${day} ${threshold}`;
const placeOf = ({ day, threshold }: BudgetAlert) => `${day} ${GRAVITY.indexOf(threshold)}`;

/** Today's days and yesterday's. Gives whom it found something new of. */
export function look(store: Store): string[] {
  const raised = new Set<string>();
  const today = dateOf(store.now);
  const yesterday = dateOf(startOf(today) - 1);
  for (const [userId, days] of store.days) {
    for (const [day, row] of days) {
      if (day < yesterday) continue;
      for (const [threshold, reason] of passed(store, userId, day, row))
        if (enter(store, { userId, day, threshold, reason }, row)) raised.add(userId);
    }
  }
  return [...raised];
}

function passed(store: Store, userId: string, day: string, row: DayRow): [Threshold, Reason | null][] {
  const { allowance, ceiling, spent } = row;
  const graceful = allowance > 0n && spent >= gracefulAt(allowance);
  const found: [Threshold, Reason | null][] = [];
  const elapsed = BigInt(store.now - startOf(day));
  const evening = ceiling > 0n && spent * BigInt(SIX_IN_THE_EVENING_MS) >= ceiling * elapsed;
  if (!graceful && day === dateOf(store.now) && allowance > 0n && 2n * spent >= allowance && evening)
    found.push(['pace', null]);
  if (graceful) found.push(['graceful', null]);
  if (allowance > 0n && spent >= allowance) found.push(['ceiling', 'spent']);
  else if (spent > 0n && isAsleep(store, userId, day, row)) found.push(['ceiling', 'asleep']);
  if (spent > ceiling) found.push(['breaker', 'exceeded']);
  return found;
}

/** Does an agent sleep, since that day, because its next call does not fit into what the day has left? */
const isAsleep = (store: Store, userId: string, day: string, { allowance, ceiling, spent, held }: DayRow): boolean =>
  [...store.sessions.values()].some(
    ({ userId: owner, state, lastCheckpointAt, least }) =>
      owner === userId &&
      state.state === 'sleeping' &&
      state.reason === 'allowance' &&
      state.until >= dayAfter(day) &&
      lastCheckpointAt !== null &&
      dateOf(lastCheckpointAt) === day &&
      ceiling - spent - held < least + handoffReserveOf(allowance, allowance, 0n),
  );

function enter(store: Store, passed: Omit<BudgetAlert, 'at' | keyof DayRow>, day: DayRow): boolean {
  const key = alertKey(passed);
  if (store.alerts.has(key)) return false;
  const { allowance, ceiling, spent, held } = day;
  store.alerts.set(key, { ...passed, at: store.now, allowance, ceiling, spent, held });
  const { userId, threshold } = passed;
  const told = { eventId: alertId(passed), type: `budget.${threshold}`, sessionId: null, seq: null } as const;
  enterOutbox(store, userId, { ...told, alert: { userId, day: passed.day, threshold } });
  return true;
}

function alertOf(store: Store, alert: BudgetAlert): ListedAlert {
  const sent = [...store.deliveries.values()].filter((row) => row.alert && alertKey(row.alert) === alertKey(alert));
  const delivered = sent.flatMap(({ deliveredAt }) => deliveredAt ?? []);
  const due = sent.flatMap(({ dueAt }) => (dueAt !== null && Number.isFinite(dueAt) ? [dueAt] : []));
  const resting: Delivery['status'] = sent.length > 0 ? 'given_up' : 'none';
  const waiting = sent.some(({ dueAt }) => dueAt !== null) ? 'pending' : resting;
  const delivery: Delivery = {
    status: delivered.length > 0 ? 'delivered' : waiting,
    attempts: Math.max(0, ...sent.map(({ attempts }) => attempts)),
    nextAttemptAt: due.length > 0 ? Math.min(...due) : null,
    deliveredAt: delivered.length > 0 ? Math.max(...delivered) : null,
    error: sent.sort((a, b) => (b.attemptedAt ?? 0) - (a.attemptedAt ?? 0))[0]?.error ?? null,
  };
  return copy({ ...alert, delivery });
}
