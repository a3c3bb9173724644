/** Prefixes shorter than this many tokens are not cached (prompt caching documentation, October 2026). */
const LEAST_CACHED: [RegExp, number][] = [
  [/^claude-(fable-5|mythos-5|opus-5|sonnet-5-5|haiku-5-5)/, 512],
  [/^claude-opus-4-7/, 2_048],
  [/^claude-(opus-4-[56]|haiku-4-5)/, 4_096],
];

export const leastCached = (model: string): number =>
  LEAST_CACHED.find(([pattern]) => pattern.test(model))?.[1] ?? 1_024;
