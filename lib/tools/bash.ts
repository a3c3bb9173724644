/**
 * `bash`: a simulated shell on the workspace, in a process of its own. Pure: its files are kept only when the iteration is saved. Python and
 * JavaScript change nothing of that: they reach no disk and no process. Their clock and chance may give another answer the second time,
 * which does no harm. Of the network it reaches what the session's rules name. Before a request that changes something the call is marked, and is
 * not run again after a crash.
 */
import * as z from 'zod';
import { isGitState, WORKSPACE_LIMITS } from '../core/workspace.ts';
import type { Sandbox, Workspace, WorkspaceFile } from '../ports/index.ts';
import type { WebAccess } from '../web/access.ts';
import { defineTool, type Observation } from './define.ts';
import { ToolFailure } from './failure.ts';
import { type OutputBounds, offload } from './offload.ts';
import { HOME, shown } from './paths.ts';
import { processes } from './processes.ts';
import type { BashLimits, Jobs } from './sandbox/jobs.ts';
import { differences } from './shell.ts';
import { type ShellWeb, shellWeb } from './shell-web.ts';
import { grouped, MOST_CHARACTERS } from './text.ts';

/** The shell's own limits let go of it kindly, with the files so far; the bounds end the process a little later, with nothing. */
export const BASH_LIMITS: BashLimits = {
  ...{ home: HOME, runMs: 20_000, outputBytes: 64_000_000, diskBytes: 100_000_000 },
  keptBytes: WORKSPACE_LIMITS.treeBytes,
  // Its own notes need some room, too.
  shownCharacters: MOST_CHARACTERS - 2000,
};
/** With what the iteration itself needs, well below the memory of its function (lib/infra/deployment.ts). */
export const BASH_BOUNDS: OutputBounds = {
  ...{ wallMs: 25_000, heapMb: 320, processMb: 500 },
  advice: 'No file was changed. Do less in one call: fewer rows, smaller pieces, files in place of variables.',
};

const describe = (
  web: WebAccess | null,
): string => `Runs a bash script on the workspace, in a simulated shell without processes${web?.shell?.length ? '' : ' or network'}.

Commands: cat, head, tail, ls, tree, find, cp, mv, rm, mkdir, mktemp, ln, stat, file, du, grep, rg, sed, awk, tr, cut, paste, join, sort, shuf, uniq, wc, nl, diff, cmp, comm, split, xargs, tee, jq (JSON), yq (YAML, TOML, XML), xan (CSV), sqlite3, base64, md5sum, sha256sum, od, xxd, tar, gzip, seq, expr, printf, date and bash itself with its functions, loops, arrays and here-documents. A command's --help tells its options. ${networkOf(web)}, git, Node, compilers, package managers.

python3 is Python 3.13 with its standard library, without sqlite3 (use the shell's), ssl, zoneinfo, pip, subprocess, sockets and threads. js-exec runs JavaScript and TypeScript with ES modules, fs, path and child_process.execSync, without timers, standard input and require of files. Neither handles files over 8 MB.

Different from bash: ${differences()}

Every call starts afresh in ${HOME}, which is the workspace: the directory, variables and functions of earlier calls are gone. Regular files under ${HOME} are kept; files elsewhere, empty directories and symbolic links are not. A script may run for ${BASH_LIMITS.runMs / 1000} s; sleep and time.sleep return at once. Both output streams come back, long ones cut in the middle.`;

/** More rules than these are followed, too, but not told. */
const MOST_TOLD = 20;

function networkOf(web: WebAccess | null): string {
  const rules = web?.shell ?? [];
  if (rules.length === 0) return 'Not there: network';
  const told = rules
    .slice(0, MOST_TOLD)
    .map(({ host, methods, secret }) => `${host} (${methods.join(', ')}${secret === null ? '' : '; signed in'})`);
  return `curl asks these hosts, and no others: ${told.join('; ')}. It follows redirects by itself. Where you are signed in, the runtime adds the credential on the way; do not look for it. js-exec has fetch; Python asks nobody. A script that sent anything but GET and HEAD is not run again after an interruption. Not there: other networks`;
}

export const createBash = (
  limits: BashLimits = BASH_LIMITS,
  bounds: OutputBounds = BASH_BOUNDS,
  sandbox: Sandbox = processes,
  reach: ShellWeb | null = null,
) =>
  defineTool({
    name: 'bash',
    description: describe(null),
    offer: describe,
    effect: 'pure',
    tolerant: true,
    input: z.object({ command: z.string().min(1).max(200_000).describe('The script, one line or many.') }),
    run: async ({ command }, context) => {
      const workspace = await context.files();
      const network = reach && shellWeb(reach, context);
      const ask = { command, files: allOf(workspace), limits, network: network !== null };
      const answer = await offload(sandbox, 'bash', ask, bounds, context.signal, network?.web);
      const problem = keep(workspace, answer, limits.keptBytes);
      return observe(answer, problem, network?.refusals ?? []);
    },
  });

export const bash = createBash();

const allOf = (workspace: Workspace): WorkspaceFile[] =>
  workspace
    .list()
    .filter(({ path }) => !isGitState(path))
    .map(({ path, mode }) => ({ path, mode, content: workspace.read(path) ?? new Uint8Array() }));

/** Takes over what changed, or nothing of it where it breaks a limit: then it says so. */
function keep(workspace: Workspace, { changes, tooLarge }: Jobs['bash']['answer'], most: number): string | null {
  if (tooLarge !== null) {
    return `The workspace would hold ${grouped(tooLarge)} bytes, and ${grouped(most)} are allowed. Write less, or remove what is not needed any more.`;
  }
  try {
    workspace.apply(changes.filter(({ path }) => !isGitState(path)));
    return null;
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}

/** A status other than 0 with nothing on stderr is an answer (grep found nothing, a test is false), not an error. */
function observe(answer: Jobs['bash']['answer'], problem: string | null, refusals: string[]): Observation {
  const { stdout, stderr, exitCode, links, outside } = answer;
  const parts = [stdout.replace(/\n$/, '')];
  if (stderr !== '') parts.push(`[stderr]\n${stderr.replace(/\n$/, '')}`);
  if (exitCode !== 0) parts.push(`[exit status ${exitCode}]`);
  // A silent curl says nothing of them.
  for (const refusal of refusals) parts.push(`[network] ${refusal}`);
  if (problem !== null) parts.push(`[no file was changed] ${problem}`);
  if (links.length > 0) parts.push(`[symbolic links are not kept: ${links.map(shown).join(', ')}]`);
  if (outside.length > 0) parts.push(`[only files under ${HOME} are kept; gone: ${outside.join(', ')}]`);
  return {
    content: parts.filter((part) => part !== '').join('\n'),
    isError: problem !== null || (exitCode !== 0 && stderr !== ''),
  };
}
