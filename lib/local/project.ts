/**
 * Where things are. In the repository the project is the repository itself. Where the package is installed, the project is the folder from which
 * `circadian dev` was started, and the package may lie in a store that several projects share.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from './start-error.ts';

export const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
/** False: this is the published package, whose files are JavaScript. */
export const IS_SOURCE = import.meta.url.endsWith('.ts');
export const PROJECT = IS_SOURCE ? PACKAGE : process.cwd();
/** What may be made again. */
export const CACHE = join(PROJECT, 'node_modules/.cache/circadian');

const NAMES = ['circadian.config.ts', 'circadian.config.mts', 'circadian.config.js', 'circadian.config.mjs'];
const NAME = NAMES.find((name) => existsSync(join(PROJECT, name)));
/** The project's definitions, whether or not the file is there. */
export const DEFINITIONS = join(PROJECT, NAME ?? NAMES[0]!);

/** Throws `StartError` where there is no project. */
export function requireProject(): void {
  if (NAME === undefined)
    throw new StartError(
      `There is no circadian.config.ts in ${PROJECT}. Go to the folder that has it, or make a project with \`npx circadian init\`. Nothing was started.`,
    );
}
