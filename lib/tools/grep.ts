/** `grep`: lines of the workspace that match a regular expression. */
import * as z from 'zod';
import { isGitState } from '../core/workspace.ts';
import type { Sandbox } from '../ports/index.ts';
import { defineTool } from './define.ts';
import { ToolFailure } from './failure.ts';
import { type OutputBounds, offload } from './offload.ts';
import { isWithin, placePath, shown } from './paths.ts';
import { processes } from './processes.ts';
import type { Jobs } from './sandbox/jobs.ts';
import { plural } from './text.ts';

export const GREP_BOUNDS: OutputBounds = {
  wallMs: 10_000,
  heapMb: 256,
  processMb: 450,
  advice: 'Simplify the pattern, since nested repeats such as (a+)+ can take for ever, or search less.',
};

export const createGrep = (bounds: OutputBounds = GREP_BOUNDS, sandbox: Sandbox = processes) =>
  defineTool({
    name: 'grep',
    description:
      'Searches the text files of the workspace, line by line, for a regular expression (JavaScript syntax). Answers with path:line:text, lines around a match with path-line-text, and how much was left out. For the names of files use glob.',
    effect: 'pure',
    input: z.object({
      pattern: z.string().min(1).max(2000).describe('The regular expression. It cannot match across lines.'),
      path: z.string().optional().describe('The file or folder to search. Default: the whole workspace.'),
      glob: z
        .string()
        .min(1)
        .max(500)
        .optional()
        .describe('Only files that match this glob, such as *.ts or src/**/*.md.'),
      ignore_case: z.boolean().optional().describe('Default false.'),
      context: z.int().min(0).max(20).optional().describe('Lines to show before and after a match. Default 0.'),
    }),
    run: async (input, { files, signal }) => {
      const workspace = await files();
      const place = placePath(input.path ?? '');
      const within = workspace.list().filter(({ path }) => isWithin(path, place) && !isGitState(path));
      if (within.length === 0 && place !== '/') throw new ToolFailure(`There is no file or folder ${shown(place)}.`);
      const ask: Jobs['grep']['ask'] = {
        pattern: input.pattern,
        ignoreCase: input.ignore_case ?? false,
        context: input.context ?? 0,
        glob: input.glob ?? null,
        files: within.map(({ path }) => ({ path, content: workspace.read(path) ?? new Uint8Array() })),
      };
      return observe(await offload(sandbox, 'grep', ask, bounds, signal));
    },
  });

export const grep = createGrep();

function observe({ lines, matches, files, shownMatches }: Jobs['grep']['answer']): string {
  if (matches === 0) return 'No line matches.';
  const left = matches - shownMatches;
  if (left === 0) return lines.join('\n');
  const note = `[${plural(left, 'more matching line')} left out, of ${matches} in ${plural(files, 'file')}: narrow the pattern or the path]`;
  return [...lines, note].join('\n');
}
