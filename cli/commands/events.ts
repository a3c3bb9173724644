/** `logs` and `watch`. */
import type { Command } from 'commander';
import type { SessionEvent } from '../../client/index.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { line } from '../line.ts';
import { json } from '../text.ts';
import { watchAll, watchOne } from '../view/watch.ts';
import { KINDS, kindOf } from '../words.ts';
import { listOf, whole } from './options.ts';

type LogsOptions = { follow?: boolean; since: number; only?: string[] };

export function addEvents(program: Command, cli: Cli): void {
  program
    .command('logs')
    .description('the journal of a session; with --json, one event a line')
    .argument('<id>', 'its id, the end of it, or @last')
    .option('-f, --follow', 'and what comes, until it has ended')
    .option('--since <seq>', 'only what comes after this number', whole, 0)
    .addOption(listOf('--only <kinds>', 'only these, with commas between', KINDS))
    .action(async (given: string, options: LogsOptions) => {
      const wrong = options.only?.find((kind) => !(KINDS as readonly string[]).includes(kind));
      if (wrong)
        throw new CommandError(`There are no events of kind ${wrong}: choose among ${KINDS.join(', ')}.`, EXIT.usage);
      const client = cli.client();
      const id = await cli.idOf(given);
      cli.follows = options.follow === true;
      const events = options.follow
        ? client.sessions.events(id, {
            after: options.since,
            signal: cli.io.signal,
            onBreak: (error) => told(cli, error),
          })
        : client.sessions.journal(id, { after: options.since, signal: cli.io.signal });
      for await (const event of events) print(cli, event, options.only);
      if (cli.io.signal.aborted) cli.exit = EXIT.interrupted;
    });

  program
    .command('watch')
    .description('your sessions at work, or one of them; leaving never stops them')
    .argument('[id]', 'its id, the end of it, or @last')
    .option('--no-wait-sleep', 'end when it falls asleep')
    .action(async (given: string | undefined, { waitSleep }: { waitSleep: boolean }) => {
      const client = cli.client();
      if (given === undefined) cli.exit = await watchAll(cli, client);
      else cli.exit = await watchOne(cli, client, await cli.idOf(given), { after: 'now', sleeps: !waitSleep });
    });
}

const told = (cli: Cli, error: unknown): void =>
  cli.io.err(`The connection broke; it is made anew. (${error instanceof Error ? error.message : error})`);

function print(cli: Cli, event: SessionEvent, only?: string[]): void {
  if (only && !only.includes(kindOf(event))) return;
  const text = cli.flags().json ? json(event) : line(event, cli.paint);
  if (text !== null) cli.io.out(text);
}
