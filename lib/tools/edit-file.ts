/** `edit_file`: an exact piece of a text file is replaced, where there is no doubt which. */
import * as z from 'zod';
import { WORKSPACE_LIMITS } from '../core/workspace.ts';
import { bytesOf, readText } from './content.ts';
import { defineTool } from './define.ts';
import { ToolFailure } from './failure.ts';
import { shown } from './paths.ts';
import { grouped, plural } from './text.ts';

const MOST_NUMBERS = 10;

export const editFile = defineTool({
  name: 'edit_file',
  description:
    'Replaces a piece of text in a file of the workspace. old_string must be in the file exactly as given, white space included and without the line numbers of read_file, and only once: add lines around it until it is unique, or set replace_all.',
  effect: 'pure',
  input: z.object({
    path: z.string().describe('Relative to the workspace, or absolute under /workspace.'),
    old_string: z.string().min(1).describe('The text to replace.'),
    new_string: z.string().describe('The text to put in its place. Empty: the old text is deleted.'),
    replace_all: z.boolean().optional().describe('Replace every occurrence. Default false.'),
  }),
  run: async ({ path: given, old_string: old, new_string: fresh, replace_all: all = false }, { files }) => {
    const workspace = await files();
    const { path, text } = readText(workspace, given);
    if (old === fresh) throw new ToolFailure('old_string and new_string are the same, so there is nothing to change.');
    const places = occurrences(text, old);
    if (places.length === 0) throw new ToolFailure(notFound(shown(path), text, old));
    if (places.length > 1 && !all) throw new ToolFailure(ambiguous(shown(path), text, places));
    refuseTooLong(shown(path), text.length + places.length * (fresh.length - old.length));
    workspace.write(path, bytesOf(text.split(old).join(fresh)));
    return all
      ? `Replaced ${plural(places.length, 'occurrence')} in ${shown(path)}.`
      : `Replaced the text at line ${lineAt(text, places[0] ?? 0)} of ${shown(path)}.`;
  },
});

/** Before the text is made: many occurrences times a long replacement would fill the memory. */
function refuseTooLong(name: string, length: number) {
  if (length <= WORKSPACE_LIMITS.fileBytes) return;
  throw new ToolFailure(
    `Nothing was changed: ${name} would have ${grouped(length)} characters, and a file may have ${grouped(WORKSPACE_LIMITS.fileBytes)} bytes.`,
  );
}

function occurrences(text: string, piece: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) places.push(at);
  return places;
}

const lineAt = (text: string, place: number): number => text.slice(0, place).split('\n').length;

function ambiguous(name: string, text: string, places: number[]): string {
  const numbers = places.slice(0, MOST_NUMBERS).map((place) => lineAt(text, place));
  const more = places.length > MOST_NUMBERS ? ', …' : '';
  return (
    `old_string is in ${name} ${places.length} times, at lines ${numbers.join(', ')}${more}, so nothing was changed. ` +
    'Add lines around it until it is unique, or set replace_all.'
  );
}

/** The usual causes, the likeliest first: numbers copied along, line ends, white space. */
function notFound(name: string, text: string, old: string): string {
  const said = `old_string is not in ${name}, so nothing was changed.`;
  const unnumbered = old.replace(/^\d+\t/gm, '');
  if (unnumbered !== old && text.includes(unnumbered))
    return `${said} Leave out the line numbers that read_file puts in front.`;
  if (text.includes('\r\n') && text.replaceAll('\r\n', '\n').includes(old)) {
    return `${said} The lines of this file end with \\r\\n: write them so, or change the file's line ends first (sed in bash).`;
  }
  const line = looseLine(text, old);
  if (line !== null)
    return `${said} The text at line ${line} differs from it only in white space: read it again and copy it exactly.`;
  return `${said} The file may have changed since you read it: read it again.`;
}

const squeezed = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** The line at which the text is, if white space did not count. Tries a few places only: it is a hint. */
function looseLine(text: string, old: string): number | null {
  const wanted = old.trim().split('\n').map(squeezed);
  const first = wanted[0] ?? '';
  if (first === '') return null;
  const lines = text.split('\n').map(squeezed);
  const places = lines.flatMap((line, at) => (line.includes(first) ? [at] : [])).slice(0, MOST_NUMBERS);
  const at = places.find((start) =>
    lines
      .slice(start, start + wanted.length)
      .join(' ')
      .includes(wanted.join(' ')),
  );
  return at === undefined ? null : at + 1;
}
