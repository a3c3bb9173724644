/** `files ls`, `files cat`, `files pull`. */
import { constants, lstatSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Cli, serverNow, take } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { makeFolder } from '../folder.ts';
import { CommandError } from '../io.ts';
import { ago, clean, oneLine, plural, table } from '../text.ts';
import { folder } from './options.ts';

export function addFiles(program: Command, cli: Cli): void {
  const files = program.command('files').description('what a session has made');

  files
    .command('ls')
    .description('its files')
    .argument('<id>', 'its id, the end of it, or @last')
    .action(async (given: string) => {
      const found = await take(cli.client().files.list(await cli.idOf(given)), null);
      const now = await serverNow(cli);
      cli.show(found, () =>
        found.length > 0
          ? table(
              found.map(({ path, bytes, updated_at }) => [oneLine(path), size(bytes), ago(updated_at, now)]),
              cli.columns(),
            )
          : 'No file yet.',
      );
    });

  files
    .command('cat')
    .description('a file, as it is; on a terminal without its control characters')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('<path>')
    .action(async (given: string, path: string) => {
      const bytes = await cli.client().files.bytes(await cli.idOf(given), path);
      cli.io.bytes(cli.io.terminal ? new TextEncoder().encode(clean(new TextDecoder().decode(bytes))) : bytes);
    });

  files
    .command('pull')
    .description('its files into a folder')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('[path]', 'only this file, or what lies below it')
    .option('-o, --output <folder>', "where to; else a folder with the session's id as its name", folder)
    .option('-f, --force', 'in place of what is there')
    .action((given: string, path: string | undefined, options: PullOptions) => pull(cli, given, path, options));
}

type PullOptions = { output?: string; force?: boolean };

async function pull(cli: Cli, given: string, path: string | undefined, { output, force }: PullOptions): Promise<void> {
  const client = cli.client();
  const id = await cli.idOf(given);
  const root = resolve(cli.io.cwd, output ?? id);
  const wanted = path && `/${path.replace(/^\/|\/$/g, '')}`;
  const found = (await take(client.files.list(id), null)).filter(
    (file) => !wanted || file.path === wanted || file.path.startsWith(`${wanted}/`),
  );
  if (found.length === 0)
    throw new CommandError(
      `${id} has no file ${wanted ?? ''}`.trimEnd().concat('.'),
      EXIT.notFound,
      `circadian files ls ${id}`,
    );
  const pulled: string[] = [];
  for (const file of found) {
    const target = inside(root, file.path);
    try {
      folderFor(root, file.path);
      await writeFile(target, await client.files.bytes(id, file.path), { flag: force ? IN_PLACE : 'wx' });
    } catch (error) {
      throw unwritten(error, target, pulled.length);
    }
    pulled.push(target);
  }
  cli.show({ files: pulled }, () => pulled.map((target) => oneLine(relative(cli.io.cwd, target) || target)));
}

/** A refusal of this machine in a sentence; any other error as it is. */
function unwritten(error: unknown, target: string, written: number): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const { code, path = target } = error as NodeJS.ErrnoException;
  const before = `${plural(written, 'file')} ${written === 1 ? 'was' : 'were'} written before it.`;
  if (code === 'EEXIST' && path === target)
    return new CommandError(`${target} is there already. ${before}`, EXIT.conflict, 'the same with --force');
  const why = code === 'ENOTDIR' ? 'is no folder' : `cannot be written (${code})`;
  return new CommandError(
    `${oneLine(path)} ${why}. ${before} Nothing is lost: the files stay on the server.`,
    EXIT.failure,
    'the same with -o and a folder that you may write to',
  );
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
/** In place of a file, and never through a link. */
const IN_PLACE = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;

/** Makes the folders above it, none of them beyond a link. */
function folderFor(root: string, path: string): void {
  makeFolder(root);
  let at = root;
  for (const part of dirname(path).split('/').filter(Boolean)) {
    at = join(at, part);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new CommandError(`${oneLine(path)} would lie outside of ${root}: a link leads there.`, EXIT.failure);
    makeFolder(at);
  }
}

/** The agent names its files; none may lie outside of the folder. */
function inside(root: string, path: string): string {
  const target = join(root, path);
  if (target.startsWith(`${root === '/' ? '' : root}/`)) return target;
  throw new CommandError(`${oneLine(path)} would lie outside of ${root}.`, EXIT.failure);
}

const size = (bytes: number): string =>
  bytes < 1_000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
