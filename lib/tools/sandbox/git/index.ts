/** One command of git on a repository of the workspace, by isomorphic-git. What it asks of the server goes to the host, which decides. */
import * as git from 'isomorphic-git';
import type { WorkspaceFile } from '../../../ports/index.ts';
import { changesOf } from '../changes.ts';
import { unifiedOf } from '../commands/diff.ts';
import type { GitCommand, Jobs, Reply } from '../jobs.ts';
import { askWeb } from '../parent.ts';
import { closed, opened, ROOT } from './state.ts';

/** What is wrong, in words for the model. */
class Refused extends Error {
  override name = 'Refused';
}

const http: git.HttpClient = {
  async request({ url, method = 'GET', headers = {}, body }) {
    const pieces: Uint8Array[] = [];
    if (body) for await (const piece of body) pieces.push(piece);
    const sent = pieces.length === 0 ? null : Uint8Array.from(Buffer.concat(pieces));
    const answer = await askWeb({ url, method, headers, body: sent, redirects: 5, timeoutMs: null });
    if ('refused' in answer) throw new Refused(answer.refused);
    const { status, statusText, body: got, ...rest } = answer;
    const pieced = (async function* () {
      yield got;
    })();
    return { ...rest, method, statusCode: status, statusMessage: statusText, body: pieced };
  },
};

type Repository = { fs: ReturnType<typeof opened>; dir: string; cache: object };
type Done = { text: string; changed?: true };

export async function gitJob({ command, files, state }: Jobs['git']['ask']): Promise<Reply<'git'>> {
  try {
    const fs = openedOr(files, state);
    const { text, changed } = await run(command, { fs, dir: ROOT, cache: {} });
    if (!changed) return { answer: { text, changes: [], state: null } };
    const after = closed(fs);
    const note =
      command.do === 'clone' && after.links.length > 0
        ? `\nLinks are not shown in the workspace, and stay as they are: ${after.links.slice(0, 5).join(', ')}.`
        : '';
    return { answer: { text: text + note, changes: changesOf(files, after.files, isSameMode), state: after.state } };
  } catch (error) {
    return { refused: sentenceOf(error) };
  }
}

function openedOr(files: WorkspaceFile[], state: Jobs['git']['ask']['state']) {
  try {
    return opened(files, state);
  } catch {
    throw new Refused('What git keeps of this repository cannot be read. Clone it again into another folder.');
  }
}

/** Of permissions git knows one: whether a file is a program. */
const isSameMode = (a: number, b: number): boolean => ((a ^ b) & 0o111) === 0;

function sentenceOf(error: unknown): string {
  const { code, message, data } = error as { code?: string; message: string; data?: { statusCode?: number } };
  if (error instanceof Refused) return message;
  if (code === 'HttpError' && (data?.statusCode === 401 || data?.statusCode === 403))
    return `The server refused the credential (${data.statusCode}), or wants one. Nothing was changed. Ask the person for another one.`;
  if (code === 'HttpError') return `The server answered ${data?.statusCode}. Nothing was changed. Look at the address.`;
  if (code === 'UnsafeFilepathError')
    return 'The repository holds a path that is not safe, so nothing of it was taken.';
  return `git: ${message}`;
}

function run(command: GitCommand, at: Repository): Promise<Done> {
  switch (command.do) {
    case 'clone':
      return clone(at, command);
    case 'status':
      return status(at);
    case 'diff':
      return diff(at, command.path);
    case 'log':
      return log(at, command.count);
    case 'branch':
      return branch(at, command.name);
    case 'checkout':
      return checkout(at, command.name);
    case 'commit':
      return commit(at, command);
    case 'push':
      return push(at, command.branch);
  }
}

async function clone(at: Repository, { url, branch: ref }: Extract<GitCommand, { do: 'clone' }>): Promise<Done> {
  const wanted = ref === null ? {} : { ref };
  await git.clone({ ...at, http, url, ...wanted, depth: 1, singleBranch: true, noTags: true });
  const head = await git.resolveRef({ ...at, ref: 'HEAD' }).catch(() => null);
  if (head === null) throw new Refused('The repository is empty: it has no commit, so there is nothing to clone.');
  const paths = await git.listFiles(at);
  return {
    text: `Cloned branch ${await nameOf(at)} at ${head}, its newest commit alone: ${paths.length} files.`,
    changed: true,
  };
}

const nameOf = async (at: Repository): Promise<string> => (await git.currentBranch(at)) ?? 'HEAD';

type Changed = { path: string; kind: 'added' | 'modified' | 'deleted' };

/** Repositories within the repository are in none of the rows, so each commit leaves them as they are. */
async function changedFiles(at: Repository): Promise<Changed[]> {
  const rows = await git.statusMatrix(at);
  return rows.flatMap(([path, head, work]): Changed[] => {
    if (head === work) return [];
    return [{ path, kind: head === 0 ? 'added' : work === 0 ? 'deleted' : 'modified' }];
  });
}

