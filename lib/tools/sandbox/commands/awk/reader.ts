/** The words of a program as one reads them, and what its signs mean. */
import { Refusal } from '../kit.ts';
import type { Token } from './lexer.ts';

/** The words, and where one is in them. */
export function createReader(tokens: Token[]) {
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const is = (...texts: string[]): boolean =>
    ['sign', 'keyword', 'line'].includes(peek().kind) && texts.includes(peek().text);
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const take = (...texts: string[]): boolean => {
    if (!is(...texts)) return false;
    at += 1;
    return true;
  };
  const want = (text: string): void => {
    if (!take(text))
      throw new Refusal(
        `syntax error at or near ${JSON.stringify(peek().text)}: ${JSON.stringify(text)} was expected`,
        2,
      );
  };
  const skipLines = (): void => {
    while (take('\n'));
  };
  /** Whether the parenthesis that opens here closes at the end of what is to be printed. */
  const closesAll = (): boolean => {
    let level = 0;
    for (let ahead = 0; ; ahead++) {
      const { kind, text } = peek(ahead);
      if (kind === 'end') return false;
      if (kind === 'sign' && text === '(') level += 1;
      if (kind === 'sign' && text === ')') level -= 1;
      if (level > 0) continue;
      const after = peek(ahead + 1);
      return (
        after.kind === 'end' ||
        after.kind === 'line' ||
        (after.kind === 'sign' && [';', '}', '>', '>>', '|'].includes(after.text))
      );
    }
  };
  return { peek, is, next, take, want, skipLines, closesAll };
}
export type Reader = ReturnType<typeof createReader>;

export const BINARY: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => divided(a, b, a / b),
  '%': (a, b) => divided(a, b, a % b),
  '^': (a, b) => a ** b,
};
function divided(_: number, by: number, result: number): number {
  if (by === 0) throw new Refusal('division by zero', 2);
  return result;
}

/** What an order of two values means for a sign between them. */
export const ORDERS: Record<string, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};
