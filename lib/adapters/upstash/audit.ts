/** The live view read back for reconciliation; its keys and fields are those of live.ts and cache.ts. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { LiveBooks, LiveDay } from '../../ports/index.ts';
import { isBusy, isMarked } from './cache.ts';
import { fieldsOf, KEEP_SECONDS, ofDay, ofSession } from './keys.ts';
import { connect, type UpstashOptions } from './live.ts';
import { SOUND } from './live-scripts.ts';

/** KEYS day → its fields. A script, since a plain read may be answered by a replica that lags. */
const READ = `${SOUND}
sound(KEYS[1])
return redis.call('HGETALL', KEYS[1])
`;

/**
 * KEYS day · ARGV seconds to keep, the op that was seen, a new one, date, revision, allowance, ceiling, spent, held, resets_at. What else was
 * known of the user is forgotten. Only where nothing was begun, ended or written since.
 */
const WRITE = `${SOUND}
sound(KEYS[1])
if (redis.call('HGET', KEYS[1], 'op') or '') ~= ARGV[2] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'op', ARGV[3], 'date', ARGV[4], 'revision', ARGV[5], 'allowance', ARGV[6], 'ceiling', ARGV[7],
  'spent', ARGV[8], 'held', ARGV[9], 'resets_at', ARGV[10])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`;

/** KEYS state and cost of each session → the cost in both. */
const COSTS = `${SOUND}
local costs = {}
for i = 1, #KEYS, 2 do
  sound(KEYS[i])
  costs[i] = redis.call('HGET', KEYS[i], 'cost')
  costs[i + 1] = redis.call('TYPE', KEYS[i + 1]).ok == 'string' and redis.call('GET', KEYS[i + 1]) or false
end
return costs
`;

/** KEYS state, cost · ARGV seconds to keep, cost. Its status is forgotten, and asked for in Postgres. */
const WRITE_COST = `${SOUND}
sound(KEYS[1])
redis.call('HDEL', KEYS[1], 'status')
redis.call('HSET', KEYS[1], 'cost', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
return 1
`;

const Whole = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);
const Day = z.object({
  ...{ date: z.iso.date(), revision: Whole.transform(Number) },
  ...{ allowance: Whole, ceiling: Whole, spent: Whole, held: Whole },
});

export function upstashBooks(options: UpstashOptions): LiveBooks {
  const redis = connect(options);
  const keysOf = (id: string) => [ofSession(id, 'state'), ofSession(id, 'cost')];
  return {
    async day(userId) {
      const fields = fieldsOf(z.array(z.string()).parse(await redis.eval(READ, [ofDay(userId)], [])));
      const day: LiveDay | null = Day.safeParse(fields).data ?? null;
      const busy = isBusy(fields, Date.now());
      return { stamp: fields.op ?? '', busy, unread: !busy && isMarked(fields), day };
    },
    async putDay(userId, { date, revision, allowance, ceiling, spent, held, resetsAt }, stamp) {
      const money = [allowance, ceiling, spent, held].map(String);
      const values = [date, String(revision), ...money, new Date(resetsAt).toISOString()];
      const written = await redis.eval(WRITE, [ofDay(userId)], [String(KEEP_SECONDS), stamp, randomUUID(), ...values]);
      return written === 1;
    },
    async costs(ids) {
      if (ids.length === 0) return [];
      const found = z.array(z.string().nullable()).parse(await redis.eval(COSTS, ids.flatMap(keysOf), []));
      return ids.map((_, i) => [found[2 * i], found[2 * i + 1]].filter((cost) => cost != null).map(costOf));
    },
    async putCost(id, cost) {
      await redis.eval(WRITE_COST, keysOf(id), [String(KEEP_SECONDS), String(cost)]);
    },
  };
}

/** An unparsable amount is never shown and never matches. */
const costOf = (text: string): bigint => Whole.safeParse(text).data ?? -1n;
