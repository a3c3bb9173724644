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
import { addProject } from './commands/project.ts';
import { addSessions } from './commands/sessions.ts';
import { addSystem } from './commands/system.ts';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { placeOf, wordsOf } from './place.ts';
import { report, reportInterrupt } from './report.ts';
import { json, printable } from './text.ts';

/** `options`: of the client, for tests. Never throws. */
export async function run(
  args: string[],
  machine: Io,
  version: string,
  options: Partial<ClientOptions> = {},
): Promise<number> {
  // A terminal obeys what it is sent, wherever that was written.
  const io: Io = {
    ...machine,
    out: (line) => machine.out(printable(line, machine.color)),
    err: (line) => machine.err(printable(line, machine.color)),
  };
  // Also where parsing ended before the flag.
  const isJson = () => program.opts<GlobalFlags>().json === true || args.includes('--json');
  const program = new Command('circadian')
    .description('Autonomous Claude agents that live on a daily allowance.')
    .version(version)
    .option('--url <url>', 'the API; else CIRCADIAN_URL, the local system, or the profile')
    .option('--profile <name>', 'one of `circadian profiles`; else CIRCADIAN_PROFILE')
    .option('--json', 'what the API answers, for scripts; one object a line where it follows')
    .option('--no-color', 'as NO_COLOR')
    .option('--no-input', 'asks nothing')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => void (isJson() || io.err(text.trimEnd())),
    });
  const cli = cliOf(io, () => program.opts<GlobalFlags>(), options);
  program.hook('preAction', (_, command) => void Object.assign(cli, placeOf(command)));
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
    addProject,
    addSystem,
  ])
    add(program, cli);
  helpOf(program);
  try {
    await Promise.race([program.parseAsync(args, { from: 'user' }), interrupted(cli)]);
    return cli.exit;
  } catch (error) {
    if (io.signal.aborted) return reportInterrupt(cli, args);
    if (!(error instanceof CommanderError)) return report(cli, error, args);
    if (error.exitCode === 0) return EXIT.ok;
    const message = error.message.replace(/^error: /, '');
    if (isJson()) io.err(json({ code: null, message, request: null, exit: EXIT.usage }));
    return EXIT.usage;
  }
}

/** After an error each command names its own help. */
function helpOf(command: Command): void {
  const words = ['circadian', ...wordsOf(command)].join(' ');
  command.showHelpAfterError(`(${words} --help says what there is)`);
  for (const one of command.commands) helpOf(one);
}

/** Rejects on Ctrl-C, unless the command sees to it. */
const interrupted = (cli: Cli): Promise<never> =>
  new Promise((_, reject) => {
    cli.io.signal.addEventListener('abort', () => cli.follows || reject(cli.io.signal.reason));
  });
