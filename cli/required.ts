/** What a command needs before it asks: a local system that runs, and a key. */
import { CircadianError } from '../client/index.ts';
import { EXIT } from './exit.ts';
import { CommandError, type Io } from './io.ts';
import type { Connection } from './settings.ts';

type Asking = { connection(): Connection; io: Pick<Io, 'signal'> };

/** Throws where the local system of this folder does not answer. Asks no deployment. */
export async function requireLocal({ connection, io }: Asking): Promise<void> {
  const { url, isLocal } = connection();
  if (!isLocal) return;
  await fetch(`${url}/healthz`, { signal: AbortSignal.any([io.signal, AbortSignal.timeout(10_000)]) }).catch(() => {
    io.signal.throwIfAborted();
    throw new CircadianError('unreachable', `${url} does not answer.`);
  });
}

/** Why nothing can be asked without a key, and what gives one: `login`, but for the local system its start. */
export function noKey({ url, from, isLocal }: Connection, what: string, login: string): CommandError {
  if (!isLocal) return new CommandError(`There is no ${what} for ${url}.`, EXIT.auth, login);
  const message = `There is no ${what} in ${from}: \`circadian dev\` writes it when it starts.`;
  return new CommandError(message, EXIT.auth, 'circadian dev');
}
