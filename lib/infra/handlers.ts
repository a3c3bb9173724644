/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * The functions of a project that has the package: one file each, which SST bundles together with the project's agents and tools. They are written
 * into the project, because SST looks for a handler below its root, and the package may lie above it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Made anew by every deployment, and left out by git. */
const FOLDER = '.circadian/functions';
const WITH_DEFINITIONS = ['api', 'iterate', 'migrate', 'wake'];
const PLAIN = ['dead-letter', 'reconcile', 'sandbox'];

/** Returns the folder of the handlers below the project's root. `config`: the project's definitions. */
export function writeHandlers(config: string): string {
  const folder = join($cli.paths.root, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const path = posix.relative(FOLDER, posix.normalize(config.replaceAll('\\', '/')));
  for (const name of WITH_DEFINITIONS)
    writeFileSync(
      join(folder, `${name}.ts`),
      `import config from '${path}';\nimport { ${name} } from 'circadian/functions/${name}';\n\nexport const handler = ${name}(config);\n`,
    );
  for (const name of PLAIN)
    writeFileSync(join(folder, `${name}.ts`), `export { handler } from 'circadian/functions/${name}';\n`);
  return FOLDER;
}
