/** The Evidence port: reads of the ledger by time, and the correction as one function (schema/functions/evidence.sql). */
import type { Usage } from '../../budget/pricing.ts';
import type { Evidence } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toInstant, toJson } from './json.ts';

const DOUBTS = `select l.user_id, l.session_id, l.fence::text, l.n, l.model, l.cost::text, l.usage, to_json(h.at) as at, to_json(l.at) as ended
  from usage_ledger l join budget_holds h on h.session_id = l.session_id and h.fence = l.fence and h.n = l.n
  where h.kind = 'call' and l.class = 'unknown' and l.at >= $1::timestamptz order by h.at, l.session_id, l.fence, l.n`;
const CERTAIN = `select coalesce(sum(l.cost), 0)::text as cost, count(*)::int as calls
  from usage_ledger l join budget_holds h on h.session_id = l.session_id and h.fence = l.fence and h.n = l.n
  where h.kind = 'call' and l.class = 'settled' and l.cost > 0 and l.at >= $2::timestamptz and l.at <= $3::timestamptz and h.at >= $2::timestamptz
    and regexp_replace(l.model, '-\\d{8}$', '') = $1`;

type DoubtRow = { user_id: string; session_id: string; fence: string; n: number; model: string; cost: string } & {
  usage: Usage | null;
  at: string;
  ended: string;
};

export function postgresEvidence({ sql, repeat, call }: Database): Evidence {
  const rows = <T>(text: string, ...values: unknown[]) => repeat(() => sql.query(text, values)) as Promise<T[]>;
  return {
    async now() {
      const [row] = await rows<{ now: string }>('select to_json(app_now()) as now');
      return fromInstant(row!.now);
    },
    async doubts(since) {
      const found = await rows<DoubtRow>(DOUBTS, toInstant(since));
      return found.map(({ n, model, usage, ...row }) => ({
        ...{ userId: row.user_id, sessionId: row.session_id, fence: Number(row.fence), n, model, usage },
        ...{ cost: BigInt(row.cost), at: fromInstant(row.at), ended: fromInstant(row.ended) },
      }));
    },
    async certain(model, from, to) {
      const [row] = await rows<{ cost: string; calls: number }>(CERTAIN, model, toInstant(from), toInstant(to));
      return { cost: BigInt(row!.cost), calls: row!.calls };
    },
    async lower(userId, corrections) {
      const list = corrections.map(({ doubt: { sessionId, fence, n, cost: was }, cost }) => ({
        sessionId,
        fence,
        n,
        was,
        cost,
      }));
      return BigInt(await call<string | number>('correct_costs', userId, toJson(list)));
    },
  };
}
