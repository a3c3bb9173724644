/** A trial: a variant, and the smallest scenario in which it goes wrong. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { violationsIn } from '../checks/index.ts';
import { reading } from '../checks/run.ts';
import type { Variant, Violation } from '../evidence.ts';
import { sourcesOf } from './apply.ts';
import type { Lab } from './lab.ts';
import { type Stage, setStage } from './stage.ts';

export type Scenario = (stage: Stage) => Promise<void>;
/** The scenario of a variant with broken sources is one that child.ts knows by its name. */
export type Trial = { variant: Variant; scenario: Scenario };
export type Played = { violations: Violation[]; iterations: number; ms: number };

/** Plays it on a database of its own. `broken` null: on the healthy product, where nothing may be found. */
export async function play(lab: Lab, scenario: Scenario, broken: Variant | null): Promise<Played> {
  const url = await lab.database(broken?.sql ?? []);
  return broken?.source ? inChild(url, scenario.name, broken) : playOn(url, scenario);
}

export async function playOn(databaseUrl: string, scenario: Scenario): Promise<Played> {
  const stage = await setStage(databaseUrl);
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

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const LONGEST_MS = 120_000;

function inChild(url: string, scenario: string, variant: Variant): Promise<Played> {
  const { args, env } = sourcesOf(variant);
  const options = { env: { ...process.env, ...env }, timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [...args, CHILD, url, scenario], options, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(JSON.parse(stdout) as Played),
    ),
  );
}

export const caughtBy = ({ expects }: Variant, { violations }: Played): Violation | undefined =>
  violations.find(({ check }) => expects.includes(check));
