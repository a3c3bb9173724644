/** What a run does, from its command line. */
import { parseArgs } from 'node:util';

export const PARTS = ['steps', 'recovery', 'storm', 'outages', 'fair', 'herd'] as const;
export type Part = (typeof PARTS)[number];

export type Options = {
  quick: boolean;
  /** Of workers, by SIGKILL, in the parts `steps` and `storm` together. */
  kills: number;
  /** Saved ones, in the part `outages`. */
  iterations: number;
  seed: number;
  /** Folder of report.md and report.json, and of the evidence of a part that failed. Null: a new one in the system's temporary folder. */
  report: string | null;
  only: Part[];
  /** Of the part `steps`: only cases whose name holds this. */
  cases: string;
  /** A broken variant of the product, by its name (broken/variants): the run is to find it out. */
  variant: string | null;
  /** Workers at a time. */
  atOnce: number;
};

export const USAGE = `npm run faults -- [--quick] [--kills N] [--iterations N] [--seed N] [--report DIR] [--only ${PARTS.join(',')}] [--cases TEXT] [--at-once N] [--variant NAME]`;

/** Throws a sentence about what is wrong. */
export function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      ...{ quick: { type: 'boolean', default: false }, kills: { type: 'string' }, iterations: { type: 'string' } },
      ...{ seed: { type: 'string' }, report: { type: 'string' }, only: { type: 'string' } },
      ...{ cases: { type: 'string', default: '' }, 'at-once': { type: 'string' }, variant: { type: 'string' } },
    },
  });
  const { quick, report, cases } = values;
  const only = (values.only?.split(',') ?? (quick ? ['steps', 'storm', 'outages', 'herd'] : PARTS)) as Part[];
  const unknown = only.find((part) => !PARTS.includes(part));
  if (unknown) throw new Error(`--only ${unknown}: there are ${PARTS.join(', ')}`);
  return {
    ...{ quick, report: report ?? null, cases, only, variant: values.variant ?? null },
    kills: count('--kills', values.kills, quick ? 60 : 1_000),
    iterations: count('--iterations', values.iterations, quick ? 80 : 5_000),
    seed: count('--seed', values.seed, Math.floor(Math.random() * 1_000_000)),
    atOnce: count('--at-once', values['at-once'], 6),
  };
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} ${text} is not a number`);
  return Number(text);
}
