/** `circadian`: parses, runs one command, and answers with an exit code. */
import { Command, CommanderError } from 'commander';
import type { ClientOptions } from '../client/index.ts';
import { type Cli, cliOf, type GlobalFlags } from './cli.ts';
import { addAdmin } from './commands/admin.ts';
import { addArchive } from './commands/archive.ts';
import { addEvents } from './commands/events.ts';
import { addFiles } from './commands/files.ts';
import { addInbox } from './commands/inbox.ts';
import { addLists } from './commands/lists.ts';
import { addMoney } from './commands/money.ts';
import { addProfiles } from './commands/profiles.ts';
import { addSessions } from './commands/sessions.ts';
import { addSystem } from './commands/system.ts';
import { EXIT, failureOf } from './exit.ts';
import type { Io } from './io.ts';
import { clean, json, painter } from './text.ts';

/** `options`: of the client, for tests. Never throws. */
export async function run(
  args: string[],
  io: Io,
  version: string,
  options: Partial<ClientOptions> = {},
): Promise<number> {
  const program = new Command('circadian')
    .description('Autonomous Claude agents that live on a daily allowance.')
    .version(version)
    .option('--url <url>', 'the API; else CIRCADIAN_URL, the local system, or the profile')
    .option('--profile <name>', 'one of `circadian profiles`; else CIRCADIAN_PROFILE')
    .option('--json', 'what the API answers, for scripts; one object a line where it follows')
    .option('--no-color', 'as NO_COLOR')
    .option('--no-input', 'asks nothing')
    .showHelpAfterError('(circadian --help says what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  const cli = cliOf(io, () => program.opts<GlobalFlags>(), options);
  for (const add of [
    addSessions,
    addEvents,
    addInbox,
    addFiles,
    addMoney,
    addLists,
    addArchive,
    addProfiles,
    addAdmin,
    addSystem,
  ])
    add(program, cli);
  try {
    await Promise.race([program.parseAsync(args, { from: 'user' }), interrupted(cli)]);
    return cli.exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (io.signal.aborted) return EXIT.interrupted;
    const { exit, message, code, request, next } = failureOf(error);
    const paint = painter(io.color);
    if (program.opts<GlobalFlags>().json) io.err(json({ code, message, request, exit }));
    else {
      io.err(`${paint('red', '✕')} ${clean(message)}`);
      if (request) io.err(paint('dim', `  ${code} · ${request}`));
      if (next) io.err(`  → ${next}`);
    }
    return exit;
  }
}

/** Rejects on Ctrl-C, unless the command sees to it. */
const interrupted = (cli: Cli): Promise<never> =>
  new Promise((_, reject) => {
    cli.io.signal.addEventListener('abort', () => cli.follows || reject(cli.io.signal.reason));
  });
