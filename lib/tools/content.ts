/** Bytes as text, and back. */
import type { Workspace } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import { filePath, shown } from './paths.ts';
import { plural } from './text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null for what is not UTF-8 text; a NUL makes it binary. */
export function textOf(content: Uint8Array): string | null {
  if (content.includes(0)) return null;
  try {
    return utf8.decode(content);
  } catch {
    return null;
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The file that the agent names; throws what it should do where there is none. */
export function readBytes(workspace: Workspace, given: string): { path: string; content: Uint8Array } {
  const path = filePath(given);
  const content = workspace.read(path);
  if (content === null) throw new ToolFailure(missing(workspace, path));
  return { path, content };
}

/** Its text; throws what it should do where it is none. */
export function readText(workspace: Workspace, given: string): { path: string; text: string } {
  const { path, content } = readBytes(workspace, given);
  const text = textOf(content);
  if (text !== null) return { path, text };
  throw new ToolFailure(
    `${shown(path)} is a binary file of ${plural(content.length, 'byte')}. Look at it in bash, with file, od or strings.`,
  );
}

const NEAR = 5;

/** Says what is there instead: the folder's files, or those of the same name elsewhere. */
function missing(workspace: Workspace, path: string): string {
  const paths = workspace.list().map((file) => file.path);
  if (paths.some((other) => other.startsWith(`${path}/`)))
    return `${shown(path)} is a folder. List it with glob or bash.`;
  const name = path.slice(path.lastIndexOf('/'));
  const near = paths.filter((other) => other.endsWith(name)).slice(0, NEAR);
  const hint = near.length > 0 ? ` Did you mean ${near.map(shown).join(' or ')}?` : '';
  return `There is no file ${shown(path)}.${hint}`;
}
