/** `tr`, and what expr, stat and seq of just-bash lack. */

import { formatted } from './awk/values.ts';
import { type Context, command, done, parse, Refusal, toBytes, toText } from './kit.ts';
import { regexOf } from './regex.ts';

const range = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)).join('');
const CLASSES: Record<string, string> = {
  ...{ lower: range(97, 122), upper: range(65, 90), digit: range(48, 57), space: '\t\n\v\f\r ', blank: '\t ' },
  ...{
    alpha: range(65, 90) + range(97, 122),
    alnum: range(48, 57) + range(65, 90) + range(97, 122),
    cntrl: `${range(0, 31)}\x7f`,
  },
  ...{
    punct: range(33, 47) + range(58, 64) + range(91, 96) + range(123, 126),
    print: range(32, 126),
    graph: range(33, 126),
  },
  xdigit: `${range(48, 57)}ABCDEFabcdef`,
};
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b', '\\': '\\' };

/** The signs that a set of tr names, of bytes. `fill`: as many as `[x*]` may stand for. */
function signsOf(text: string, fill: number): string {
  const bytes = toBytes(text);
  let out = '';
  let at = 0;
  const one = (): string => {
    if (bytes[at] !== '\\' || at + 1 >= bytes.length) return bytes[at++] ?? '';
    const octal = /^\\([0-7]{1,3})/.exec(bytes.slice(at));
    at += octal ? octal[0].length : 2;
    return octal
      ? String.fromCharCode(Number.parseInt(octal[1] ?? '0', 8) & 255)
      : (ESCAPES[bytes[at - 1] ?? ''] ?? bytes[at - 1] ?? '');
  };
  while (at < bytes.length) {
    const named = /^\[:(\w+):\]/.exec(bytes.slice(at));
    if (named && CLASSES[named[1] ?? '']) {
      out += CLASSES[named[1] ?? ''];
      at += named[0].length;
      continue;
    }
    const repeated = /^\[(\\?[\s\S])\*(\d*)\]/.exec(bytes.slice(at));
    if (repeated) {
      at += repeated[0].length;
      out += (repeated[1] ?? '')
        .slice(-1)
        .repeat(repeated[2] ? Math.min(Number(repeated[2]), 256) : Math.max(0, fill - out.length));
      continue;
    }
    const first = one();
    if (bytes[at] === '-' && at + 1 < bytes.length) {
      at += 1;
      const last = one();
      if (last < first)
        throw new Refusal(`range-endpoints of '${first}-${last}' are in reverse collating sequence order`);
      out += range(first.charCodeAt(0), last.charCodeAt(0));
    } else out += first;
  }
  return out;
}

const LONG = { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' };

const tr = command('tr', (args, context) => {
  const { options, operands } = parse(args, 'cCdst', LONG, true);
  const [first, second] = operands;
  if (first === undefined) throw new Refusal('missing operand');
  if (second === undefined && !options.has('d') && !options.has('s'))
    throw new Refusal(`missing operand after '${first}'`);
  const named = signsOf(first, 0);
  const complement = options.has('c') || options.has('C');
  const from = complement ? [...range(0, 255)].filter((sign) => !named.includes(sign)).join('') : named;
  const to = second === undefined ? '' : signsOf(second, from.length);
  const map = new Map<string, string>();
  if (!options.has('d') && second !== undefined) {
    if (to === '') throw new Refusal('when not truncating set1, string2 must be non-empty');
    for (const [at, sign] of [...from].entries())
      if (!options.has('t') || at < to.length) map.set(sign, to[Math.min(at, to.length - 1)] ?? '');
  }
  const squeezed = new Set(options.has('s') ? (second === undefined ? from : to) : '');
  const gone = new Set(options.has('d') ? from : '');
  const out: string[] = [];
  let last = '';
  for (const sign of context.stdin as unknown as string) {
    if (gone.has(sign)) continue;
    const shown = map.get(sign) ?? sign;
    if (shown === last && squeezed.has(shown)) continue;
    out.push(shown);
    last = shown;
  }
  return done(out.join(''));
});

async function orig(context: Context, args: string[]) {
  const result = (await context.origCommand?.(args)) ?? done('', 1);
  const isBytes = result.stdoutKind === 'bytes' || result.stdoutEncoding === 'binary';
  return { ...result, stdout: isBytes ? result.stdout : toBytes(result.stdout) };
}

/** With a match of a text against an expression, which is anchored at its beginning. */
const expr = command('expr', async (args, context) => {
  const [subject, sign, pattern] = args[0] === 'match' ? [args[1], ':', args[2]] : args;
  if (args.length !== 3 || sign !== ':' || subject === undefined || pattern === undefined) return orig(context, args);
  const regex = regexOf(pattern, 'basic', 'y');
  const found = regex.exec(subject);
  const hasGroup = /\\\(/.test(pattern);
  const answer = hasGroup ? (found?.[1] ?? '') : String([...(found?.[0] ?? '')].length);
  return done(toBytes(`${answer}\n`), answer === '' || answer === '0' ? 1 : 0);
});

const stat = command('stat', (args, context) =>
  orig(
    context,
    args.flatMap((arg) => (/^--format=/.test(arg) ? ['-c', arg.slice(9)] : [arg])),
  ),
);

const seq = command('seq', async (args, context) => {
  const at = args.findIndex((arg) => arg === '-f' || arg.startsWith('--format='));
  if (at < 0) return orig(context, args);
  const format = args[at] === '-f' ? (args[at + 1] ?? '%g') : (args[at] ?? '').slice(9);
  const plain = await orig(context, args.toSpliced(at, args[at] === '-f' ? 2 : 1));
  const numbers = toText(plain.stdout)
    .split('\n')
    .filter((line) => line !== '');
  return { ...plain, stdout: toBytes(numbers.map((number) => `${formatted(format, [Number(number)])}\n`).join('')) };
});

export const SMALL = [tr, expr, stat, seq];
