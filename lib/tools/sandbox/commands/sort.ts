/** `sort`, in the order of bytes. */
import { command, done, joined, linesOf, parse, Refusal, read, toBytes, write } from './kit.ts';

type Rule = { from: [field: number, sign: number]; to: [field: number, sign: number] | null; flags: string };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const SIZES = 'KMGTPEZY';

function ruleOf(key: string): Rule {
  const [, field, sign, before = '', to, toSign, after = ''] =
    /^(\d+)(?:\.(\d+))?([bdfghinMrRV]*)(?:,(\d+)(?:\.(\d+))?([bdfghinMrRV]*))?$/.exec(key) ?? [];
  if (field === undefined || field === '0') throw new Refusal(`invalid field specification '${key}'`, 2);
  return {
    from: [Number(field), Number(sign ?? 1)],
    to: to === undefined ? null : [Number(to), Number(toSign ?? 0)],
    flags: before + after,
  };
}

/** Where each field begins and ends; without a separator the blanks before a field belong to it. */
function fieldsOf(line: string, separator: string | undefined): Span[] {
  const spans: Span[] = [];
  if (separator === undefined) {
    for (const found of line.matchAll(/[ \t]*[^ \t]+|[ \t]+$/g))
      spans.push([found.index, found.index + found[0].length]);
    return spans;
  }
  let from = 0;
  for (const part of line.split(separator)) {
    spans.push([from, from + part.length]);
    from += part.length + 1;
  }
  return spans;
}
type Span = [from: number, to: number];

function keyOf(line: string, rule: Rule | null, flags: string, separator: string | undefined): string {
  if (rule === null) return flags.includes('b') ? line.trimStart() : line;
  const fields = fieldsOf(line, separator);
  const skipBlanks = (at: number) =>
    flags.includes('b') ? at + (/^[ \t]*/.exec(line.slice(at))?.[0].length ?? 0) : at;
  const first = fields[rule.from[0] - 1];
  if (first === undefined) return '';
  const from = skipBlanks(first[0]) + rule.from[1] - 1;
  if (rule.to === null) return line.slice(from);
  const last = fields[rule.to[0] - 1];
  if (last === undefined) return line.slice(from);
  return line.slice(from, rule.to[1] === 0 ? last[1] : Math.min(line.length, skipBlanks(last[0]) + rule.to[1]));
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const leading = (text: string): number => Number(/^\s*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0;
function general(text: string): number {
  const [number] = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text) ?? [];
  return number === undefined ? Number.NEGATIVE_INFINITY : Number(number);
}
function human(text: string): number {
  const [, number = '0', size = ''] = /^\s*(-?\d*\.?\d*)([KMGTPEZYk]?)/.exec(text) ?? [];
  const value = Number(number) || 0;
  return Math.sign(value) * ((size === '' ? 0 : SIZES.indexOf(size.toUpperCase()) + 1) * 1e15 + Math.abs(value));
}
const month = (text: string): number => MONTHS.indexOf(text.trimStart().slice(0, 3).toLowerCase());

/** Runs of digits by their value, all else by bytes. */
function byVersion(a: string, b: string): number {
  const partsOf = (text: string) => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [x = '', y = ''] = [left[at], right[at]];
    const order = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : byBytes(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareKeys(a: string, b: string, flags: string): number {
  const by = (value: (text: string) => number) => value(a) - value(b) || 0;
  if (flags.includes('n')) return by(leading);
  if (flags.includes('g')) return general(a) === general(b) ? 0 : by(general);
  if (flags.includes('h')) return by(human);
  if (flags.includes('M')) return by(month);
  if (flags.includes('V')) return byVersion(a, b);
  const plain = (text: string) => {
    const folded = flags.includes('f') ? text.toUpperCase() : text;
    return flags.includes('d') ? folded.replace(/[^A-Za-z0-9 \t]/g, '') : folded;
  };
  return byBytes(plain(a), plain(b));
}

const LONG = {
  ...{
    reverse: 'r',
    'numeric-sort': 'n',
    unique: 'u',
    'ignore-case': 'f',
    key: 'k',
    'field-separator': 't',
    output: 'o',
  },
  ...{
    'ignore-leading-blanks': 'b',
    'dictionary-order': 'd',
    'human-numeric-sort': 'h',
    'version-sort': 'V',
    stable: 's',
  },
  ...{ check: 'c', merge: 'm', 'zero-terminated': 'z', 'general-numeric-sort': 'g', 'month-sort': 'M' },
};

const sort = command('sort', async (args, context) => {
  const { options, operands } = parse(args, 'rnufk:t:o:bdhVscCmzgMiS:T:', LONG);
  const end = options.has('z') ? '\0' : '\n';
  const globals = [...'rnfbdhVgM'].filter((flag) => options.has(flag)).join('');
  const separator = options.has('t')
    ? toBytes((options.get('t') ?? '').replace(/^\\t$/, '\t').replace(/^\\0$/, '\0'))
    : undefined;
  const rules: (Rule | null)[] = options.has('k') ? options.all('k').map(ruleOf) : [null];
  const flagsOf = (rule: Rule | null) => (rule === null || rule.flags === '' ? globals : rule.flags);
  const byRules = (a: string, b: string): number => {
    for (const rule of rules) {
      const flags = flagsOf(rule);
      const order = compareKeys(keyOf(a, rule, flags, separator), keyOf(b, rule, flags, separator), flags);
      if (order !== 0) return flags.includes('r') ? -order : order;
    }
    return 0;
  };
  const isFinal = options.has('s') || options.has('u');
  const compare = (a: string, b: string): number =>
    byRules(a, b) || (isFinal ? 0 : globals.includes('r') ? byBytes(b, a) : byBytes(a, b));

  const texts = await Promise.all((operands.length === 0 ? ['-'] : operands).map((path) => read(context, path)));
  const lines = texts.flatMap((bytes) => linesOf(bytes, end));
  if (options.has('c') || options.has('C')) {
    const at = lines.findIndex((line, i) => i > 0 && compare(lines[i - 1] ?? '', line) > (options.has('u') ? -1 : 0));
    if (at < 0) return done('');
    return done('', 1, options.has('C') ? '' : `sort: ${operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}\n`);
  }
  const sorted = lines.sort(compare);
  const kept = options.has('u')
    ? sorted.filter((line, at) => at === 0 || byRules(sorted[at - 1] ?? '', line) !== 0)
    : sorted;
  const output = options.get('o');
  if (output === undefined) return done(joined(kept, end));
  await write(context, output, joined(kept, end));
  return done('');
});

export const SORT = [sort];
