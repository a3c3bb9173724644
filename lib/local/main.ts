/** `npm start`: the whole system on localhost, until SIGINT or SIGTERM. */
import { resolve } from 'node:path';
import { banner } from './banner.ts';
import { logger } from './lines.ts';
import { asksForHelp, checkSettings, help, type LocalOptions, readOptions, STAND_IN_DEFAULTS } from './options.ts';
import { showSample } from './sample.ts';
import { StartError } from './start-error.ts';
import { type LocalSystem, startLocal } from './system.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Closes what there is; a second signal does not wait. During the start there is nothing to close that a kill would not close as well:
 * children notice, and files are made beside their place.
 */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    await stop().catch((error: unknown) => complain(String(error)));
    process.exit(0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/** A reader that has gone, or one request that went wrong unseen, is no reason to stop everything. */
function survive(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.on('unhandledRejection', (reason) => complain(`Unexpected: ${(reason as Error)?.stack ?? reason}`));
}

async function run(): Promise<void> {
  if (asksForHelp(process.argv.slice(2))) return print(help());
  const { sample, ...options } = readOptions(process.env);
  checkSettings(process.env);
  const show = new AbortController();
  let system: LocalSystem | null = null;
  survive();
  stopOnSignal(async () => {
    show.abort();
    await system?.close();
  });
  system = await start(options);
  const standIn = options.model === undefined;
  print(banner({ ...system, dataDir: options.dataDir ? resolve(options.dataDir) : null, standIn }));
  if (!sample) return;
  const told = showSample(system, { show: print, standIn, signal: show.signal });
  await told.catch((error: unknown) =>
    show.signal.aborted ? undefined : complain(`The sample is not shown: ${error}`),
  );
}

const start = ({ env, ...options }: LocalOptions): Promise<LocalSystem> =>
  startLocal({
    modelDelayMs: 15,
    ...options,
    env: { ...(options.model === undefined && STAND_IN_DEFAULTS), ...env },
    onLog: logger(process.env.LOG === 'all', complain, () => performance.now()),
  });

try {
  await run();
} catch (error) {
  complain(error instanceof StartError ? error.message : String((error as Error)?.stack ?? error));
  process.exit(1);
}
