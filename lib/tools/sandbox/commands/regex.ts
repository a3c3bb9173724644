/**
 * The regular expressions of POSIX and their GNU additions, as JavaScript's. One thing differs: of several alternatives the first that fits
 * is taken, not the longest.
 */
import { Refusal } from './kit.ts';

export type Syntax = 'basic' | 'extended' | 'awk';

const CLASSES: Record<string, string> = {
  ...{
    alpha: '\\p{L}',
    digit: '0-9',
    alnum: '\\p{L}\\p{N}',
    upper: '\\p{Lu}',
    lower: '\\p{Ll}',
    space: '\\s',
    blank: ' \\t',
  },
  ...{
    punct: '!-\\/:-@\\[-`\\{-~',
    cntrl: '\\x00-\\x1f\\x7f',
    print: '\\x20-\\x7e\\u{a0}-\\u{10ffff}',
    xdigit: '0-9A-Fa-f',
  },
  ...{ graph: '\\x21-\\x7e\\u{a1}-\\u{10ffff}' },
};
const SPECIAL = /[\\^$.*+?()[\]{}|/]/;
const literal = (sign: string): string => (SPECIAL.test(sign) ? `\\${sign}` : sign);
const inSet = (sign: string): string =>
  /[\\\]^[\-&!#%,:;<=>@`~|{}()/.$*+?]/.test(sign) && /[\\\]^[\-/|{}().$*+?]/.test(sign) ? `\\${sign}` : sign;
const CONTROL: Record<string, string> = { n: '\\n', t: '\\t', r: '\\r', f: '\\f', v: '\\v', a: '\\x07' };

/** A set in brackets from `at`, which is behind the `[`: its translation, and where it ends. */
function setFrom(pattern: string, start: number, syntax: Syntax): { set: string; end: number } {
  let at = start;
  let set = '[';
  if (pattern[at] === '^') {
    set += '^';
    at++;
  }
  for (let first = true; ; first = false) {
    const sign = pattern[at];
    if (sign === undefined) throw new Refusal('Unmatched [, [^, [:, [., or [=', 2);
    if (sign === ']' && !first) return { set: `${set}]`, end: at + 1 };
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    if (named) {
      const members = CLASSES[named[1] ?? ''];
      if (members === undefined) throw new Refusal('Invalid character class name', 2);
      set += members;
      at += named[0].length;
      continue;
    }
    if (
      sign === '\\' &&
      (syntax === 'awk' || /[nt\]\\]/.test(pattern[at + 1] ?? '')) &&
      (syntax === 'awk' || /[nt]/.test(pattern[at + 1] ?? ''))
    ) {
      const next = pattern[at + 1] ?? '\\';
      set += CONTROL[next] ?? inSet(next);
      at += 2;
      continue;
    }
    if (sign === '-' && !first && pattern[at + 1] !== ']' && set !== '[^') set += '-';
    else set += inSet(sign);
    at += sign.length;
  }
}

/** The source of the same expression in JavaScript, for the flags `u` and `s`. */
export function translated(pattern: string, syntax: Syntax): string {
  const basic = syntax === 'basic';
  let out = '';
  /** Nothing stands before that could be repeated. */
  let fresh = true;
  const signs = [...pattern];
  const text = signs.join('');
  const add = (piece: string) => {
    out += piece;
    fresh = false;
  };
  const open = (piece: string) => {
    out += piece;
    fresh = true;
  };
  for (let at = 0; at < text.length; ) {
    const sign = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const next = text[at + 1] ?? '';
    if (sign === '[') {
      const { set, end } = setFrom(text, at + 1, syntax);
      add(set);
      at = end;
      continue;
    }
    if (sign === '\\') {
      at += 2;
      if (next === '') throw new Refusal('Trailing backslash', 2);
      if (basic && next === '(') open('(');
      else if (basic && next === ')') add(')');
      else if (basic && next === '|') open('|');
      else if (basic && (next === '+' || next === '?')) add(next);
      else if (basic && next === '{') {
        const end = text.indexOf('\\}', at);
        if (end < 0) throw new Refusal('Unmatched \\{', 2);
        add(bounds(text.slice(at, end)));
        at = end + 2;
      } else if (/[1-9]/.test(next)) add(`(?:\\${next})`);
      else if (next === '<') out += '\\b(?=\\w)';
      else if (next === '>') out += '\\b(?<=\\w)';
      else if (next === '`') out += '^';
      else if (next === "'") out += '$';
      else if (/[wWsSbB]/.test(next) && !(syntax === 'awk' && next === 'b')) add(`\\${next}`);
      else if (CONTROL[next]) add(CONTROL[next]);
      else add(literal(next));
      continue;
    }
    at += sign.length;
    if (sign === '.') add('.');
    else if (sign === '*') fresh ? add('\\*') : add('*');
    else if (sign === '^' && basic && !fresh) add('\\^');
    else if (sign === '^') out += '^';
    else if (sign === '$') {
      const ends = next === '' || (basic ? /^\\[)|]/.test(text.slice(at)) : true);
      ends ? add('$') : add('\\$');
    } else if (basic) add(literal(sign));
    else if (sign === '(') open('(');
    else if (sign === ')') add(/\(/.test(out) ? ')' : '\\)');
    else if (sign === '|') open('|');
    else if (sign === '+' || sign === '?') fresh ? add(`\\${sign}`) : add(sign);
    else if (sign === '{') {
      const [all, inner] = /^(\d*,?\d*)\}/.exec(text.slice(at)) ?? [];
      if (all !== undefined && inner !== '' && inner !== ',' && !fresh) {
        add(bounds(inner ?? ''));
        at += all.length;
      } else add('\\{');
    } else add(literal(sign));
  }
  // Two in a row mean the same as one.
  return out.replace(/(?<!\\)([*+?])\1+/g, '$1');
}

const bounds = (inner: string): string => `{${inner.startsWith(',') ? `0${inner}` : inner}}`;

export const regexOf = (pattern: string, syntax: Syntax, flags = ''): RegExp =>
  compiled(translated(pattern, syntax), flags);

/** Perl's expressions are nearly JavaScript's. */
export function perlOf(pattern: string, flags = ''): RegExp {
  const caseless = pattern.startsWith('(?i)');
  return compiled(
    (caseless ? pattern.slice(4) : pattern)
      .replaceAll('\\h', '[ \\t]')
      .replace(/\(\?P</g, '(?<')
      .replace(/^(.*)\\K/s, '(?<=$1)')
      .replace(/\\([:"'#@!%&,;<=>~`_ -])/g, (_, sign) => (sign === '-' ? '\\-' : sign)),
    flags + (caseless ? 'i' : ''),
  );
}

function compiled(source: string, flags: string): RegExp {
  const all = [...new Set(`${flags}us`)].join('');
  try {
    return new RegExp(source, all);
  } catch {
    try {
      return new RegExp(source, all.replace('u', ''));
    } catch (error) {
      throw new Refusal(`invalid regular expression: ${error instanceof Error ? error.message : error}`, 2);
    }
  }
}
