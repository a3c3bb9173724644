/**
 * One shell call: the tree goes into a file system in memory, just-bash runs the script on it, and what changed comes out. There is no
 * process and no disk behind it, and of the network only what the host asks for it; its limits (just-bash's own) end most runaways kindly: with a message, and with the files so far.
 */
import { Bash, type BashOptions, defineCommand, InMemoryFs } from 'just-bash';
import { cutMiddle } from '../text.ts';
import { changesOf } from './changes.ts';
import { ownCommands } from './commands/index.ts';
import type { BashLimits, Jobs, Reply } from './jobs.ts';
import { askWeb } from './parent.ts';

const FEW = 5;

export async function bash({ command, files, limits, network }: Jobs['bash']['ask']): Promise<Reply<'bash'>> {
  const fs = new InMemoryFs({}, { maxTotalBytes: limits.diskBytes });
  fs.mkdirSync(limits.home, { recursive: true });
  fs.mkdirSync('/tmp');
  for (const { path, content, mode } of files) fs.writeFileSync(limits.home + path, content, undefined, { mode });

  const missing = ABSENT.filter((name) => !(network && name === 'curl'));
  const shell = new Bash({
    fs,
    cwd: limits.home,
    env: { HOME: limits.home },
    python: true,
    javascript: true,
    executionLimits: executionLimits(limits),
    customCommands: [...missing.map(absent), ...ownCommands(new Set(missing))],
    ...(network && { fetch: webFetch }),
    // Nothing happens while a script waits, but its minutes would be paid for.
    sleep: async () => {},
  });
  const system = new Set(fs.getAllPaths());
  // As written: its normalisation of leading white space is not for scripts that hold here-documents.
  const { stdout, stderr, exitCode } = await shell.exec(command, { rawScript: true });

  const tree = await collect(fs, limits.home);
  const outside = fs.getAllPaths().filter((path) => !system.has(path) && !/^\/(workspace|tmp|dev|proc)\//.test(path));
  const bytes = bytesOf(tree.files);
  const fits = bytes <= Math.max(limits.keptBytes, bytesOf(files));
  return {
    answer: {
      // Advice to whoever embeds the shell, which its user cannot follow.
      ...shown(stdout, stderr.replace(/, increase executionLimits\.\w+/g, ''), limits.shownCharacters),
      exitCode,
      changes: fits ? changesOf(files, tree.files) : [],
      tooLarge: fits ? null : bytes,
      links: tree.links.slice(0, FEW),
      outside: outside.slice(0, FEW),
    },
  };
}

/** What went wrong tends to be short; most of the room is for what was asked for. */
function shown(stdout: string, stderr: string, most: number): { stdout: string; stderr: string } {
  const errors = cutMiddle(stderr, Math.max(most / 4, most - stdout.length));
  return { stdout: cutMiddle(stdout, most - errors.length), stderr: errors };
}

const bytesOf = (files: { content: Uint8Array }[]): number =>
  files.reduce((sum, { content }) => sum + content.length, 0);

/** What scripts try all the same; better told plainly than by the embedder's message. */
const ABSENT = ['npm', 'npx', 'pip', 'git', 'curl', 'wget'];
const absent = (name: string) =>
  defineCommand(name, async () => ({ stdout: '', stderr: `${name}: not available in this shell\n`, exitCode: 127 }));

/** As fetch and curl follow them at most. */
const REDIRECTS = 20;

/** All that curl and JavaScript ask of the web. */
const webFetch: NonNullable<BashOptions['fetch']> = async (url, options = {}) => {
  const { method = 'GET', headers = {}, body, followRedirects = true, maxRedirects = REDIRECTS, timeoutMs } = options;
  const answer = await askWeb({
    ...{ url, method, headers: Object.fromEntries(new Headers(headers)), body: body ?? null },
    ...{ redirects: followRedirects ? maxRedirects : 0, timeoutMs: timeoutMs ?? null },
  });
  if ('refused' in answer) throw new Error(answer.refused);
  return answer;
};

const executionLimits = ({ runMs, outputBytes, diskBytes }: BashLimits): BashOptions['executionLimits'] => ({
  maxExecutionTimeMs: runMs,
  maxSqliteTimeoutMs: Math.min(runMs, 5000),
  // A little less, so that what was printed until then comes back.
  maxPythonTimeoutMs: runMs * 0.9,
  maxJsTimeoutMs: runMs * 0.9,
  maxOutputSize: outputBytes,
  maxStringLength: outputBytes,
  maxFileSystemBytes: diskBytes,
  maxLiveBytes: 2 * diskBytes,
  maxArchiveBytes: diskBytes,
  maxDatabaseBytes: diskBytes,
  maxDatabaseResultBytes: outputBytes,
  maxArrayElements: 200_000,
});

type Found = { path: string; content: Uint8Array; mode: number };

/** The regular files under `home`. A link to one of them counts as a copy; other links cannot be kept. */
async function collect(fs: InMemoryFs, home: string): Promise<{ files: Found[]; links: string[] }> {
  const files: Found[] = [];
  const links: string[] = [];
  for (const path of fs.getAllPaths()) {
    if (!path.startsWith(`${home}/`)) continue;
    const stat = await fs.lstat(path);
    if (stat.isDirectory) continue;
    const target = stat.isSymbolicLink ? await targetOf(fs, path, home) : path;
    if (target === null) links.push(path.slice(home.length));
    else
      files.push({
        path: path.slice(home.length),
        content: await fs.readFileBuffer(target),
        mode: (await fs.stat(target)).mode,
      });
  }
  return { files, links };
}

async function targetOf(fs: InMemoryFs, path: string, home: string): Promise<string | null> {
  try {
    const target = await fs.realpath(path);
    return target.startsWith(`${home}/`) && (await fs.stat(target)).isFile ? target : null;
  } catch {
    return null;
  }
}
