/** FNV-1a, 32 bits: spreads wake-ups and retries and tells inputs apart. Deterministic, so that the core needs no randomness; not for secrets. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A stable place for `key` in [0, window). */
export const spread = (key: string, window: number): number => (window <= 0 ? 0 : hash(key) % Math.floor(window));

/** As JSON.stringify orders them once they are sorted: whole numbers first. */
const sortedKeys = (value: object): string[] =>
  Object.keys(
    Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((k) => [k, 0]),
    ),
  );

/** JSON with sorted keys, so that equal inputs are equal texts. For plain JSON values of any depth: nothing here recurses. */
export function canonical(value: unknown): string {
  const text: string[] = [];
  const left: ({ value: unknown } | string)[] = [{ value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') text.push(next);
    else if (typeof next.value !== 'object' || next.value === null) text.push(JSON.stringify(next.value) ?? 'null');
    else for (const part of partsOf(next.value).reverse()) left.push(part);
  }
  return text.join('');
}

/** Punctuation and the values between, in order. */
function partsOf(value: object): ({ value: unknown } | string)[] {
  if (Array.isArray(value)) return ['[', ...value.flatMap((item, i) => [i > 0 ? ',' : '', { value: item }]), ']'];
  const fields = sortedKeys(value)
    .map((key) => ({ key, value: (value as Record<string, unknown>)[key] }))
    .filter((field) => field.value !== undefined);
  const parts = fields.flatMap(({ key, value }, i) => [`${i > 0 ? ',' : ''}${JSON.stringify(key)}:`, { value }]);
  return ['{', ...parts, '}'];
}
