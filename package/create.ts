/**
 * `npm create circadian@latest [folder] [-- --skip-install --skip-git --defaults]`. It asks what no flag says, if a terminal is there. npm takes flags
 * such as --yes and --no-install for itself, so none of these has such a name.
 */
import { spawn, spawnSync } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { confirm, intro, isCancel, outro, spinner, text } from '@clack/prompts';
import { inTheWay, makeProject, nameOf } from '../cli/project.ts';

const TEMPLATE = fileURLToPath(new URL('./template', import.meta.url));
const FOLDER = 'my-agents';
const HELP = `npm create circadian@latest [folder] [-- FLAG …]     makes a project with an agent, a tool and its test

  --skip-install   installs nothing
  --skip-git       makes no git repository
  --defaults       asks nothing`;

class Refused extends Error {
  readonly exit: number;
  constructor(message: string, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

const show = (line: string): void => void process.stdout.write(`${line}\n`);

function answer<T>(given: T): Exclude<T, symbol> {
  if (isCancel(given)) throw new Refused('Nothing was made.', 130);
  return given as Exclude<T, symbol>;
}

function read(args: string[]) {
  const flag = { type: 'boolean' } as const;
  const options = { 'skip-install': flag, 'skip-git': flag, defaults: flag, help: flag };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length > 1) throw new Error(`More than one folder was named: ${positionals.join(', ')}.`);
    return { ...values, folder: positionals[0] };
  } catch (error) {
    throw new Refused(`${(error as Error).message}\n\n${HELP}`, 2);
  }
}

const faultOf = (folder: string): string | undefined => {
  const found = inTheWay(resolve(folder));
  if (found.length === 0) return undefined;
  const some = `${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}`;
  return `${resolve(folder)} is not empty (${some}). Name another folder, or run \`npx circadian init\` there, which adds what is missing.`;
};

/** Who was asked to create: npm unless it says otherwise. */
const manager = (): string => /^(pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 'npm';

/** What it said where it failed, else null. Its own output would cut the prompts in pieces. */
const installed = (folder: string): Promise<string | null> =>
  new Promise((done) => {
    const child = spawn(manager(), ['install'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    child.on('error', (error) => done(error.message));
    child.on('close', (code) => done(code === 0 ? null : said.trim()));
  });

const git = (folder: string, ...args: string[]): boolean => spawnSync('git', args, { cwd: folder }).status === 0;

/** A repository within another would be left out of it. */
function repository(folder: string): void {
  if (git(folder, 'rev-parse', '--is-inside-work-tree')) return;
  if (!git(folder, 'init', '--quiet', '--initial-branch', 'main')) show('git is not here, so there is no repository.');
  else if (git(folder, 'add', '--all')) git(folder, 'commit', '--quiet', '--message', 'chore: npm create circadian');
}

async function create(args: string[]): Promise<void> {
  const given = read(args);
  if (given.help) return show(HELP);
  const asks = !given.defaults && process.stdin.isTTY && process.stdout.isTTY && !process.env.CI;
  if (asks) intro('Circadian');
  const validate = (folder?: string) => faultOf(folder || FOLDER);
  const chosen =
    given.folder ??
    (asks
      ? answer(await text({ message: 'Folder of the project', placeholder: FOLDER, defaultValue: FOLDER, validate }))
      : FOLDER);
  const fault = faultOf(chosen);
  if (fault) throw new Refused(`${fault} Nothing was made.`);
  const folder = resolve(chosen);
  const installs =
    !given['skip-install'] &&
    (!asks || answer(await confirm({ message: `Install the packages now, with ${manager()}? (about 300 MB)` })));

  makeProject({ folder, template: TEMPLATE, name: nameOf(folder) });
  const failure = installs ? await install(folder, asks) : null;
  if (!given['skip-git']) repository(folder);
  const at = relative(process.cwd(), folder);
  const next = [
    ...(at ? [`cd ${/^[\w./-]+$/.test(at) ? at : `"${at}"`}`] : []),
    ...(installs && failure === null ? [] : [`${manager()} install`]),
    `${manager()} run dev     # the whole system on this machine, no key needed`,
  ];
  const end = `The project is in ${folder}. Next:\n\n  ${next.join('\n  ')}\n`;
  if (failure !== null)
    throw new Refused(`${failure}\n\nThe packages could not be installed, as is said above. ${end}`);
  if (asks) outro(end);
  else show(end);
}

async function install(folder: string, asks: boolean): Promise<string | null> {
  const wait = asks ? spinner() : null;
  wait?.start('Installing');
  const failure = await installed(folder);
  wait?.stop(failure === null ? 'Installed' : 'Not installed');
  return failure;
}

try {
  await create(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Refused ? error.message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = error instanceof Refused ? error.exit : 1;
}
