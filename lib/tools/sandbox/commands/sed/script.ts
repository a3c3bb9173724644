/** A script of sed, read into commands. */
import { Refusal } from '../kit.ts';
import { regexOf, type Syntax } from '../regex.ts';

export type Address =
  | { kind: 'line'; at: number }
  | { kind: 'last' }
  | { kind: 'step'; from: number; by: number }
  | { kind: 'regex'; regex: RegExp | null }
  | { kind: 'more'; count: number }
  | { kind: 'multiple'; of: number };
export type Command = {
  name: string;
  from: Address | null;
  to: Address | null;
  negated: boolean;
  /** Of `a`, `i`, `c`: the text; of `:`, `b`, `t`, `T`: the label; of `r`, `w`: the file; of `q`, `Q`, `l`: the number. */
  text: string;
  /** Of `{`: where it is closed. */
  end: number;
  substitution: Substitution | null;
  translation: Map<string, string> | null;
};
export type Substitution = {
  regex: RegExp | null;
  template: string;
  global: boolean;
  nth: number;
  print: boolean;
  file: string | null;
};

const wrong = (what: string): Refusal => new Refusal(`-e expression #1: ${what}`, 1);

export function scriptOf(source: string, syntax: Syntax): Command[] {
  let at = 0;
  const commands: Command[] = [];
  const open: number[] = [];
  const skip = (pattern: RegExp) => {
    at += pattern.exec(source.slice(at))?.[0].length ?? 0;
  };
  const upTo = (delimiter: string, inExpression: boolean): string => {
    let text = '';
    for (let inSet = false; ; at++) {
      const sign = source[at];
      if (sign === undefined) throw wrong('unterminated command');
      if (sign === '\\') {
        const next = source[at + 1] ?? '';
        at += 1;
        // The delimiter itself, or the newline, loses its backslash.
        text += next === delimiter ? (inExpression && /[|+?(){}]/.test(next) ? `\\${next}` : next) : `\\${next}`;
        continue;
      }
      if (inExpression && sign === '[' && !inSet) {
        inSet = true;
        const [start] = /^\[\^?\]?/.exec(source.slice(at)) ?? ['['];
        text += start;
        at += start.length - 1;
        continue;
      }
      if (inSet && sign === ']') inSet = false;
      if (sign === delimiter && !inSet) {
        at += 1;
        return text;
      }
      text += sign;
    }
  };
  const expression = (text: string, flags: string): RegExp | null =>
    text === '' ? null : regexOf(text, syntax, flags);
  const address = (): Address | null => {
    const number = /^\d+/.exec(source.slice(at))?.[0];
    if (number !== undefined) {
      at += number.length;
      const step = /^\s*~\s*(\d+)/.exec(source.slice(at));
      if (!step) return { kind: 'line', at: Number(number) };
      at += step[0].length;
      return { kind: 'step', from: Number(number), by: Number(step[1]) };
    }
    const sign = source[at];
    if (sign === '$') {
      at += 1;
      return { kind: 'last' };
    }
    const relative = /^([+~])(\d+)/.exec(source.slice(at));
    if (relative) {
      at += relative[0].length;
      return relative[1] === '+'
        ? { kind: 'more', count: Number(relative[2]) }
        : { kind: 'multiple', of: Number(relative[2]) };
    }
    if (sign !== '/' && sign !== '\\') return null;
    const delimiter = sign === '/' ? '/' : (source[at + 1] ?? '/');
    at += sign === '/' ? 1 : 2;
    const text = upTo(delimiter, true);
    const flags = /^[IM]*/.exec(source.slice(at))?.[0] ?? '';
    at += flags.length;
    return { kind: 'regex', regex: expression(text, `g${flags.toLowerCase()}`) };
  };
  const line = (): string => {
    const end = source.indexOf('\n', at);
    const text = source.slice(at, end < 0 ? source.length : end);
    at += text.length;
    return text.trim();
  };
  const label = (): string => {
    skip(/^[ \t]*/);
    const text = /^[^;\n}]*/.exec(source.slice(at))?.[0] ?? '';
    at += text.length;
    return text.trim();
  };
  /** Text of `a`, `i` and `c`: on the same line, or behind a backslash on the next ones. */
  const text = (): string => {
    skip(/^[ \t]*/);
    if (/^\\[ \t]*\n/.test(source.slice(at))) skip(/^\\[ \t]*\n/);
    else if (source[at] === '\\') at += 1;
    let out = '';
    for (; at < source.length && source[at] !== '\n'; at++) {
      if (source[at] === '\\' && at + 1 < source.length) at += 1;
      out += source[at];
    }
    return `${out}\n`;
  };
  const substitution = (): Substitution => {
    const delimiter = source[at] ?? '';
    if (delimiter === '' || delimiter === '\n' || delimiter === '\\') throw wrong('unterminated `s` command');
    at += 1;
    const pattern = upTo(delimiter, true);
    const template = upTo(delimiter, false);
    const made: Substitution = { regex: null, template, global: false, nth: 1, print: false, file: null };
    let flags = 'g';
    for (;;) {
      const sign = /^(?:\d+|[gpiIemM])/.exec(source.slice(at))?.[0];
      if (sign === undefined) break;
      at += sign.length;
      if (sign === 'g') made.global = true;
      else if (sign === 'p') made.print = true;
      else if (sign === 'i' || sign === 'I') flags += 'i';
      else if (sign === 'm' || sign === 'M') flags += 'm';
      else if (sign === 'e') throw wrong('the flag e is not there');
      else made.nth = Number(sign);
    }
    if (source[at] === 'w') {
      at += 1;
      made.file = line();
    }
    made.regex = expression(pattern, flags);
    return made;
  };
  const translation = (): Map<string, string> => {
    const delimiter = source[at] ?? '/';
    at += 1;
    const plain = (one: string) => [...one.replace(/\\(n|\\|[^n\\])/g, (_, sign) => (sign === 'n' ? '\n' : sign))];
    const [from, to] = [plain(upTo(delimiter, false)), plain(upTo(delimiter, false))];
    if (from.length !== to.length) throw wrong('strings for `y` command are different lengths');
    return new Map(from.map((sign, i) => [sign, to[i] ?? '']));
  };

  for (;;) {
    skip(/^(?:[\s;]|#[^\n]*)*/);
    if (at >= source.length) break;
    const made: Command = {
      name: '',
      from: address(),
      to: null,
      negated: false,
      text: '',
      end: 0,
      substitution: null,
      translation: null,
    };
    skip(/^[ \t]*/);
    if (made.from && source[at] === ',') {
      at += 1;
      skip(/^[ \t]*/);
      made.to = address();
      if (made.to === null) throw wrong("unexpected `,'");
    }
    skip(/^[ \t]*/);
    while (source[at] === '!') {
      made.negated = true;
      at += 1;
      skip(/^[ \t]*/);
    }
    made.name = source[at] ?? '';
    at += 1;
    if (made.name === '{') open.push(commands.length);
    else if (made.name === '}') {
      const start = open.pop();
      if (start === undefined) throw wrong("unexpected `}'");
      (commands[start] as Command).end = commands.length;
    } else if (made.name === 's') made.substitution = substitution();
    else if (made.name === 'y') made.translation = translation();
    else if ('aic'.includes(made.name)) made.text = text();
    else if (':btT'.includes(made.name)) made.text = label();
    else if ('rRwW'.includes(made.name)) made.text = line();
    else if ('qQlL'.includes(made.name)) made.text = label();
    else if (!'=dDgGhHnNpPxzF'.includes(made.name) || made.name === '')
      throw wrong(made.name === '' ? 'missing command' : `unknown command: \`${made.name}'`);
    commands.push(made);
    skip(/^[ \t]*/);
    if (!'{}aic:btTrRwW'.includes(made.name) && at < source.length && !/[;\n}#]/.test(source[at] ?? ''))
      throw wrong('extra characters after command');
  }
  if (open.length > 0) throw wrong("unmatched `{'");
  return commands;
}
