/** The rules of the source tree as functions from files to sentences, so that they can be tried on planted faults too. */

/** Path from the repository's root → text. */
export type Files = Record<string, string>;

/**
 * The rooms of the house from the ground up: a folder of lib/, a file of lib/ without its ending, or another source folder. A room may
 * import itself and the floors below, and nothing beside or above it.
 */
const FLOORS = [
  ['budget', 'client', 'ids', 'image', 'problem', 'schedules', 'ssrf', 'text', 'web'],
  ['payments'],
  ['config', 'core'],
  ['ports', 'schema'],
  ['notifications', 'observe', 'tools', 'traces'],
  ['agents', 'transfer'],
  ['adapters', 'engine', 'http'],
  ['facilities', 'policy', 'tracing'],
  ['index', 'sandbox', 'world'],
  ['ops'],
  ['cli', 'functions'],
];

/** What lies below and is no business of the room all the same. */
const CLOSED: { of: string[]; to: string[]; why: string }[] = [
  {
    of: ['functions'],
    to: ['adapters', 'agents', 'budget', 'config', 'core', 'ports', 'schema', 'tools', 'transfer'],
    why: 'functions only connect',
  },
  {
    of: ['adapters', 'agents', 'engine', 'http', 'notifications', 'observe', 'ports', 'tools', 'traces', 'transfer'],
    to: ['config'],
    why: 'settings come through the world',
  },
  {
    of: ['agents', 'engine', 'http', 'notifications', 'observe', 'ops', 'tools', 'traces', 'transfer', 'world'],
    to: ['schema'],
    why: 'only the Postgres adapter knows the tables',
  },
  { of: ['core'], to: ['ids', 'problem', 'ssrf'], why: 'the core is pure' },
  {
    of: ['ports', 'schema'],
    to: ['config', 'ids', 'problem', 'ssrf', 'text'],
    why: 'they say what is stored and asked for, and do nothing',
  },
  {
    of: ['agents', 'notifications', 'observe', 'tools', 'traces', 'transfer'],
    to: ['budget', 'ssrf'],
    why: 'money is the business of the core, and requests go out through the adapters',
  },
  {
    of: ['adapters', 'http', 'notifications'],
    to: ['agents', 'tools'],
    why: 'tools and agents come through the world',
  },
  { of: ['adapters', 'engine'], to: ['problem', 'transfer'], why: 'that is the business of HTTP' },
  { of: ['engine'], to: ['agents', 'budget', 'ids', 'ssrf'], why: 'the loop knows the core and the ports' },
];

/** What users run: of the house it knows the API alone. */
const USERS = ['cli', 'client'];

/** Programs around the product, which it knows nothing of: the cloud on localhost, its making on AWS, the dashboard in people's browsers, its documents,
 * and what users test with. */
const OUTSIDE = ['local', 'infra', 'app', 'docs', 'testing'];

/** Packages of the dashboard alone: those that are built into its files, which are committed, and the one that builds them. */
const OF_DASHBOARD = ['preact', 'htm', 'marked', 'rolldown'];
/** Makes the pages of the documents, which are committed. */
const RENDERER = 'marked';

/** circadian.config.ts, by its name in package.json. */
const DEFINITIONS = '#config';

/** Packages that only one of these parts has, so that no function of a deployment carries them. */
const OWNERS: Record<string, string[]> = {
  commander: ['cli'],
  'eventsource-parser': ['client'],
  'openapi-fetch': ['client'],
  '@electric-sql/pglite': ['local'],
  fauxqs: ['local'],
  ioredis: ['local'],
  'js-redis-server': ['local'],
  pg: ['local'],
  esbuild: ['app', 'docs', 'infra', 'local'],
};

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(type\s)?(?:[^;'"]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g;

const importsIn = (text: string): { specifier: string; ofTypes: boolean }[] =>
  [...text.matchAll(IMPORT)].map(([, type, from, lazy]) => ({
    specifier: (from ?? lazy)!,
    ofTypes: type !== undefined,
  }));

export const importsOf = (text: string): string[] => importsIn(text).map(({ specifier }) => specifier);

/** The part that a source file belongs to, or null for what is no production source. */
function partOf(path: string): string | null {
  const [top, second] = path.split('/');
  if (top === 'functions' || top === 'schema' || USERS.includes(top!)) return top!;
  return top === 'lib' && second ? second.replace(/\.tsx?$/, '') : null;
}

/** The vendor of an adapter: its folder, or its file. */
const vendorOf = (path: string): string => path.split('/')[2]?.replace(/\.ts$/, '') ?? '';

const floorOf = (part: string): number => FLOORS.findIndex((rooms) => rooms.includes(part));

/**
 * Wrong imports between the parts, and packages that a part may not have. `dependencies`: those that are installed in production. The
 * programs around the product need them, too: `npm start` and a deployment work without what only tests and checks use.
 */
export function importFaults(files: Files, dependencies: string[]): string[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const part = partOf(path);
    if (part === null) return [];
    return importsIn(text).flatMap(({ specifier, ofTypes }) => {
      const fault = specifier.startsWith('.')
        ? fileFault(path, part, specifier)
        : packageFault(part, specifier, ofTypes ? null : dependencies);
      return fault ? [`${path} imports ${specifier}: ${fault}`] : [];
    });
  });
}

