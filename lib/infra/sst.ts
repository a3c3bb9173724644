/// <reference path="../../.sst/platform/config.d.ts" />
/** `circadian/sst`: what a project's sst.config.ts says, so that a new release of the package brings its infrastructure along. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deployment } from './deployment.ts';
import { writeHandlers } from './handlers.ts';
import { region } from './providers.ts';

export { providers } from './providers.ts';

const CONFIG = 'circadian.config.ts';

/**
 * For `run()`: all of the cloud, with the agents and tools of the project. `config`: where they are, below the folder of sst.config.ts.
 * Returns the API's URL and who is told by the alarms.
 */
export async function circadian({ config = CONFIG }: { config?: string } = {}) {
  const path = join($cli.paths.root, config);
  if (!existsSync(path))
    throw new Error(`${config} is not beside sst.config.ts: make it, or name another file. Nothing has been changed.`);
  const definitions = (await import(pathToFileURL(path).href)).default;
  return deployment({ region: region(), handlers: writeHandlers(config), definitions });
}
