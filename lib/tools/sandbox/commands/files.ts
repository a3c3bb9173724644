/** Commands about files: ls, which, rm, mktemp, truncate, realpath. */
import { type Context, command, done, joined, parse, Refusal, resolve, toBytes } from './kit.ts';

type Entry = {
  name: string;
  isFolder: boolean;
  isLink: boolean;
  mode: number;
  size: number;
  mtime: Date;
  target: string;
};

async function entryOf(context: Context, path: string, name: string): Promise<Entry> {
  const at = resolve(context, path);
  const stat = await context.fs.lstat(at).catch(() => null);
  if (stat === null) throw new Refusal(`cannot access '${path}': No such file or directory`, 2);
  const target = stat.isSymbolicLink ? await context.fs.readlink(at) : '';
  return {
    ...{ name, isFolder: stat.isDirectory, isLink: stat.isSymbolicLink, mode: stat.mode, size: stat.size },
    ...{ mtime: stat.mtime, target },
  };
}

const LETTERS = 'rwxrwxrwx';
const modeOf = ({ isFolder, isLink, mode }: Entry): string =>
  (isLink ? 'l' : isFolder ? 'd' : '-') +
  [...LETTERS].map((letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-')).join('');

const UNITS = ['', 'K', 'M', 'G'];
function sizeOf(size: number, human: boolean): string {
  if (!human) return String(size);
  const unit = size < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(size) / 10));
  const value = size / 1024 ** unit;
  return unit === 0
    ? String(size)
    : `${value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : Math.ceil(value)}${UNITS[unit]}`;
}

type Flags = (flag: string) => boolean;

function longOf(entries: Entry[], flags: Flags): string[] {
  const sizes = entries.map(({ size }) => sizeOf(size, flags('h')));
  const width = Math.max(0, ...sizes.map(({ length }) => length));
  return entries.map((entry, at) => {
    const [, month, day, year, time] = /^\w+, (\d+) (\w+) (\d+) (\d+:\d+)/.exec(entry.mtime.toUTCString()) ?? [];
    const when = `${day} ${String(Number(month)).padStart(2)} ${Date.now() - entry.mtime.getTime() > HALF_A_YEAR_MS ? ` ${year}` : time}`;
    const target = entry.isLink ? ` -> ${entry.target}` : '';
    return `${modeOf(entry)} 1 user user ${sizes[at]?.padStart(width)} ${when} ${marked(entry, flags)}${target}`;
  });
}
const HALF_A_YEAR_MS = 15_778_476_000;

