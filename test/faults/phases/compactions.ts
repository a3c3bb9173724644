/** What a run did to compactions (R14) and to sessions on a ladder: how often there was any, and what befell those who were at it. */
import { readFileSync } from 'node:fs';
import { type ClaimLine, type Injected, linesOf } from '../evidence.ts';
import { OWNED } from '../record.ts';
import type { Stage } from '../stage.ts';

/**
 * `calls`: of the model, for a summary. `written`: those that gave one. `beforeSleep`: of those, before a sleep. `unknown`: calls whose outcome
 * nobody learnt. `faults`: by mode, that took effect while their worker was at one. `modelChanges`: of sessions on a ladder.
 */
export type Compactions = {
  calls: number;
  written: number;
  beforeSleep: number;
  unknown: number;
  faults: { [mode: string]: number };
  modelChanges: number;
};

/** By the journal, since of a call whose owner died the ledger does not know what it was for. */
const CALLS = `select session_id || ' under fence ' || fence as hold, class from budget_holds h where exists (select from agent_events e
  where e.session_id = h.session_id and e.fence = h.fence and e.type = 'agent.thinking' and e.data ->> 'compacting' = 'true')`;
const JOURNAL = `select count(*) filter (where e.type = 'agent.compacted') as written,
    count(*) filter (where e.type = 'agent.compacted' and exists (select from agent_events s
      where s.session_id = e.session_id and s.fence = e.fence and s.type = 'agent.sleeping')) as "beforeSleep",
    count(*) filter (where e.type = 'agent.model_changed') as changes
  from agent_events e where e.type in ('agent.compacted', 'agent.model_changed')`;

export async function compactionsOf({ rig, record }: Stage): Promise<Compactions> {
  const { rows: calls } = await rig.admin.query<{ hold: string; class: string }>(CALLS);
  const { rows: told } = await rig.admin.query<{ written: string; beforeSleep: string; changes: string }>(JOURNAL);
  const { written, beforeSleep, changes } = told[0]!;
  return {
    ...{ calls: calls.length, written: Number(written), beforeSleep: Number(beforeSleep) },
    unknown: calls.filter((call) => call.class === 'unknown').length,
    faults: befell(new Set(calls.map(({ hold }) => hold)), record.faults, claimsIn(rig.claimsPath)),
    modelChanges: Number(changes),
  };
}

const claimsIn = (path: string): ClaimLine[] => linesOf<ClaimLine>(readFileSync(path, 'utf8'));

/** A fault of a worker that owned a session belongs to the last claim that it had of it. */
function befell(holds: Set<string>, faults: Injected[], claims: ClaimLine[]): Compactions['faults'] {
  const counts: Compactions['faults'] = {};
  for (const { mode, step, session, worker, at, took } of faults) {
    if (!took || !OWNED.some((owned) => owned === step)) continue;
    const claim = claims.findLast((one) => one.worker === worker && one.session === session && one.at <= at);
    if (claim && holds.has(`${session} under fence ${claim.fence}`)) counts[mode] = (counts[mode] ?? 0) + 1;
  }
  return counts;
}

export function summed(all: Compactions[]): Compactions {
  const total = (name: Exclude<keyof Compactions, 'faults'>) => all.reduce((sum, one) => sum + one[name], 0);
  const faults: Compactions['faults'] = {};
  for (const [mode, n] of all.flatMap((one) => Object.entries(one.faults))) faults[mode] = (faults[mode] ?? 0) + n;
  return {
    ...{
      calls: total('calls'),
      written: total('written'),
      beforeSleep: total('beforeSleep'),
      unknown: total('unknown'),
    },
    ...{ faults, modelChanges: total('modelChanges') },
  };
}

/** What a whole run must have seen of them, and has not; a quick one, of the commonest. Rarer faults at a compaction are told, and left to chance. */
export const unseen = ({ written, beforeSleep, faults, modelChanges }: Compactions, quick: boolean): string[] =>
  Object.entries({
    'a compaction': written,
    ...(!quick && {
      'a compaction before sleep': beforeSleep,
      'a kill of a worker at a compaction': faults.kill ?? 0,
      'a change of the model': modelChanges,
    }),
  }).flatMap(([what, times]) => (times > 0 ? [] : [`never happened: ${what}`]));
