/** Commands about bytes, dates and JSON: od, xxd, yes, shuf, date, jq. */
import {
  type Context,
  command,
  done,
  joined,
  linesOf,
  parse,
  Refusal,
  read,
  readEach,
  resolve,
  toBytes,
} from './kit.ts';

type Kind = { bytes: number; width: number; show: (bytes: number[]) => string };

const NAMED: Record<number, string> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};
const character = (byte: number): string =>
  NAMED[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'));

/** Little-endian, as on the machines that people have. */
const numberIn = (bytes: number[]): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);

const WIDTHS: Record<string, number[]> = {
  x: [0, 2, 4, 0, 8, 0, 0, 0, 16],
  o: [0, 3, 6, 0, 11, 0, 0, 0, 22],
  u: [0, 3, 5, 0, 10, 0, 0, 0, 20],
  d: [0, 4, 6, 0, 11, 0, 0, 0, 20],
};
function kindOf(format: string): Kind {
  const [, type = '', size] = /^([xoudca])([1248CSIL]?)z?$/.exec(format) ?? [];
  if (type === 'c' || type === 'a') return { bytes: 1, width: 3, show: ([byte = 0]) => character(byte) };
  const bytes = size === undefined || size === '' ? 4 : ({ C: 1, S: 2, I: 4, L: 8 }[size] ?? Number(size));
  const width = WIDTHS[type]?.[bytes];
  if (width === undefined) throw new Refusal(`invalid type string '${format}'`);
  const show = (all: number[]) => {
    const value = numberIn(all);
    if (type === 'x') return value.toString(16).padStart(bytes * 2, '0');
    if (type === 'o') return value.toString(8).padStart(width, '0');
    return (type === 'd' ? BigInt.asIntN(bytes * 8, value) : value).toString();
  };
  return { bytes, width, show };
}

const RADIX: Record<string, (at: number) => string> = {
  o: (at) => at.toString(8).padStart(7, '0'),
  x: (at) => at.toString(16).padStart(6, '0'),
  d: (at) => String(at).padStart(7, '0'),
  n: () => '',
};

const od = command('od', async (args, context) => {
  const long = {
    'address-radix': 'A',
    format: 't',
    'read-bytes': 'N',
    'skip-bytes': 'j',
    'output-duplicates': 'v',
    width: 'w',
  };
  const { options, operands } = parse(args, 'A:t:N:j:vw:cbxdo', long);
  const named: Record<string, string> = { c: 'c', b: 'o1', x: 'x2', d: 'u2', o: 'o2' };
  const formats = [
    ...options.all('t'),
    ...Object.keys(named)
      .filter((flag) => options.has(flag))
      .map((flag) => named[flag] ?? ''),
  ];
  const kinds = (formats.length === 0 ? ['o2'] : formats).map(kindOf);
  const { inputs, errors, exitCode } = await readEach(context, 'od', operands);
  const skip = Number(options.get('j') ?? 0);
  const all = inputs
    .map(({ bytes }) => bytes)
    .join('')
    .slice(skip, options.has('N') ? skip + Number(options.get('N')) : undefined);
  const address = RADIX[options.get('A') ?? 'o'] ?? RADIX.o!;
  const perLine = Number(options.get('w') ?? 16) || 16;
  const rows: string[] = [];
  let last = '';
  for (let at = 0; at < all.length; at += perLine) {
    const part = all.slice(at, at + perLine);
    if (part === last && !options.has('v') && at + perLine < all.length) {
      if (rows.at(-1) !== '*') rows.push('*');
      continue;
    }
    last = part;
    const bytes = [...part].map((sign) => sign.charCodeAt(0));
    for (const [i, { bytes: size, width, show }] of kinds.entries()) {
      const cells = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        show(bytes.slice(n * size, (n + 1) * size)).padStart(width),
      );
      const lead = i === 0 ? address(at + skip) : ' '.repeat(address(0).length);
      rows.push(`${lead} ${cells.join(' ')}`);
    }
  }
  const end = address(all.length + skip);
  return done(joined(end === '' ? rows : [...rows, end]), exitCode, errors);
});

const hexOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');

const xxd = command('xxd', async (args, context) => {
  const { options, operands } = parse(args, 'pruc:l:s:g:', { plain: 'p', ps: 'p', revert: 'r' });
  const all = await read(context, operands[0] ?? '-');
  if (options.has('r')) {
    const digits = options.has('p')
      ? all
      : linesOf(all)
          .map((line) => line.replace(/^[0-9a-f]+:/i, '').split('  ')[0])
          .join('');
    return done(Buffer.from(digits.replace(/[^0-9a-f]/gi, ''), 'hex').toString('latin1'));
  }
  const from = Number(options.get('s') ?? 0);
  const bytes = all.slice(from, options.has('l') ? from + Number(options.get('l')) : undefined);
  const cols = Number(options.get('c') ?? (options.has('p') ? 30 : 16));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += cols) {
    const part = bytes.slice(at, at + cols);
    const hex = options.has('u') ? hexOf(part).toUpperCase() : hexOf(part);
    if (options.has('p')) rows.push(hex);
    else {
      const groups = (hex.match(/.{1,4}/g) ?? []).join(' ').padEnd(Math.ceil(cols / 2) * 5 - 1 - (cols % 2) * 2);
      rows.push(`${(at + from).toString(16).padStart(8, '0')}: ${groups}  ${part.replace(/[^\x20-\x7e]/g, '.')}`);
    }
  }
  return done(joined(rows));
});

