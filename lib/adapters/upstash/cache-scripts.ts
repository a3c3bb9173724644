/** The live view's answers, as Lua. Their rules: lib/ports/live.ts. `op` in the day names whoever began, ended or wrote last. */
import { SOUND } from './live-scripts.ts';

/** KEYS day · ARGV seconds to keep, op, 1 if something changed. A mark of 0 belongs to an operation that has ended. */
export const CLOSE = `${SOUND}
sound(KEYS[1])
if ARGV[3] == '1' then
  redis.call('HSET', KEYS[1], 'op', ARGV[2], 'busy:' .. ARGV[2], '0')
  redis.call('EXPIRE', KEYS[1], ARGV[1])
else
  redis.call('HDEL', KEYS[1], 'busy:' .. ARGV[2])
end
return 1
`;

/** KEYS recovery, day, state? → ahead, day's fields, state's fields. A script, since a plain read may be answered by a replica that lags. */
export const READ = `${SOUND}
sound(KEYS[2])
local session = {}
if KEYS[3] then
  sound(KEYS[3])
  session = redis.call('HGETALL', KEYS[3])
end
return { redis.call('HGET', KEYS[1], 'ahead'), redis.call('HGETALL', KEYS[2]), session }
`;

/**
 * KEYS day, state? · ARGV seconds to keep, the op that was seen or '', a new op, what is written to the state: all, none or nothing; then 15 values of the day,
 * and 6 of the state.
 * Since the op is still the one that was seen, nothing was begun since; the marks that are there were seen, and their operations have ended. A view
 * that had to be cleared of marks is a new generation: what is known of the user's other sessions is not relied on any more.
 */
export const PUT = `${SOUND}
sound(KEYS[1])
if (redis.call('HGET', KEYS[1], 'op') or '') ~= ARGV[2] then
  return 0
end
local generation = redis.call('HGET', KEYS[1], 'generation') or ARGV[3]
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 5) == 'busy:' then
    generation = ARGV[3]
  end
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'op', ARGV[3], 'generation', generation, 'date', ARGV[5], 'revision', ARGV[6], 'allowance', ARGV[7],
  'ceiling', ARGV[8], 'spent', ARGV[9], 'held', ARGV[10], 'resets_at', ARGV[11], 'at', ARGV[12], 'cycle_start', ARGV[13],
  'renewal_date', ARGV[14], 'budget', ARGV[15], 'before', ARGV[16], 'notices', ARGV[17], 'carried', ARGV[18], 'topped_up', ARGV[19])
redis.call('EXPIRE', KEYS[1], ARGV[1])
if ARGV[4] == 'all' then
  sound(KEYS[2])
  redis.call('HSET', KEYS[2], 'status', ARGV[20], 'cost', ARGV[21], 'wake_at', ARGV[22], 'due', ARGV[23], 'user', ARGV[24],
    'at', ARGV[12], 'generation', generation)
  redis.call('EXPIRE', KEYS[2], ARGV[1])
elseif ARGV[4] == 'none' then
  sound(KEYS[2])
  redis.call('HDEL', KEYS[2], 'status')
end
return 1
`;

/** KEYS key → its hash and owner, or the mark of a key that was revoked. */
export const KEY_OWNER = `return redis.call('GET', KEYS[1])`;

/** KEYS key · ARGV seconds, value. Not over a revocation. */
export const KEEP_KEY = `
if redis.call('GET', KEYS[1]) == 'revoked' then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
return 1
`;
