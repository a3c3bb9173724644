/**
 * The ledger, summed. By tool, a call is shared out over the tool calls of its reply. Each gets the integer quotient, and the first ones a
 * unit more until the remainder is gone. So the shares of money and tokens sum exactly.
 */
import { type SQL, sql } from 'drizzle-orm';
import { budgetHolds, usageLedger } from '../../../schema/index.ts';
import {
  NO_TOOL,
  type TokenCounts,
  type UsageGroup,
  type UsagePage,
  type UsageRange,
  type UsageRow,
} from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { asUser } from './tenant.ts';

type SumRow = Record<'key' | 'calls' | 'cost' | 'unknown' | keyof TokenCounts, string>;

const TOKENS: Record<keyof TokenCounts, SQL> = {
  inputTokens: sql`l.input_tokens`,
  cacheWrite5mTokens: sql`l.cache_write_5m_tokens`,
  cacheWrite1hTokens: sql`l.cache_write_1h_tokens`,
  cacheReadTokens: sql`l.cache_read_tokens`,
  outputTokens: sql`l.output_tokens`,
};
/** Within the call's day, also where it was settled after midnight or corrected later. */
const HOUR = sql`least(greatest(coalesce(h.at, l.at) at time zone 'UTC', l.day::timestamp), l.day::timestamp + interval '23 h')`;
const HOLDS = sql`left join ${budgetHolds} h on h.session_id = l.session_id and h.fence = l.fence and h.n = l.n`;

const KEYS: Record<UsageGroup, SQL> = {
  day: sql`l.day::text`,
  hour: sql`to_char(${HOUR}, 'YYYY-MM-DD"T"HH24":00:00.000Z"')`,
  session: sql`l.session_id`,
  model: sql`l.model`,
  tool: sql`part.tool`,
  iteration: sql`(l.session_id collate "C") || ':' || l.iteration`,
};
/** The row of a paid tool has its cost. Its call is counted with the reply that asked for it. */
const CALLED = sql`count(*) filter (where l.kind is distinct from 'tool')`;
const WHOLE = sql`(select ''::text as tool, 1 as i, 1 as parts)`;
const PARTS = sql`(select tool, i, cardinality(tools) as parts
  from (select case when l.tools = '{}' then array[${NO_TOOL}::text] else l.tools end as tools) called, unnest(tools) with ordinality x(tool, i))`;

/** As the index usage_ledger_by_iteration has them, so that a page reads no further than it shows. */
const BY_NUMBER = sql`l.session_id collate "C", l.iteration order by l.session_id collate "C", l.iteration`;

/** In the order of the rows. */
function after(groupBy: UsageGroup, key: string): SQL {
  if (groupBy !== 'iteration') return sql`and ${KEYS[groupBy]} collate "C" > ${key}`;
  const [, session = '', iteration = '0'] = /^(.*):(\d+)$/s.exec(key) ?? [];
  return sql`and (l.session_id collate "C", l.iteration) > (${session}, ${iteration}::bigint)`;
}

const share = (amount: SQL) => sql`sum((${amount}) / part.parts + ((${amount}) % part.parts >= part.i)::int)::text`;

/** One statement, one request. */
export async function usageOf(
  database: Database,
  userId: string,
  range: UsageRange,
  groupBy: UsageGroup,
  page?: UsagePage,
): Promise<UsageRow[]> {
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<SumRow>(sql`
    select ${KEYS[groupBy]} as key, ${groupBy === 'tool' ? CALLED : sql`count(*)`}::text as calls, ${share(sql`l.cost`)} as cost,
      ${share(sql`case when l.class = 'unknown' then l.cost else 0 end`)} as unknown,
      ${sql.join(
        Object.entries(TOKENS).map(([name, tokens]) => sql`${share(tokens)} as ${sql.identifier(name)}`),
        sql`, `,
      )}
    from ${usageLedger} l ${groupBy === 'hour' ? HOLDS : sql``} cross join lateral ${groupBy === 'tool' ? PARTS : WHOLE} part
    where l.user_id = ${userId} and l.day between ${range.from}::date and ${range.to}::date
      ${range.sessionId === undefined ? sql`` : sql`and l.session_id ${groupBy === 'iteration' ? sql`collate "C"` : sql``} = ${range.sessionId}`} ${page?.after ? after(groupBy, page.after) : sql``}
    group by ${groupBy === 'iteration' ? BY_NUMBER : sql`1 order by ${KEYS[groupBy]} collate "C"`} ${page ? sql`limit ${page.limit}` : sql``}`),
  ]);
  return rows.map(({ key, calls, cost, unknown, ...tokens }) => ({
    key,
    calls: Number(calls),
    cost: BigInt(cost),
    unknown: BigInt(unknown),
    inputTokens: Number(tokens.inputTokens),
    cacheWrite5mTokens: Number(tokens.cacheWrite5mTokens),
    cacheWrite1hTokens: Number(tokens.cacheWrite1hTokens),
    cacheReadTokens: Number(tokens.cacheReadTokens),
    outputTokens: Number(tokens.outputTokens),
  }));
}