function fileFault(path: string, part: string, specifier: string): string | null {
  if (OUTSIDE.includes(part)) return null;
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const other = partOf(target);
  if (other === null) return 'it is no part of the product';
  if (part === 'functions' && other === 'functions') return 'functions do not know each other';
  if (part === 'adapters' && other === 'adapters')
    return vendorOf(path) === vendorOf(target) ? null : 'adapters do not know each other';
  if (part === other) return null;
  if (USERS.includes(part) && other !== 'client') return 'it knows the API alone';
  if (floorOf(part) < 0) return `the part ${part} stands on no floor yet, give it one in test/kit/architecture.ts`;
  if (floorOf(other) < 0) return `${part} may not import ${other}: it stands outside the house`;
  if (floorOf(other) >= floorOf(part)) return `${part} may not import ${other}: it stands beside or above`;
  const closed = CLOSED.find(({ of, to }) => of.includes(part) && to.includes(other));
  if (closed) return `${part} may not import ${other}: ${closed.why}`;
  if (part === 'adapters' && other === 'schema' && vendorOf(path) !== 'postgres')
    return 'only the Postgres adapter knows the tables';
  return null;
}

/** Files of the product that import each other in a circle, types included: one sentence for each circle. */
export function circles(files: Files): string[] {
  const targets = (path: string): string[] =>
    importsOf(files[path]!)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => new URL(specifier, `file:///${path}`).pathname.slice(1))
      .filter((target) => target in files && target !== path);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.push(`${[...way.slice(start), path].join(' → ')} is a circle`);
    if (start >= 0 || done.has(path)) return;
    for (const target of targets(path)) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of Object.keys(files).sort()) if (partOf(path) !== null) visit(path, []);
  return found;
}

/** `dependencies` null: of types alone, which are gone when it runs. */
function packageFault(part: string, specifier: string, dependencies: string[] | null): string | null {
  if (specifier === DEFINITIONS)
    return part === 'functions' || OUTSIDE.includes(part) ? null : 'definitions come through the world';
  const pure = part === 'core' || part === 'budget';
  if (pure && specifier !== 'zod') return 'the core is pure';
  if (part === 'client' && specifier.startsWith('node:')) return 'it also runs in browsers';
  if (specifier.startsWith('node:') || dependencies === null) return null;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  // These come along with SST's platform files, and run nowhere but in a deployment.
  if (part === 'infra' && name.startsWith('@pulumi/')) return null;
  if (part === 'app' && OF_DASHBOARD.includes(name)) return null;
  if (part === 'docs' && name === RENDERER) return null;
  if (!dependencies.includes(name)) return 'it is no dependency of the product';
  if (USERS.includes(part) && !OWNERS[name]?.includes(part)) return 'it knows the API alone';
  const owners = OWNERS[name] ?? [part];
  if (owners.includes(part)) return null;
  const rooms = owners.map((owner) => (USERS.includes(owner) ? owner : `lib/${owner}`));
  return `it belongs to ${rooms.join(' and ')}, so that no function carries it`;
}

/** Names that two exported types of the product share. The commands of the sandbox, the cloud on localhost and the dashboard are programs of their own. */
export function typeFaults(files: Files): string[] {
  const places = new Map<string, string[]>();
  for (const [path, text] of Object.entries(files)) {
    if (!/^(lib|functions|schema)\//.test(path) || /^lib\/(app|local|testing|tools\/sandbox)\//.test(path)) continue;
    for (const [, name] of text.matchAll(/^export (?:type|interface) (\w+)\b(?= =|<| \{)/gm))
      places.set(name!, [...(places.get(name!) ?? []), path]);
  }
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name} is a type of ${paths.join(' and of ')}`);
}

/** Files longer than 300 lines, classes that are no errors, and things left behind. */
export function textFaults(files: Files): string[] {
  return Object.entries(files).flatMap(([path, text]) => [
    ...(lines(text) > 300 ? [`${path} has ${lines(text)} lines: 300 at most`] : []),
    ...[...text.matchAll(/(?:^|[\s(=])class\s+(?:\w+\s+)?(?:extends\s+(\w+)\s*)?\{/g)]
      .filter(([, parent]) => !parent?.endsWith('Error'))
      .map(([found]) => `${path} has a class that is no error: ${found.trim()}`),
    ...[
      ...text.matchAll(
        /^(?:export )?const (\w+) = (?:async )?(?:<[^=\n]*>)?\((?:[^()]|\([^()]*\))*\)(?:: [^=\n]+)? => \{$/gm,
      ),
    ]
      .filter(() => /^(?:cli|client|lib|functions|schema)\//.test(path))
      .map(([, name]) => `${path}: ${name} has a body, so it is a function; arrows are for one expression`),
    ...LEFT_BEHIND.filter((pattern) => pattern.test(text)).map(
      (pattern) => `${path} has something left behind: ${pattern.source}`,
    ),
  ]);
}

// Notes to oneself count in comments only; a program may look for them in others' texts. Written in pieces, so as not to find itself.
const LEFT_BEHIND = [
  `(//|\\*).*\\b(TO${'DO'}|FIX${'ME'})\\b`,
  `@ts-${'(ignore|nocheck)'}`,
  `\\b(it|test|describe)\\.on${'ly'}\\(`,
].map((source) => new RegExp(source));

const lines = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const TOP_LEVEL = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'sst.config.ts', 'README.md', 'LICENSE', 'CONTRIBUTING.md'],
  ...['SECURITY.md', 'CHANGELOG.md', 'docs', 'circadian.config.ts'],
  // `agents` and `tools` are an operator's own.
  ...['functions', 'lib', 'schema', 'migrations', 'test', 'agents', 'tools', 'cli', 'client'],
  // What is published is made here.
  'package',
  ...['biome.json', 'vitest.config.ts', 'drizzle.config.ts'],
];

/** Entries of the repository's root that are neither named above, nor a dotfile, nor a tool's configuration. */
export const topLevelFaults = (entries: string[]): string[] =>
  entries
    .filter((entry) => !TOP_LEVEL.includes(entry) && !entry.startsWith('.') && !/^tsconfig\.\w+\.json$/.test(entry))
    .map((entry) => `${entry} does not belong at the top level`);
