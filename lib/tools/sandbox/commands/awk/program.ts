/** A whole program of awk: statements, rules and functions, and how they are played. */
import { Refusal } from '../kit.ts';
import { createExpressions, type Expression, type Routine, type Scope } from './expressions.ts';
import { tokensOf } from './lexer.ts';
import { arrayOf, type Machine } from './machine.ts';
import { createReader } from './reader.ts';
import { type Cell, formatted, isTrue, toNumber, toText, type Value } from './values.ts';

/** How a statement ended: by itself, or by one of these. */
type Way = 'on' | 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return';
type Statement = () => Way;
type Rule = { from: Expression | null; to: Expression | null; body: Statement; open: boolean };

const ON: Statement = () => 'on';
/** A statement that always goes on. */
const plain =
  (act: () => unknown): Statement =>
  () => {
    act();
    return 'on';
  };

export function played(source: string, machine: Machine): number {
  const reader = createReader(tokensOf(source));
  const { peek, is, next, take, want, skipLines, closesAll } = reader;
  const functions = new Map<string, Routine>();
  const { expression, list, variable, lvalue, concatenated, giveBack } = createExpressions(reader, machine, functions);
  let status = 0;

  const ended = (): void => {
    if (take(';', '\n')) skipLines();
    else if (!is('}') && peek().kind !== 'end')
      throw new Refusal(`syntax error at or near ${JSON.stringify(peek().text)}`, 2);
  };
  const block = (scope: Scope): Statement => {
    want('{');
    const statements: Statement[] = [];
    skipLines();
    while (!is('}')) {
      if (peek().kind === 'end') throw new Refusal('syntax error: a } is missing', 2);
      statements.push(statement(scope));
      while (take(';', '\n'));
    }
    want('}');
    return () => {
      for (const one of statements) {
        const way = one();
        if (way !== 'on') return way;
      }
      return 'on';
    };
  };

  const destination = (scope: Scope) => {
    if (!is('>', '>>', '|')) return null;
    const kind = next().text as '>' | '>>' | '|';
    const name = concatenated(scope);
    return () => ({ kind, name: machine.convert(name.get()) });
  };
  const shown = (value: Value): string => toText(value, machine.special('OFMT'));
  const print = (scope: Scope, isFormat: boolean): Statement => {
    const bare = is(';', '\n', '}', '>', '>>', '|') || peek().kind === 'end';
    const args = bare ? [] : arguments_(scope);
    const to = destination(scope);
    ended();
    return () => {
      const values = args.map(({ get }) => get());
      const text = isFormat
        ? formatted(machine.convert(values[0]), values.slice(1))
        : (values.length === 0 ? machine.convert(machine.field(0)) : values.map(shown).join(machine.special('OFS'))) +
          machine.special('ORS');
      machine.write(text, to?.() ?? null);
      return 'on';
    };
  };
  /** What is to be printed, with or without parentheses around all of it. */
  const arguments_ = (scope: Scope): Expression[] => {
    if (is('(') && closesAll()) {
      next();
      const all = list(scope, ')');
      want(')');
      return all;
    }
    const all = [expression(scope, { noGreater: true })];
    while (take(',')) {
      skipLines();
      all.push(expression(scope, { noGreater: true }));
    }
    return all;
  };
  const simple = (scope: Scope): Statement => {
    if (take('delete')) {
      const array = variable(next().text, scope);
      const map = () => arrayOf((array.cell as () => Cell)());
      if (!take('[')) return plain(() => map().clear());
      const indices = list(scope, ']');
      want(']');
      return plain(() =>
        map().delete(indices.map(({ get }) => machine.convert(get())).join(machine.special('SUBSEP'))),
      );
    }
    const one = expression(scope);
    return plain(one.get);
  };

  const loop =
    (test: Expression | null, step: Statement, body: Statement, testFirst = true): Statement =>
    () => {
      for (let first = true; ; first = false) {
        if ((testFirst || !first) && test !== null && !isTrue(test.get())) return 'on';
        machine.patience();
        const way = body();
        if (way === 'break') return 'on';
        if (way !== 'on' && way !== 'continue') return way;
        step();
      }
    };
  const body = (scope: Scope): Statement => {
    skipLines();
    return take(';') ? ON : statement(scope);
  };
  const forLoop = (scope: Scope): Statement => {
    want('(');
    if (peek().kind === 'name' && peek(1).text === 'in' && peek(3).text === ')') {
      const target = lvalue(scope);
      next();
      const array = variable(next().text, scope);
      want(')');
      const inner = body(scope);
      return () => {
        for (const key of [...arrayOf((array.cell as () => Cell)()).keys()]) {
          target.set?.(/^-?\d+$/.test(key) ? { text: key, number: Number(key) } : key);
          const way = inner();
          if (way === 'break') break;
          if (way !== 'on' && way !== 'continue') return way;
        }
        return 'on';
      };
    }
    const start = is(';') ? ON : simple(scope);
    want(';');
    skipLines();
    const test = is(';') ? null : expression(scope);
    want(';');
    skipLines();
    const step = is(')') ? ON : simple(scope);
    want(')');
    const round = loop(test, step, body(scope));
    return () => {
      start();
      return round();
    };
  };

  const statement = (scope: Scope): Statement => {
    if (is('{')) return block(scope);
    if (take('if')) {
      want('(');
      const test = expression(scope);
      want(')');
      const yes = body(scope);
      while (is(';', '\n') && ahead('else')) next();
      const no = take('else') ? body(scope) : ON;
      return () => (isTrue(test.get()) ? yes() : no());
    }
    if (take('while')) {
      want('(');
      const test = expression(scope);
      want(')');
      return loop(test, ON, body(scope));
    }
    if (take('do')) {
      const inner = body(scope);
      skipLines();
      while (take(';', '\n'));
      want('while');
      want('(');
      const test = expression(scope);
      want(')');
      ended();
      return loop(test, ON, inner, false);
    }
    if (take('for')) return forLoop(scope);
    if (take('print')) return print(scope, false);
    if (take('printf')) return print(scope, true);
    for (const way of ['break', 'continue', 'next', 'nextfile'] as const) {
      if (!take(way)) continue;
      ended();
      return () => way;
    }
    if (is('exit', 'return')) {
      const way = next().text as 'exit' | 'return';
      const value = is(';', '\n', '}') || peek().kind === 'end' ? null : expression(scope);
      ended();
      return () => {
        if (way === 'return') giveBack(value?.get());
        else if (value) status = toNumber(value.get()) & 0xff;
        return way;
      };
    }
    const one = simple(scope);
    ended();
    return one;
  };
  const ahead = (text: string): boolean => {
    let at = 0;
    while ([';', '\n'].includes(peek(at).text) && peek(at).kind !== 'text') at++;
    return peek(at).kind === 'keyword' && peek(at).text === text;
  };

  const begin: Statement[] = [];
  const end: Statement[] = [];
  const rules: Rule[] = [];
  const none: Scope = { parameters: [] };
  const define = (): void => {
    const name = next().text;
    want('(');
    const parameters: string[] = [];
    skipLines();
    while (!is(')')) {
      parameters.push(next().text);
      skipLines();
      take(',');
      skipLines();
    }
    want(')');
    skipLines();
    const made: Routine = { parameters, body: null };
    functions.set(name, made);
    const inner = block({ parameters });
    made.body = () => {
      if (inner() === 'exit') throw new Left();
    };
  };
  for (;;) {
    while (take(';', '\n'));
    if (peek().kind === 'end') break;
    if (take('function', 'func')) define();
    else if (take('BEGIN')) begin.push(block(none));
    else if (take('END')) end.push(block(none));
    else {
      const from = is('{') ? null : expression(none);
      if (from && take(',')) skipLines();
      const to = from && !is('{', '\n', ';') && peek().kind !== 'end' ? expression(none) : null;
      const printed = plain(() => machine.write(machine.convert(machine.field(0)) + machine.special('ORS'), null));
      rules.push({ from, to, body: is('{') ? block(none) : printed, open: false });
    }
  }

  const applies = (rule: Rule): boolean => {
    if (rule.from === null) return true;
    if (rule.to === null) return isTrue(rule.from.get());
    if (!rule.open && !isTrue(rule.from.get())) return false;
    rule.open = !isTrue(rule.to.get());
    return true;
  };
  /** Whether the program goes on to its END. */
  const all = (statements: Statement[]): boolean => statements.every((one) => one() !== 'exit');
  const main = (): boolean => {
    if (!all(begin)) return false;
    if (rules.length === 0 && end.length === 0) return true;
    for (let record = machine.nextRecord(); record !== null; record = machine.nextRecord()) {
      machine.setRecord(record);
      for (const rule of rules) {
        const way = applies(rule) ? rule.body() : 'on';
        if (way === 'exit') return true;
        if (way === 'nextfile') machine.skipFile();
        if (way === 'next' || way === 'nextfile') break;
      }
    }
    return true;
  };
  try {
    reached(main);
    reached(() => all(end));
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal('the program goes too deep', 2);
    throw error;
  }
  return status;
}

/** Whether the program goes on to its END; `exit` within a function goes there, too. */
function reached(run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    if (error instanceof Left) return true;
    throw error;
  }
}

/** `exit` within a function: it leaves all that called it. */
class Left extends Error {
  override name = 'Left';
}
