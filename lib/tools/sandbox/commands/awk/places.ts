/** What can be assigned to: variables, elements of arrays, fields; and what is counted up or down in them. */
import { Refusal } from '../kit.ts';
import type { Argument as Expression } from './builtins.ts';
import { arrayOf, type Machine } from './machine.ts';
import { type Cell, toNumber } from './values.ts';

export function createPlaces(machine: Machine) {
  const { convert } = machine;
  const number = (one: Expression) => toNumber(one.get());
  const place = (cell: () => Cell): Expression => ({
    cell,
    get: () => {
      const { value } = cell();
      if (value instanceof Map) throw new Refusal('an array is used as a value', 2);
      return value;
    },
    set: (value) => {
      cell().value = value;
    },
  });
  const keyOf = (indices: Expression[]) => () =>
    indices.map(({ get }) => convert(get())).join(indices.length > 1 ? machine.special('SUBSEP') : '');
  const element = (array: Expression, indices: Expression[]): Expression => {
    const key = keyOf(indices);
    const map = () => arrayOf((array.cell as () => Cell)());
    return {
      get: () => {
        const [all, name] = [map(), key()];
        if (!all.has(name)) all.set(name, undefined);
        return all.get(name);
      },
      set: (value) => void map().set(key(), value),
    };
  };
  const fieldAt = (at: Expression): Expression => ({
    get: () => machine.field(number(at)),
    set: (value) => machine.setField(number(at), value),
  });

  const stepped = (one: Expression, by: number, before: boolean): Expression => ({
    get: () => {
      const was = number(one);
      one.set?.(was + by);
      return before ? was + by : was;
    },
  });

  const negated = (one: Expression, sign: number): Expression => ({ get: () => sign * number(one) });

  return { place, keyOf, element, fieldAt, stepped, negated };
}
