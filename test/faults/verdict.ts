/** After every quiescence: the books are reconciled as the product does it, and all that must hold is looked at. */
import { readFileSync } from 'node:fs';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import { upstashAudit } from '../../lib/adapters/upstash/audit.ts';
import { reconcile } from '../../lib/ops/reconcile.ts';
import { check } from './checks/index.ts';
import { type BillLine, linesOf, type RefusalLine, type Violation } from './evidence.ts';
import { quiescence, rest } from './quiescence.ts';
import type { Stage } from './stage.ts';

/**
 * Twice: as the sessions rest where their users left them, paused or waiting too; and when every one of them has been brought to its end.
 * `lull`: the rest lasts until the recovery cron has slept, which can take a minute.
 */
export async function verdict(stage: Stage, { lull }: { lull: boolean }): Promise<Violation[]> {
  const atRest = await judged(stage, 'it does not come to rest', await rest(stage, { lull }));
  if (atRest.length > 0) return atRest;
  return judged(stage, 'it does not come to an end', await quiescence(stage));
}

async function judged(stage: Stage, fails: string, left: string[]): Promise<Violation[]> {
  const stuck = left.map((what) => ({ check: 'G7', what: `${fails}: ${what}` }));
  const drifts = await reconciled(stage);
  return [...stuck, ...drifts, ...(await check(stage.evidence()))];
}

/** What disagrees within Postgres is a violation, and stays; the live view may have missed something, and is written anew. */
async function reconciled({ rig }: Stage): Promise<Violation[]> {
  const audit = postgresAudit(rig.database);
  const liveAudit = upstashAudit({ url: rig.upstash.url, token: rig.upstash.token });
  const options = { today: new Date(rig.clock.now()).toISOString().slice(0, 10) };
  const { findings, away } = await reconcile({ audit, liveAudit, provider: null }, { ...options, repair: false });
  const drifts = findings.filter(({ kind }) => !kind.startsWith('live_'));
  if (drifts.length === 0) await reconcile({ audit, liveAudit, provider: null }, { ...options, repair: true });
  return [
    ...drifts.map(({ kind, cause, ...drift }) => ({
      check: 'G2',
      what: `reconciliation finds ${kind}: ${cause}`,
      rows: [JSON.stringify(drift, (_key, value) => (typeof value === 'bigint' ? String(value) : value))],
    })),
    ...away.map((what) => ({ check: 'G2', what: `reconciliation could not compare: ${what}` })),
  ];
}

/** Microdollars. `unknown`: what was charged for calls whose outcome is not known (G12), of `charged`. `billed`: by the witness. */
export type Money = { billed: number; charged: number; unknown: number; calls: number; unknowns: number };

export async function moneyOf({ rig }: Stage): Promise<{ money: Money; answers: string[] }> {
  const bill = linesOf<BillLine>(readFileSync(rig.witnesses.billPath, 'utf8'));
  const refusals = linesOf<RefusalLine>(readFileSync(rig.witnesses.refusalsPath, 'utf8'));
  const { rows } = await rig.admin.query<{ [name: string]: string }>(
    `select coalesce(sum(cost), 0) as charged, coalesce(sum(cost) filter (where class = 'unknown'), 0) as unknown,
      count(*) as calls, count(*) filter (where class = 'unknown') as unknowns from usage_ledger`,
  );
  const [charged, unknown, calls, unknowns] = ['charged', 'unknown', 'calls', 'unknowns'].map((name) =>
    Number(rows[0]![name]),
  );
  return {
    money: {
      billed: bill.reduce((sum, { cost }) => sum + cost, 0),
      charged: charged!,
      unknown: unknown!,
      calls: calls!,
      unknowns: unknowns!,
    },
    answers: [...bill.map(({ answer }): string => answer), ...refusals.map(({ status }) => `status_${status}`)],
  };
}
