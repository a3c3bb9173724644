/**
 * What is said where the local system that a folder tells of does not answer. A command for it goes to no profile by itself: there it would spend real
 * money.
 */
import { CircadianError } from '../client/index.ts';
import type { Cli } from './cli.ts';
import { type Failure, failureOf } from './exit.ts';
import { elsewhere, readProfiles } from './settings.ts';

/** What helps with this command, where that is not the same for all. */
function nextOf(cli: Cli, error: unknown): { next?: string } {
  if (!(error instanceof CircadianError)) return {};
  if (error.code === 'unauthorized') return { next: cli.login() };
  return error.code === 'not_found' && cli.list !== null ? { next: cli.list } : {};
}

/** The failure, in words for this folder where it is that of its local system. */
export function failureHere(cli: Cli, error: unknown): Failure {
  const failure = { ...failureOf(error), ...nextOf(cli, error) };
  if (!(error instanceof CircadianError)) return failure;
  const { url, from, isLocal } = cli.connection();
  if (!isLocal) return failure;
  const otherwise = `or name ${elsewhere(readProfiles(cli.io))}`;
  if (error.code === 'unreachable') {
    const message = `\`circadian dev\` is not running here: nothing answers at ${url}, which ${from} names. Start it, ${otherwise}.`;
    return { ...failure, message, next: 'circadian dev' };
  }
  const next = 'circadian dev --port 0';
  if (error.code === 'unauthorized') {
    const message = `What answers at ${url} does not take the key that ${from} tells of: another program has its port, or its key was revoked. Start it anew on a free port, ${otherwise}.`;
    return { ...failure, message, next };
  }
  if (error.code !== 'unknown') return failure;
  const message = `What answers at ${url} is not the local system that ${from} tells of: another program has its port. Start it on a free one, ${otherwise}.`;
  return { ...failure, message, next };
}