/** Nothing here reads while another writes, so it ends by itself. */
const MOST_YES = 100_000;
const yes = command('yes', (args) => done(toBytes(`${args.join(' ') || 'y'}\n`).repeat(MOST_YES)));

const shuf = command('shuf', async (args, context) => {
  const { options, operands } = parse(args, 'n:i:e', { 'head-count': 'n', 'input-range': 'i', echo: 'e' });
  const [from, to] = (options.get('i') ?? '1-0').split('-').map(Number) as [number, number];
  const range = Array.from({ length: Math.max(0, Math.min(to - from + 1, context.limits.maxArrayElements)) }, (_, at) =>
    String(from + at),
  );
  const lines = options.has('i')
    ? range
    : options.has('e')
      ? operands.map(toBytes)
      : linesOf(await read(context, operands[0] ?? '-'));
  for (let at = lines.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  }
  return done(joined(lines.slice(0, options.has('n') ? Number(options.get('n')) : undefined)));
});

const UNIT = '(sec(?:ond)?|min(?:ute)?|hour|day|week|fortnight|month|year)s?';
const RELATIVE = new RegExp(`(?:([+-]?)\\s*(\\d+)|\\b(next|last|a|an))\\s*\\b${UNIT}\\b(\\s+ago)?`, 'gi');
const SECONDS: Record<string, number> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};

/** `2024-01-31 +1 day` and its like: the moment that is meant, in seconds; null if nothing in it is relative. */
async function relative(text: string, base: (text: string) => Promise<number>): Promise<number | null> {
  const found = [...text.matchAll(RELATIVE)];
  if (found.length === 0) return null;
  const rest = text.replace(RELATIVE, ' ').trim();
  const moment = new Date((await base(rest === '' ? 'now' : rest)) * 1000);
  for (const [, sign, digits, word, unit = '', ago] of found) {
    const size = digits === undefined ? (word?.toLowerCase() === 'last' ? -1 : 1) : Number(digits);
    const count = size * (sign === '-' ? -1 : 1) * (ago === undefined ? 1 : -1);
    const seconds = SECONDS[unit.toLowerCase()];
    if (seconds !== undefined) moment.setTime(moment.getTime() + count * seconds * 1000);
    else if (unit.toLowerCase() === 'month') moment.setUTCMonth(moment.getUTCMonth() + count);
    else moment.setUTCFullYear(moment.getUTCFullYear() + count);
  }
  return Math.floor(moment.getTime() / 1000);
}

const ISO: Record<string, string> = {
  '': '%F',
  date: '%F',
  hours: '%FT%H%:z',
  minutes: '%FT%H:%M%:z',
  seconds: '%FT%T%:z',
};

const date = command('date', async (args, context: Context) => {
  const orig = async (words: string[]) => (await context.origCommand?.(words)) ?? done('', 1);
  const iso = args.find((arg) => /^(-I|--iso-8601)/.test(arg));
  const { options, operands } = parse(
    args.filter((arg) => arg !== iso),
    'd:r:uR',
    { date: 'd', reference: 'r', utc: 'u', universal: 'u', 'rfc-email': 'R' },
  );
  const words = options.has('u') ? ['-u'] : [];
  const base = async (text: string) => {
    const { stdout, exitCode } = await orig(['-u', '-d', text, '+%s']);
    if (exitCode !== 0) throw new Refusal(`invalid date '${options.get('d')}'`);
    return Number(stdout);
  };
  const file = options.get('r');
  const said = options.get('d');
  if (file !== undefined) {
    const stat = await context.fs.stat(resolve(context, file)).catch(() => null);
    if (stat === null) throw new Refusal(`${file}: No such file or directory`);
    words.push('-d', `@${Math.floor(stat.mtime.getTime() / 1000)}`);
  } else if (said !== undefined) {
    const moment = await relative(said, base);
    words.push('-d', moment === null ? said : `@${moment}`);
  }
  if (options.has('R')) words.push('-R');
  if (iso !== undefined) operands.push(`+${ISO[iso.replace(/^(-I|--iso-8601=?)/, '')] ?? '%F'}`);
  const shown = await orig([
    ...words,
    ...operands.map((word) => word.replaceAll('%:z', options.has('u') ? '+00:00' : '%:z')),
  ]);
  return { ...shown, stdout: toBytes(shown.stdout) };
});

/** As jq has it: strings always in quotes. */
const CSV =
  '(map(if type == "string" then "\\"" + gsub("\\""; "\\"\\"") + "\\"" elif . == null then "" else tostring end) | join(","))';
/** One filter stands among the arguments; texts within it stay as they are. */
const withCsv = (filter: string): string =>
  filter.replace(/"(?:[^"\\]|\\.)*"|@csv\b/gs, (found) => (found === '@csv' ? CSV : found));

const jq = command('jq', async (args, context) => {
  const words = args
    .map((arg) => (arg.includes('@csv') ? withCsv(arg) : arg))
    .flatMap((arg) => (arg === '-j' ? ['-r', '-j'] : [arg]));
  const result = await context.origCommand?.(words);
  return result ? { ...result, stdout: toBytes(result.stdout) } : done('', 1);
});

export const DATA = [od, xxd, yes, shuf, date, jq];
