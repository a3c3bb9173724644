/**
 * `git` and `git_push`: repositories in folders of the workspace, by isomorphic-git in the sandbox. What git keeps of one lies in the workspace, too, so
 * it is saved with the work. `git` is pure. `git_push` is `once`: it pushes only commits that have been saved, and first asks whether the branch holds
 * the commit already, so that a push whose outcome is unknown can be called again.
 */
import * as z from 'zod';
import { GIT_STATE, isGitState } from '../core/workspace.ts';
import type { Sandbox, ToolContext, Workspace } from '../ports/index.ts';
import type { WebAccess } from '../web/access.ts';
import { addressOf } from '../web/known.ts';
import { defineTool, type Tool } from './define.ts';
import { ToolFailure } from './failure.ts';
import { gitWeb } from './git-web.ts';
import { type OutputBounds, offload } from './offload.ts';
import { isWithin } from './paths.ts';
import { processes } from './processes.ts';
import type { GitCommand, GitState } from './sandbox/jobs.ts';
import type { ShellWeb } from './shell-web.ts';

/** Of what works on the repository alone. */
export const GIT_BOUNDS: OutputBounds = {
  ...{ wallMs: 25_000, heapMb: 320, processMb: 500 },
  advice: 'Nothing was changed. The repository may be too large to work on here.',
};
/** Of what asks the server, too. */
const SERVER_BOUNDS: OutputBounds = { ...GIT_BOUNDS, wallMs: 120_000 };

/** As large as a file of the workspace may be. */
const PIECE = 4_000_000;

const Folder = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, 'Must be one name of letters, digits, dots, hyphens and underscores')
  .describe('The folder of the workspace that is the repository, such as site.');
