import { describe, expect, it } from 'vitest';
import type { Workspace } from '../../lib/ports/index.ts';
import { filePath, placePath } from '../../lib/tools/paths.ts';
import { workspace } from '../../lib/tools/workspace.ts';
import { bytes, paths, textIn, tree } from './kit.ts';

const LIMITS = { fileBytes: 10, treeBytes: 25, files: 3 };
const file = (path: string, text: string, mode = 0o644) => ({ path, content: bytes(text), mode });
const changed = (files: Workspace) =>
  files.changes().map(({ path, content }) => [path, content && new TextDecoder().decode(content)]);

describe('the workspace', () => {
  it('tells only what really changed, in order of path', () => {
    const files = tree({ '/same': 'a', '/gone': 'b', '/edited': 'c', '/back': 'd' });
    expect(files.changes()).toEqual([]);
    files.write('/same', bytes('x'));
    files.write('/same', bytes('a'));
    files.remove('/back');
    files.write('/back', bytes('d'));
    files.write('/brief', bytes('e'));
    files.remove('/brief');
    files.remove('/never');
    files.remove('/gone');
    files.write('/edited', bytes('cc'));
    files.write('/a/new', bytes('f'));
    expect(changed(files)).toEqual([
      ['/a/new', 'f'],
      ['/edited', 'cc'],
      ['/gone', null],
    ]);
  });

  it('keeps a mode unless told otherwise; another mode is a change', () => {
    const files = workspace([file('/run.sh', 'a', 0o100755)]);
    files.write('/run.sh', bytes('b'));
    expect(files.changes()).toMatchObject([{ path: '/run.sh', mode: 0o755 }]);
    files.write('/run.sh', bytes('a'), 0o644);
    expect(files.changes()).toMatchObject([{ path: '/run.sh', mode: 0o644 }]);
    files.write('/run.sh', bytes('a'), 0o755);
    expect(files.changes()).toEqual([]);
  });

  it('keeps its own bytes', () => {
    const content = bytes('abc');
    const files = workspace([]);
    files.write('/a', content);
    content.fill(0);
    expect(textIn(files, '/a')).toBe('abc');
  });

  it('refuses a file, a tree and a count beyond the limits, and stays as it was', () => {
    const files = workspace([file('/a', '0123456789'), file('/b', '0123456789')], LIMITS);
    expect(() => files.write('/c', bytes('01234567890'))).toThrow('a file may have 10');
    expect(() => files.write('/c', bytes('012345'))).toThrow('would hold 26 bytes, and 25 are allowed');
    files.write('/c', bytes('01234'));
    expect(() => files.write('/d', bytes(''))).toThrow('would hold 4 files, and 3 are allowed');
    expect(paths(files)).toEqual(['/a', '/b', '/c']);
  });

  it('lets a tree that is too large already become smaller', () => {
    const files = workspace(
      [1, 2, 3, 4].map((n) => file(`/${n}`, '0123456789')),
      LIMITS,
    );
    files.write('/1', bytes('0'));
    files.remove('/2');
    expect(paths(files)).toEqual(['/1', '/3', '/4']);
  });

  it('has no name that is both a file and a folder', () => {
    const files = tree({ '/a/b': 'x', '/c': 'y' });
    expect(() => files.write('/a', bytes(''))).toThrow('a would be both a file and the folder of a/b');
    expect(() => files.write('/c/d/e', bytes(''))).toThrow('c would be both');
    expect(files.changes()).toEqual([]);
  });

  it('takes bytes only, and not what a caller without types, or a sandbox that was taken over, calls bytes', () => {
    const files = tree({ '/a': 'x' });
    for (const content of ['text', { length: 2 ** 32 }, [1]] as unknown as Uint8Array[])
      expect(() => files.write('/a', content)).toThrow('a file holds bytes');
    expect(textIn(files, '/a')).toBe('x');
  });

  it('takes many changes all or none', () => {
    const files = workspace([file('/a', 'a')], LIMITS);
    const apply = (text: string) =>
      files.apply([{ path: '/a', content: null, mode: 0 }, file('/a/b', 'b'), file('/c', text)]);
    expect(() => apply('01234567890')).toThrow();
    expect(files.changes()).toEqual([]);
    apply('c');
    expect(changed(files)).toEqual([
      ['/a', null],
      ['/a/b', 'b'],
      ['/c', 'c'],
    ]);
  });

  it.each([
    'a',
    '/',
    '',
    '/a/',
    '//a',
    '/a/../b',
    '/./a',
    '/a\0b',
    '/a\nb',
    '/a\ud800',
    `/${'x'.repeat(256)}`,
    `${'/abc'.repeat(300)}`,
  ])('refuses the stored path %j', (path) => {
    const files = tree();
    expect(() => files.write(path, bytes(''))).toThrow('The path');
    expect(files.changes()).toEqual([]);
  });
});

describe('paths', () => {
  it.each([
    ['notes.md', '/notes.md'],
    ['./notes.md', '/notes.md'],
    ['/workspace/notes.md', '/notes.md'],
    ['/notes.md', '/notes.md'],
    ['a//b/./c/../d.txt', '/a/b/d.txt'],
    ['workspace/x', '/workspace/x'],
    ['/workspaces/x', '/workspaces/x'],
    ['a b/é😀', '/a b/é😀'],
  ])('%j names %j', (given, stored) => {
    expect(filePath(given)).toBe(stored);
  });

  it.each(['../x', 'a/../../x', '/../etc/passwd', '/workspace/../etc/passwd', '..'])(
    '%j leaves the workspace',
    (given) => {
      expect(() => filePath(given)).toThrow('leaves the workspace');
      expect(() => placePath(given)).toThrow('leaves the workspace');
    },
  );

  it.each(['', '.', '/', '/workspace', '/workspace/', 'a/..'])('%j is the root, and no file', (given) => {
    expect(placePath(given)).toBe('/');
    expect(() => filePath(given)).toThrow('does not name a file');
  });

  it.each(['a\0.txt', '/etc/passwd\0.txt', 'a\u001b[2J', '\udc00'])('%j is refused', (given) => {
    expect(() => filePath(given)).toThrow('The path');
  });
});
