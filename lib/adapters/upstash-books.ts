/** The live view's days read back for reconciliation; their keys and fields are those of upstash.ts. */
import type { LiveBooks, LiveDay } from '../ports.ts';
import { connect, KEEP_SECONDS, ofDay, type UpstashOptions } from './upstash.ts';

/** KEYS day → its fields. A script, since a plain read may be answered by a replica that lags. */
const READ = `return redis.call('HMGET', KEYS[1], 'revision', 'allowance', 'ceiling', 'spent', 'held')`;

/** KEYS day · ARGV seconds to keep, revision, allowance, ceiling, spent, held, resets_at. Not over what is newer. */
const WRITE = `
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '')
if revision and revision > tonumber(ARGV[2]) then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'allowance', ARGV[3], 'ceiling', ARGV[4],
  'spent', ARGV[5], 'held', ARGV[6], 'resets_at', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`;

export function upstashBooks(options: UpstashOptions): LiveBooks {
  const redis = connect(options);
  return {
    async day(userId, date) {
      return dayFrom((await redis.eval(READ, [ofDay(userId, date)], [])) as (string | null)[]);
    },
    async putDay(userId, { date, revision, allowance, ceiling, spent, held, resetsAt }) {
      const money = [allowance, ceiling, spent, held].map(String);
      const values = [String(KEEP_SECONDS), String(revision), ...money, new Date(resetsAt).toISOString()];
      await redis.eval(WRITE, [ofDay(userId, date)], values);
    },
  };
}

/** Only what is plainly whole numbers. */
function dayFrom(fields: (string | null)[]): LiveDay | null {
  if (!fields.every((field) => field !== null && /^\d{1,19}$/.test(field))) return null;
  const [revision, allowance, ceiling, spent, held] = fields.map((field) => BigInt(field!)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { revision: Number(revision), allowance, ceiling, spent, held };
}
