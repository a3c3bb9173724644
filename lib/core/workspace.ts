/** What a workspace may hold, and how its files may be called: the same for agents, users and imports. */

/** Bytes and number of files that a workspace may hold. A tree that is larger already can be read and made smaller. */
export type WorkspaceLimits = { fileBytes: number; treeBytes: number; files: number };
export const WORKSPACE_LIMITS: WorkspaceLimits = { fileBytes: 5_000_000, treeBytes: 50_000_000, files: 2000 };

/** What git keeps of repositories, a folder for each: of no use to anything else, and not to be broken by a script. Lists do not show it; exports have it. */
export const GIT_STATE = '/.git-state';
export const isGitState = (path: string): boolean => `${path}/`.startsWith(`${GIT_STATE}/`);

const LONGEST_PATH_BYTES = 1024;
const LONGEST_NAME_BYTES = 255;

const bytes = (text: string): number => Buffer.byteLength(text);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why the text cannot be a stored path, or null. Stored: absolute, no `.`, `..`, empty or over-long part, no control character. */
export function flawOf(path: string): string | null {
  if (CONTROL.test(path)) return 'holds a control character';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (bytes(path) > LONGEST_PATH_BYTES) return `is longer than ${LONGEST_PATH_BYTES} bytes`;
  if (!path.startsWith('/') || path === '/') return 'does not name a file';
  const parts = path.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'is not in its shortest form';
  if (parts.some((part) => bytes(part) > LONGEST_NAME_BYTES))
    return `has a name longer than ${LONGEST_NAME_BYTES} bytes`;
  return null;
}
