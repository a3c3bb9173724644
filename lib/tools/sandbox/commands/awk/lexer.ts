/** Words of an awk program. */
import { Refusal } from '../kit.ts';

export type Token = {
  kind: 'number' | 'text' | 'regex' | 'name' | 'call' | 'keyword' | 'builtin' | 'sign' | 'line' | 'end';
  text: string;
  value?: number;
};

const KEYWORDS = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf'.split(
    ' ',
  ),
);
export const BUILTINS = new Set(
  'length substr index split sub gsub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush gensub strftime systime and or xor lshift rshift'.split(
    ' ',
  ),
);
const SIGNS = /^(?:\*\*=|\|\||&&|\+\+|--|\+=|-=|\*=|\/=|%=|\^=|\*\*|==|<=|>=|!=|!~|>>|[-{}()[\];,+*/%^!<>|?:~$=&])/;
const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** What `\n` and its like stand for in a text. A `\` before another sign stays, since it may mean something to an expression. */
export const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (all, sign: string) => {
    if (/^[0-7]+$/.test(sign)) return String.fromCharCode(Number.parseInt(sign, 8));
    if (/^x./.test(sign)) return String.fromCharCode(Number.parseInt(sign.slice(1), 16));
    if (sign === '\n') return '';
    return ESCAPES[sign] ?? all;
  });

/** After these a `/` divides; elsewhere it begins an expression. */
const ends = (token: Token | undefined): boolean =>
  token !== undefined &&
  (['number', 'text', 'name', 'regex'].includes(token.kind) ||
    [')', ']', '$', '++', '--'].includes(token.text) ||
    (token.kind === 'builtin' && token.text === 'length'));

export function tokensOf(program: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < program.length) {
    const rest = program.slice(at, at + 4096);
    const blank = /^(?:[ \t\r]+|\\\r?\n|#[^\n]*)/.exec(rest)?.[0];
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const sign = program[at] ?? '';
    if (sign === '\n') {
      tokens.push({ kind: 'line', text: '\n' });
      at += 1;
      continue;
    }
    if (sign === '"') {
      const [all, inner = ''] = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(program.slice(at)) ?? [];
      if (all === undefined) throw new Refusal('a text without its closing quote', 2);
      tokens.push({ kind: 'text', text: unescaped(inner) });
      at += all.length;
      continue;
    }
    if (sign === '/' && !ends(tokens.at(-1))) {
      const [all, inner = ''] =
        /^\/((?:[^/\\\n[]|\\.|\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\])*)\//.exec(program.slice(at)) ?? [];
      if (all === undefined) throw new Refusal('a regular expression without its closing /', 2);
      tokens.push({ kind: 'regex', text: inner.replaceAll('\\/', '/') });
      at += all.length;
      continue;
    }
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/.exec(rest)?.[0];
    if (number !== undefined) {
      tokens.push({ kind: 'number', text: number, value: Number(number) });
      at += number.length;
      continue;
    }
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (name !== undefined) {
      at += name.length;
      const kind = KEYWORDS.has(name)
        ? 'keyword'
        : BUILTINS.has(name)
          ? 'builtin'
          : program[at] === '('
            ? 'call'
            : 'name';
      tokens.push({ kind, text: name });
      continue;
    }
    const found = SIGNS.exec(rest)?.[0];
    if (found === undefined) throw new Refusal(`syntax error at '${sign}'`, 2);
    tokens.push({ kind: 'sign', text: found === '**' ? '^' : found === '**=' ? '^=' : found });
    at += found.length;
  }
  tokens.push({ kind: 'end', text: 'the end of the program' });
  return tokens;
}