function marked({ name, isFolder, isLink, mode }: Entry, flags: Flags): string {
  if (isFolder) return flags('F') || flags('p') ? `${name}/` : name;
  return flags('F') ? `${name}${isLink ? '@' : mode & 0o111 ? '*' : ''}` : name;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
function ordered(entries: Entry[], flags: Flags): Entry[] {
  const by = (a: Entry, b: Entry) => {
    if (flags('S') && a.size !== b.size) return b.size - a.size;
    if (flags('t') && a.mtime.getTime() !== b.mtime.getTime()) return b.mtime.getTime() - a.mtime.getTime();
    return compare(toBytes(a.name), toBytes(b.name));
  };
  const all = flags('U') ? entries : [...entries].sort(by);
  return flags('r') ? all.reverse() : all;
}

function shownOf(entries: Entry[], flags: Flags): string {
  const all = ordered(entries, flags);
  if (flags('l')) return joined(longOf(all, flags));
  const names = all.map((entry) => marked(entry, flags));
  return flags('m') ? joined(names.length === 0 ? [] : [names.join(', ')]) : joined(names);
}

async function listOf(context: Context, folder: string, flags: Flags): Promise<Entry[]> {
  const names = await context.fs.readdir(resolve(context, folder));
  const shown = names.filter((name) => flags('a') || flags('A') || !name.startsWith('.'));
  const dots = flags('a') ? ['.', '..'] : [];
  return Promise.all([...dots, ...shown].map((name) => entryOf(context, `${folder}/${name}`, name)));
}

const LONG = {
  all: 'a',
  'almost-all': 'A',
  directory: 'd',
  recursive: 'R',
  reverse: 'r',
  'human-readable': 'h',
  classify: 'F',
  color: 'G',
};

const ls = command('ls', async (args, context) => {
  const { options, operands } = parse(args, 'aA1ldRrStFphmUinGgoCxv', LONG);
  const flags = options.has;
  const total = (entries: Entry[]) =>
    flags('l') ? `total ${entries.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4, 0)}\n` : '';
  const files: Entry[] = [];
  const folders: string[] = [];
  let errors = '';
  for (const path of operands.length === 0 ? ['.'] : operands) {
    try {
      const entry = await entryOf(context, path, path);
      const isFolder =
        entry.isFolder ||
        (entry.isLink && !flags('l') && (await context.fs.stat(resolve(context, path)).catch(() => null))?.isDirectory);
      if (isFolder && !flags('d')) folders.push(path);
      else files.push(entry);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      errors += `ls: ${error.message}\n`;
    }
  }
  const blocks = files.length === 0 ? [] : [shownOf(files, flags)];
  const titled = operands.length > 1 || flags('R');
  const visit = async (folder: string): Promise<void> => {
    const entries = await listOf(context, folder, flags);
    blocks.push(`${titled ? `${folder}:\n` : ''}${total(entries)}${shownOf(entries, flags)}`);
    if (!flags('R')) return;
    for (const { name, isFolder } of ordered(entries, flags)) {
      if (isFolder && name !== '.' && name !== '..') await visit(`${folder.replace(/\/$/, '')}/${name}`);
    }
  };
  const names = folders.sort((a, b) => compare(toBytes(a), toBytes(b)));
  for (const folder of flags('r') ? names.reverse() : names) await visit(folder);
  return done(toBytes(blocks.join('\n')), errors === '' ? 0 : 2, errors);
});

/** Only what runs here: its name, as there is no place of it. */
const which = (absent: ReadonlySet<string>) =>
  command('which', (args, context) => {
    const { operands } = parse(args, 'as');
    const names = new Set(context.getRegisteredCommands?.() ?? []);
    const found = operands.filter((name) => names.has(name) && !absent.has(name));
    return done(
      joined(found.map((name) => toBytes(`/usr/bin/${name}`))),
      found.length === operands.length && found.length > 0 ? 0 : 1,
    );
  });

/** A slip of a variable must not take everything. */
const rm = command('rm', async (args, context) => {
  const whole = args.find((arg) => !arg.startsWith('-') && resolve(context, arg) === '/');
  if (whole !== undefined)
    throw new Refusal(`it is dangerous to operate recursively on '${whole}': nothing was removed`);
  const result = await context.origCommand?.(args);
  return result ? { ...result, stdout: toBytes(result.stdout) } : done('', 1);
});

let made = 0;
const mktemp = command('mktemp', async (args, context) => {
  const { options, operands } = parse(args, 'dup:t', { directory: 'd', tmpdir: 'p', 'dry-run': 'u' });
  const template = operands[0] ?? 'tmp.XXXXXXXXXX';
  if (!/XXX/.test(template)) throw new Refusal(`too few X's in template '${template}'`);
  const folder = options.get('p') || (operands.length === 0 || options.has('t') ? '/tmp' : '');
  made += 1;
  const name = template.replace(/X{3,}/, (marks) =>
    (made + 0x10000).toString(36).padStart(marks.length, 'a').slice(-marks.length),
  );
  const path = folder === '' ? name : `${folder}/${name}`;
  const at = resolve(context, path);
  if (options.has('d')) await context.fs.mkdir(at, { recursive: true });
  else if (!options.has('u')) await context.fs.writeFile(at, '');
  return done(toBytes(`${path}\n`));
});

const truncate = command('truncate', async (args, context) => {
  const { options, operands } = parse(args, 's:c', { size: 's' });
  const [, sign = '', digits, unit = ''] = /^([+-]?)(\d+)([KMG]?)$/.exec(options.get('s') ?? '') ?? [];
  if (digits === undefined) throw new Refusal("you must specify '--size'");
  const amount = Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit);
  for (const path of operands) {
    const at = resolve(context, path);
    const before = (await context.fs.exists(at)) ? await context.fs.readFileBuffer(at) : new Uint8Array();
    const size = sign === '+' ? before.length + amount : sign === '-' ? Math.max(0, before.length - amount) : amount;
    if (size > context.limits.maxFileSystemBytes) throw new Refusal(`failed to truncate '${path}': File too large`);
    const after = new Uint8Array(size);
    after.set(before.subarray(0, size));
    await context.fs.writeFile(at, after);
  }
  return done('');
});

const realpath = command('realpath', async (args, context) => {
  const { options, operands } = parse(args, 'ems', { 'canonicalize-missing': 'm', 'canonicalize-existing': 'e' });
  const paths = await Promise.all(
    operands.map(async (path) => {
      const at = resolve(context, path);
      const real = await context.fs.realpath(at).catch(() => null);
      if (real === null && options.has('e')) throw new Refusal(`${path}: No such file or directory`);
      return real ?? at;
    }),
  );
  return done(joined(paths.map(toBytes)));
});

export const fileCommands = (absent: ReadonlySet<string>) => [ls, which(absent), rm, mktemp, truncate, realpath];
