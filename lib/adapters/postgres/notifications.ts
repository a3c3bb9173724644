/** The Alerts port on schema/functions/alerts.sql. */
import { and, desc, eq, lte, sql } from 'drizzle-orm';
import { budgetAlerts, notifyTargets } from '../../../schema/index.ts';
import type {
  AlertKey,
  BudgetAlert,
  BudgetAlerts,
  Delivery,
  DueAlert,
  ListedAlert,
  Target,
} from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { isDay } from './cursor.ts';
import { fromInstant, toJson } from './json.ts';
import { asUser } from './tenant.ts';

const { userId, day, threshold } = budgetAlerts;
const { url } = notifyTargets;

type Money = 'allowance' | 'ceiling' | 'spent' | 'held';
type DueJson = Omit<DueAlert, 'at' | Money> & Record<'at' | Money, string>;
type SweepJson = { raised: string[]; due: DueJson[]; nextDue: string | null; now: string };

/** The order of gravity, by which the alerts of one day are listed. */
const RANK = sql`array_position(array['pace', 'graceful', 'ceiling', 'breaker'], ${threshold})`;

export function postgresAlerts(database: Database): BudgetAlerts {
  const { db, repeat, call } = database;
  return {
    list: (id, page) => list(database, id, page),
    async target(id) {
      const [row] = await repeat(() => db.select({ url }).from(notifyTargets).where(eq(notifyTargets.userId, id)));
      return row?.url;
    },
    putTarget: (id, change) => call<Target>('put_alert_target', id, toJson(change)),
    async sweep({ days, limit }) {
      const { raised, due, nextDue, now } = await call<SweepJson>('sweep_alerts', days, limit);
      return {
        raised,
        due: due.map(dueOf),
        nextDue: nextDue === null ? null : fromInstant(nextDue),
        now: fromInstant(now),
      };
    },
    settle: (outcomes) => call<AlertKey[]>('settle_alerts', toJson(outcomes)),
  };
}

const dueOf = ({ at, allowance, ceiling, spent, held, ...rest }: DueJson): DueAlert => ({
  ...rest,
  at: fromInstant(at),
  allowance: BigInt(allowance),
  ceiling: BigInt(ceiling),
  spent: BigInt(spent),
  held: BigInt(held),
});

async function list(database: Database, id: string, { limit, cursor }: { limit: number; cursor: string | null }) {
  const place = cursor === null ? null : placeOf(cursor);
  if (cursor !== null && place === null) throw new UnknownCursor();
  // Behind the wall the rank bounds no index, so the day does.
  const after = place && and(lte(day, place.day), sql`(${day}, ${RANK}) < (${place.day}::date, ${place.rank}::int)`);
  const [rows] = await asUser(database, id, (db) => [
    db
      .select({ row: budgetAlerts, rank: sql<number>`${RANK}::int` })
      .from(budgetAlerts)
      .where(and(eq(userId, id), after ?? undefined))
      .orderBy(desc(day), desc(RANK))
      .limit(limit + 1),
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { data: rows.slice(0, limit).map(({ row }) => alertOf(row)), next: last ? cursorOf(last) : null };
}

const cursorOf = ({ row, rank }: { row: { day: string }; rank: number }): string =>
  Buffer.from(`${row.day} ${rank}`).toString('base64url');

function placeOf(cursor: string): { day: string; rank: number } | null {
  const [, day, rank] = /^(\d{4}-\d\d-\d\d) ([1-4])$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return day && isDay(day) ? { day, rank: Number(rank) } : null;
}

function alertOf(row: typeof budgetAlerts.$inferSelect): ListedAlert {
  const { attempts, dueAt, deliveredAt, error, reason, ...rest } = row;
  const passed: BudgetAlert = { ...rest, reason: reason as BudgetAlert['reason'] };
  return { ...passed, delivery: { status: statusOf(row), attempts, nextAttemptAt: dueAt, deliveredAt, error } };
}

function statusOf({ attempts, dueAt, deliveredAt }: typeof budgetAlerts.$inferSelect): Delivery['status'] {
  if (deliveredAt !== null) return 'delivered';
  if (dueAt !== null) return 'pending';
  return attempts > 0 ? 'given_up' : 'none';
}
