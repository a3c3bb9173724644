/**
 * Paths. The workspace is one tree. Its root is `/` where it is stored and `/workspace` where the agent sees it, so `notes.md`,
 * `/workspace/notes.md` and `/notes.md` name one file: stored as `/notes.md`, shown as `notes.md`.
 */
import { flawOf } from '../core/workspace.ts';
import { ToolFailure } from './failure.ts';

/** Where the shell has the tree. */
export const HOME = '/workspace';

/** A stored path is cut off where it is shown in a message: a model may have sent a megabyte. */
const quoted = (path: string): string => JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);

/** The parts below the root that the agent's words mean; throws where they climb out of the tree. */
function partsOf(given: string): string[] {
  const inside = given === HOME || given.startsWith(`${HOME}/`) ? given.slice(HOME.length) : given;
  const parts: string[] = [];
  for (const part of inside.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new ToolFailure(`The path ${quoted(given)} leaves the workspace.`);
  }
  return parts;
}

/** The stored path of a file that the agent names. */
export function filePath(given: string): string {
  const path = `/${partsOf(given).join('/')}`;
  const flaw = flawOf(path);
  if (flaw !== null) throw new ToolFailure(`The path ${quoted(given)} ${flaw}.`);
  return path;
}

/** The stored path of a file or folder; the root is `/`. */
export const placePath = (given: string): string => (partsOf(given).length === 0 ? '/' : filePath(given));

/** As the agent reads it: relative to the root of the workspace. */
export const shown = (path: string): string => path.slice(1);

/** Whether the stored `path` is `place` or lies in it. */
export const isWithin = (path: string, place: string): boolean =>
  place === '/' || path === place || path.startsWith(`${place}/`);
