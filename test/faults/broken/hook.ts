/**
 * Loads the product with some of its text replaced: `node --import test/faults/broken/hook.ts`, with `BROKEN_SOURCES` as `sourcesOf` gives
 * it. A text that is not there exactly once is an error, and so is a file that was never loaded: then the process ends with status 70.
 */
import { registerHooks } from 'node:module';
import type { SourcePatch } from '../evidence.ts';
import { patched } from './apply.ts';

const ROOT = new URL('../../../', import.meta.url);
const patches = JSON.parse(process.env.BROKEN_SOURCES ?? '[]') as SourcePatch[];
const waiting = new Set(patches);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = patches.filter(({ file }) => new URL(file, ROOT).href === url);
    if (mine.length === 0) return loaded;
    let source = String(loaded.source);
    for (const patch of mine) {
      source = patched(source, patch, patch.file);
      waiting.delete(patch);
    }
    return { ...loaded, source };
  },
});

process.on('exit', (code) => {
  if (waiting.size === 0 || code !== 0) return;
  process.stderr.write(`never loaded: ${[...waiting].map(({ file }) => file).join(', ')}\n`);
  process.exitCode = 70;
});
