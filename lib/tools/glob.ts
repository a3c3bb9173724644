/** `glob`: names of the workspace's files. */
import * as z from 'zod';
import { isGitState } from '../core/workspace.ts';
import type { Sandbox } from '../ports/index.ts';
import { defineTool } from './define.ts';
import { type OutputBounds, offload } from './offload.ts';
import { shown } from './paths.ts';
import { processes } from './processes.ts';
import { grouped, plural } from './text.ts';

export const GLOB_BOUNDS: OutputBounds = { wallMs: 5000, heapMb: 128, processMb: 300, advice: 'Simplify the pattern.' };
const MOST_PATHS = 500;

export const createGlob = (bounds: OutputBounds = GLOB_BOUNDS, sandbox: Sandbox = processes) =>
  defineTool({
    name: 'glob',
    description:
      'Lists the files of the workspace whose path matches a pattern, in alphabetical order, with their sizes in bytes. * and ? stay within a folder, ** goes through all folders, {a,b} means either. A pattern without a slash matches the name in any folder. Names that begin with a dot match only where the pattern has the dot. Use ** for everything.',
    effect: 'pure',
    input: z.object({
      pattern: z.string().min(1).max(500).describe('Such as *.md, src/**/*.ts or docs/{a,b}/*.'),
    }),
    run: async ({ pattern }, { files, signal }) => {
      const listed = (await files()).list().filter(({ path }) => !isGitState(path));
      const sizes = new Map(listed.map(({ path, bytes }) => [path, bytes]));
      if (sizes.size === 0) return 'The workspace is empty.';
      const { paths } = await offload(sandbox, 'glob', { pattern, paths: [...sizes.keys()] }, bounds, signal);
      if (paths.length === 0) return `No file matches. The workspace holds ${plural(sizes.size, 'file')}.`;
      const lines = paths.slice(0, MOST_PATHS).map((path) => `${shown(path)} (${grouped(sizes.get(path) ?? 0)})`);
      if (paths.length > MOST_PATHS)
        lines.push(`[${plural(paths.length - MOST_PATHS, 'more file')}: narrow the pattern]`);
      return lines.join('\n');
    },
  });

export const glob = createGlob();
