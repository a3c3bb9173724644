/**
 * The Limiter port in Upstash Redis. Requests and failures are counted in a sliding window of a minute by @upstash/ratelimit, one command each; the open
 * streams of a user are a sorted set of their ids by when their places end. Keys: `circadian:limit:…`, gone after two minutes, but for
 * `circadian:limit:known:…`, which are gone after 30 days. The library
 * is loaded with the first request, since the functions that limit nobody share the composition root with the API.
 */
import type { Ratelimit } from '@upstash/ratelimit';
import type { Redis } from '@upstash/redis';
import { KNOWN_MS, type Limiter, PLACE_MS, type RateVerdict } from '../../ports/rate-limiter.ts';
import { lua } from './keys.ts';
import { connect, type UpstashOptions } from './live.ts';

/** A limit that is 0 does not exist. `timeoutMs`: how long a request may wait for the counter (250 ms by default). */
export type LimiterOptions = UpstashOptions & {
  requestsPerMinute: number;
  streamsPerUser: number;
  failuresPerMinute?: number;
  /** UTC milliseconds. */
  now?: () => number;
};

/** While the counter is away nobody waits for it more often than this. */
const AWAY_MS = 5_000;
const STREAMS_FULL_MS = 30_000;
const WINDOW_MS = 60_000;
const ALLOWED: RateVerdict = { allowed: true };

/** KEYS places · ARGV now, end of the place, stream, most, PLACE_MS → 1 if there was a place. */
const ENTER = lua(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if not redis.call('ZSCORE', KEYS[1], ARGV[3]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`);

export function upstashLimiter(options: LimiterOptions): Limiter {
  const { requestsPerMinute, streamsPerUser, failuresPerMinute = 0, timeoutMs = 250, now = Date.now } = options;
  // A late answer must not be taken for a refusal, so the client's own time limit is used, which throws, and not the library's.
  const redis = connect({ ...options, timeoutMs });
  const requests = lazyWindow(redis, 'requests', requestsPerMinute);
  const failures = lazyWindow(redis, 'failures', failuresPerMinute);
  const patiently = unlessAway(now);
  const known = (who: string) => `circadian:limit:known:${who}`;
  const places = (userId: string) => `circadian:limit:streams:${userId}`;

  const counted = async (window: () => Promise<Ratelimit>, who: string): Promise<RateVerdict> => {
    const { success, limit: quota, remaining, reset } = await (await window()).limit(who);
    const resetMs = Math.max(1, reset - Date.now());
    const counts = { window: { quota, windowMs: WINDOW_MS, remaining, resetMs } };
    return success ? { allowed: true, ...counts } : { allowed: false, retryAfterMs: resetMs, ...counts };
  };

  return {
    request: async (caller) =>
      requestsPerMinute === 0 ? ALLOWED : patiently(ALLOWED, () => counted(requests, caller)),
    failure: async (place) => (failuresPerMinute === 0 ? ALLOWED : patiently(ALLOWED, () => counted(failures, place))),
    async remember(who) {
      if (failuresPerMinute > 0) await patiently(null, () => redis.set(known(who), '1', { px: KNOWN_MS }));
    },
    knows: async (who) => failuresPerMinute > 0 && patiently(true, async () => (await redis.exists(known(who))) === 1),
    async forget(who) {
      if (failuresPerMinute > 0) await patiently(null, () => redis.del(known(who)));
    },
    async enter(userId, streamId) {
      if (streamsPerUser === 0) return ALLOWED;
      return patiently<RateVerdict>(ALLOWED, async () => {
        const args = [now(), now() + PLACE_MS, streamId, streamsPerUser, PLACE_MS].map(String);
        const entered = await redis.eval(ENTER, [places(userId)], args);
        return entered === 0 ? { allowed: false, retryAfterMs: STREAMS_FULL_MS } : ALLOWED;
      });
    },
    async leave(userId, streamId) {
      if (streamsPerUser > 0) await redis.zrem(places(userId), streamId);
    },
  };
}

function lazyWindow(redis: Redis, name: string, perMinute: number) {
  let loaded: Promise<Ratelimit> | null = null;
  return () => {
    loaded ??= import('@upstash/ratelimit').then(({ Ratelimit: Limit }) => {
      const limiter = Limit.slidingWindow(perMinute, `${WINDOW_MS} ms`);
      return new Limit({ redis, limiter, prefix: `circadian:limit:${name}`, timeout: 0, analytics: false });
    });
    return loaded;
  };
}

/** Throws when the counter has failed just now, and answers `otherwise` unasked for a while after it. */
function unlessAway(now: () => number) {
  let awayUntil = Number.NEGATIVE_INFINITY;
  return async <T>(otherwise: T, ask: () => Promise<T>): Promise<T> => {
    if (now() < awayUntil) return otherwise;
    try {
      return await ask();
    } catch (error) {
      awayUntil = now() + AWAY_MS;
      throw error;
    }
  };
}
