/** FNV-1a, 32 bits: spreads wake-ups and retries and tells inputs apart. Deterministic, so that the core needs no randomness; not for secrets. */
export const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

/** A stable place for `key` in [0, window). */
export const spread = (key: string, window: number): number => (window <= 0 ? 0 : hash(key) % Math.floor(window));

/** JSON with sorted keys, so that equal inputs are equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, v) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
