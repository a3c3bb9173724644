import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunContext } from 'circadian';
import { wordCount } from './word-count.ts';

/** A tool gets far more than this; a test gives it what it uses. */
const workspace = (texts: Record<string, string>) =>
  ({
    files: async () => ({ read: (path: string) => (path in texts ? new TextEncoder().encode(texts[path]) : null) }),
  }) as unknown as RunContext;

test('counts the words of a file', async () => {
  assert.equal(await wordCount.run({ path: '/a.md' }, workspace({ '/a.md': 'two\n words ' })), '/a.md has 2 words.');
});

test('tells the model that a file is missing', async () => {
  await assert.rejects(async () => wordCount.run({ path: '/b.md' }, workspace({})), /There is no file \/b\.md\./);
});
