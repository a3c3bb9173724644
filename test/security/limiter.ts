/** A counter of requests that lets everybody through, unless a test says otherwise. `known`: the keys that it remembers. */
import type { Limiter, RateVerdict } from '../../lib/ports/rate-limiter.ts';

export const free = async (): Promise<RateVerdict> => ({ allowed: true });

export const limiterOf = (over: Partial<Limiter>, known = new Set<string>()): Limiter => ({
  ...{ request: free, failure: free, enter: free, leave: async () => {} },
  remember: async (who) => void known.add(who),
  knows: async (who) => known.has(who),
  forget: async (who) => void known.delete(who),
  ...over,
});
