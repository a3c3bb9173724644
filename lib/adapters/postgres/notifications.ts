/** The BudgetAlerts port: alerts are found by the sweep of the outbox (outbox.ts). */
import { and, desc, eq, lte, sql } from 'drizzle-orm';
import { budgetAlerts, webhookDeliveries, webhooks } from '../../../schema/index.ts';
import type { BudgetAlert, BudgetAlerts, Delivery, ListedAlert, Target } from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { isDay } from './cursor.ts';
import { fromInstant, toJson } from './json.ts';
import { asUser } from './tenant.ts';

const { userId, day, threshold } = budgetAlerts;

/** Over all webhooks that were told of it. */
type Sent = {
  count: number;
  attempts: number;
  due: string | null;
  waits: boolean;
  delivered: string | null;
  error: string | null;
};

/** The order of gravity, by which the alerts of one day are listed. */
const RANK = sql`array_position(array['pace', 'graceful', 'ceiling', 'breaker'], ${threshold})`;

const SENT = sql<Sent>`(select json_build_object('count', count(*), 'attempts', coalesce(max(d.attempts), 0),
    'due', min(d.due_at) filter (where d.due_at < 'infinity'), 'waits', coalesce(bool_or(d.due_at is not null), false), 'delivered', max(d.delivered_at),
    'error', (array_agg(d.error order by d.attempted_at desc nulls last))[1])
  from ${webhookDeliveries} d where d.user_id = ${budgetAlerts}.user_id and d.day = ${budgetAlerts}.day and d.threshold = ${budgetAlerts}.threshold)`;

export function postgresAlerts(database: Database): BudgetAlerts {
  const { db, repeat, call } = database;
  return {
    list: (id, page) => list(database, id, page),
    async target(id) {
      const ofOperator = and(eq(webhooks.userId, id), eq(webhooks.managedBy, 'operator'));
      const [row] = await repeat(() => db.select({ url: webhooks.url }).from(webhooks).where(ofOperator));
      return row?.url;
    },
    putTarget: (id, change) => call<Target>('put_alert_target', id, toJson(change)),
  };
}

async function list(database: Database, id: string, { limit, cursor }: { limit: number; cursor: string | null }) {
  const place = cursor === null ? null : placeOf(cursor);
  if (cursor !== null && place === null) throw new UnknownCursor();
  // Behind the wall the rank bounds no index, so the day does.
  const after = place && and(lte(day, place.day), sql`(${day}, ${RANK}) < (${place.day}::date, ${place.rank}::int)`);
  const [rows] = await asUser(database, id, (db) => [
    db
      .select({ row: budgetAlerts, rank: sql<number>`${RANK}::int`, sent: SENT })
      .from(budgetAlerts)
      .where(and(eq(userId, id), after ?? undefined))
      .orderBy(desc(day), desc(RANK))
      .limit(limit + 1),
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { data: rows.slice(0, limit).map(({ row, sent }) => alertOf(row, sent)), next: last ? cursorOf(last) : null };
}

const cursorOf = ({ row, rank }: { row: { day: string }; rank: number }): string =>
  Buffer.from(`${row.day} ${rank}`).toString('base64url');

function placeOf(cursor: string): { day: string; rank: number } | null {
  const [, day, rank] = /^(\d{4}-\d\d-\d\d) ([1-4])$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return day && isDay(day) ? { day, rank: Number(rank) } : null;
}

function alertOf(row: typeof budgetAlerts.$inferSelect, sent: Sent): ListedAlert {
  const { attempts: _, dueAt: __, deliveredAt: ___, error: ____, reason, ...rest } = row;
  const passed: BudgetAlert = { ...rest, reason: reason as BudgetAlert['reason'] };
  const { attempts, due, delivered, error } = sent;
  const instant = (text: string | null) => (text === null ? null : fromInstant(text));
  const times = { nextAttemptAt: instant(due), deliveredAt: instant(delivered) };
  return { ...passed, delivery: { status: statusOf(sent), attempts, ...times, error } };
}

function statusOf({ count, waits, delivered }: Sent): Delivery['status'] {
  if (delivered !== null) return 'delivered';
  if (waits) return 'pending';
  return count > 0 ? 'given_up' : 'none';
}
