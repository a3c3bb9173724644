/**
 * The prompt cache, as the API accounts it: a breakpoint writes the prefix that ends there; a later request with the same prefix reads it,
 * if it ends at a breakpoint of that request or up to 20 blocks before one. Reading prolongs; short prefixes are not cached.
 */
import type { Segment, Ttl } from './prompt.ts';

const LIFETIME_MS: Record<Ttl, number> = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
const LOOKBACK_BLOCKS = 20;

/** Prompt tokens by class. Together they are the whole prompt. */
export type CacheUse = { input: number; read: number; write5m: number; write1h: number };
type Entry = { until: number; ttl: Ttl };

export type PromptCache = {
  /** Accounts a request that starts at `now` (milliseconds), and remembers what it wrote. */
  use(segments: Segment[], minimum: number, now: number): CacheUse;
};

export function promptCache(): PromptCache {
  const entries = new Map<string, Entry>();

  const alive = (segment: Segment | undefined, now: number): Entry | null => {
    const entry = segment && entries.get(segment.hash);
    return entry && entry.until > now ? entry : null;
  };

  /** Index of the longest live prefix that a breakpoint of this request can see, or -1. */
  const hitOf = (segments: Segment[], marks: number[], now: number): number => {
    for (const mark of marks.toReversed()) {
      for (let i = mark; i >= Math.max(0, mark - LOOKBACK_BLOCKS); i--) {
        if (alive(segments[i], now)) return i;
      }
    }
    return -1;
  };

  const use: PromptCache['use'] = (segments, minimum, now) => {
    const total = segments.at(-1)?.tokens ?? 0;
    const marks = segments.flatMap(({ mark, tokens }, i) => (mark && tokens >= minimum ? [i] : []));
    const hit = hitOf(segments, marks, now);
    const found = segments[hit];
    const entry = alive(found, now);
    if (found && entry) entries.set(found.hash, { ...entry, until: now + LIFETIME_MS[entry.ttl] });

    const used = { read: found?.tokens ?? 0, write5m: 0, write1h: 0 };
    let upTo = used.read;
    for (const i of marks) {
      const segment = segments[i];
      if (!segment?.mark || i <= hit) continue;
      used[segment.mark === '1h' ? 'write1h' : 'write5m'] += segment.tokens - upTo;
      upTo = segment.tokens;
      entries.set(segment.hash, { until: now + LIFETIME_MS[segment.mark], ttl: segment.mark });
    }
    return { ...used, input: total - upTo };
  };

  return { use };
}
