/** Where the API is and which key it gets: flag, then environment, then the project's local system, then a profile. */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { EXIT } from './exit.ts';
import { makeFolder } from './folder.ts';
import { CommandError, type Io } from './io.ts';

export type Profile = { url: string; key: string; adminKey?: string };
export type Profiles = { current: string | null; profiles: Record<string, Profile> };
export type Flags = { url?: string; profile?: string };

/** `from`: where the address stands, for people who wonder. `isLocal`: in the file of the folder's local system. A missing key is null. */
export type Connection = { url: string; key: string | null; adminKey: string | null; from: string; isLocal: boolean };

type Kept = Omit<Connection, 'isLocal'>;

const EMPTY: Profiles = { current: null, profiles: {} };

export function pathOf({ env }: Pick<Io, 'env'>): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'circadian', 'config.json');
}

export function readProfiles(io: Pick<Io, 'env'>): Profiles {
  const path = pathOf(io);
  if (!existsSync(path)) return EMPTY;
  try {
    const { current = null, profiles = {} } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Profiles>;
    return { current, profiles };
  } catch {
    throw new CommandError(
      `${path} is no JSON: mend it, or remove it and log in again.`,
      EXIT.failure,
      'circadian login',
    );
  }
}

/** Readable by its owner alone, and never half written. Throws `CommandError` where it cannot be written. */
export function writeProfiles(io: Pick<Io, 'env'>, profiles: Profiles): void {
  const path = pathOf(io);
  try {
    makeFolder(dirname(path), 0o700);
    writeFileSync(`${path}.new`, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    // A file that was there keeps its mode.
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `${path} cannot be written (${code}). It is as it was.`,
      EXIT.failure,
      'the same with XDG_CONFIG_HOME set to a folder that you may write to',
    );
  }
}

/**
 * A key goes only to the address that it was kept with. The key of the environment goes to the environment's address alone, and where it names none, to
 * that of the flag. Throws `CommandError` where there is no address, or one that would not keep the key secret.
 */
export function connectionOf(io: Pick<Io, 'env' | 'cwd'>, flags: Flags): Connection {
  const { env } = io;
  const profiles = readProfiles(io);
  const named = flags.profile ?? (flags.url ? undefined : env.CIRCADIAN_PROFILE || undefined);
  if (named !== undefined && !Object.hasOwn(profiles.profiles, named))
    throw new CommandError(`There is no profile ${named}.`, EXIT.usage, 'circadian profiles');
  const given = flags.url ?? (flags.profile ? undefined : env.CIRCADIAN_URL || undefined);
  const file = fileOf(io.cwd);
  const local = file === null ? null : localOf(file);
  if (file !== null && local === null && named === undefined && given === undefined)
    throw new CommandError(
      `${file} names no local system: its address is missing, or is not http:// with this machine and a port. Start \`circadian dev\`, which writes it, or name ${elsewhere(profiles)}.`,
      EXIT.unavailable,
      'circadian dev',
    );
  const kept: Kept[] = [];
  const keep = (name: string, profile: Profile | undefined) =>
    profile && kept.push({ ...profile, adminKey: profile.adminKey ?? null, from: `profile ${name}` });
  if (named !== undefined) keep(named, profiles.profiles[named]);
  if (local) kept.push(local);
  if (profiles.current !== null) keep(profiles.current, profiles.profiles[profiles.current]);
  for (const [name, profile] of Object.entries(profiles.profiles)) keep(name, profile);

  const first = kept[named !== undefined || local || profiles.current !== null ? 0 : kept.length];
  const url = addressOf(given ?? first?.url);
  const fitting = given === undefined ? first : kept.find((one) => isAt(url, one.url));
  const own = flags.profile === undefined && (env.CIRCADIAN_URL ? isAt(url, env.CIRCADIAN_URL) : given !== undefined);
  return {
    url,
    key: (own && env.CIRCADIAN_API_KEY) || fitting?.key || null,
    adminKey: (own && env.CIRCADIAN_ADMIN_KEY) || fitting?.adminKey || null,
    from: flags.url ? '--url' : given !== undefined ? 'CIRCADIAN_URL' : (first?.from ?? ''),
    isLocal: given === undefined && first === local,
  };
}

const plain = ({ origin, pathname }: URL): string => `${origin}${pathname}`.replace(/\/+$/, '');

const isAt = (url: string, other: string): boolean => URL.canParse(other) && plain(new URL(other)) === url;

/** Origin and path alone, without anything that could be secret. */
function addressOf(given: string | undefined): string {
  if (given === undefined)
    throw new CommandError(
      'No deployment is known here, and no local system.',
      EXIT.auth,
      'circadian login --url https://…',
    );
  if (!/^https?:\/\//.test(given) || !URL.canParse(given))
    throw new CommandError(`${given} is no address: it begins with https://, or http:// on this machine.`, EXIT.usage);
  const url = new URL(given);
  if (url.username || url.password || url.search || url.hash)
    throw new CommandError(`Give ${plain(url)} alone: the API's address has no user, no ? and no #.`, EXIT.usage);
  if (url.protocol === 'http:' && !/^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname))
    throw new CommandError(
      `${plain(url)} would take your key over the network for everybody to read: give its https:// address.`,
      EXIT.usage,
    );
  return plain(url);
}

/** What a person may name in place of a local system, which no command leaves by itself. */
export function elsewhere({ current, profiles }: Profiles): string {
  const [name = null] = current === null ? Object.keys(profiles) : [current];
  return name === null ? 'a deployment with --url' : `a profile with --profile ${name}`;
}

/** The file of the local system of this folder, or else of the nearest one around it. */
function fileOf(folder: string): string | null {
  const path = join(folder, '.circadian', 'env');
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? null : fileOf(dirname(folder));
}

/** What the local system says of itself; null where it names none. Another machine's address in such a file is not believed. */
function localOf(path: string): Kept | null {
  const { CIRCADIAN_URL: url, CIRCADIAN_API_KEY: key, CIRCADIAN_ADMIN_KEY: adminKey } = variablesIn(path);
  if (!url || !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+\/?$/.test(url) || !URL.canParse(url)) return null;
  return { url, key: key || null, adminKey: adminKey || null, from: path };
}

/** None where it cannot be read, so that a profile that is named still works. */
function variablesIn(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}
