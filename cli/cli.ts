/** What all commands share. */
import { randomUUID } from 'node:crypto';
import {
  type Budget,
  type CallOptions,
  CircadianError,
  type Client,
  type ClientOptions,
  createClient,
  errorOf,
  type Session,
} from '../client/index.ts';
import { EXIT } from './exit.ts';
import { CommandError, type Io } from './io.ts';
import { noKey, requireLocal } from './required.ts';
import { type Connection, connectionOf, type Flags } from './settings.ts';
import { json, oneLine, type Paint, painter, quoted } from './text.ts';

export type GlobalFlags = Flags & { json?: boolean; color?: boolean; input?: boolean };

export type Cli = {
  io: Io;
  flags(): GlobalFlags;
  paint: Paint;
  columns(): number;
  connection(): Connection;
  /** Throws `CommandError` without a key. For a local system the first request throws it, after a look whether that system runs. */
  client(): Client;
  /** The same with the operator's key. */
  admin(): Client;
  /** Microdollars, ids and times as the API gives them for scripts; `lines` for people. */
  show<T>(data: T, lines: (data: T) => string | string[]): void;
  /** A session's id: whole, the end of one, or `@last`. */
  idOf(given: string): Promise<string>;
  /** A change that may cost money, under the given key or one that is made up, so that the same command may be given again. */
  once<T>(given: string | undefined, make: (options: CallOptions) => Promise<T>): Promise<T>;
  /** The key of a change of which nobody knows whether it was made. */
  inDoubt: string | null;
  /** What lists the things that the command names, such as `circadian webhooks`; null: sessions. */
  list: string | null;
  /** The command that gives the key that is missing or does not hold, for the same address. */
  login(): string;
  /** The command's words, such as `admin keys ls`. */
  at: string;
  /** What the command ends with when all went well. */
  exit: number;
  /** Set by a command that ends itself after Ctrl-C. */
  follows: boolean;
};

const WHOLE = /^ses_[0-9a-z]{26}$/;
/** Further back nobody remembers the end of an id. */
const LOOKED_AT = 1_000;

export function cliOf(io: Io, flags: () => GlobalFlags, options: Partial<ClientOptions> = {}): Cli {
  const connection = () => connectionOf(io, flags());
  const connected = (key: string | null, what: string, next: string) => {
    const at = connection();
    if (key === null && !at.isLocal) throw noKey(at, what, next);
    const missing = async () => {
      await requireLocal({ connection, io });
      throw noKey(at, what, next);
    };
    if (key !== null && !/^[\x21-\x7e]+$/.test(key))
      throw new CommandError(`The ${what} for ${at.url} has a space or a line end in it.`, EXIT.auth, next);
    return createClient({ url: at.url, key: key ?? missing, retries: 2, ...options });
  };
  const cli: Cli = {
    io,
    flags,
    exit: EXIT.ok,
    follows: false,
    inDoubt: null,
    list: null,
    at: '',
    paint: (style, text) => painter(io.color && flags().color !== false)(style, text),
    columns: () => io.terminal?.size().columns ?? 100,
    connection,
    login() {
      const { url, profile } = flags();
      const where = url ? ` --url ${quoted(url)}` : profile ? ` --profile ${quoted(profile)}` : '';
      return `circadian login${cli.at.startsWith('admin ') ? ' --admin' : ''}${where}`;
    },
    client: () => connected(connection().key, 'API key', cli.login()),
    admin: () => connected(connection().adminKey, "operator's key", cli.login()),
    show(data, lines) {
      if (flags().json) return io.out(json(data));
      for (const line of [lines(data)].flat()) io.out(line);
    },
    async idOf(given) {
      if (WHOLE.test(given)) return given;
      if (!/^(@last|[0-9a-z_]{3,})$/.test(given))
        throw new CommandError(
          `${given.trim() === '' ? 'An empty text' : oneLine(given)} is no session: give its id, the last letters of it, or @last.`,
          EXIT.usage,
          'circadian ls',
        );
      const found: Session[] = [];
      let seen = 0;
      for await (const session of cli.client().sessions.list()) {
        if (given === '@last') return session.id;
        if (session.id.endsWith(given)) found.push(session);
        if (++seen >= LOOKED_AT) break;
      }
      if (found.length === 1) return found[0]!.id;
      if (found.length > 1)
        throw new CommandError(
          `${found.length} sessions end in ${given}: give more of the id.`,
          EXIT.usage,
          'circadian ls',
        );
      throw new CommandError(
        given === '@last' ? 'You have no session yet.' : `No session of yours ends in ${given}.`,
        EXIT.notFound,
        'circadian ls',
      );
    },
    async once(given, make) {
      const idempotencyKey = given ?? randomUUID();
      cli.inDoubt = idempotencyKey;
      try {
        const made = await make({ idempotencyKey, signal: io.signal });
        cli.inDoubt = null;
        return made;
      } catch (error) {
        const isUnknown = error instanceof CircadianError && (error.status === 0 || error.status >= 500);
        if (!isUnknown && !io.signal.aborted) cli.inDoubt = null;
        throw error;
      }
    },
  };
  return cli;
}

/** The first of a list; `most` null: all. */
export async function take<T>(items: AsyncIterable<T>, most: number | null): Promise<T[]> {
  const list: T[] = [];
  if (most === 0) return list;
  for await (const item of items) {
    list.push(item);
    if (list.length === most) break;
  }
  return list;
}

/** The budget, and the server's time now: ages and countdowns go by it, and it may be ahead of this machine's. */
export async function budgetAndNow(
  client: Client,
  io: Pick<Io, 'now'>,
  signal?: AbortSignal,
): Promise<{ budget: Budget; now: number }> {
  const { data, error, response } = await client.api.GET('/v1/budget', { signal });
  if (!data) throw errorOf(error, response);
  const asOf = Date.parse(response.headers.get('as-of') ?? '');
  return { budget: data, now: Number.isFinite(asOf) ? asOf : io.now() };
}

/** The time of the server; of this machine where it does not say, and where only scripts read. */
export async function serverNow({ flags, client, io }: Cli): Promise<number> {
  if (flags().json) return io.now();
  return await budgetAndNow(client(), io, io.signal).then(
    ({ now }) => now,
    () => io.now(),
  );
}