async function status(at: Repository): Promise<Done> {
  const changed = await changedFiles(at);
  const lines = changed.map(({ path, kind }) => `${kind}: ${path}`);
  const on = `On branch ${await nameOf(at)} at ${await git.resolveRef({ ...at, ref: 'HEAD' })}.`;
  return { text: [on, ...(lines.length === 0 ? ['Nothing has changed since.'] : lines)].join('\n') };
}

/** As far as a diff is read; what is beyond it is cut by the host. */
const MOST_DIFF = 200_000;

async function diff(at: Repository, only: string | null): Promise<Done> {
  const oid = await git.resolveRef({ ...at, ref: 'HEAD' });
  let text = '';
  for (const { path, kind } of await changedFiles(at)) {
    if (only !== null && path !== only && !path.startsWith(`${only}/`)) continue;
    const before = kind === 'added' ? null : (await git.readBlob({ ...at, oid, filepath: path })).blob;
    const after = kind === 'deleted' ? null : ((await at.fs.promises.readFile(`${ROOT}/${path}`)) as Uint8Array);
    text += difference(path, before, after);
    if (text.length > MOST_DIFF) break;
  }
  return { text: text === '' ? 'There is no difference.' : text };
}

function difference(path: string, before: Uint8Array | null, after: Uint8Array | null): string {
  if ([before, after].some((bytes) => bytes?.subarray(0, 8_000).includes(0)))
    return `Binary files a/${path} and b/${path} differ\n`;
  const side = (name: string, bytes: Uint8Array | null) => ({
    name: bytes === null ? '/dev/null' : `${name}/${path}`,
    bytes: Buffer.from(bytes ?? []).toString('latin1'),
  });
  return Buffer.from(unifiedOf(side('a', before), side('b', after)), 'latin1').toString('utf8');
}

async function log(at: Repository, depth: number): Promise<Done> {
  const commits = await git.log({ ...at, depth });
  const lines = commits.map(({ oid, commit: { message, author } }) => {
    const when = new Date(author.timestamp * 1_000).toISOString().slice(0, 16).replace('T', ' ');
    return `${oid} ${when} ${author.name}: ${message.trim().split('\n')[0]}`;
  });
  return { text: lines.join('\n') };
}

async function branch(at: Repository, ref: string): Promise<Done> {
  await git.branch({ ...at, ref, checkout: true });
  return { text: `On the new branch ${ref}. Your changes are still there.`, changed: true };
}

async function checkout(at: Repository, ref: string): Promise<Done> {
  const changed = await changedFiles(at);
  if (changed.length > 0)
    throw new Refused(
      `${changed.length} files have changed since the last commit, ${changed[0]!.path} among them. Commit them first.`,
    );
  const branches = await git.listBranches(at);
  if (!branches.includes(ref))
    throw new Refused(
      `There is no branch ${JSON.stringify(ref)} here: there are ${branches.join(', ')}. The action branch makes one.`,
    );
  await git.checkout({ ...at, ref });
  return { text: `On branch ${ref} at ${await git.resolveRef({ ...at, ref: 'HEAD' })}.`, changed: true };
}

async function commit(at: Repository, { message, author }: Extract<GitCommand, { do: 'commit' }>): Promise<Done> {
  const changed = await changedFiles(at);
  if (changed.length === 0)
    throw new Refused('Nothing has changed since the last commit, so there is nothing to commit.');
  for (const { path: filepath, kind } of changed) {
    if (kind === 'deleted') await git.remove({ ...at, filepath });
    else await git.add({ ...at, filepath });
  }
  const oid = await git.commit({ ...at, message, author, committer: author });
  return {
    text: `Committed ${changed.length} files as ${oid} on branch ${await nameOf(at)}. It is not pushed.`,
    changed: true,
  };
}

const OUTRUN =
  'Not pushed: the branch on the server has commits that are not here. Clone it into another folder, bring your changes over, commit and push there; or push to a new branch.';

async function push(at: Repository, wanted: string | null): Promise<Done> {
  const own = await nameOf(at);
  const name = wanted ?? own;
  const head = await git.resolveRef({ ...at, ref: 'HEAD' });
  const url = (await git.getConfig({ ...at, path: 'remote.origin.url' })) as string;
  const remote = `refs/heads/${name}`;
  const refs = await git.listServerRefs({ http, url, forPush: true, prefix: remote, protocolVersion: 1 });
  if (refs.some(({ ref, oid }) => ref === remote && oid === head))
    return { text: `Branch ${name} on the server holds ${head} already, so nothing was pushed.` };
  try {
    await git.push({ ...at, http, remote: 'origin', ref: own, remoteRef: remote });
  } catch (error) {
    const { code, data } = error as { code?: string; data?: { prettyDetails?: string } };
    if (code === 'PushRejectedError') throw new Refused(OUTRUN);
    if (code === 'GitPushError')
      throw new Refused(`The server did not take it:${data?.prettyDetails ?? ''}\n${OUTRUN}`);
    throw error;
  }
  return { text: `Pushed ${head} to branch ${name}.`, changed: true };
}
