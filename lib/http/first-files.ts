/** Files that a request for a session brings along. */
import { z } from '@hono/zod-openapi';
import { MEMORY_FOLDER } from '../core/shared-memory.ts';
import type { NewSession } from '../ports/index.ts';
import type { FieldError } from '../problem.ts';
import { OF_MEMORY } from './file-refusals.ts';
import { invalid } from './problems.ts';
import { flawOfWrite, workspacePath } from './workspace-files.ts';

const MOST_FILES = 100;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A file in the body of a request. */
export const BroughtFile = z.strictObject({
  path: z.string().openapi({ description: 'The path in the workspace.', example: 'data/sales.csv' }),
  content: z.string(),
  encoding: z.enum(['text', 'base64']).default('text').openapi({ description: 'How `content` stands for the bytes.' }),
});

export const FirstFiles = z.array(BroughtFile).max(MOST_FILES).optional().openapi({
  description:
    'Files that the workspace begins with; the agent is told of them with its goal. All of the body has at most 1 MiB: put larger ones afterwards.',
});

/** Their bytes by stored paths; undefined: there are none. Throws as `broughtFiles`. */
export function firstFiles(wanted: z.output<typeof FirstFiles>): NewSession['firstFiles'] {
  if (wanted === undefined || wanted.length === 0) return undefined;
  return broughtFiles(wanted, 'files').map(({ path, content }) => ({ path, content: content! }));
}

/** Throws `invalid_request` for files in the folder of the session's memory, which holds entries and no files. */
export function outsideMemory({ memory }: { memory?: string | null | undefined }, files: { path: string }[]): void {
  const faults = files.flatMap(({ path }, i) =>
    memory != null && `${path}/`.startsWith(`/${MEMORY_FOLDER}/`)
      ? [{ path: `files.${i}.path`, message: `Cannot be written: the path ${OF_MEMORY}` }]
      : [],
  );
  if (faults.length > 0) throw invalid(faults);
}

/**
 * Their bytes by stored paths; null where there is no content. `field`: of the body. Throws `invalid_request` for paths with a flaw, a double or a
 * clash, and for no base64.
 */
export function broughtFiles(
  wanted: { path: string; content?: string | undefined; encoding: 'text' | 'base64' }[],
  field: string,
): { path: string; content: Uint8Array | null }[] {
  const paths = wanted.map(({ path }) => workspacePath(path));
  const faults = wanted.flatMap(({ content = '', encoding }, i): FieldError[] => {
    const flaw = flawOfWrite(paths[i]!) ?? clash(paths, i);
    return [
      ...(flaw === null ? [] : [{ path: `${field}.${i}.path`, message: `Cannot be written: the path ${flaw}` }]),
      ...(encoding === 'text' || BASE64.test(content)
        ? []
        : [{ path: `${field}.${i}.content`, message: 'Must be base64' }]),
    ];
  });
  if (faults.length > 0) throw invalid(faults);
  const bytesOf = (content: string, encoding: 'text' | 'base64') =>
    Uint8Array.from(Buffer.from(content, encoding === 'text' ? 'utf8' : 'base64'));
  return wanted.map(({ content, encoding }, i) => ({
    path: paths[i]!,
    content: content === undefined ? null : bytesOf(content, encoding),
  }));
}

/** A name is one file, and no folder. */
function clash(paths: string[], at: number): string | null {
  const path = paths[at]!;
  if (paths.indexOf(path) < at) return 'is that of another of these files';
  return paths.some((other) => other.startsWith(`${path}/`)) ? 'is the folder of another of these files' : null;
}
