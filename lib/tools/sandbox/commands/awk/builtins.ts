/** The functions that awk has by itself. */
import { Refusal } from '../kit.ts';
import { arrayOf, type Machine } from './machine.ts';
import { type Cell, formatted, fromOutside, toNumber, type Value } from './values.ts';

/** An argument: its value, where it is kept if it can be assigned to, and its source if it is an expression between slashes. */
export type Argument = { get: () => Value; cell?: () => Cell; set?: (value: Value) => void; regex?: string };

function strftime(format: string, seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const names: Record<string, () => string> = {
    Y: () => String(at.getUTCFullYear()),
    m: () => two(at.getUTCMonth() + 1),
    d: () => two(at.getUTCDate()),
    H: () => two(at.getUTCHours()),
    M: () => two(at.getUTCMinutes()),
    S: () => two(at.getUTCSeconds()),
    F: () => at.toISOString().slice(0, 10),
    T: () => at.toISOString().slice(11, 19),
    s: () => String(seconds),
    y: () => two(at.getUTCFullYear() % 100),
    a: () => at.toUTCString().slice(0, 3),
    b: () => at.toUTCString().slice(8, 11),
    Z: () => 'UTC',
    z: () => '+0000',
  };
  return format.replace(/%([a-zA-Z%])/g, (all, name: string) => (name === '%' ? '%' : (names[name]?.() ?? all)));
}

/** `&` is what was found, `\&` the sign itself. */
const replaced = (template: string, found: string): string =>
  template.replace(/\\\\|\\&|&/g, (sign) => (sign === '&' ? found : sign === '\\&' ? '&' : '\\'));

