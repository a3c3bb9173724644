/** A bundle is used again while its sources are as they were, and never longer. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { bundleFunctions } from '../../lib/local/bundles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(root, 'node_modules/.cache/bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const handler = `${relative(root, folder)}/one.handler`;
const made = async () => {
  const bundle = await bundleFunctions([handler]);
  const file = join(root, bundle, handler.replace(/handler$/, 'mjs'));
  return { bundle, file, said: (await import(pathToFileURL(file).href)).handler() };
};

it('is made again when a source has changed, and only then', async () => {
  write('words.ts', "export const words: string = 'as it was';");
  write('one.ts', "import { words } from './words.ts'; export const handler = () => words;");
  const first = await made();
  expect(first.said).toBe('as it was');
  const { mtimeMs } = statSync(first.file);

  const again = await made();
  expect([again.bundle, statSync(again.file).mtimeMs]).toEqual([first.bundle, mtimeMs]);

  write('words.ts', "export const words: string = 'as it is';");
  const next = await made();
  expect(next.said).toBe('as it is');

  write('words.ts', 'export const words: string = ;');
  await expect(made()).rejects.toThrow(/words\.ts:1:29/);
});
