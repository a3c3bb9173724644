/** `grep` with its GNU options, and its old names. It works on text. */
import { posix } from 'node:path';
import {
  type Context,
  command,
  done,
  linesOf,
  numberOf,
  type Options,
  parse,
  Refusal,
  read,
  resolve,
  toBytes,
  toText,
} from './kit.ts';
import { perlOf, regexOf } from './regex.ts';

const LONG = {
  ...{
    'ignore-case': 'i',
    'invert-match': 'v',
    count: 'c',
    'line-number': 'n',
    'only-matching': 'o',
    'extended-regexp': 'E',
  },
  ...{
    'fixed-strings': 'F',
    'perl-regexp': 'P',
    'basic-regexp': 'G',
    'word-regexp': 'w',
    'line-regexp': 'x',
    regexp: 'e',
    file: 'f',
  },
  ...{
    'files-with-matches': 'l',
    'files-without-match': 'L',
    recursive: 'r',
    'dereference-recursive': 'R',
    quiet: 'q',
    silent: 'q',
  },
  ...{
    'no-messages': 's',
    'with-filename': 'H',
    'no-filename': 'h',
    'after-context': 'A',
    'before-context': 'B',
    context: 'C',
  },
  ...{
    'max-count': 'm',
    'byte-offset': 'b',
    'null-data': 'z',
    null: 'Z',
    text: 'a',
    include: '1',
    exclude: '2',
    'exclude-dir': '3',
  },
  ...{ color: '4', colour: '4', 'line-buffered': '5', 'binary-files': '6' },
};
const FLAGS = 'ivcnoEFPGwxe:f:lLrRqsHhA:B:C:m:bzZaIU1:2:3:456:';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function matcherOf(patterns: string[], options: Options): RegExp {
  const flags = options.has('i') ? 'gi' : 'g';
  const sources = patterns.map((pattern) => {
    if (options.has('F')) return escaped(pattern);
    if (options.has('P')) return perlOf(pattern).source;
    return regexOf(pattern, options.has('E') ? 'extended' : 'basic').source;
  });
  const shift = sources.length > 1 && sources.every((source) => !/\\[1-9]/.test(source));
  const any = shift
    ? sources.map((source) => `(?:${source})`).join('|')
    : sources.length === 1
      ? sources[0]
      : sources.join('|');
  const whole = options.has('x') ? `^(?:${any})$` : options.has('w') ? `(?<!\\w)(?:${any})(?!\\w)` : any;
  const inline = options.has('P') && patterns.some((pattern) => pattern.startsWith('(?i)')) ? 'i' : '';
  return new RegExp(sources.length === 0 ? '(?!)' : (whole ?? ''), [...new Set(`${flags}${inline}us`)].join(''));
}

type Input = { path: string; bytes: string };

/** Every file under a folder, in the order of names. */
async function walk(context: Context, path: string, options: Options): Promise<string[]> {
  const at = resolve(context, path);
  const found: string[] = [];
  for (const name of (await context.fs.readdir(at)).sort()) {
    const inner = path === '' ? name : `${path.replace(/\/$/, '')}/${name}`;
    const stat = await context.fs.lstat(resolve(context, inner));
    if (stat.isSymbolicLink && !options.has('R')) continue;
    const isFolder = (await context.fs.stat(resolve(context, inner)).catch(() => null))?.isDirectory;
    if (isFolder) {
      if (!options.all('3').some((glob) => posix.matchesGlob(name, glob)))
        found.push(...(await walk(context, inner, options)));
    } else if (wanted(name, options)) found.push(inner);
  }
  return found;
}

function wanted(name: string, options: Options): boolean {
  // A glob does not match a leading dot by itself.
  const matches = (glob: string) => posix.matchesGlob(name.replace(/^\./, '_'), glob.replace(/^\./, '_'));
  if (options.all('2').some(matches)) return false;
  return !options.has('1') || options.all('1').some(matches);
}

type Found = { shown: string; hits: number };

