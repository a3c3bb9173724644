/**
 * The shell of the sandbox against bash: several hundred ordinary scripts on the same files. What differs is told to the model
 * (lib/tools/shell.ts), and nothing else differs.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bash } from '../../../lib/tools/bash.ts';
import { DIFFERENT } from '../../../lib/tools/shell.ts';
import { scripts } from './corpus.ts';
import { KNOWN } from './different.ts';
import { inBash, inSandbox, isInstalled, type Run } from './runs.ts';

/** Not everywhere installed. A script that names one of them is left out where it is not. */
const PROGRAMS = ['jq', 'sqlite3', 'tree', 'xxd', 'bc', 'file', 'column', 'zip', 'bzip2', 'patch', 'numfmt', 'factor'];

const ALL = scripts();
const missing = PROGRAMS.filter((name) => !isInstalled(name));
const needs = (text: string): string[] =>
  missing.filter((name) => new RegExp(`(^|[\\s;|(])${name}\\b`, 'm').test(text));

const outcome = ({ stdout, exitCode, files }: Run): Run => ({ stdout, exitCode, files });

describe.skipIf(!isInstalled('bash'))('the shell and bash', () => {
  for (const name of missing) it.skip(`on scripts with ${name}, which is not installed`, () => {});

  it('print the same, end the same and leave the same files, but for what the model is told', async () => {
    const here = ALL.filter(({ text }) => needs(text).length === 0);
    const bashRuns = inBash(here.map(({ text }) => text));
    const ourRuns: Run[] = [];
    for (const { text } of here) ourRuns.push(outcome(await inSandbox(text)));
    const bashs = await bashRuns;
    const differ: unknown[] = [];
    const alike: string[] = [];
    for (const [at, { topic, text }] of here.entries()) {
      const [theirs, ours] = [outcome(bashs[at]!), ourRuns[at]!];
      const same = isDeepStrictEqual(theirs, ours);
      if (!same && KNOWN[text] === undefined)
        differ.push({ topic, text, theirs: { ...theirs, files: null }, ours: { ...ours, files: null } });
      if (same && KNOWN[text] !== undefined) alike.push(text);
    }
    expect(differ).toEqual([]);
    // A difference that is no more is not to be told.
    expect(alike).toEqual([]);
  }, 240_000);
});

describe('the description of bash', () => {
  it('tells every difference, each of which a script of the corpus shows', () => {
    expect(ALL.length).toBeGreaterThan(900);
    const texts = new Set(ALL.map(({ text }) => text));
    expect(Object.keys(KNOWN).filter((text) => !texts.has(text))).toEqual([]);
    expect([...new Set(Object.values(KNOWN))].sort()).toEqual(Object.keys(DIFFERENT).sort());
    for (const told of Object.values(DIFFERENT)) expect(bash.description).toContain(told);
  });
});

describe('the shell', () => {
  it('refuses to remove everything', async () => {
    const { stdout, stderr } = await inSandbox('v=; rm -rf "$v/"; echo $?; rm -r -f /; ls | wc -l');
    expect(stdout).toBe('1\n33\n');
    expect(stderr).toContain('nothing was removed');
  });

  it('finds only what runs', async () => {
    expect((await inSandbox('which awk xargs; echo $?; which git bc; echo $?')).stdout).toBe(
      '/usr/bin/awk\n/usr/bin/xargs\n0\n1\n',
    );
  });

  it('tells the options of each of its commands', async () => {
    for (const name of ['sort', 'grep', 'sed', 'awk', 'xargs', 'date', 'head', 'ls']) {
      const { stdout, exitCode } = await inSandbox(`${name} --help`);
      expect([name, exitCode, stdout]).toEqual([name, 0, expect.stringMatching(/usage/i)]);
    }
  });
});
