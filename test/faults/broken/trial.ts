/** A trial: a variant, and the smallest scenario in which it goes wrong. */

import { violationsIn } from '../checks/index.ts';
import { reading } from '../checks/run.ts';
import type { Variant, Violation } from '../evidence.ts';
import type { Lab } from './lab.ts';
import { type Stage, setStage } from './stage.ts';

export type Scenario = (stage: Stage) => Promise<void>;
export type Trial = { variant: Variant; scenario: Scenario };
export type Played = { violations: Violation[]; iterations: number; ms: number };

/** Plays it on a database of its own. `broken` null: on the healthy product, where nothing may be found. */
export async function play(lab: Lab, scenario: Scenario, broken: Variant | null): Promise<Played> {
  const stage = await setStage(await lab.database(broken?.sql ?? []));
  const began = performance.now();
  try {
    await scenario(stage);
    await stage.leave();
    const violations = await reading(stage.evidence, violationsIn);
    return { violations, iterations: stage.counted.iterations, ms: performance.now() - began };
  } finally {
    await stage.close();
  }
}

export const caughtBy = ({ expects }: Variant, { violations }: Played): Violation | undefined =>
  violations.find(({ check }) => expects.includes(check));
