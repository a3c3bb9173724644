/** `admin users`, `admin keys`, `admin stop`, `admin go` and `admin health`, with the operator's key. */
import { type Command, Option } from 'commander';
import { got } from '../../client/call.ts';
import { type Client, dollars } from '../../client/index.ts';
import { type Cli, take } from '../cli.ts';
import { oneLine, table } from '../text.ts';
import { amount, atMost } from './options.ts';

type SetOptions = { tier?: string; budget?: number; renewal?: string; wake?: 'auto' | 'manual' };

export function addAdmin(program: Command, cli: Cli): void {
  const admin = program.command('admin').description("users and their keys, with the operator's key");
  addUsers(admin, cli);
  addKeys(admin, cli);
  admin
    .command('stop')
    .description('hold every agent of the deployment; nothing is lost')
    .argument('<reason>', 'why, for other operators')
    .action(async (reason: string) => {
      const stop = await got(cli.admin().api.PUT('/v1/admin/emergency-stop', { body: { reason } }));
      cli.show(stop, () => [
        'All agents are held. A call that is under way is paid for and saved.',
        '→ circadian admin go',
      ]);
    });
  admin
    .command('go')
    .description('let all agents go on after a stop')
    .action(async () => {
      const stop = await got(cli.admin().api.DELETE('/v1/admin/emergency-stop'));
      cli.show(stop, () => 'Agents that are due go on within a minute.');
    });
  admin
    .command('health')
    .description('do Postgres and the live view answer? It wakes an idle database')
    .action(async () => {
      const health = await got(cli.admin().api.GET('/v1/admin/health'));
      cli.show(health, () => 'Both answer.');
    });
}

function addUsers(admin: Command, cli: Cli): void {
  const users = admin.command('users').description('who may use it, and for how much');
  users
    .command('ls')
    .description('all users')
    .option('-n, --limit <n>', 'at most so many', atMost, 100)
    .action(async ({ limit }: { limit: number }) => {
      const data = await take(allUsers(cli.admin()), limit);
      cli.show(data, () =>
        table(
          data.map((user) => [
            oneLine(user.id),
            user.status.replace('_', ' '),
            user.tier,
            user.today
              ? `${dollars(user.today.spent_microdollars)} of ${dollars(user.today.daily_budget_microdollars)} today`
              : '',
            `${dollars(user.subscription_budget_microdollars)} a cycle`,
          ]),
          cli.columns(),
        ),
      );
    });
  const show = (user: Awaited<ReturnType<typeof userOf>>) =>
    `${oneLine(user.id)}  tier ${user.tier} · ${dollars(user.subscription_budget_microdollars)} a cycle to ${user.subscription_renewal_date ?? '(no date)'} · wakes ${user.wake_policy}`;
  users
    .command('show')
    .description('one user')
    .argument('<user>')
    .action(async (id: string) => {
      const user = await userOf(cli.admin(), id);
      cli.show(user, show);
    });
  users
    .command('set')
    .description('make a user, or change one')
    .argument('<user>')
    .option('--tier <tier>')
    .option('--budget <dollars>', 'of a cycle', amount)
    .option('--renewal <day>', 'when the cycle ends, as 2026-12-01')
    .addOption(new Option('--wake <policy>', 'manual: no sleeper goes on by itself').choices(['auto', 'manual']))
    .action(async (id: string, { tier, budget, renewal, wake }: SetOptions) => {
      const { warnings, ...user } = await got(
        cli.admin().api.PUT('/v1/admin/users/{user_id}', {
          params: { path: { user_id: id } },
          body: {
            ...{ ...(tier && { tier }), ...(budget !== undefined && { subscription_budget_microdollars: budget }) },
            ...{ ...(renewal && { subscription_renewal_date: renewal }), ...(wake && { wake_policy: wake }) },
          },
        }),
      );
      cli.show({ ...user, warnings }, () => [
        show(user),
        ...(warnings ?? []).map((warning) => cli.paint('yellow', oneLine(String(warning)))),
      ]);
    });
}

async function* allUsers(client: Client) {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 100, ...(cursor && { cursor }) };
    const page = await got(client.api.GET('/v1/admin/users', { params: { query } }));
    yield* page.data;
    cursor = page.next_cursor;
  }
}

const userOf = (client: Client, id: string) =>
  got(client.api.GET('/v1/admin/users/{user_id}', { params: { path: { user_id: id } } }));

function addKeys(admin: Command, cli: Cli): void {
  const keys = admin.command('keys').description('the keys of a user');
  keys
    .command('new')
    .description('a new key; it is shown once')
    .argument('<user>')
    .option('--name <name>', 'what it is for')
    .action(async (id: string, { name }: { name?: string }) => {
      const made = await got(
        cli.admin().api.POST('/v1/admin/users/{user_id}/api-keys', {
          ...{ params: { path: { user_id: id } }, body: name ? { name } : {} },
        }),
      );
      cli.show(made, () => made.key);
    });
  keys
    .command('ls')
    .description('keys, without the keys themselves')
    .argument('<user>')
    .action(async (id: string) => {
      const { data } = await got(
        cli.admin().api.GET('/v1/admin/users/{user_id}/api-keys', { params: { path: { user_id: id } } }),
      );
      cli.show(data, () =>
        table(
          data.map((key) => [
            key.id,
            oneLine(key.name ?? ''),
            `${key.prefix}…`,
            key.revoked_at ? 'revoked' : (key.last_used_at?.slice(0, 10) ?? 'unused'),
          ]),
          cli.columns(),
          1,
        ),
      );
    });
  keys
    .command('revoke')
    .description('end a key at once')
    .argument('<user>')
    .argument('<key>', 'its id')
    .action(async (user: string, key: string) => {
      await got(
        cli.admin().api.DELETE('/v1/admin/users/{user_id}/api-keys/{key_id}', {
          params: { path: { user_id: user, key_id: key } },
        }),
      );
      cli.show({ revoked: key }, () => `${key} is revoked.`);
    });
}
