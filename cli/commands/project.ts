/** `init`, `dev`, `deploy`, `smoke`: what is done with a project on this machine, by programs beside this one. */
import { spawn } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError, type Io } from '../io.ts';
import { makeProject, nameOf } from '../project.ts';
import { noKey, requireLocal } from '../required.ts';

/** Of the local system, whose variables are those of `npm start`. */
const LOCAL = fileURLToPath(new URL('../../lib/local/main.ts', import.meta.url));
/** Of a deployment, whose arguments are those of `npm run setup`. */
const SETUP = fileURLToPath(new URL('../../lib/infra/setup/main.ts', import.meta.url));
/** Its address and key are variables: others see arguments. */
const SMOKE = fileURLToPath(new URL('../../lib/ops/cli/smoke.ts', import.meta.url));
const TEMPLATE = fileURLToPath(new URL('../../package/template', import.meta.url));
/** On Node 22 SQLite and the removal of types still announce themselves as experiments. */
const QUIET = '--disable-warning=ExperimentalWarning';

export function addProject(program: Command, cli: Cli): void {
  program
    .command('init')
    .description('a project in a folder: an agent, a tool and its test; files that are there stay as they are')
    .argument('[folder]', 'where', '.')
    .action((given: string) => {
      const folder = resolve(cli.io.cwd, given);
      const done = made(folder);
      cli.show({ folder, ...done }, () => lines(done, relative(cli.io.cwd, folder)));
    });

  program
    .command('dev')
    .description('the whole system on this machine, until Ctrl-C')
    .option('-p, --port <n>', 'where; 0 is any free port')
    .option('--data <folder>', 'where it keeps its data; `memory` keeps nothing')
    .option('--no-sample', 'start no sample session')
    .action(async ({ port, data, sample }: { port?: string; data?: string; sample: boolean }) => {
      const variables = {
        ...(port && { PORT: port }),
        ...(data && { DATA_DIR: data }),
        ...(!sample && { SAMPLE: '0' }),
      };
      cli.follows = true;
      cli.io.err('Starting. The first start takes up to half a minute.');
      cli.exit = await child([QUIET, LOCAL], { ...cli.io.env, ...variables }, cli.io);
    });

  program
    .command('deploy')
    .description('to the AWS account of this terminal: asks, checks, deploys and tests; the same again for an update')
    .argument('[flags...]', '`circadian deploy -- --help` lists them')
    .allowUnknownOption()
    .action(async (flags: string[]) => {
      cli.follows = true;
      cli.exit = await child([QUIET, SETUP, ...flags], cli.io.env, cli.io);
    });

  program
    .command('smoke')
    .description('whether a deployment works: two sessions of at most 20 cents each, about five minutes')
    .option('-m, --model <name>', 'else the cheapest')
    .action(async ({ model }: { model?: string }) => {
      await requireLocal(cli);
      const at = cli.connection();
      if (at.key === null) throw noKey(at, 'API key', cli.login());
      const { url, key, from } = at;
      cli.follows = true;
      cli.io.err(`Tests ${url} (${from}) for some cents of today's allowance.`);
      const variables = { CIRCADIAN_URL: url, CIRCADIAN_API_KEY: key };
      cli.exit = await child([QUIET, SMOKE, ...(model ? [model] : [])], { ...cli.io.env, ...variables }, cli.io);
    });
}

function made(folder: string): { made: string[]; kept: string[] } {
  try {
    return makeProject({ folder, template: TEMPLATE, name: nameOf(folder) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? new CommandError(`${folder} cannot be written (${code}).`, EXIT.failure) : error;
  }
}

function lines({ made, kept }: { made: string[]; kept: string[] }, folder: string): string[] {
  const at = folder ? `cd ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)} && ` : '';
  const dependencies = kept.includes('package.json') ? 'npm install circadian zod' : 'npm install';
  return [
    ...made.map((path) => `+ ${path}`),
    ...kept.map((path) => `  ${path} was there and is as it was`),
    `Next: ${at}${dependencies} && npx circadian dev`,
  ];
}

/** Its exit code. It is told once to end, since it takes the second time for impatience. */
function child(args: string[], env: NodeJS.ProcessEnv, { signal, keyboard }: Io): Promise<number> {
  const started = spawn(process.execPath, args, { stdio: 'inherit', env });
  const stop = () => void started.kill('SIGTERM');
  process.once('SIGTERM', stop).once('SIGHUP', stop);
  if (!keyboard) signal.addEventListener('abort', stop);
  return new Promise((resolve, reject) => {
    started.once('error', reject);
    started.once('exit', (code) => {
      process.off('SIGTERM', stop).off('SIGHUP', stop);
      resolve(code ?? EXIT.interrupted);
    });
  });
}
