/** The package.json that is published, made of the repository's own, so that each version is pinned in one place. */

type Versions = Record<string, string>;
export type Manifest = {
  version: string;
  description: string;
  license: string;
  dependencies: Versions;
  devDependencies: Versions;
};

export const OLDEST_NODE = '>=22.18';

/** Left out: 72 MB that only a deployment needs, which fetches it (cli/commands/project.ts). */
const NOT_CARRIED = ['sst'];
/** The project has it too, and both must mean the same one. */
const SHARED = 'zod';

const entry = (path: string) => ({ types: `./${path}.d.ts`, default: `./${path}.js` });

const without = (names: string[], versions: Versions): Versions =>
  Object.fromEntries(Object.entries(versions).filter(([name]) => !names.includes(name)));

export const manifestOf = (own: Manifest) => ({
  name: 'circadian',
  ...{ version: own.version, description: own.description, license: own.license, type: 'module' },
  engines: { node: OLDEST_NODE },
  bin: { circadian: './cli/start.js' },
  exports: {
    '.': entry('lib/index'),
    './client': entry('client/index'),
    './sst': entry('lib/infra/sst'),
    './testing': entry('lib/testing/index'),
    './functions/*': './functions/*.js',
    './package.json': './package.json',
  },
  imports: { '#config': './circadian.config.js' },
  dependencies: without([...NOT_CARRIED, SHARED], own.dependencies),
  peerDependencies: { [SHARED]: `^${own.dependencies[SHARED]}` },
});

/** Of `npm create circadian`. */
export const creatorOf = (own: Manifest) => ({
  name: 'create-circadian',
  ...{ version: own.version, description: 'Makes a project for Circadian.', license: own.license, type: 'module' },
  bin: { 'create-circadian': './start.js' },
});
