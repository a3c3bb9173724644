/** `login`, `whoami`, `profiles`, `use`, `logout`. A key comes from a prompt or the standard input, never from an argument, which others see. */
import type { Command } from 'commander';
import { got } from '../../client/call.ts';
import { createClient, dollars } from '../../client/index.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { type Profile, readProfiles, writeProfiles } from '../settings.ts';
import { table } from '../text.ts';

export function addProfiles(program: Command, cli: Cli): void {
  program
    .command('login')
    .description('keep the key of a deployment; it is asked for, or read from the standard input')
    .option('--name <profile>', 'what to call it; else the host')
    .option('--admin', "the operator's key, beside that of the user")
    .action(({ name, admin }: { name?: string; admin?: boolean }) => login(cli, name, admin === true));

  program
    .command('whoami')
    .description('whose key is used, and where')
    .action(async () => {
      const { url, from } = cli.connection();
      const me = await cli.client().me();
      cli.show({ ...me, url, from }, () => [
        `${me.id}  tier ${me.tier} · ${dollars(me.subscription_budget_microdollars)} a cycle${me.subscription_renewal_date ? ` to ${me.subscription_renewal_date}` : ''}`,
        cli.paint('dim', `${url} (${from})`),
      ]);
    });

  program
    .command('profiles')
    .description('deployments whose keys are kept')
    .action(() => {
      const { current, profiles } = readProfiles(cli.io);
      const list = Object.entries(profiles).map(([name, { url, adminKey }]) => ({
        name,
        url,
        admin: adminKey !== undefined,
        current: name === current,
      }));
      cli.show(list, () =>
        list.length === 0
          ? ['No profile.', '→ circadian login --url https://…']
          : table(
              list.map((one) => [one.current ? '*' : ' ', one.name, one.url, one.admin ? 'operator, too' : '']),
              cli.columns(),
              2,
            ),
      );
    });

  program
    .command('use')
    .description('make a profile the usual one')
    .argument('<profile>')
    .action((name: string) => {
      const kept = readProfiles(cli.io);
      const { url } = known(kept.profiles, name);
      writeProfiles(cli.io, { ...kept, current: name });
      cli.show({ current: name }, () => `${name} is the usual one: ${url}`);
    });

  program
    .command('logout')
    .description('forget a key here; it stays valid until the operator revokes it')
    .argument('[profile]', 'else the usual one')
    .action((given?: string) => {
      const { current, profiles } = readProfiles(cli.io);
      const name = given ?? cli.flags().profile ?? current ?? '';
      known(profiles, name);
      const { [name]: _, ...rest } = profiles;
      writeProfiles(cli.io, { current: current === name ? null : current, profiles: rest });
      cli.show(
        { forgotten: name },
        () => `The key of ${name} is forgotten here. It stays valid until the operator revokes it.`,
      );
    });
}

function known(profiles: Record<string, Profile>, name: string): Profile {
  if (Object.hasOwn(profiles, name)) return profiles[name]!;
  throw new CommandError(
    name ? `There is no profile ${name}.` : 'No profile is the usual one.',
    EXIT.usage,
    'circadian profiles',
  );
}

async function login(cli: Cli, given: string | undefined, admin: boolean): Promise<void> {
  const { io } = cli;
  const url = addressOf(cli);
  const kept = readProfiles(io);
  const usual = kept.current !== null && kept.profiles[kept.current]?.url === url ? kept.current : undefined;
  const name = given ?? cli.flags().profile ?? usual ?? new URL(url).host;
  const before = Object.hasOwn(kept.profiles, name) ? kept.profiles[name] : undefined;
  const ask = cli.flags().input === false ? null : io.secret;
  if (!ask && io.keyboard)
    throw new CommandError('A key is needed, and nothing may be asked.', EXIT.usage, `${cli.login()} < key.txt`);
  const key = (ask ? await ask(`${admin ? "Operator's key" : 'API key'} for ${url}: `) : await io.input()).trim();
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new CommandError('That is no key. Nothing was kept.', EXIT.usage, `${cli.login()} < key.txt`);
  const client = createClient({ url, key, retries: 0 });
  // A key that does not hold is not kept.
  if (admin) {
    const page = await got(client.api.GET('/v1/admin/users', { params: { query: { limit: 1 } } }));
    if (!Array.isArray(page?.data)) throw noCircadian(url);
  }
  const user = admin ? null : (await client.me()).id;
  if (user !== null && typeof user !== 'string') throw noCircadian(url);
  const same = before?.url === url ? before : { url, key: '' };
  const profile: Profile = admin ? { ...same, url, adminKey: key } : { ...same, url, key };
  writeProfiles(io, { current: name, profiles: { ...kept.profiles, [name]: profile } });
  cli.show({ profile: name, url, user }, () => `${name} is kept, and the usual one${user ? `: you are ${user}` : ''}.`);
}

const noCircadian = (url: string) =>
  new CommandError(`What answers at ${url} is no Circadian. No key was kept.`, EXIT.failure);

/** Of the flag, the profile of that name, or whatever would be used. */
function addressOf(cli: Cli): string {
  try {
    return cli.connection().url;
  } catch (error) {
    if (cli.flags().url) throw error;
    throw new CommandError('Which deployment?', EXIT.usage, 'circadian login --url https://…');
  }
}
