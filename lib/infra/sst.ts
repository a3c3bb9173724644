/// <reference path="../../.sst/platform/config.d.ts" />
/** `circadian/sst`: what a project's sst.config.ts says, so that a new release of the package brings its infrastructure along. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deployment } from './deployment.ts';
import { writeHandlers } from './handlers.ts';

const CONFIG = 'circadian.config.ts';

/** The one region of everything, chosen once: another one is another deployment. Neon and Upstash call it by the same name and must offer it. */
export const region = (): string => process.env.DEPLOY_REGION || 'us-east-1';

/** For `app()`: the providers and versions that were tried. */
export const providers = () => ({
  aws: { region: region() },
  neon: { package: '@sst-provider/neon', version: '0.13.0' },
  upstash: { package: '@upstash/pulumi', version: '0.5.0' },
});

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
