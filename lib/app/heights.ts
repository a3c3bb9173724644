/**
 * The heights of a long list's rows, of which only those on the screen were ever measured: a Fenwick tree, so that one more height or one
 * more row costs a few additions, and where a row stands is found without going through all before it.
 */
export type Heights = {
  count(): number;
  /** Rows at the end that have not been measured. */
  grow(count: number): void;
  /** False: it was so high before. */
  set(index: number, height: number): boolean;
  /** The pixels before the row; of `count()`, of all. */
  top(index: number): number;
  /** The row at this many pixels from the top. */
  at(pixels: number): number;
};

export function heights(guess: number): Heights {
  const rows: number[] = [];
  const tree: number[] = [0];
  const lowest = (i: number): number => i & -i;
  function top(index: number): number {
    let sum = 0;
    for (let i = index; i > 0; i -= lowest(i)) sum += tree[i]!;
    return sum;
  }
  return {
    count: () => rows.length,
    grow(count) {
      while (rows.length < count) {
        rows.push(guess);
        const i = rows.length;
        tree[i] = guess + top(i - 1) - top(i - lowest(i));
      }
    },
    set(index, height) {
      const more = height - rows[index]!;
      if (more === 0) return false;
      rows[index] = height;
      for (let i = index + 1; i <= rows.length; i += lowest(i)) tree[i]! += more;
      return true;
    },
    top,
    at(pixels) {
      let index = 0;
      let left = pixels;
      for (let step = 2 ** Math.floor(Math.log2(rows.length || 1)); step >= 1; step /= 2) {
        const next = index + step;
        if (next > rows.length || tree[next]! > left) continue;
        index = next;
        left -= tree[next]!;
      }
      return Math.min(index, Math.max(0, rows.length - 1));
    },
  };
}
