/**
 * Everything that must hold of a run under faults: G1 to G12, and the rules R1 to R15 as far as they leave a trace of their own. Each
 * checker is a file; none knows how the run was made.
 */
import type { Check, Evidence, Violation } from '../evidence.ts';
import { g01 } from './g01.ts';
import { g02 } from './g02.ts';
import { g03 } from './g03.ts';
import { g04 } from './g04.ts';
import { g05 } from './g05.ts';
import { g06 } from './g06.ts';
import { g07 } from './g07.ts';
import { g08 } from './g08.ts';
import { g09 } from './g09.ts';
import { g10 } from './g10.ts';
import { g11 } from './g11.ts';
import { g12 } from './g12.ts';
import { live } from './live.ts';
import { days } from './r08-days.ts';
import { rules } from './rules.ts';
import { type Finder, type Run, reading } from './run.ts';

export const finders: Record<string, Finder> = {
  ...{ G1: g01, G2: g02, G3: g03, G4: g04, G5: g05, G6: g06, G7: g07, G8: g08, G9: g09, G10: g10, G11: g11, G12: g12 },
  ...{ days, live, rules },
};

/** All violations of a run that is already open. Without a Redis (`redisUrl` empty) the live view is not looked at. */
export async function violationsIn(run: Run): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const [name, finder] of Object.entries(finders)) {
    if (name === 'live' && run.evidence.redisUrl === '') continue;
    found.push(...(await finder(run)));
  }
  return found;
}

/** All violations of a run, by every checker. */
export const check: Check = (evidence: Evidence) => reading(evidence, violationsIn);
