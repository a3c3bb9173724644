/** Faults that the long proofs plant: each text to be replaced is where its list says, so that no proof fails at the end of CI for want of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../model/mutations.ts';
import { GUARDS } from '../money/guard-list.ts';
import { trials } from './broken/variants/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const places = (text: string, from: string): number => text.split(from).length - 1;
const sqlOf = (folder: string): string[] =>
  (readdirSync(join(ROOT, folder), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.sql'))
    .map((name) => textOf(join(folder, name)));

describe('a planted fault', () => {
  const sources = trials.flatMap(
    ({ variant }) => variant.source?.map((fault) => ({ ...fault, name: variant.name })) ?? [],
  );
  it.each([...MUTANTS, ...sources])('finds its text once: $name', ({ file, from }) => {
    expect(places(textOf(file), from)).toBe(1);
  });

  it('in the SQL finds its text in one file, or in a function', () => {
    const files = [...sqlOf('migrations'), ...sqlOf('schema')];
    for (const { name, removed } of GUARDS)
      for (const [from] of removed)
        expect([name, files.filter((text) => text.includes(from)).length]).toEqual([name, 1]);
    const functions = sqlOf('schema/functions').join('\n');
    const patches = trials.flatMap(({ variant }) => variant.sql?.filter((one) => 'from' in one) ?? []);
    expect(patches.filter(({ from }) => !functions.includes(from))).toEqual([]);
  });
});
