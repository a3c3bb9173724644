/** A new project from the template: the files of `npm create circadian` and of `circadian init`. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { makeFolder } from './folder.ts';

/** npm leaves a file of that name out of every package. */
const GIT_IGNORE = { packed: '_gitignore', real: '.gitignore' };
const NAMED = /\{\{name\}\}/g;
/** Names of functions end at 64 characters, and the stage is part of them, too. */
const LONGEST_NAME = 20;

/** What may lie in a folder that still counts as empty. */
const UNTOUCHED = ['.git', '.DS_Store', '.idea', '.vscode', 'LICENSE'];

/** What stands in the way of a new project in this folder; none where it is empty or missing. */
export const inTheWay = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !UNTOUCHED.includes(name)) : [];

/** The project's name, of npm's form and of AWS's, from that of its folder. */
export const nameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST_NAME)
    .replace(/-+$/, '') || 'my-agents';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

export type NewProject = { folder: string; template: string; name: string };

/** Writes what is missing and changes nothing that is there. Returns the paths of both, as the project has them. */
export function makeProject({ folder, template, name }: NewProject): { made: string[]; kept: string[] } {
  const made: string[] = [];
  const kept: string[] = [];
  for (const file of filesIn(template)) {
    const path = file === GIT_IGNORE.packed ? GIT_IGNORE.real : file;
    const target = join(folder, path);
    if (existsSync(target)) {
      kept.push(path);
      continue;
    }
    makeFolder(dirname(target));
    writeFileSync(target, readFileSync(join(template, file), 'utf8').replaceAll(NAMED, name), { flag: 'wx' });
    made.push(path);
  }
  return { made, kept };
}
