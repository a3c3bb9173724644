/** Commands that take lines or bytes and leave some of them: head, tail, uniq, cut, paste, wc. */
import {
  command,
  done,
  joined,
  linesOf,
  numberOf,
  parse,
  Refusal,
  read,
  readEach,
  toBytes,
  toText,
  write,
} from './kit.ts';

/** `-5` means `-n 5`, as people write it. */
const withCount = (args: string[]): string[] =>
  args.flatMap((arg, at) => (/^-\d+$/.test(arg) && !/^-[nc]$/.test(args[at - 1] ?? '') ? ['-n', arg.slice(1)] : [arg]));

const UNITS: Record<string, number> = { '': 1, b: 512, k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
function countOf(text: string, what: string): { sign: string; count: number } {
  const [, sign = '', digits, unit = ''] = /^([+-]?)(\d+)([bkKMG]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new Refusal(`invalid number of ${what}: '${text}'`);
  return { sign, count: Number(digits) * (UNITS[unit] ?? 1) };
}

/** The pieces that are counted: lines with their ends, or bytes. */
const piecesOf = (
  bytes: string,
  byBytes: boolean,
): ArrayLike<string> & { slice(a?: number, b?: number): string[] | string } =>
  byBytes ? bytes : (bytes.match(/[^\n]*\n|[^\n]+$/g) ?? []);
const glue = (pieces: string[] | string): string => (typeof pieces === 'string' ? pieces : pieces.join(''));

const ends = (name: 'head' | 'tail') =>
  command(name, async (args, context) => {
    const long = { lines: 'n', bytes: 'c', quiet: 'q', silent: 'q', verbose: 'v', follow: 'f' };
    const { options, operands } = parse(withCount(args), 'n:c:qvfF', long);
    const byBytes = options.has('c');
    const { sign, count } = countOf(options.get('c') ?? options.get('n') ?? '10', byBytes ? 'bytes' : 'lines');
    const cut = (pieces: ReturnType<typeof piecesOf>) => {
      if (name === 'head') return pieces.slice(0, sign === '-' ? Math.max(0, pieces.length - count) : count);
      return pieces.slice(sign === '+' ? Math.max(0, count - 1) : Math.max(0, pieces.length - count));
    };
    const { inputs, errors, exitCode } = await readEach(context, name, operands);
    const titled = options.has('v') || (operands.length > 1 && !options.has('q'));
    const parts = inputs.map(({ path, bytes }) => {
      const title = path === '-' ? 'standard input' : toBytes(path);
      return `${titled ? `==> ${title} <==\n` : ''}${glue(cut(piecesOf(bytes, byBytes)))}`;
    });
    return done(parts.join(titled ? '\n' : ''), exitCode, errors);
  });

const uniq = command('uniq', async (args, context) => {
  const long = {
    ...{ count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i', 'all-repeated': 'D', 'zero-terminated': 'z' },
    ...{ 'skip-fields': 'f', 'skip-chars': 's', 'check-chars': 'w' },
  };
  const { options, operands } = parse(args, 'cduiDzf:s:w:', long);
  const end = options.has('z') ? '\0' : '\n';
  const lines = linesOf(await read(context, operands[0] ?? '-'), end);
  const fields = numberOf(options.get('f') ?? '0', 'number of fields to skip');
  const skip = numberOf(options.get('s') ?? '0', 'number of bytes to skip');
  const most = options.has('w') ? numberOf(options.get('w'), 'number of bytes to compare') : undefined;
  const keyOf = (line: string) => {
    const rest = line.replace(new RegExp(`^(?:[ \\t]*[^ \\t]*){0,${fields}}`), fields === 0 ? '$&' : '').slice(skip);
    const key = fields === 0 ? line.slice(skip) : rest;
    const cut = most === undefined ? key : key.slice(0, most);
    return options.has('i') ? cut.toLowerCase() : cut;
  };
  const groups: string[][] = [];
  let last: string | null = null;
  for (const line of lines) {
    const key = keyOf(line);
    if (key === last) groups.at(-1)?.push(line);
    else groups.push([line]);
    last = key;
  }
  const kept = groups.filter(({ length }) => {
    if (options.has('D') || options.has('d')) return length > 1 && !options.has('u');
    return !options.has('u') || length === 1;
  });
  const shown = kept.flatMap((group) => {
    if (options.has('D')) return group;
    return [`${options.has('c') ? `${String(group.length).padStart(7)} ` : ''}${group[0]}`];
  });
  if (operands[1] === undefined) return done(joined(shown, end));
  await write(context, operands[1], joined(shown, end));
  return done('');
});

type Span = [from: number, to: number];
const spansOf = (list: string, what: string): Span[] =>
  list.split(',').map((part) => {
    const [, from, dash, to] = /^(\d*)(-?)(\d*)$/.exec(part) ?? [];
    if (part === '' || part === '-' || from === undefined) throw new Refusal(`invalid ${what} value '${part}'`);
    const first = from === '' ? 1 : Number(from);
    if (first === 0) throw new Refusal(`${what}s are numbered from 1`);
    return [first, dash === '' ? first : to === '' ? Number.POSITIVE_INFINITY : Number(to)];
  });
const within = (spans: Span[], at: number): boolean => spans.some(([from, to]) => at >= from && at <= to);

const cut = command('cut', async (args, context) => {
  const long = {
    ...{ fields: 'f', delimiter: 'd', characters: 'c', bytes: 'b', 'only-delimited': 's', complement: 'C' },
    ...{ 'output-delimiter': 'o', 'zero-terminated': 'z' },
  };
  const { options, operands } = parse(args, 'f:d:c:b:snzCo:', long);
  const byField = options.has('f');
  const list = options.get('f') ?? options.get('c') ?? options.get('b');
  if (list === undefined) throw new Refusal('you must specify a list of bytes, characters, or fields');
  const spans = spansOf(list, byField ? 'field' : 'byte/character position');
  const keeps = (at: number) => within(spans, at) !== options.has('C');
  const delimiter = toBytes(options.get('d') ?? '\t');
  if (delimiter.length !== 1) throw new Refusal('the delimiter must be a single character');
  const between = options.has('o') ? toBytes(options.get('o') ?? '') : byField ? delimiter : '';
  const end = options.has('z') ? '\0' : '\n';
  const cutLine = (line: string): string[] => {
    if (!byField) {
      const signs = options.has('c') ? [...toText(line)].map(toBytes) : [...line];
      return [signs.filter((_, at) => keeps(at + 1)).join(between)];
    }
    if (!line.includes(delimiter)) return options.has('s') ? [] : [line];
    return [
      line
        .split(delimiter)
        .filter((_, at) => keeps(at + 1))
        .join(between),
    ];
  };
  const { inputs, errors, exitCode } = await readEach(context, 'cut', operands);
  return done(
    joined(
      inputs.flatMap(({ bytes }) => linesOf(bytes, end).flatMap(cutLine)),
      end,
    ),
    exitCode,
    errors,
  );
});

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', '0': '', '\\': '\\' };

const paste = command('paste', async (args, context) => {
  const long = { delimiters: 'd', serial: 's', 'zero-terminated': 'z' };
  const { options, operands } = parse(args, 'd:sz', long);
  const end = options.has('z') ? '\0' : '\n';
  const signs = (toBytes(options.get('d') ?? '\t').match(/\\.|[^\\]/gs) ?? ['']).map((sign) =>
    sign.length === 2 ? (ESCAPES[sign[1] ?? ''] ?? sign[1] ?? '') : sign,
  );
  const chain = (words: string[]) =>
    words.map((word, at) => (at === 0 ? word : signs[(at - 1) % signs.length] + word)).join('');
  const stdin = linesOf(await read(context, '-'), end);
  const names = operands.length === 0 ? ['-'] : operands;
  const dashes = names.filter((name) => name === '-').length;
  let dash = 0;
  const columns: string[][] = [];
  for (const name of names) {
    if (name !== '-') columns.push(linesOf(await read(context, name), end));
    else if (options.has('s')) columns.push(dash++ === 0 ? stdin : []);
    else {
      const mine = dash++;
      columns.push(stdin.filter((_, at) => at % dashes === mine));
    }
  }
  if (options.has('s')) return done(joined(columns.map(chain), end));
  const rows = Math.max(0, ...columns.map(({ length }) => length));
  return done(
    joined(
      Array.from({ length: rows }, (_, row) => chain(columns.map((column) => column[row] ?? ''))),
      end,
    ),
  );
});

const wc = command('wc', async (args, context) => {
  const long = { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' };
  const { options, operands } = parse(args, 'lwcmL', long);
  const asked = ['l', 'w', 'm', 'c', 'L'].filter((flag) => options.has(flag));
  const flags = asked.length === 0 ? ['l', 'w', 'c'] : asked;
  const { inputs, errors, exitCode } = await readEach(context, 'wc', operands);
  const counts = inputs.map(({ bytes }) => flags.map((flag) => COUNTERS[flag]?.(bytes) ?? 0));
  const total = flags.map((flag, at) =>
    counts.reduce((sum, row) => (flag === 'L' ? Math.max(sum, row[at] ?? 0) : sum + (row[at] ?? 0)), 0),
  );
  const rows = counts.map((row, at) => ({ row, name: operands.length === 0 ? '' : (inputs[at]?.path ?? '') }));
  if (operands.length > 1) rows.push({ row: total, name: 'total' });
  // As wide as the largest number; of a stream, whose size is not known, seven.
  const digits = String(inputs.reduce((sum, { bytes }) => sum + bytes.length, 0)).length;
  const single = flags.length === 1 && operands.length <= 1;
  const width = single ? 1 : operands.length === 0 || operands.includes('-') ? 7 : digits;
  const text = rows.map(({ row, name }) => {
    const numbers = row.map((count) => String(count).padStart(width)).join(' ');
    return name === '' ? numbers : `${numbers} ${toBytes(name)}`;
  });
  return done(joined(text), exitCode, errors);
});

const COUNTERS: Record<string, (bytes: string) => number> = {
  l: (bytes) => bytes.split('\n').length - 1,
  w: (bytes) => bytes.match(/[^ \t\n\r\v\f]+/g)?.length ?? 0,
  c: (bytes) => bytes.length,
  m: (bytes) => [...toText(bytes)].length,
  L: (bytes) => linesOf(bytes).reduce((most, line) => Math.max(most, [...toText(line)].length), 0),
};

export const LINES = [ends('head'), ends('tail'), uniq, cut, paste, wc];
