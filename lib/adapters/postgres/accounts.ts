/**
 * The Accounts port on Neon's HTTP driver. What changes money goes through SQL functions (schema/functions/users.sql), sent with the read
 * that shows the outcome: one request, one transaction. A user's questions run under row-level security (tenant.ts); the operator's are about
 * any user, and a key is looked up before its user is known.
 */
import { and, eq, isNull, sql } from 'drizzle-orm';
import { agentSessions, apiKeys, budgetAlerts, budgetDays, topUps, userSettings } from '../../../schema/index.ts';
import { daysToRenewal } from '../../budget/allowance.ts';
import type { Accounts, BudgetView, Threshold, TooMuch, UserChange } from '../../ports/index.ts';
import { cleanText } from '../../text.ts';
import { daysOf, topUpsOf } from './budget-lists.ts';
import type { Database, Db } from './connect.ts';
import { type DayJson, dayOf, fromInstant, toJson } from './json.ts';
import { asUser } from './tenant.ts';
import { usageOf } from './usage.ts';
import { usersOf } from './users-list.ts';

export function postgresAccounts(database: Database): Accounts {
  const { db, repeat } = database;
  return {
    putUser: (id, change) => putUser(database, id, change),
    async getUser(id) {
      const [user] = await repeat(() => usersBy(db, id));
      return user ?? null;
    },
    users: (filter, page) => usersOf(database, filter, page),
    async addKey(userId, key) {
      const values = sql`select ${key.id}, user_id, ${key.name && cleanText(key.name)}::text, ${key.prefix}, ${key.hash}, app_now()`;
      const { rows } = await repeat(() =>
        db.execute(sql`insert into ${apiKeys} (id, user_id, name, prefix, hash, created_at)
        ${values} from ${userSettings} where user_id = ${userId}
        on conflict (id) do update set name = excluded.name where ${apiKeys.userId} = ${userId} returning id`),
      );
      return rows.length > 0;
    },
    async revokeKey(userId, keyId) {
      const revoked = await repeat(() =>
        db
          .update(apiKeys)
          .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, app_now())` })
          .where(and(eq(apiKeys.id, keyId), eq(apiKeys.userId, userId)))
          .returning({ id: apiKeys.id }),
      );
      return revoked.length > 0;
    },
    async keysOf(userId) {
      const { id, name, prefix, createdAt, lastUsedAt, revokedAt } = apiKeys;
      const rows = await repeat(() =>
        db
          .select({ user: userSettings.userId, key: { id, name, prefix, createdAt, lastUsedAt, revokedAt } })
          .from(userSettings)
          .leftJoin(apiKeys, eq(apiKeys.userId, userSettings.userId))
          .where(eq(userSettings.userId, userId))
          .orderBy(createdAt, id),
      );
      return rows.length > 0 ? rows.flatMap(({ key }) => (key ? [key] : [])) : null;
    },
    async whoIs(keyHash) {
      const live = and(eq(apiKeys.hash, keyHash), isNull(apiKeys.revokedAt));
      const [, [user]] = await repeat(() =>
        db.batch([
          db
            .update(apiKeys)
            .set({ lastUsedAt: sql`app_now()` })
            .where(and(live, sql`app_now() > ${unrecorded}`)),
          db
            .select(userColumns)
            .from(apiKeys)
            .innerJoin(userSettings, eq(userSettings.userId, apiKeys.userId))
            .crossJoinLateral(TERMS)
            .where(live),
        ]),
      );
      return user ?? null;
    },
    async budget(userId) {
      const [today, terms] = await asUser(database, userId, (db) => budgetReads(db, userId));
      return budgetFrom(userId, today.rows[0]?.day ?? null, terms[0]);
    },
    async topUp(userId, amount, spread, once) {
      const { key, fingerprint } = once;
      const [answer, today, terms] = await asUser(database, userId, (db) => [
        db.execute<{ answer: { conflict?: true; tooMuch?: TooMuchJson } }>(
          sql`select top_up(${userId}, ${amount.toString()}, ${spread}, ${key}, ${fingerprint}) as answer`,
        ),
        ...budgetReads(db, userId),
      ]);
      const { conflict, tooMuch } = answer.rows[0]!.answer;
      if (conflict) return 'conflict';
      if (tooMuch) return tooMuchOf(tooMuch);
      return budgetFrom(userId, today.rows[0]?.day ?? null, terms[0]);
    },
    topUps: (userId, page) => topUpsOf(database, userId, page),
    days: (userId, range, page) => daysOf(database, userId, range, page),
    usage: (userId, range, groupBy, page) => usageOf(database, userId, range, groupBy, page),
  };
}

const {
  userId,
  subscriptionBudgetMicrodollars,
  subscriptionRenewalDate,
  wakePolicy,
  cycleStart,
  maxDailyMultiple,
  carriedMicrodollars,
} = userSettings;

/** From when on a use is worth a write: a key's last use is known to five minutes, and costs one write in so long. */
const unrecorded = sql`coalesce(${apiKeys.lastUsedAt}, '-infinity') + interval '5 minutes'`;

/** The terms are those of the cycle that today lies in, also before the day is opened, which rolls the row. Read from user_settings with `TERMS` joined. */
const userColumns = {
  id: userId,
  tier: sql<string>`terms.tier`,
  budget: sql<bigint>`terms.budget`.mapWith(subscriptionBudgetMicrodollars),
  renewalDate: sql<string | null>`terms.renewal`,
  wakePolicy,
  maxDailyMultiple,
};

const TERMS = sql`terms_of(user_settings.user_id, user_settings.tier, user_settings.subscription_budget_microdollars,
  user_settings.subscription_renewal_date, user_settings.renewal_anchor_day, user_settings.paid_by_stripe) terms`;

const usersBy = (db: Db, id: string) =>
  db.select(userColumns).from(userSettings).crossJoinLateral(TERMS).where(eq(userId, id));

async function putUser({ db, repeat }: Database, id: string, change: UserChange) {
  const [answer, users] = await repeat(() =>
    db.batch([
      db.execute<{ answer: { nudged: boolean; tooMuch?: TooMuchJson } }>(
        sql`select put_user(${id}, ${toJson(change)}) as answer`,
      ),
      usersBy(db, id),
    ]),
  );
  const { nudged, tooMuch } = answer.rows[0]!.answer;
  return tooMuch ? tooMuchOf(tooMuch) : { user: users[0]!, nudged };
}

type TooMuchJson = { has: string; most: string };
const tooMuchOf = ({ has, most }: TooMuchJson): TooMuch => ({ tooMuch: { has: BigInt(has), most: BigInt(most) } });

/**
 * First the day, since opening it may roll the cycle that the sums are about. In a select from one table drizzle writes columns without
 * their table's name, so the inner queries spell theirs out.
 */
function budgetReads(db: Db, id: string) {
  const spent = sql<string>`(select coalesce(sum(d.spent), 0)::text from ${budgetDays} d
    where d.user_id = ${id} and d.day >= user_settings.cycle_start)`;
  const toppedUp = sql<string>`(select coalesce(sum(t.amount), 0)::text from ${topUps} t
    where t.user_id = ${id} and t.day >= user_settings.cycle_start)`;
  const left = sql<string>`(select top_ups_left(${id}, user_settings.carried_microdollars, user_settings.cycle_start, t.day, t.day + 1)::text
    from (select app_day(${id}) as day) t)`;
  const nextDue = sql<
    string | null
  >`(select min(s.due_at) from ${agentSessions} s where s.user_id = ${id} and s.due_at < 'infinity')`;
  const now = sql<string>`(select app_now())`;
  const raised = sql<
    RaisedJson[]
  >`(select coalesce(json_agg(json_build_object('threshold', n.threshold, 'at', n.at) order by n.at, n.threshold), '[]')
    from ${budgetAlerts} n where n.user_id = ${id} and n.day = (select app_day(${id})))`;
  return [
    db.execute<{ day: DayJson | null }>(sql`select today(${id}) as day`),
    db
      .select({
        plan: subscriptionBudgetMicrodollars,
        renewalDate: subscriptionRenewalDate,
        cycleStart,
        carriedOver: carriedMicrodollars,
        toppedUp,
        left,
        spent,
        now,
        raised,
        nextDue,
      })
      .from(userSettings)
      .where(eq(userId, id)),
  ] as const;
}

type Terms = {
  plan: bigint;
  renewalDate: string | null;
  cycleStart: string;
  carriedOver: bigint;
  toppedUp: string;
  left: string;
  spent: string;
  now: string;
  raised: RaisedJson[];
  nextDue: string | null;
};
type RaisedJson = { threshold: Threshold; at: string };

function budgetFrom(userId: string, today: DayJson | null, terms: Terms | undefined): BudgetView {
  if (!today || !terms) throw new Error(`no user ${userId}`);
  const day = dayOf(today);
  const budget = terms.plan + terms.carriedOver + BigInt(terms.toppedUp);
  const spent = BigInt(terms.spent);
  const remaining = budget > spent ? budget - spent : 0n;
  const { renewalDate, cycleStart } = terms;
  const now = fromInstant(terms.now);
  return {
    now,
    cycleStart,
    day,
    budget,
    carriedOver: terms.carriedOver,
    toppedUpLeft: BigInt(terms.left),
    spent,
    remaining,
    daysLeft: daysToRenewal(renewalDate, day.date),
    renewalDate,
    alerts: terms.raised.map(({ threshold, at }) => ({ threshold, at: fromInstant(at) })),
    nextDue: terms.nextDue === null ? null : fromInstant(terms.nextDue),
  };
}
