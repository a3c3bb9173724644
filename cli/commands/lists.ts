/** `schedules`, `webhooks`, `memory`: what starts sessions, is told of them, and outlives them. */
import type { Command } from 'commander';
import { dollars, type Webhook } from '../../client/index.ts';
import { type Cli, serverNow, take } from '../cli.ts';
import { ago, clean, clock, oneLine, table } from '../text.ts';
import { amount, listOf, onceKey } from './options.ts';

export function addLists(program: Command, cli: Cli): void {
  addSchedules(program, cli);
  addWebhooks(program, cli);
  addMemory(program, cli);
}

function addSchedules(program: Command, cli: Cli): void {
  const schedules = program
    .command('schedules')
    .description('sessions that begin by the clock')
    .action(async () => {
      const found = await take(cli.client().schedules.list(), null);
      const now = await serverNow(cli);
      cli.show(found, () =>
        found.length === 0
          ? 'No schedule.'
          : table(
              found.map((one) => [
                one.enabled ? cli.paint('green', '✓ on') : cli.paint('gray', '‖ paused'),
                oneLine(one.name),
                `${one.cron} ${one.time_zone}`,
                one.next_run_at ? clock(one.next_run_at, now) : '',
                one.id,
              ]),
              cli.columns(),
              1,
            ),
      );
    });
  schedules
    .command('add')
    .description('start an agent on a goal at these times')
    .argument('<name>')
    .argument('<cron>', "five fields, as '0 8 * * 1-5'")
    .argument('<goal>')
    .requiredOption('--cap <dollars>', 'the most that each session may cost', amount)
    .option('--zone <zone>', 'as Europe/Berlin', 'UTC')
    .option('-a, --agent <name>', 'which agent')
    .action(
      async (
        name: string,
        cron: string,
        goal: string,
        { cap, zone, agent }: { cap: number; zone: string; agent?: string },
      ) => {
        const made = await cli.client().schedules.create({
          ...{ name, cron, time_zone: zone, max_cost_microdollars: cap, template: { goal, ...(agent && { agent }) } },
        });
        cli.show(
          made,
          () => `${made.id}  next ${made.next_run_at ?? 'never'}, at most ${dollars(made.max_cost_microdollars)} each`,
        );
      },
    );
  for (const [verb, what, done] of [
    ['pause', 'begin no session until it is resumed', 'is paused'],
    ['resume', 'let it begin sessions again', 'is on'],
  ] as const)
    schedules
      .command(verb)
      .description(what)
      .argument('<id>')
      .action(async (id: string) => {
        const changed = await cli.client().schedules[verb](id);
        cli.show(changed, () => `${id} ${done}.`);
      });
  schedules
    .command('run')
    .description('begin a session now, besides its times')
    .argument('<id>')
    .addOption(onceKey())
    .action(async (id: string, { idempotencyKey }: { idempotencyKey?: string }) => {
      const client = cli.client();
      const made = await cli.once(idempotencyKey, (once) => client.schedules.run(id, once));
      cli.show(made, () => JSON.stringify(made));
    });
  removal(schedules, cli, (id) => cli.client().schedules.delete(id));
}

const NOTICES = Object.keys({
  ...{ 'session.question': 1, 'session.approval': 1, 'session.completed': 1, 'session.failed': 1 },
  ...{ 'session.cancelled': 1, 'session.sleeping': 1, 'session.waking': 1, 'session.paused': 1 },
  ...{ 'session.budget_exceeded': 1, 'budget.pace': 1, 'budget.graceful': 1, 'budget.ceiling': 1, 'budget.breaker': 1 },
} satisfies Record<NonNullable<Webhook['events']>[number], 1>);

function addWebhooks(program: Command, cli: Cli): void {
  const webhooks = program
    .command('webhooks')
    .description('addresses that are told what happens')
    .action(async () => {
      const found = await take(cli.client().webhooks.list(), null);
      cli.show(found, () =>
        found.length === 0
          ? 'No webhook.'
          : table(
              found.map((one) => [
                one.enabled ? cli.paint('green', '✓ on') : cli.paint('red', '✕ off'),
                oneLine(one.url),
                oneLine(one.disabled_reason ?? one.events?.join(', ') ?? 'all events'),
                one.id,
              ]),
              cli.columns(),
              1,
            ),
      );
    });
  webhooks
    .command('add')
    .description('tell an address; the secret that proves the sender is shown once')
    .argument('<url>')
    .addOption(listOf('--events <types>', 'only these, with commas between', NOTICES))
    .action(async (url: string, { events }: { events?: string[] }) => {
      const made = await cli.client().webhooks.create({ url, ...(events && { events: events as never }) });
      cli.show(made, () => [`${made.id}  ${oneLine(made.url)}`, `secret ${made.secret}`]);
    });
  webhooks
    .command('test')
    .description('send it a message')
    .argument('<id>')
    .action(async (id: string) => {
      const sent = await cli.client().webhooks.test(id);
      cli.show(sent, () => `${id} is sent a message: look at its deliveries in a moment.`);
    });
  removal(webhooks, cli, (id) => cli.client().webhooks.delete(id));
}

function addMemory(program: Command, cli: Cli): void {
  const memory = program
    .command('memory')
    .description('what sessions of the same memory know')
    .action(async () => {
      const found = await take(cli.client().memories.list(), null);
      const now = await serverNow(cli);
      cli.show(found, () =>
        found.length === 0
          ? 'No memory.'
          : table(
              found.map((one) => [
                oneLine(one.name),
                `${one.entries} entries`,
                `${one.bytes} B`,
                ago(one.updated_at, now),
              ]),
              cli.columns(),
            ),
      );
    });
  memory
    .command('ls')
    .description('its entries')
    .argument('<name>')
    .action(async (name: string) => {
      const found = await take(cli.client().memories.entries(name), null);
      cli.show(found, () =>
        table(
          found.map((one) => [oneLine(one.path), `${one.bytes} B`, one.source, one.updated_at.slice(0, 16)]),
          cli.columns(),
        ),
      );
    });
  memory
    .command('cat')
    .description('an entry')
    .argument('<name>')
    .argument('<path>')
    .action(async (name: string, path: string) => {
      const text = await cli.client().memories.text(name, path);
      cli.io.bytes(new TextEncoder().encode(cli.io.terminal ? clean(text) : text));
    });
}

function removal(parent: Command, cli: Cli, remove: (id: string) => Promise<unknown>): void {
  parent
    .command('rm')
    .description('delete it')
    .argument('<id>')
    .action(async (id: string) => {
      await remove(id);
      cli.show({ deleted: [id] }, () => `${id} is deleted.`);
    });
}
