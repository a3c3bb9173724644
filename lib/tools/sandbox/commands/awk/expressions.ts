/** Expressions of awk: read from the words of a program into functions that give their value. */
import { Refusal } from '../kit.ts';
import { type Argument, createBuiltins } from './builtins.ts';
import { arrayOf, type Machine } from './machine.ts';
import { createPlaces } from './places.ts';
import { BINARY, ORDERS, type Reader } from './reader.ts';
import { type Cell, compared, fromOutside, isTrue, toNumber, type Value } from './values.ts';

export type Expression = Argument;
export type Routine = { parameters: string[]; body: (() => void) | null };
export type Scope = { parameters: string[] };

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^='];
const MOST_DEPTH = 1000;

export function createExpressions(reader: Reader, machine: Machine, functions: Map<string, Routine>) {
  const { peek, is, next, take, want, skipLines } = reader;
  const { convert } = machine;
  const builtin = createBuiltins(machine, convert);
  let frame: Cell[] = [];
  let depth = 0;
  let returned: Value;
  const number = (one: Expression) => toNumber(one.get());
  const constant = (value: Value): Expression => ({ get: () => value });
  const truth = (value: boolean): number => (value ? 1 : 0);

  const { place, keyOf, element, fieldAt, stepped, negated } = createPlaces(machine);
  const variable = (name: string, scope: Scope): Expression => {
    const index = scope.parameters.indexOf(name);
    if (index >= 0) return place(() => frame[index] as Cell);
    if (name === 'NF') return { get: () => machine.getNF(), set: (value) => machine.setNF(toNumber(value)) };
    const cell = machine.cell(name);
    return place(() => cell);
  };
  type Mode = { noIn?: boolean; noGreater?: boolean };

  const list = (scope: Scope, end: string, mode: Mode = {}): Expression[] => {
    const all: Expression[] = [];
    skipLines();
    while (!is(end)) {
      all.push(expression(scope, mode));
      skipLines();
      if (!take(',')) break;
      skipLines();
    }
    return all;
  };

  const call = (name: string, args: Expression[]): Value => {
    const target = functions.get(name);
    if (!target?.body) throw new Refusal(`function ${name} is not defined`, 2);
    if (depth >= MOST_DEPTH) throw new Refusal(`function ${name} calls itself too deeply`, 2);
    const cells = target.parameters.map((_, at): Cell => {
      const given = args[at];
      const held = given?.cell?.();
      if (held?.value instanceof Map) return held;
      if (held && held.value === undefined) return { value: undefined, origin: held };
      return { value: given?.get() };
    });
    const before = frame;
    frame = cells;
    depth += 1;
    machine.patience();
    returned = undefined;
    try {
      target.body();
      return returned;
    } finally {
      frame = before;
      depth -= 1;
      returned = undefined;
    }
  };

  const getline = (scope: Scope, from: { kind: 'file' | 'command'; name: Expression } | null): Expression => {
    const target = is('$') || peek().kind === 'name' ? lvalue(scope) : null;
    const source = from ?? (take('<') ? { kind: 'file' as const, name: concatenated(scope, true) } : null);
    return {
      get: () => {
        const one =
          source === null ? (machine.nextRecord() ?? 0) : machine.readFrom(source.kind, convert(source.name.get()));
        if (typeof one === 'number') return one;
        if (source !== null && target === null && source.kind === 'command')
          machine.cell('NR').value = toNumber(machine.cell('NR').value as Value) + 1;
        if (target?.set) target.set(fromOutside(one));
        else machine.setRecord(one);
        return 1;
      },
    };
  };

  const lvalue = (scope: Scope): Expression => {
    if (take('$')) return fieldAt(take('++') ? stepped(primary(scope), 1, true) : primary(scope));
    const name = next().text;
    const base = variable(name, scope);
    if (!take('[')) return base;
    const indices = list(scope, ']');
    want(']');
    return element(base, indices);
  };

  const primary = (scope: Scope): Expression => {
    const token = peek();
    if (token.kind === 'number') return constant(next().value);
    if (token.kind === 'text') return constant(next().text);
    if (token.kind === 'regex') {
      const source = next().text;
      const found = machine.regex(source);
      return {
        regex: source,
        get: () => {
          found.lastIndex = 0;
          return truth(found.test(convert(machine.field(0))));
        },
      };
    }
    if (token.kind === 'call') {
      const name = next().text;
      want('(');
      const args = list(scope, ')');
      want(')');
      return { get: () => call(name, args) };
    }
    if (token.kind === 'builtin') {
      const name = next().text;
      const args = take('(') ? list(scope, ')') : null;
      if (args !== null) want(')');
      return { get: () => builtin(name, args ?? []) };
    }
    if (take('(')) {
      const all = list(scope, ')');
      want(')');
      if (all.length === 1) return { get: (all[0] as Expression).get };
      want('in');
      const array = variable(next().text, scope);
      const key = keyOf(all);
      return { get: () => truth(arrayOf((array.cell as () => Cell)()).has(key())) };
    }
    if (take('-')) return negated(power(scope), -1);
    if (take('+')) return negated(power(scope), 1);
    if (take('!')) {
      const one = power(scope);
      return { get: () => truth(!isTrue(one.get())) };
    }
    if (is('++', '--')) {
      const by = next().text === '++' ? 1 : -1;
      return stepped(lvalue(scope), by, true);
    }
    if (is('getline')) {
      next();
      return getline(scope, null);
    }
    if (token.kind !== 'name' && !is('$'))
      throw new Refusal(`syntax error at or near ${JSON.stringify(token.text)}`, 2);
    const one = lvalue(scope);
    if (is('++', '--')) return stepped(one, next().text === '++' ? 1 : -1, false);
    return one;
  };
  const power = (scope: Scope): Expression => {
    const base = primary(scope);
    if (!take('^')) return base;
    const exponent = unary(scope);
    return { get: () => number(base) ** number(exponent) };
  };
  const unary = (scope: Scope): Expression => {
    if (take('-')) return negated(unary(scope), -1);
    if (take('+')) return negated(unary(scope), 1);
    if (take('!')) {
      const one = unary(scope);
      return { get: () => truth(!isTrue(one.get())) };
    }
    return power(scope);
  };
  const chain = (inner: (scope: Scope) => Expression, signs: string[]) => (scope: Scope) => {
    let left = inner(scope);
    while (is(...signs)) {
      const apply = BINARY[next().text] as (a: number, b: number) => number;
      const [a, b] = [left, inner(scope)];
      left = { get: () => apply(number(a), number(b)) };
    }
    return left;
  };
  const sum = chain(chain(unary, ['*', '/', '%']), ['+', '-']);

  const begins = (): boolean => {
    const { kind, text } = peek();
    return (
      ['number', 'text', 'name', 'call', 'builtin'].includes(kind) ||
      (kind === 'sign' && ['$', '!', '(', '-', '+', '++', '--'].includes(text))
    );
  };
  const concatenated = (scope: Scope, single = false): Expression => {
    let left = single ? primary(scope) : sum(scope);
    while (!single && begins() && !is('in')) {
      const [a, b] = [left, sum(scope)];
      left = {
        get: () => {
          const [first, second] = [convert(a.get()), convert(b.get())];
          machine.patience(first.length + second.length);
          return first + second;
        },
      };
    }
    return left;
  };

  const comparison = (scope: Scope, mode: Mode): Expression => {
    const left = concatenated(scope);
    if (!is('<', '<=', '==', '!=', '>=') && !(is('>') && !mode.noGreater)) return left;
    const sign = next().text;
    const right = concatenated(scope);
    const test = ORDERS[sign] as (order: number) => boolean;
    return { get: () => truth(test(compared(left.get(), right.get(), machine.special('CONVFMT')))) };
  };
  const piped = (scope: Scope, mode: Mode): Expression => {
    let left = comparison(scope, mode);
    while (is('|') && peek(1).text === 'getline') {
      next();
      next();
      const command = left;
      left = getline(scope, { kind: 'command', name: command });
    }
    return left;
  };
  const matched = (scope: Scope, mode: Mode): Expression => {
    let left = piped(scope, mode);
    while (is('~', '!~')) {
      const wanted = next().text === '~';
      const [subject, pattern] = [left, piped(scope, mode)];
      left = {
        get: () => {
          const found = machine.regex(pattern.regex ?? convert(pattern.get()));
          found.lastIndex = 0;
          return truth(found.test(convert(subject.get())) === wanted);
        },
      };
    }
    return left;
  };
  const membership = (scope: Scope, mode: Mode): Expression => {
    let left = matched(scope, mode);
    while (!mode.noIn && take('in')) {
      const key = left;
      const array = variable(next().text, scope);
      left = { get: () => truth(arrayOf((array.cell as () => Cell)()).has(convert(key.get()))) };
    }
    return left;
  };
  const both = (scope: Scope, mode: Mode): Expression => {
    let left = membership(scope, mode);
    while (take('&&')) {
      skipLines();
      const [a, b] = [left, membership(scope, mode)];
      left = { get: () => truth(isTrue(a.get()) && isTrue(b.get())) };
    }
    return left;
  };
  const either = (scope: Scope, mode: Mode): Expression => {
    let left = both(scope, mode);
    while (take('||')) {
      skipLines();
      const [a, b] = [left, both(scope, mode)];
      left = { get: () => truth(isTrue(a.get()) || isTrue(b.get())) };
    }
    return left;
  };

  const expression = (scope: Scope, mode: Mode = {}): Expression => {
    const left = either(scope, mode);
    if (take('?')) {
      skipLines();
      const yes = expression(scope, mode);
      skipLines();
      want(':');
      skipLines();
      const no = expression(scope, mode);
      return { get: () => (isTrue(left.get()) ? yes : no).get() };
    }
    if (!left.set || !is(...ASSIGNMENTS)) return left;
    const sign = next().text;
    skipLines();
    const right = expression(scope, mode);
    const apply = BINARY[sign.slice(0, -1)];
    return {
      get: () => {
        const value = apply ? apply(number(left), number(right)) : right.get();
        left.set?.(value);
        return value;
      },
    };
  };

  const giveBack = (value: Value) => {
    returned = value;
  };
  return { expression, list, variable, lvalue, concatenated, giveBack };
}
export type Expressions = ReturnType<typeof createExpressions>;
