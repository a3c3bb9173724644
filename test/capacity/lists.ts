/** Lists of whole numbers, each in one of them at most: chained by arrays, so that millions may move from list to list at no cost. */
export type Lists = {
  /** To the end of that list, out of whichever it was in. */
  append(list: number, item: number): void;
  remove(item: number): void;
  /** The foremost, which stays there; -1: the list is empty. */
  first(list: number): number;
  /** All of one list to the end of another. */
  pour(from: number, to: number): void;
};

/** `items` and `lists` count from 0. Each list is a ring through a number of its own beyond the items. */
export const numberLists = (items: number, lists: number): Lists => {
  const next = Int32Array.from({ length: items + lists }, (_, i) => i);
  const previous = Int32Array.from(next);
  const join = (a: number, b: number): void => {
    next[a] = b;
    previous[b] = a;
  };
  const remove = (item: number): void => {
    join(previous[item]!, next[item]!);
    join(item, item);
  };
  return {
    remove,
    append(list, item) {
      remove(item);
      const ring = items + list;
      join(previous[ring]!, item);
      join(item, ring);
    },
    first(list) {
      const foremost = next[items + list]!;
      return foremost < items ? foremost : -1;
    },
    pour(from, to) {
      const [source, target] = [items + from, items + to];
      if (next[source] === source) return;
      join(previous[target]!, next[source]!);
      join(previous[source]!, target);
      join(source, source);
    },
  };
};
