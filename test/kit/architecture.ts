/** The rules of the source tree as functions from files to sentences, so that they can be tried on planted faults too. */

/** Path from the repository's root → text. */
export type Files = Record<string, string>;

/**
 * What each part may import: the name is a folder of lib/, a file of lib/ without its ending, or one of the other source folders. Every
 * part may import itself. Arrows point towards the core; nothing in production knows lib/local, which stands outside as the cloud does.
 */
const MAY_IMPORT: Record<string, string[]> = {
  functions: ['world', 'drive', 'wake', 'records', 'http', 'log', 'migrate', 'reconcile', 'evidence'],
  http: ['drive', 'notices', 'ports', 'core', 'budget', 'agents', 'ids', 'problem', 'log', 'text', 'transfer', 'ssrf'],
  transfer: ['tools', 'ports', 'core', 'problem', 'text'],
  drive: ['perform', 'heads', 'attend', 'ports', 'core', 'metrics', 'steps'],
  heads: ['ports', 'core'],
  perform: ['attend', 'tools', 'ports', 'core', 'steps'],
  attend: ['perform', 'ports', 'core', 'steps'],
  wake: ['notices', 'ports', 'core', 'metrics'],
  notices: ['ports', 'core', 'ids'],
  ssrf: [],
  reconcile: ['ports', 'metrics'],
  evidence: ['ports', 'budget', 'ids'],
  'reconcile-cli': ['reconcile', 'world'],
  redrive: ['ports'],
  'redrive-cli': ['redrive', 'world'],
  records: ['ports'],
  log: ['ports', 'metrics'],
  metrics: ['core'],
  migrate: ['ports'],
  tools: ['ports', 'core', 'text'],
  agents: ['tools', 'ports', 'core'],
  world: ['adapters', 'config', 'tools', 'agents', 'http', 'ports', 'core', 'budget', 'log', 'ids', 'redact', 'steps'],
  redact: ['ports', 'text'],
  config: ['budget'],
  ports: ['core', 'budget', 'steps'],
  steps: [],
  adapters: ['ports', 'core', 'budget', 'ids', 'schema', 'text', 'steps', 'ssrf'],
  schema: ['core', 'budget'],
  core: ['budget', 'text'],
  budget: ['ports'],
  ids: [],
  problem: [],
  text: [],
};

/** Programs around the product, which it knows nothing of: the cloud on localhost, its making on AWS, and what measures them. */
const OUTSIDE = ['local', 'infra', 'bench', 'simulate', 'smoke'];

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^;'"]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g;

export const importsOf = (text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, from, lazy]) => (from ?? lazy)!);

/** The part that a source file belongs to, or null for what is no production source. */
function partOf(path: string): string | null {
  const [top, second] = path.split('/');
  if (top === 'functions' || top === 'schema') return top;
  return top === 'lib' && second ? second.replace(/\.tsx?$/, '') : null;
}

/** The vendor of an adapter: the first word of its file or folder. */
const vendorOf = (path: string): string => path.split('/')[2]?.split(/[-.]/)[0] ?? '';

/** Wrong imports between the parts, and packages that a part may not have. `dependencies`: those that are installed in production. */
export function importFaults(files: Files, dependencies: string[]): string[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const part = partOf(path);
    if (part === null || OUTSIDE.includes(part)) return [];
    return importsOf(text).flatMap((specifier) => {
      const fault = specifier.startsWith('.')
        ? fileFault(path, part, specifier)
        : packageFault(part, specifier, dependencies);
      return fault ? [`${path} imports ${specifier}: ${fault}`] : [];
    });
  });
}

function fileFault(path: string, part: string, specifier: string): string | null {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const other = partOf(target);
  if (other === null) return 'it is no part of the product';
  if (part === 'functions' && other === 'functions') return 'functions do not know each other';
  if (part === 'adapters' && other === 'adapters')
    return vendorOf(path) === vendorOf(target) ? null : 'adapters do not know each other';
  if (part === other) return null;
  if (!MAY_IMPORT[part]) return `the part ${part} has no rule yet, give it one in test/kit/architecture.ts`;
  if (!MAY_IMPORT[part].includes(other)) return `${part} may not import ${other}`;
  if (part === 'adapters' && other === 'schema' && vendorOf(path) !== 'postgres')
    return 'only the Postgres adapter knows the tables';
  if (part === 'budget' && path !== 'lib/budget/purse.ts') return 'only the purse knows the ports';
  if (part === 'core' && target === 'lib/budget/purse.ts') return 'the core has no purse';
  if (part === 'core' && target === 'lib/budget/index.ts') return 'the index brings the purse along';
  return null;
}

function packageFault(part: string, specifier: string, dependencies: string[]): string | null {
  const pure = part === 'core' || part === 'budget';
  if (pure && specifier !== 'zod') return 'the core is pure';
  if (specifier.startsWith('node:') || specifier === 'aws-lambda') return null;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return dependencies.includes(name) ? null : 'it is no dependency of the product';
}

/** Files longer than 300 lines, classes that are no errors, and things left behind. */
export function textFaults(files: Files): string[] {
  return Object.entries(files).flatMap(([path, text]) => [
    ...(lines(text) > 300 ? [`${path} has ${lines(text)} lines: 300 at most`] : []),
    ...[...text.matchAll(/(?:^|[\s(=])class\s+(?:\w+\s+)?(?:extends\s+(\w+)\s*)?\{/g)]
      .filter(([, parent]) => !parent?.endsWith('Error'))
      .map(([found]) => `${path} has a class that is no error: ${found.trim()}`),
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
  ...['functions', 'lib', 'schema', 'migrations', 'test', 'docs'],
  ...['biome.json', 'vitest.config.ts', 'drizzle.config.ts'],
];

/** Entries of the repository's root that are neither named in the design, nor a dotfile, nor a tool's configuration. */
export const topLevelFaults = (entries: string[]): string[] =>
  entries
    .filter((entry) => !TOP_LEVEL.includes(entry) && !entry.startsWith('.') && !/^tsconfig\.\w+\.json$/.test(entry))
    .map((entry) => `${entry} does not belong at the top level`);
