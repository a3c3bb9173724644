import { describe, expect, it } from 'vitest';
import { createGlob, glob } from '../../lib/tools/glob.ts';
import { createGrep, grep } from '../../lib/tools/grep.ts';
import { call, tree } from './kit.ts';

const files = tree({
  '/README.md': 'Circadian\nfoo\n',
  '/src/a.ts': 'one\nfoo(1)\r\nthree\nfour\nfoo(2)\n',
  '/src/deep/b.ts': 'Foo',
  '/.env': 'foo=1',
  '/image.png': new Uint8Array([0, 102, 111, 111]),
});
const ASAP = { wallMs: 1000, heapMb: 64, processMb: 300, advice: 'Simplify.' };

const found = async (input: Record<string, unknown>) => (await call(grep, input, files)).content;

describe('grep', () => {
  it('finds lines, in text files only', async () => {
    expect(await found({ pattern: '^foo+' })).toBe(
      '.env:1:foo=1\nREADME.md:2:foo\nsrc/a.ts:2:foo(1)\nsrc/a.ts:5:foo(2)',
    );
    expect(await found({ pattern: 'foo.1.$' })).toBe('src/a.ts:2:foo(1)');
    expect(await found({ pattern: '^$' })).toBe('No line matches.');
    expect(await found({ pattern: 'nowhere' })).toBe('No line matches.');
  });

  it('keeps to a place, to names, to a case', async () => {
    expect(await found({ pattern: 'foo', path: 'src', ignore_case: true })).toBe(
      'src/a.ts:2:foo(1)\nsrc/a.ts:5:foo(2)\nsrc/deep/b.ts:1:Foo',
    );
    expect(await found({ pattern: 'foo', path: '/workspace/src/a.ts' })).toContain('src/a.ts:2');
    expect(await found({ pattern: 'foo', glob: '*.md' })).toBe('README.md:2:foo');
    expect(await found({ pattern: 'Foo', glob: 'src/**/*.ts' })).toBe('src/deep/b.ts:1:Foo');
    expect(await call(grep, { pattern: 'foo', path: 'no' }, files)).toEqual({
      content: 'There is no file or folder no.',
      isError: true,
    });
    expect((await call(grep, { pattern: 'root', path: '../../etc' }, files)).content).toContain('leaves the workspace');
  });

  it('shows what is around, once', async () => {
    expect(await found({ pattern: 'foo', path: 'src/a.ts', context: 1 })).toBe(
      ['src/a.ts-1-one', 'src/a.ts:2:foo(1)', 'src/a.ts-3-three', 'src/a.ts-4-four', 'src/a.ts:5:foo(2)'].join('\n'),
    );
  });

  it('takes patterns that only the looser rules allow, and explains one that none does', async () => {
    expect(await found({ pattern: 'foo\\-|foo\\(1' })).toBe('src/a.ts:2:foo(1)');
    const broken = await call(grep, { pattern: '(' }, files);
    expect(broken.isError).toBe(true);
    expect(broken.content).toContain('not a regular expression');
  });

  it('leaves out what is too much, and says how much', async () => {
    const many = tree({ '/a': 'match\n'.repeat(10_000), '/b': `${'-'.repeat(1_000_000)}match` });
    const { content } = await call(grep, { pattern: 'match' }, many);
    expect(content.length).toBeLessThan(26_000);
    const shown = content.split('\n').length - 1;
    expect(content).toContain(
      `${(10_001 - shown).toLocaleString('en-US')} more matching lines left out, of 10001 in 2 files`,
    );
    const long = await call(grep, { pattern: 'match', path: 'b' }, many);
    expect(long.content).toContain('match …');
    expect(long.content.length).toBeLessThan(600);
  });

  it('survives a pattern that backtracks for ever, with the host at work meanwhile', async () => {
    const trap = tree({ '/a': `${'a'.repeat(60)}!` });
    let beats = 0;
    const heart = setInterval(() => beats++, 20);
    const result = await call(createGrep(ASAP), { pattern: '^(a+)+$' }, trap);
    clearInterval(heart);
    expect(result).toEqual({ content: 'It was ended after 1 s. Simplify.', isError: true });
    expect(beats).toBeGreaterThan(5);
  });
});

describe('glob', () => {
  const listed = async (pattern: string) => (await call(glob, { pattern }, files)).content;

  it('lists names with sizes', async () => {
    expect(await listed('**')).toBe('README.md (14)\nimage.png (4)\nsrc/a.ts (30)\nsrc/deep/b.ts (3)');
    expect(await listed('*.ts')).toBe('src/a.ts (30)\nsrc/deep/b.ts (3)');
    expect(await listed('src/*.ts')).toBe('src/a.ts (30)');
    expect(await listed('/workspace/src/{a,c}.ts')).toBe('src/a.ts (30)');
    expect(await listed('.*')).toBe('.env (5)');
    expect(await listed('*.py')).toBe('No file matches. The workspace holds 5 files.');
    expect((await call(glob, { pattern: '**' })).content).toBe('The workspace is empty.');
    expect(await listed('../*')).toContain('No file matches');
  });

  it('survives a pattern that explodes', async () => {
    const result = await call(createGlob(ASAP), { pattern: '{a,b}'.repeat(60) }, files);
    expect(result).toEqual({ content: 'It was ended after 1 s. Simplify.', isError: true });
  });
});
