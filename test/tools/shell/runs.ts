/** One script on the same files in both shells: what it prints, its exit status and the files it leaves. Errors' words are not compared. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BASH_LIMITS } from '../../../lib/tools/bash.ts';
import { bash } from '../../../lib/tools/sandbox/bash.ts';
import { bytes } from '../kit.ts';
import { FILES } from './files.ts';

export type Run = { stdout: string; exitCode: number; files: Record<string, string> };

const LATIN = 'latin1';

/** Packed files hold times, and no two programs pack alike: what comes out of them is compared. */
const PACKED = /\.(tar|tgz|gz|zip|bz2|db|patch)$/;
const contentOf = (path: string, bytes: Buffer): string => (PACKED.test(path) ? 'packed' : bytes.toString(LATIN));

export const isInstalled = (name: string): boolean => {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.some((folder) => isFile(join(folder, name)));
};

/** All of them in one go, each in a folder of its own. A script has twenty seconds. */
export const inBash = async (texts: string[]): Promise<Run[]> => {
  const root = mkdtempSync(join(tmpdir(), 'circadian-shell-'));
  try {
    writeTree(join(root, 'files'));
    for (const [at, text] of texts.entries()) writeFileSync(join(root, `${at}.sh`), text);
    await promisify(execFile)('bash', ['-c', DRIVER, 'driver', root, String(texts.length)], {
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    });
    return texts.map((_, at) => ({
      stdout: readFileSync(join(root, `${at}.out`), 'utf8'),
      exitCode: Number(readFileSync(join(root, `${at}.rc`), 'utf8')),
      files: treeOf(join(root, `${at}.d`)),
    }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

/** Several at once, since most of the time is the starting of programs. */
const DRIVER = `
cd "$1"
for ((worker = 0; worker < 8; worker++)); do
  for ((at = worker; at < $2; at += 8)); do
    cp -r files $at.d
    (cd $at.d && HOME=$PWD timeout 20 bash ../$at.sh < /dev/null > ../$at.out 2> /dev/null; echo $? > ../$at.rc)
  done &
done
wait
`;

const writeTree = (folder: string) => {
  for (const [path, content] of Object.entries(FILES)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
};

const treeOf = (folder: string): Record<string, string> => {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && isFile(at)) files[at.slice(folder.length)] = contentOf(at, readFileSync(at));
  }
  return files;
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const START = Object.entries(FILES).map(([path, content]) => ({
  path: `/${path}`,
  content: typeof content === 'string' ? bytes(content) : content,
  mode: 0o644,
}));

/** What the scripts print is compared, not how soon: a busy machine ends none of them. */
const LIMITS = { ...BASH_LIMITS, runMs: 120_000 };

export const inSandbox = async (command: string): Promise<Run & { stderr: string }> => {
  const reply = await bash({ command, files: START, limits: LIMITS, network: false });
  if (!('answer' in reply)) throw new Error(reply.refused);
  const { stdout, stderr, exitCode, changes } = reply.answer;
  const files = new Map(START.map(({ path, content }) => [path, content]));
  for (const { path, content } of changes) content === null ? files.delete(path) : files.set(path, content);
  const texts = [...files].map(([path, content]) => [path, contentOf(path, Buffer.from(content))]);
  return { stdout, stderr, exitCode, files: Object.fromEntries(texts) };
};
