/** What is counted while a run goes on: steps that were hit, faults that took effect, how long a killed iteration lay. */
import { appendFileSync } from 'node:fs';
import type { FailpointName } from '../kit/failpoints.ts';
import type { ClaimLine, HintLine, Injected } from './evidence.ts';

/** How often the recovery cron left Postgres asleep, among the counts. */
export const SLEPT = 'recovery crons that slept';

export type Record = {
  hits: Map<FailpointName, number>;
  faults: Injected[];
  /**
   * Real milliseconds from a kill in the midst of an owned iteration to the next claim of its session, and to the hint that led to it: the
   * rest is waiting for a free worker, and its work until the claim.
   */
  recoveries: number[];
  founds: number[];
  iterations: number;
  counts: Map<string, number>;
  hit(step: FailpointName): void;
  count(what: string, by?: number): void;
  fault(fault: Omit<Injected, 'at'>): Injected;
  killed(session: string, step: FailpointName): void;
  hinted(session: string): void;
  claimed(line: ClaimLine): void;
  /** By one sweep. */
  swept(hints: { sessions: string[]; asked: number; at: number }): void;
};

/** From the claim to the save a session has an owner, and is due as long as that one lives and after. */
export const OWNED: FailpointName[] = [
  ...(['claimed', 'counting', 'counted', 'reserving', 'reserved', 'thinking', 'connected', 'message_started'] as const),
  ...(['streaming', 'message_stopped', 'thought', 'settling', 'settled', 'loading_files', 'files_loaded'] as const),
  ...(['marking_tool', 'tool_marked', 'running_tool', 'tool_ran', 'beating', 'beaten', 'saving'] as const),
];

export function newRecord(paths: () => { claims: string; hints: string }): Record {
  const hits = new Map<FailpointName, number>();
  const counts = new Map<string, number>();
  const faults: Injected[] = [];
  const recoveries: number[] = [];
  const founds: number[] = [];
  const dead = new Map<string, number>();
  const hints = new Map<string, number>();
  return {
    ...{ hits, faults, recoveries, founds, counts, iterations: 0 },
    hit: (step) => void hits.set(step, (hits.get(step) ?? 0) + 1),
    count: (what, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by),
    fault(fault) {
      const injected = { at: Date.now(), ...fault };
      faults.push(injected);
      return injected;
    },
    killed(session, step) {
      if (OWNED.includes(step)) dead.set(session, Date.now());
    },
    hinted: (session) => void hints.set(session, Date.now()),
    claimed(line) {
      appendFileSync(paths().claims, `${JSON.stringify(line)}\n`);
      const since = dead.get(line.session);
      dead.delete(line.session);
      if (since === undefined) return;
      recoveries.push(Date.now() - since);
      founds.push(Math.max(0, (hints.get(line.session) ?? Date.now()) - since));
    },
    swept({ sessions, asked, at }) {
      const lines = sessions.map((session): HintLine => ({ at, asked, session, by: 'sweep' }));
      appendFileSync(paths().hints, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
  };
}

/** The value below which a part of them lies; null of none. */
export function percentile(values: number[], part: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
