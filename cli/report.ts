/** What is said when a command fails, or is interrupted while nobody knows whether its change was made. */
import { CircadianError } from '../client/index.ts';
import type { Cli } from './cli.ts';
import { EXIT } from './exit.ts';
import { failureHere } from './local.ts';
import { spoken } from './place.ts';
import { json, quoted } from './text.ts';

/** Says why it failed: the exit code. `args`: those of the command, for repeating it under the same key. */
export function report(cli: Cli, error: unknown, args: string[] = []): number {
  const { exit, message, code, request, next } = failureHere(cli, error);
  const said = error instanceof CircadianError && error.errors.length > 0 ? spoken(error) : message;
  const { io, paint } = cli;
  const doubt = cli.inDoubt;
  if (cli.flags().json) io.err(json({ code, message, request, exit, ...(doubt && { idempotency_key: doubt }) }));
  else {
    io.err(`${paint('red', '✕')} ${said}`);
    if (request) io.err(paint('dim', `  ${code} · ${request}`));
    if (doubt) io.err(again(args, doubt));
    else if (next) io.err(`  → ${next}`);
  }
  return exit;
}

/** Of Ctrl-C. Nothing is said where nothing was changed. */
export function reportInterrupt(cli: Cli, args: string[]): number {
  const { io, inDoubt: doubt } = cli;
  const message = 'It was interrupted: whether the change was made is not known.';
  if (doubt && cli.flags().json)
    io.err(json({ code: null, message, request: null, exit: EXIT.interrupted, idempotency_key: doubt }));
  else if (doubt) {
    io.err(`${cli.paint('red', '✕')} ${message}`);
    io.err(again(args, doubt));
  }
  return EXIT.interrupted;
}

/** The command that makes the change once, also if it was made before. */
function again(args: string[], key: string): string {
  const at = args.includes('--') ? args.indexOf('--') : args.length;
  const isGiven = args.some((arg) => arg.startsWith('--idempotency-key'));
  const all = isGiven ? args : [...args.slice(0, at), '--idempotency-key', key, ...args.slice(at)];
  return `  Given again like this, it is made once:\n  → circadian ${all.map(quoted).join(' ')}`;
}