function searched({ path, bytes }: Input, matcher: RegExp, options: Options, named: boolean): Found {
  const end = options.has('z') ? '\0' : '\n';
  if (bytes.slice(0, 8000).includes('\0') && !options.has('a') && !options.has('z'))
    return binary({ path, bytes }, matcher, options);
  const lines = linesOf(bytes, end);
  const most = options.has('m') ? numberOf(options.get('m'), 'max count') : Number.POSITIVE_INFINITY;
  const texts = lines.map(toText);
  const hits: number[] = [];
  for (let at = 0; at < texts.length && hits.length < most; at++) {
    matcher.lastIndex = 0;
    if (matcher.test(texts[at] ?? '') !== options.has('v')) hits.push(at);
  }
  if (options.has('q') || options.has('l') || options.has('L') || options.has('c'))
    return { shown: '', hits: hits.length };
  const offsets: number[] = [];
  if (options.has('b'))
    for (const [at, line] of lines.entries()) offsets[at + 1] = (offsets[at] ?? 0) + line.length + 1;
  const name =
    options.get('Z') === undefined ? (sign: string) => `${toBytes(path)}${sign}` : () => `${toBytes(path)}\0`;
  const head = (at: number, sign: string, offset = 0) =>
    `${named ? name(sign) : ''}${options.has('n') ? `${at + 1}${sign}` : ''}${options.has('b') ? `${(offsets[at] ?? 0) + offset}${sign}` : ''}`;
  if (options.has('o')) {
    if (options.has('v')) return { shown: '', hits: hits.length };
    matcher.lastIndex = 0;
    const parts = hits.flatMap((at) =>
      [...(texts[at] ?? '').matchAll(matcher)]
        .filter(([all]) => all !== '')
        .map(
          (match) =>
            `${head(at, ':', toBytes((texts[at] ?? '').slice(0, match.index)).length)}${toBytes(match[0])}${end}`,
        ),
    );
    return { shown: parts.join(''), hits: hits.length };
  }
  const before = numberOf(options.get('B') ?? options.get('C') ?? '0', 'context length argument');
  const after = numberOf(options.get('A') ?? options.get('C') ?? '0', 'context length argument');
  const isHit = new Set(hits);
  let shown = '';
  let last = -1;
  for (const hit of hits) {
    const from = Math.max(last + 1, hit - before);
    if ((before > 0 || after > 0) && last >= 0 && from > last + 1) shown += '--\n';
    for (let at = from; at <= Math.min(lines.length - 1, hit + after); at++) {
      if (at <= last) continue;
      if (at > hit && isHit.has(at)) break;
      shown += `${head(at, isHit.has(at) ? ':' : '-')}${lines[at]}${end}`;
      last = at;
    }
  }
  return { shown, hits: hits.length };
}

function binary({ path, bytes }: Input, matcher: RegExp, options: Options): Found {
  const hits = linesOf(bytes).filter((line) => {
    matcher.lastIndex = 0;
    return matcher.test(toText(line)) !== options.has('v');
  }).length;
  const quiet = options.has('q') || options.has('l') || options.has('L') || options.has('c') || hits === 0;
  return { shown: quiet ? '' : toBytes(`grep: ${path}: binary file matches\n`), hits };
}

const grep = (name: string, always: string[]) =>
  command(name, async (args, context) => {
    const numbered = args.flatMap((arg) => (/^-\d+$/.test(arg) ? ['-C', arg.slice(1)] : [arg]));
    const { options, operands } = parse([...always, ...numbered], FLAGS, LONG);
    const patterns = options.all('e').flatMap((pattern) => pattern.split('\n'));
    for (const file of options.all('f')) patterns.push(...linesOf(await read(context, file)).map(toText));
    if (!options.has('e') && !options.has('f')) {
      const first = operands.shift();
      if (first === undefined) throw new Refusal('no pattern was given', 2);
      patterns.push(...first.split('\n'));
    }
    const matcher = matcherOf(patterns, options);
    const recursive = options.has('r') || options.has('R');
    const given = operands.length === 0 ? [recursive ? '' : '-'] : operands;
    let errors = '';
    const complain = (message: string) => {
      if (!options.has('s')) errors += `${name}: ${message}\n`;
    };
    const paths: string[] = [];
    let failed = false;
    for (const path of given) {
      const stat = path === '-' ? null : await context.fs.stat(resolve(context, path)).catch(() => undefined);
      if (stat === undefined) {
        failed = true;
        complain(`${path}: No such file or directory`);
      } else if (!stat?.isDirectory) {
        if (!recursive || path === '-' || wanted(path.slice(path.lastIndexOf('/') + 1), options)) paths.push(path);
      } else if (recursive) paths.push(...(await walk(context, path, options)));
      else complain(`${path}: Is a directory`);
    }
    const named = options.has('H') || (!options.has('h') && (recursive || given.length > 1));
    let stdout = '';
    let hits = 0;
    for (const path of paths) {
      const found = searched(
        { path: path === '-' ? '(standard input)' : path, bytes: await read(context, path) },
        matcher,
        options,
        named,
      );
      hits += options.has('L') ? (found.hits === 0 ? 1 : 0) : found.hits;
      if (options.has('q') && hits > 0) break;
      if (options.has('q')) continue;
      if (options.has('l') || options.has('L')) {
        if (found.hits > 0 === options.has('l')) stdout += `${toBytes(path)}${options.has('Z') ? '\0' : '\n'}`;
      } else if (options.has('c')) stdout += `${named ? `${toBytes(path)}:` : ''}${found.hits}\n`;
      else if (found.shown !== '') {
        const apart = stdout !== '' && (options.has('A') || options.has('B') || options.has('C')) && !options.has('o');
        stdout += `${apart ? '--\n' : ''}${found.shown}`;
      }
    }
    return done(stdout, failed && !(options.has('q') && hits > 0) ? 2 : hits > 0 ? 0 : 1, errors);
  });

export const GREP = [grep('grep', []), grep('egrep', ['-E']), grep('fgrep', ['-F'])];
