/** Alerts by the words of the port (lib/ports/notifications.ts), not by those of the SQL: the two must agree. */
import { gracefulAt, handoffReserveOf } from '../../../lib/budget/rules.ts';
import type {
  BudgetAlert,
  BudgetAlerts,
  Delivery,
  DueAlert,
  ListedAlert,
  Reason,
  Threshold,
  Webhook,
  WebhookRequest,
} from '../../../lib/ports/index.ts';
import { UnknownCursor } from '../../../lib/ports/index.ts';
import { dateOf, dayAfter, startOf } from './cycle.ts';
import { type AlertRow, copy, type DayRow, type Store } from './store.ts';

const MINUTE_MS = 60_000;
/** After the first try, the second, and so on; the last is only waited for. */
const BACKOFF_MINUTES = [1, 5, 30, 120, 300, 480, 480, 10];
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
      return { data: rows.slice(0, limit).map(alertOf), next };
    },
    target: async (userId) => store.targets.get(userId)?.url,
    async putTarget(userId, { url, secret, replace }) {
      const was = store.targets.get(userId);
      const target = {
        url: url === undefined ? (was?.url ?? null) : url,
        secret: was && !replace ? was.secret : secret,
      };
      store.targets.set(userId, target);
      const own = [...store.alerts.values()].filter((row) => row.userId === userId);
      if (target.url === null) for (const row of own) row.dueAt = null;
      return copy(target);
    },
    async sweep({ days, limit }) {
      const raised = days > 0 ? look(store) : [];
      const due = handOut(store, limit);
      const dates = [...store.alerts.values()].flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt]));
      return { raised, due, nextDue: dates.length > 0 ? Math.min(...dates) : null, now: store.now };
    },
    async settle(outcomes) {
      return outcomes.flatMap(({ userId, day, threshold, attempt, error }) => {
        const row = store.alerts.get(keyOf({ userId, day, threshold }));
        if (!row || row.deliveredAt !== null || (error !== null && row.attempts !== attempt)) return [];
        const isLast = row.attempts >= BACKOFF_MINUTES.length;
        Object.assign(row, { error, deliveredAt: error === null ? store.now : null });
        if (error === null || isLast) row.dueAt = null;
        return error !== null && isLast ? [{ userId, day, threshold }] : [];
      });
    },
  };
}

/** `posted`: all that was sent. `refuse`: what a receiver answers, null for that it took it. */
export function memoryWebhook() {
  const posted: WebhookRequest[] = [];
  const receiver = { refuse: (_posting: WebhookRequest): string | null | Promise<string | null> => null };
  const webhook: Webhook = {
    async post(posting) {
      posted.push({ ...posting });
      return { error: await receiver.refuse(posting) };
    },
  };
  return { ...webhook, posted, receiver };
}

const keyOf = ({ userId, day, threshold }: { userId: string; day: string; threshold: Threshold }) =>
  `${userId} ${day} ${threshold}`;
const placeOf = ({ day, threshold }: AlertRow) => `${day} ${GRAVITY.indexOf(threshold)}`;

/** Today's days and yesterday's. Gives whom it found something new of. */
function look(store: Store): string[] {
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
  const key = keyOf(passed);
  if (store.alerts.has(key)) return false;
  const { allowance, ceiling, spent, held } = day;
  const dueAt = store.targets.get(passed.userId)?.url ? store.now : null;
  const delivery = { attempts: 0, dueAt, deliveredAt: null, error: null };
  store.alerts.set(key, { ...passed, at: store.now, allowance, ceiling, spent, held, ...delivery });
  return true;
}

function handOut(store: Store, limit: number): DueAlert[] {
  const due = [...store.alerts.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= store.now);
  for (const row of due.filter(({ attempts }) => attempts >= BACKOFF_MINUTES.length)) row.dueAt = null;
  return due
    .filter(({ dueAt }) => dueAt !== null)
    .sort((a, b) => a.dueAt! - b.dueAt!)
    .slice(0, limit)
    .flatMap((row) => {
      row.attempts += 1;
      row.dueAt = store.now + BACKOFF_MINUTES[row.attempts - 1]! * MINUTE_MS;
      const { attempts, dueAt, deliveredAt, error, ...rest } = row;
      const target = store.targets.get(row.userId);
      return target?.url ? [{ ...rest, attempt: attempts, url: target.url, secret: target.secret }] : [];
    });
}

function alertOf({ attempts, dueAt, deliveredAt, error, ...rest }: AlertRow): ListedAlert {
  const undelivered: Delivery['status'] = dueAt !== null ? 'pending' : attempts > 0 ? 'given_up' : 'none';
  const status = deliveredAt !== null ? 'delivered' : undelivered;
  return copy({ ...rest, delivery: { status, attempts, nextAttemptAt: dueAt, deliveredAt, error } });
}