export function createBuiltins(machine: Machine, format: (value: Value) => string) {
  let seed = 0;
  let state = 0.5;
  const random = () => {
    state = (state * 9301 + 0.49297) % 1;
    return state;
  };
  const patternOf = (argument: Argument) => machine.regex(argument.regex ?? format(argument.get()));
  const text = (argument: Argument | undefined) => (argument ? format(argument.get()) : format(machine.field(0)));
  const number = (argument: Argument | undefined) => (argument ? toNumber(argument.get()) : 0);

  const substitute = (args: Argument[], global: boolean): number => {
    const [pattern, template, target] = args;
    if (!pattern || !template) throw new Refusal('sub and gsub want an expression and a text', 2);
    const subject = text(target);
    const found = patternOf(pattern);
    found.lastIndex = 0;
    const words = format(template.get());
    let count = 0;
    const flags = new RegExp(found.source, global ? found.flags : found.flags.replace('g', ''));
    let last = -1;
    const result = subject.replace(flags, (match: string, ...rest) => {
      const at = rest.find((one) => typeof one === 'number') as number;
      // Nothing is found again right behind what was found.
      if (match === '' && at === last) return '';
      last = at + match.length;
      count += 1;
      return replaced(words, match);
    });
    if (count === 0) return 0;
    if (target?.set) target.set(result);
    else if (!target) machine.setField(0, result);
    return count;
  };

  const match = (args: Argument[]): number => {
    const [subject, pattern, into] = args;
    if (!subject || !pattern) throw new Refusal('match wants a text and an expression', 2);
    const whole = text(subject);
    const found = patternOf(pattern);
    found.lastIndex = 0;
    const hit = found.exec(whole);
    const start = hit ? [...whole.slice(0, hit.index)].length + 1 : 0;
    machine.cell('RSTART').value = start;
    machine.cell('RLENGTH').value = hit ? [...hit[0]].length : -1;
    if (into?.cell) {
      const array = arrayOf(into.cell());
      array.clear();
      for (const [at, group] of (hit ?? []).entries()) array.set(String(at), fromOutside(group ?? ''));
    }
    return start;
  };

  const split = (args: Argument[]): number => {
    const [subject, into, separator] = args;
    if (!subject || !into?.cell) throw new Refusal('split wants a text and an array', 2);
    const whole = text(subject);
    const sign = separator ? (separator.regex ?? format(separator.get())) : machine.special('FS');
    const parts =
      separator?.regex !== undefined && sign !== ''
        ? whole === ''
          ? []
          : whole.split(new RegExp(machine.regex(sign).source.replace(/\((?!\?)/g, '(?:'), 'us'))
        : machine.splitText(whole, sign);
    const array = arrayOf(into.cell());
    array.clear();
    for (const [at, part] of parts.entries()) array.set(String(at + 1), fromOutside(part));
    return parts.length;
  };

  const substr = (args: Argument[]): string => {
    const signs = [...text(args[0])];
    const round = (value: number) => Math.round(value);
    const from = round(number(args[1]));
    const to = args[2] ? from + round(number(args[2])) : Number.POSITIVE_INFINITY;
    return signs.slice(Math.max(0, from - 1), Math.max(0, Math.min(signs.length, to - 1))).join('');
  };

  const length = (args: Argument[]): number => {
    const [one] = args;
    const array = one?.cell?.().value;
    return array instanceof Map ? array.size : [...text(one)].length;
  };

  const gensub = (args: Argument[]): string => {
    const [pattern, template, how, target] = args;
    if (!pattern || !template || !how) throw new Refusal('gensub wants an expression, a text and how', 2);
    const which = format(how.get());
    let turn = 0;
    return text(target).replace(patternOf(pattern), (...found) => {
      turn += 1;
      if (!/^g/i.test(which) && turn !== Number(which)) return String(found[0]);
      return format(template.get()).replace(/\\(\d)|\\&|&/g, (sign, group) =>
        group === undefined ? (sign === '&' ? String(found[0]) : '&') : String(found[Number(group)] ?? ''),
      );
    });
  };

  const bits = (args: Argument[], apply: (a: bigint, b: bigint) => bigint) =>
    Number(apply(BigInt(Math.trunc(number(args[0]))), BigInt(Math.trunc(number(args[1])))));

  const functions: Record<string, (args: Argument[]) => Value> = {
    ...{ length, substr, split, match, gensub },
    sub: (args) => substitute(args, false),
    gsub: (args) => substitute(args, true),
    index: (args) => {
      const at = text(args[0]).indexOf(text(args[1]));
      return at < 0 ? 0 : [...text(args[0]).slice(0, at)].length + 1;
    },
    sprintf: (args) =>
      formatted(
        text(args[0]),
        args.slice(1).map(({ get }) => get()),
      ),
    sin: (args) => Math.sin(number(args[0])),
    cos: (args) => Math.cos(number(args[0])),
    atan2: (args) => Math.atan2(number(args[0]), number(args[1])),
    exp: (args) => Math.exp(number(args[0])),
    log: (args) => Math.log(number(args[0])),
    sqrt: (args) => Math.sqrt(number(args[0])),
    int: (args) => Math.trunc(number(args[0])),
    rand: random,
    srand: (args) => {
      const before = seed;
      seed = args[0] ? number(args[0]) : 1;
      state = Math.abs(Math.sin(seed * 12.9898 + 4.1414) * 43_758.5453) % 1;
      return before;
    },
    tolower: (args) => text(args[0]).toLowerCase(),
    toupper: (args) => text(args[0]).toUpperCase(),
    system: (args) => machine.system(text(args[0])),
    close: (args) => machine.close(text(args[0])),
    fflush: () => 0,
    systime: () => Math.floor(Date.now() / 1000),
    strftime: (args) =>
      strftime(
        args[0] ? text(args[0]) : '%a %b %d %H:%M:%S %Z %Y',
        args[1] ? number(args[1]) : Math.floor(Date.now() / 1000),
      ),
    and: (args) => bits(args, (a, b) => a & b),
    or: (args) => bits(args, (a, b) => a | b),
    xor: (args) => bits(args, (a, b) => a ^ b),
    lshift: (args) => bits(args, (a, b) => a << b),
    rshift: (args) => bits(args, (a, b) => a >> b),
  };
  return (name: string, args: Argument[]): Value => functions[name]?.(args);
}
