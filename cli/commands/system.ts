/** `doctor`, `clock`, `openapi`, `completion`, `open`. */
import { spawn } from 'node:child_process';
import { Argument, type Command } from 'commander';
import { CircadianError, errorOf } from '../../client/index.ts';
import { type Cli, take } from '../cli.ts';
import { completion, SHELLS, type Shell } from '../completion.ts';
import { doctor } from '../doctor.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { requireLocal } from '../required.ts';
import { json } from '../text.ts';

export function addSystem(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('what is wrong here, and what to do')
    .action(async () => {
      const found = await doctor(cli);
      if (found.some(({ ok }) => !ok)) cli.exit = EXIT.failure;
      cli.show(found, () =>
        found.map(
          ({ ok, what, next }) =>
            `${ok ? cli.paint('green', '✓') : cli.paint('red', '✕')} ${what}${next ? `\n  → ${next}` : ''}`,
        ),
      );
    });

  program
    .command('clock')
    .description("the local system's clock; it goes forward only")
    .argument('[to]', '+1d, +2h, +30m, next (the next waking), or an instant')
    .action(async (to?: string) => {
      const body = to === undefined ? undefined : await target(cli, to);
      const moved = await local(cli, body);
      cli.show(moved, ({ now }) => `It is ${now}.`);
    });

  program
    .command('openapi')
    .description('the contract, as OpenAPI in JSON')
    .action(async () => {
      const { url } = cli.connection();
      const response = await fetch(`${url}/openapi.json`, { signal: cli.io.signal }).catch(() => {
        throw new CircadianError('unreachable', `${url} does not answer.`);
      });
      const contract = await response.json().catch(() => null);
      if (!response.ok) throw errorOf(contract, response);
      if (contract === null) throw new CommandError(`What answers at ${url} is no Circadian.`, EXIT.failure);
      cli.io.out(json(contract));
    });

  program
    .command('completion')
    .description('what a shell needs to complete commands')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: Shell) => cli.io.out(completion(program, shell)));

  program
    .command('open')
    .description('the address of the dashboard, of all sessions or one')
    .argument('[id]', 'its id, the end of it, or @last')
    .action(async (given?: string) => {
      await requireLocal(cli);
      const { url } = cli.connection();
      const address = given === undefined ? `${url}/app` : `${url}/app/s/${await cli.idOf(given)}`;
      cli.show({ url: address }, () => address);
      if (cli.io.terminal)
        spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [address], { stdio: 'ignore', detached: true })
          .on('error', () => {})
          .unref();
    });
}

/** A day is its first instant. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

async function target(cli: Cli, to: string): Promise<{ advance_ms: number } | { now: string }> {
  const [, count, unit] = /^\+(\d{1,5})([mhd])$/.exec(to) ?? [];
  if (count) return { advance_ms: Number(count) * UNITS[unit!]! };
  if (to !== 'next') {
    if (INSTANT.test(to) && !Number.isNaN(Date.parse(to))) return { now: to };
    throw new CommandError(
      `${to || 'Nothing'} is no time: give +1d, +2h, +30m, next, or an instant with its zone, as 2026-12-01T08:00:00Z.`,
      EXIT.usage,
    );
  }
  const sleepers = await take(cli.client().sessions.list({ status: ['sleeping', 'budget_exceeded'] }), null);
  const [first] = sleepers.flatMap(({ wake_at }) => wake_at ?? []).sort();
  if (!first) throw new CommandError('Nothing sleeps until a time.', EXIT.conflict, 'circadian ls');
  return { now: first };
}

async function local(cli: Cli, body?: object): Promise<{ now: string }> {
  await requireLocal(cli);
  const { url } = cli.connection();
  const response = await fetch(`${url}/local/clock`, {
    ...{ signal: cli.io.signal, ...(body && { method: 'POST', body: JSON.stringify(body) }) },
  }).catch(() => {
    throw new CommandError(`${url} does not answer.`, EXIT.unavailable, 'circadian dev');
  });
  const answer = (await response.json().catch(() => ({}))) as { now?: string; detail?: string };
  if (answer.now) return { now: answer.now };
  if (response.status === 404 || !answer.detail)
    throw new CommandError(`${url} is no local system: only its clock can be moved.`, EXIT.conflict);
  throw new CommandError(answer.detail, response.status === 409 ? EXIT.conflict : EXIT.usage);
}
