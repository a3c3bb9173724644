import { describe, expect, it } from 'vitest';
import { editFile } from '../../lib/tools/edit-file.ts';
import { readFile } from '../../lib/tools/read-file.ts';
import { writeFile } from '../../lib/tools/write-file.ts';
import { call, textIn, tree } from './kit.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);

describe('read_file', () => {
  it('numbers the lines', async () => {
    const files = tree({ '/a.txt': 'one\n\ntwo\n' });
    expect(await call(readFile, { path: 'a.txt' }, files)).toEqual({ content: '1\tone\n2\t\n3\ttwo', isError: false });
  });

  it('gives a part, and says where to go on', async () => {
    const files = tree({ '/a.txt': numbered(1, 100).join('\n') });
    const { content } = await call(readFile, { path: '/workspace/a.txt', offset: 10, limit: 2 }, files);
    expect(content).toBe('10\tline 10\n11\tline 11\n[lines 10 to 11 of 100; go on with offset 12]');
    const rest = await call(readFile, { path: 'a.txt', offset: 100 }, files);
    expect(rest.content).toBe('100\tline 100');
    const beyond = await call(readFile, { path: 'a.txt', offset: 101 }, files);
    expect(beyond).toEqual({ content: 'a.txt has only 100 lines.', isError: true });
  });

  it('pages through a long file without a gap', async () => {
    const lines = numbered(1, 9000);
    const files = tree({ '/a.txt': `${lines.join('\n')}\n` });
    const read: string[] = [];
    for (let offset: number | undefined = 1; offset !== undefined; ) {
      const { content } = await call(readFile, { path: 'a.txt', offset }, files);
      expect(content.length).toBeLessThanOrEqual(30_000);
      const page = content.split('\n');
      const next = /offset (\d+)\]$/.exec(content)?.[1];
      offset = next === undefined ? undefined : Number(next);
      read.push(...(next === undefined ? page : page.slice(0, -1)).map((line) => line.replace(/^\d+\t/, '')));
    }
    expect(read).toEqual(lines);
  });

  it('cuts a line of 4 MB', async () => {
    const files = tree({ '/min.js': `${'x'.repeat(4_000_000)}\nend` });
    const { content } = await call(readFile, { path: 'min.js' }, files);
    expect(content.length).toBeLessThan(2200);
    expect(content).toContain('3,998,000 more characters in this line');
    expect(content.endsWith('2\tend')).toBe(true);
  });

  it('says what a file is that is no text', async () => {
    const files = tree({
      '/a.png': new Uint8Array([137, 80, 0, 1]),
      '/latin1': new Uint8Array([228, 246]),
      '/empty': '',
    });
    expect((await call(readFile, { path: 'a.png' }, files)).content).toMatch(/^a.png is a binary file of 4 bytes/);
    expect((await call(readFile, { path: 'latin1' }, files)).isError).toBe(true);
    expect(await call(readFile, { path: 'empty' }, files)).toEqual({ content: '(empty is empty)', isError: false });
  });

  it('helps to find a file that is not there', async () => {
    const files = tree({ '/src/a.ts': 'x' });
    expect((await call(readFile, { path: 'a.ts' }, files)).content).toBe(
      'There is no file a.ts. Did you mean src/a.ts?',
    );
    expect((await call(readFile, { path: 'src' }, files)).content).toMatch(/^src is a folder/);
    expect((await call(readFile, { path: 'b' }, files)).content).toBe('There is no file b.');
  });

  it.each(['../../etc/passwd', '/proc/self/environ', '/etc/passwd', 'a\0b'])(
    'has nothing of the host: %j',
    async (path) => {
      const { content, isError } = await call(readFile, { path });
      expect(isError).toBe(true);
      expect(content).toMatch(/leaves the workspace|There is no file|control character/);
    },
  );
});

describe('write_file', () => {
  it('writes anew and over', async () => {
    const files = tree();
    expect(await call(writeFile, { path: 'a/b/c.txt', content: 'é' }, files)).toEqual({
      content: 'Wrote a/b/c.txt: 2 bytes.',
      isError: false,
    });
    expect((await call(writeFile, { path: '/workspace/a/b/c.txt', content: '' }, files)).content).toBe(
      'Wrote a/b/c.txt: 0 bytes, in place of 2 bytes.',
    );
    expect(textIn(files, '/a/b/c.txt')).toBe('');
  });

  it('refuses what is too large, or outside, and changes nothing', async () => {
    const files = tree();
    const large = await call(writeFile, { path: 'a', content: 'x'.repeat(5_000_001) }, files);
    expect(large.isError).toBe(true);
    expect(large.content).toContain('5,000,001 bytes, and a file may have 5,000,000');
    for (const path of ['../a', '', '/', 'a\0'])
      expect((await call(writeFile, { path, content: '' }, files)).isError).toBe(true);
    expect(files.changes()).toEqual([]);
  });
});

describe('edit_file', () => {
  const edit = async (text: string, input: Record<string, unknown>) => {
    const files = tree({ '/a.txt': text });
    const result = await call(editFile, { path: 'a.txt', ...input }, files);
    return { ...result, text: textIn(files, '/a.txt') };
  };

  it('replaces the one place, whatever the new text looks like', async () => {
    expect(await edit('a\nb\nc', { old_string: 'b', new_string: "$& $1 $'" })).toEqual({
      content: 'Replaced the text at line 2 of a.txt.',
      isError: false,
      text: "a\n$& $1 $'\nc",
    });
    expect((await edit('abc', { old_string: 'b', new_string: '' })).text).toBe('ac');
  });

  it('asks which, or replaces all', async () => {
    const unclear = await edit('x\ny\nx', { old_string: 'x', new_string: 'z' });
    expect(unclear).toMatchObject({ isError: true, text: 'x\ny\nx' });
    expect(unclear.content).toContain('2 times, at lines 1, 3');
    const all = await edit('x\ny\nx', { old_string: 'x', new_string: 'xx', replace_all: true });
    expect(all).toMatchObject({ content: 'Replaced 2 occurrences in a.txt.', text: 'xx\ny\nxx' });
  });

  it.each([
    ['line numbers', 'a\nb', '1\ta\n2\tb', 'Leave out the line numbers'],
    ['line ends', 'a\r\nb\r\n', 'a\nb', 'end with \\r\\n'],
    ['white space', 'x\n  if (a) {\n    b;\n  }', 'if (a) {\n\tb;\n}', 'line 2 differs from it only in white space'],
    ['nothing like it', 'a', 'q', 'read it again'],
  ])('says why the text is not there: %s', async (_, text, old, hint) => {
    const result = await edit(text, { old_string: old, new_string: 'new' });
    expect(result).toMatchObject({ isError: true, text });
    expect(result.content).toContain('nothing was changed');
    expect(result.content).toContain(hint);
  });

  it('refuses to change nothing, to begin with nothing and to fill the memory', async () => {
    expect((await edit('a', { old_string: 'a', new_string: 'a' })).content).toContain('are the same');
    expect((await edit('a', { old_string: '', new_string: 'a' })).isError).toBe(true);
    const bomb = await edit('a'.repeat(1_000_000), {
      old_string: 'a',
      new_string: 'b'.repeat(100_000),
      replace_all: true,
    });
    expect(bomb.content).toContain('would have 100,000,000,000 characters');
  });
});
