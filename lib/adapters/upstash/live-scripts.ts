/**
 * The live view's writes, as Lua that Redis runs atomically. Numbers are compared as numbers but stored as the text they came as.
 * A field that is missing or spoilt reads as nil, which every script treats as lost.
 */

/** Deletes what is no hash, since every command on it would fail. In front of a script that callers rely on. */
const SOUND = `
local function sound(key)
  local kind = redis.call('TYPE', key)
  kind = type(kind) == 'table' and kind.ok or kind
  if kind ~= 'hash' and kind ~= 'none' then
    redis.call('DEL', key)
  end
end
`;

/**
 * KEYS recovery, version, watched? · ARGV until, the same if the marker was lost, a new version, seconds to keep it → 1 if watched. The
 * marker is only raised.
 */
export const OPEN = `
local known = tonumber(redis.call('HGET', KEYS[1], 'active_until') or '')
if not known then
  redis.call('HSET', KEYS[1], 'active_until', ARGV[2])
elseif known < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'active_until', ARGV[1])
end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return KEYS[3] and redis.call('EXISTS', KEYS[3]) or 0
`;

/**
 * KEYS recovery, version, state, cost, budget_pct, wake_at, draft · ARGV a new version, seconds to keep it, seconds to keep the rest, fence,
 * seq, cost, percent, wake_at or '', due or ''. A lost marker is not made anew here: only code that asks Postgres may say what comes next.
 */
export const MIRROR = `${SOUND}
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
sound(KEYS[3])
local fence = tonumber(redis.call('HGET', KEYS[3], 'fence') or '')
local seq = tonumber(redis.call('HGET', KEYS[3], 'seq') or '')
local newFence, newSeq = tonumber(ARGV[4]), tonumber(ARGV[5])
if fence and seq and (newFence < fence or (newFence == fence and newSeq <= seq)) then
  return 0
end
redis.call('HSET', KEYS[3], 'fence', ARGV[4], 'seq', ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[3])
redis.call('SET', KEYS[4], ARGV[6], 'EX', ARGV[3])
redis.call('SET', KEYS[5], ARGV[7], 'EX', ARGV[3])
if ARGV[8] == '' then
  redis.call('DEL', KEYS[6])
else
  redis.call('SET', KEYS[6], ARGV[8], 'EX', ARGV[3])
end
redis.call('DEL', KEYS[7])

local known = redis.call('HGET', KEYS[1], 'next_due')
if known and ARGV[9] ~= '' and tonumber(ARGV[9]) < (tonumber(known) or math.huge) then
  redis.call('HSET', KEYS[1], 'next_due', ARGV[9])
end
return 1
`;

/** KEYS watched, state, draft · ARGV milliseconds to watch → seq, draft. */
export const WATCH = `
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return { redis.call('HGET', KEYS[2], 'seq'), redis.call('GET', KEYS[3]) }
`;

/**
 * KEYS recovery · ARGV due or 'never', when the sweep began, how far the database's clock is ahead, active_until if the marker was lost.
 * Sweeps are ordered by their beginning. After a loss, an invocation that the marker does not know may be under way.
 */
export const NEXT_DUE = `
local asked = tonumber(redis.call('HGET', KEYS[1], 'asked_at') or '')
if asked and asked >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'next_due', ARGV[1], 'asked_at', ARGV[2], 'ahead', ARGV[3], 'overdue', ARGV[5])
if not tonumber(redis.call('HGET', KEYS[1], 'active_until') or '') then
  redis.call('HSET', KEYS[1], 'active_until', ARGV[4])
end
return 1
`;

/** KEYS recovery → active_until, asked_at, ahead, next_due. A script, since a plain read may be answered by a replica that lags. */
export const MARKER = `
return redis.call('HMGET', KEYS[1], 'active_until', 'asked_at', 'ahead', 'next_due')
`;

/** KEYS recovery → overdue, asked_at. */
export const OVERDUE = `
return redis.call('HMGET', KEYS[1], 'overdue', 'asked_at')
`;