const Branch = z.string().regex(/^(?!.*(\.\.|\/\/|@\{))[\w][\w./-]{0,199}$/, 'Must be the name of a branch');

const hosts = (web: WebAccess | null): string =>
  (web?.git ?? [])
    .slice(0, 20)
    .map(({ host }) => host)
    .join(', ');
const describe = (web: WebAccess | null): string | null =>
  web?.git?.length
    ? `Works on a git repository in a folder of the workspace; the other tools change its files. clone takes the newest commit alone, from: ${hosts(web)}. commit takes all changes that .gitignore does not name. branch makes a branch and goes to it; checkout goes to one that is there. No merge, rebase, hooks, submodules or LFS. To be rid of a repository, remove its folder.`
    : null;
const describePush = (web: WebAccess | null): string | null =>
  web?.git?.some(({ push }) => push)
    ? 'Pushes the commits of the current branch of a repository to the server, if nobody has pushed there meanwhile. Commit in an earlier reply. If the outcome of a push is unknown, call it again: it looks first.'
    : null;

const NO_SESSION_YET = 'Works on git repositories, in sessions whose rules for the web name some.';

const author = { name: 'Circadian agent', email: 'agent@circadian.invalid' };

type Reach = ShellWeb & { sandbox: Sandbox };

export function gitTools(web: ShellWeb, sandbox: Sandbox = processes): Tool[] {
  const reach = { ...web, sandbox };
  return [
    defineTool({
      ...{ name: 'git', description: NO_SESSION_YET, offer: describe, effect: 'pure' },
      input: z.object({
        action: z.enum(['clone', 'status', 'diff', 'log', 'branch', 'checkout', 'commit']),
        dir: Folder,
        url: z.string().max(2_048).optional().describe('clone: the address, by https.'),
        branch: Branch.optional().describe('clone, branch, checkout.'),
        message: z.string().min(1).max(20_000).optional().describe('commit.'),
        path: z.string().max(1_024).optional().describe('diff: only this file or folder of the repository.'),
        count: z.int().min(1).max(100).default(10).describe('log: commits at most.'),
      }),
      run: ({ dir, ...input }, context) => perform(reach, commandOf(input), dir, context),
    }),
    defineTool({
      ...{ name: 'git_push', description: `${NO_SESSION_YET} Pushes.`, offer: describePush, effect: 'once' },
      input: z.object({
        dir: Folder,
        branch: Branch.optional().describe('On the server; left out: of the same name.'),
      }),
      run: ({ dir, branch = null }, context) => perform(reach, { do: 'push', branch }, dir, context),
    }),
  ];
}

type Asked = { action: string; url?: string | undefined; branch?: string | undefined; count: number } & {
  message?: string | undefined;
  path?: string | undefined;
};

function commandOf({ action, url, branch, message, path, count }: Asked): GitCommand {
  const needed = (value: string | undefined, name: string): string => {
    if (value === undefined) throw new ToolFailure(`${action} needs ${name}, so nothing was done.`);
    return value;
  };
  switch (action) {
    case 'clone': {
      const address = addressOf(needed(url, 'url'));
      if (address === null) throw new ToolFailure('The url is no address of the web: begin with https://.');
      return { do: 'clone', url: address, branch: branch ?? null };
    }
    case 'diff':
      return { do: 'diff', path: path ?? null };
    case 'log':
      return { do: 'log', count };
    case 'branch':
    case 'checkout':
      return { do: action, name: needed(branch, 'branch') };
    case 'commit':
      return { do: 'commit', message: needed(message, 'message'), author };
    default:
      return { do: 'status' };
  }
}

async function perform(reach: Reach, command: GitCommand, dir: string, context: ToolContext): Promise<string> {
  const workspace = await context.files();
  const state = stateIn(workspace, dir);
  const root = `/${dir}`;
  const all = workspace.list().filter(({ path }) => isWithin(path, root));
  if (command.do === 'clone' && all.length > 0)
    throw new ToolFailure(`There is a ${dir} in the workspace already, so nothing was cloned. Take another dir.`);
  if (command.do !== 'clone' && state === null)
    throw new ToolFailure(`${dir} is no repository here: clone one into it first.`);
  if (command.do === 'push' && workspace.changes().some(({ path }) => isWithin(path, `${GIT_STATE}/${dir}`)))
    throw new ToolFailure('Not pushed: the commit is not saved yet. Push it in your next reply.');
  const files = all.map(({ path, mode }) => ({
    ...{ path: path.slice(root.length), mode },
    content: workspace.read(path) ?? new Uint8Array(),
  }));
  const ask = { command, files, state: command.do === 'clone' ? null : state };
  const asksServer = command.do === 'clone' || command.do === 'push';
  const {
    text,
    changes,
    state: after,
  } = await (asksServer
    ? offload(reach.sandbox, 'git', ask, SERVER_BOUNDS, context.signal, gitWeb(reach, context, command.do === 'push'))
    : offload(reach.sandbox, 'git', ask, GIT_BOUNDS, context.signal));
  workspace.apply([
    ...(command.do === 'clone' ? orphans(workspace) : []),
    ...changes.map((change) => ({ ...change, path: root + change.path })),
    ...(after ? stored(dir, after) : []),
  ]);
  return text;
}

function stateIn(workspace: Workspace, dir: string): GitState | null {
  const own = workspace.read(`${GIT_STATE}/${dir}/state`);
  if (own === null) return null;
  const pieces: Uint8Array[] = [];
  for (let piece: Uint8Array | null; ; pieces.push(piece)) {
    piece = workspace.read(`${GIT_STATE}/${dir}/pack-${pieces.length}`);
    if (piece === null) break;
  }
  return { own, pack: Uint8Array.from(Buffer.concat(pieces)) };
}

/** What is left of repositories whose folders are gone. */
function orphans(workspace: Workspace) {
  const paths = workspace.list().map(({ path }) => path);
  const isLeft = (path: string) => !paths.some((file) => isWithin(file, `/${path.split('/')[2]}`));
  return paths.filter((path) => isGitState(path) && isLeft(path)).map((path) => ({ path, content: null, mode: 0 }));
}

/** A piece that is as it was is no change. */
function stored(dir: string, { own, pack }: GitState) {
  const at = (name: string, content: Uint8Array) => ({ path: `${GIT_STATE}/${dir}/${name}`, content, mode: 0o644 });
  const pieces = Array.from({ length: Math.ceil(pack.length / PIECE) }, (_, i) =>
    at(`pack-${i}`, pack.subarray(i * PIECE, (i + 1) * PIECE)),
  );
  return [at('state', own), ...pieces];
}
