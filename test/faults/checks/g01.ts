/** G1: the provider's bill ≤ spent + held ≤ ceiling, per user and day, at every admission. */
import type { Violation } from '../evidence.ts';
import { type Finder, few, never, type Run } from './run.ts';

const CHECK = 'G1';

/** The ceiling in force, at the moment of every admission, by the recorder; and as the hold itself says. */
const admissions = never(
  {
    check: CHECK,
    query: `select now ->> 'user_id' as user, now ->> 'day' as day, now ->> 'spent' as spent, now ->> 'held' as held, now ->> 'ceiling' as ceiling
      from witness.changes where what = 'budget_days' and (now ->> 'held')::bigint > coalesce((was ->> 'held')::bigint, 0)
        and (now ->> 'spent')::bigint + (now ->> 'held')::bigint > (now ->> 'ceiling')::bigint order by i`,
    says: (row) =>
      `${row.user} on ${row.day}: a hold was admitted at ${row.spent} spent and ${row.held} held, above the ceiling of ${row.ceiling}`,
  },
  {
    check: CHECK,
    query: `select * from budget_holds where committed > ceiling`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence} was granted a hold up to ${row.committed} of a ceiling of ${row.ceiling}`,
  },
  {
    check: CHECK,
    query: `select d.user_id, d.day, d.spent + d.held as committed, greatest(d.ceiling, max(h.ceiling)) as most
      from budget_days d join budget_holds h using (user_id, day)
      left join usage_ledger l on l.user_id = h.user_id and l.session_id = h.session_id and l.fence = h.fence and l.n = h.n
      group by d.user_id, d.day having d.spent + d.held > greatest(d.ceiling, max(h.ceiling)) + coalesce(sum(greatest(0, l.cost - h.amount)), 0)`,
    says: (row) =>
      `${row.user_id} on ${row.day}: ${row.committed} are spent or held, above the highest ceiling that day had, ${row.most}`,
  },
  {
    check: CHECK,
    query: `select user_id, day, cost from usage_ledger l where fence > 0
      and not exists (select from budget_holds h where h.session_id = l.session_id and h.fence = l.fence and h.n = l.n)`,
    says: (row) => `${row.user_id} on ${row.day}: ${row.cost} were charged without a hold`,
  },
);

type Booked = { from: number; committed: number };

/** What every day had spent and held, and since when (milliseconds). */
async function timelines({ rows }: Run): Promise<Map<string, Booked[]>> {
  const days = new Map<string, Booked[]>();
  const query = `select (now ->> 'user_id') || ' on ' || (now ->> 'day') as day, (now ->> 'spent')::bigint + (now ->> 'held')::bigint as committed,
    1000 * extract(epoch from at) as from from witness.changes where what = 'budget_days' and now is not null order by i`;
  for (const row of await rows(query)) {
    const day = days.get(row.day!) ?? [];
    day.push({ from: Number(row.from), committed: Number(row.committed) });
    days.set(row.day!, day);
  }
  return days;
}

/** Each line of the bill with the day of the hold that covers it. */
async function daysOf({
  rows,
  bill,
}: Run): Promise<{ orphans: string[]; billed: Map<string, { at: number; cost: number }[]> }> {
  const query = `select session_id || ' under fence ' || fence as hold, user_id || ' on ' || day as day from budget_holds`;
  const days = new Map((await rows(query)).map(({ hold, day }) => [hold!, day!]));
  const billed = new Map<string, { at: number; cost: number }[]>();
  const orphans: string[] = [];
  for (const { session, fence, at, cost, request } of bill) {
    const hold = `${session} under fence ${fence}`;
    const day = days.get(hold);
    if (!day) orphans.push(`${hold} was billed ${cost} (${request}) without any hold`);
    else billed.set(day, [...(billed.get(day) ?? []), { at, cost }]);
  }
  return { orphans, billed };
}

/** The bill is written in whole milliseconds, so that a line may seem up to one older than the hold that was booked before it. */
const ROUNDING_MS = 1;

/**
 * The first moment of a day at which more was billed than booked. What was booked last counts alone: a hold is booked before its call is
 * made, and whatever a settlement makes of it later is no less than its bill, so that neither the booking before nor the next can excuse.
 */
function uncovered(booked: Booked[], billed: { at: number; cost: number }[]): string | null {
  let [sum, next] = [0, 0];
  for (const { at, cost } of billed.toSorted((a, b) => a.at - b.at)) {
    sum += cost;
    while (next < booked.length && booked[next]!.from <= at + ROUNDING_MS) next += 1;
    const committed = booked[next - 1]?.committed ?? 0;
    if (sum > committed) return `${sum} were billed when only ${committed} were spent or held`;
  }
  const last = booked.at(-1)?.committed ?? 0;
  return sum > last ? `${sum} were billed, but only ${last} are spent or held in the end` : null;
}

const coverage: Finder = async (run) => {
  const { orphans, billed } = await daysOf(run);
  const booked = await timelines(run);
  const gaps = [...billed].flatMap(([day, lines]) => {
    const gap = uncovered(booked.get(day) ?? [], lines);
    return gap ? [{ what: `${day}: ${gap}` }] : [];
  });
  const found: Violation[] = few(
    CHECK,
    orphans.map((what) => ({ what })),
  );
  return [...found, ...few(CHECK, gaps)];
};

export const g01: Finder = async (run) => [...(await admissions(run)), ...(await coverage(run))];
