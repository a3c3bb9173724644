/** The journals of all sessions of a user (lib/ports/all-events.ts): which sessions have moved, then their entries, each from its own index. */
import { sql } from 'drizzle-orm';
import { agentEvents, agentSessions } from '../../../schema/index.ts';
import type { LogEntry } from '../../core/events.ts';
import {
  AFTER_END_MS,
  type AllEvents,
  type EventsPlace,
  isLost,
  MARGIN_MS,
  MOST_BACK_MS,
  placeAtEnd,
  SETTLED_MS,
  seenAlso,
} from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toInstant } from './json.ts';
import { asUser } from './tenant.ts';

type MovedRow = { id: string; seq: number; updated: string };
type EventRow = { session_id: string; seq: number; at: string; iteration: number; type: string; data: unknown };

const seconds = (ms: number) => sql.raw(`interval '${ms / 1_000} s'`);

export async function allEventsOf(
  database: Database,
  userId: string,
  place: EventsPlace | null,
  limit: number,
): Promise<AllEvents> {
  const end = sql`app_now() - ${seconds(SETTLED_MS)}`;
  const given = place && sql`${toInstant(place.until)}::timestamptz`;
  // Of a place that does not count nothing is read.
  const until = given
    ? sql`case when ${given} between app_now() - ${seconds(MOST_BACK_MS)} and app_now() then ${given} else ${end} end`
    : end;
  // Those that have not ended by their index, and those that have lately.
  const some = (which: ReturnType<typeof sql>) => sql`select id, seq, created_at, updated_at from ${agentSessions}
    where user_id = ${userId} and deleted_at is null and cleared_at is null
      and updated_at > (select t from until) - ${seconds(MARGIN_MS)} and ${which}`;
  const moved = sql`with until as materialized (select ${until} as t), moved as (${some(sql`due_at is not null`)}
    union all ${some(sql`completed_at > (select t from until) - ${seconds(AFTER_END_MS)}`)})`;
  // Read once, and not for every session or entry.
  const seen = sql`seen as materialized (select key as id, value::bigint as seq from json_each_text(${JSON.stringify(place?.seen ?? {})}::json))`;
  // From where on: by number, or after the last entry up to that instant, which is looked for from the end.
  const from = sql`case when s.seq is not null then least(s.seq, m.seq)
    when m.created_at > (select t from until) then 0
    else coalesce((select e.seq from ${agentEvents} e
      where e.session_id = m.id and e.at <= (select t from until) order by e.seq desc limit 1), 0) end`;
  const [nows, rows, entries] = await asUser(database, userId, (db) => [
    db.execute<{ now: string; until: string; working: boolean }>(sql`select app_now() as now, ${until} as until,
      exists (select from ${agentSessions} where user_id = ${userId} and deleted_at is null and due_at <= (select app_now())) as working`),
    db.execute<MovedRow>(sql`${moved} select id, seq, updated_at as updated from moved`),
    db.execute<EventRow>(
      place === null
        ? sql`select null as session_id where false`
        : sql`${moved}, ${seen}, began as materialized (select m.id, ${from} as after from moved m left join seen s on s.id = m.id)
          select e.* from began b cross join lateral (
            select session_id, seq, at, iteration, type, data from ${agentEvents}
            where session_id = b.id and seq > b.after order by seq limit ${limit + 1}::int) e
          order by e.at, e.session_id, e.seq limit ${limit + 1}::int`,
    ),
  ]);
  const { now, until: from_, working } = nows.rows[0]!;
  const last = rows.rows.map(({ id, seq, updated }) => ({ id, seq: Number(seq), at: fromInstant(updated) }));
  if (place && isLost(place, fromInstant(now), last))
    return { events: [], place: endOf(fromInstant(now), last), more: false, working, lost: true };
  const events = entries.rows.slice(0, limit).map(entryOf);
  const more = entries.rows.length > limit;
  const began = { until: fromInstant(from_), seen: place?.seen ?? {} };
  const ended = events.reduce(seenAlso, began);
  if (more) return { events, place: ended, more, working, lost: false };
  const known = new Set(last.map(({ id }) => id));
  // One that moved after the sessions were read.
  const later = events.filter(({ sessionId }) => !known.has(sessionId));
  const moves = [
    ...last.map((one) => ({ ...one, seq: Math.max(one.seq, ended.seen[one.id] ?? 0) })),
    ...later.map(({ sessionId: id, seq, at }) => ({ id, seq, at })),
  ];
  return { events, place: placeAtEnd(began.until, fromInstant(now), moves), more, working, lost: false };
}

const endOf = (now: number, last: { id: string; seq: number; at: number }[]): EventsPlace =>
  placeAtEnd(now - SETTLED_MS, now, last);

const entryOf = ({ session_id, seq, at, iteration, type, data }: EventRow): AllEvents['events'][number] => ({
  ...({ type, data } as LogEntry),
  sessionId: session_id,
  ...{ seq: Number(seq), at: fromInstant(at), iteration: Number(iteration) },
});
