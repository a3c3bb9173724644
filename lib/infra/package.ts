/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * Where this package lies: SST bundles sst.config.ts and all that it imports into the project's .sst folder, so `import.meta.url` says where the
 * bundle is. The repository finds itself by the same name.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const home = (): string =>
  dirname(createRequire(join($cli.paths.root, 'package.json')).resolve('circadian/package.json'));

/** A file or folder of the package. */
export const ownPath = (path: string): string => join(home(), path);

/** True in the repository, whose files are TypeScript. */
export const isSource = (): boolean => existsSync(ownPath('lib/infra/sst.ts'));

/** The folder of the package `name`, looked for upwards from the real `from`, as Node does. Throws if it is not installed. */
function folderOf(name: string, from: string): string {
  for (let at = realpathSync(from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (dirname(at) === at) throw new Error(`The package ${name} is not installed: install the packages again.`);
  }
}

/** Name of a package → its folder, for `name` and all that it needs, as they are installed. `without`: those that are never loaded. */
export function installed(name: string, without: string[], from: string = home(), found = new Map<string, string>()) {
  if (found.has(name) || without.includes(name)) return found;
  const folder = folderOf(name, from);
  found.set(name, folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(dependencies)) installed(dependency, without, folder, found);
  return found;
}
