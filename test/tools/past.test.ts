/** What a summary replaced can still be read, as files that are there when a call names them, and that nothing can change. */
import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../lib/core/session.ts';
import { bash } from '../../lib/tools/bash.ts';
import { namesPast, pastFiles, withPast } from '../../lib/tools/past.ts';
import { readFile } from '../../lib/tools/read-file.ts';
import { writeFile } from '../../lib/tools/write-file.ts';
import { call, paths, tree } from './kit.ts';

const rows: StoredMessage[] = Array.from({ length: 250 }, (_, i) =>
  i % 2 === 0
    ? { n: i + 1, role: 'user', content: [{ type: 'text', text: `told ${i + 1}` }] }
    : {
        n: i + 1,
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'a secret thought', signature: 's' },
          { type: 'text', text: `said ${i + 1}` },
          { type: 'tool_use', id: `t${i}`, name: 'look', input: { at: i } },
        ],
      },
);
const workspace = () => withPast(tree({ '/notes.md': 'Mine.' }), pastFiles(rows));

describe('what was before a summary', () => {
  it('is asked for only by a call that names its folder', () => {
    expect(namesPast({ path: '.history/000001-000100.md' })).toBe(true);
    expect(namesPast({ command: 'grep -r told /workspace/.history' })).toBe(true);
    expect(namesPast({ path: 'history.md' })).toBe(false);
  });

  it('is a few files in order, beside those of the workspace, without what was only thought', async () => {
    const files = workspace();
    expect(paths(files)).toEqual([
      ...['/.history/000001-000100.md', '/.history/000101-000200.md', '/.history/000201-000250.md'],
      '/notes.md',
    ]);
    const { content } = await call(readFile, { path: '.history/000201-000250.md' }, files);
    expect(content).toContain('Turn 201, told to you');
    expect(content).toContain('said 202');
    expect(content).toContain('[called look with {"at":201}]');
    expect(content).not.toContain('a secret thought');
    expect((await call(bash, { command: 'grep -l "told 7$" .history/*' }, files)).content).toBe(
      '.history/000001-000100.md',
    );
  });

  it('cannot be changed, and is nothing that the iteration saves', async () => {
    const files = workspace();
    for (const [tool, input] of [
      [writeFile, { path: '.history/000001-000100.md', content: 'x' }],
      [bash, { command: 'echo x > .history/new.md; echo y > other.md' }],
    ] as const) {
      const { content, isError } = await call(tool, input, files);
      expect(isError).toBe(true);
      expect(content).toContain('.history can only be read');
    }
    expect(files.changes()).toEqual([]);
    await call(writeFile, { path: 'a.md', content: 'x' }, files);
    expect(files.changes().map(({ path }) => path)).toEqual(['/a.md']);
  });
});
