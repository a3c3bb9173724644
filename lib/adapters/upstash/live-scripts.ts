/**
 * The live view's writes, as Lua that Redis runs atomically. Numbers are compared as numbers but stored as the text they came as.
 * A field that is missing or spoilt reads as nil, which every script treats as lost.
 */

/** Deletes what is no hash, since every command on it would fail. In front of the scripts whose answer somebody relies on. */
export const SOUND = `
local function sound(key)
  local kind = redis.call('TYPE', key)
  kind = type(kind) == 'table' and kind.ok or kind
  if kind ~= 'hash' and kind ~= 'none' then
    redis.call('DEL', key)
  end
end
`;

/**
 * KEYS recovery, then day if there is a mark, then watched if there is a session · ARGV until, the same if the marker was lost, the mark's
 * op or '', 1 or '' for the session, seconds to keep → 1 if watched. Only raises.
 */
export const OPEN = `${SOUND}
local known = tonumber(redis.call('HGET', KEYS[1], 'active_until') or '')
if not known then
  redis.call('HSET', KEYS[1], 'active_until', ARGV[2])
elseif known < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'active_until', ARGV[1])
end
if ARGV[3] ~= '' then
  sound(KEYS[2])
  redis.call('HSET', KEYS[2], 'op', ARGV[3], 'busy:' .. ARGV[3], ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
return ARGV[4] ~= '' and redis.call('EXISTS', KEYS[#KEYS]) or 0
`;

/**
 * KEYS recovery, day, state, cost, budget_pct, wake_at, draft · ARGV seconds to keep, fence, seq, status, cost, percent, wake_at or '',
 * due or '', date, revision, allowance, ceiling, spent, held, resets_at, user, op, at, 1 if all of the money was of this day.
 * A lost marker is not made anew here: only who asks Postgres may say what comes next. A mark whose view came too late, or whose money was
 * of another day, is kept as expired, so that readers use Postgres.
 */
export const MIRROR = `${SOUND}
sound(KEYS[2])
sound(KEYS[3])
local date = string.match(redis.call('HGET', KEYS[2], 'date') or '', '^%d%d%d%d%-%d%d%-%d%d$')
local revision = tonumber(redis.call('HGET', KEYS[2], 'revision') or '')
if not date or not revision or date < ARGV[9] or (date == ARGV[9] and revision < tonumber(ARGV[10])) then
  if date ~= ARGV[9] then
    redis.call('HDEL', KEYS[2], 'cycle_start', 'renewal_date', 'budget', 'before', 'notices')
  end
  redis.call('HSET', KEYS[2], 'date', ARGV[9], 'revision', ARGV[10], 'allowance', ARGV[11], 'ceiling', ARGV[12],
    'spent', ARGV[13], 'held', ARGV[14], 'resets_at', ARGV[15], 'at', ARGV[18])
end
redis.call('HSET', KEYS[2], 'op', ARGV[17])
redis.call('EXPIRE', KEYS[2], ARGV[1])

local fence = tonumber(redis.call('HGET', KEYS[3], 'fence') or '')
local seq = tonumber(redis.call('HGET', KEYS[3], 'seq') or '')
local newFence, newSeq = tonumber(ARGV[2]), tonumber(ARGV[3])
local late = fence and seq and (newFence < fence or (newFence == fence and newSeq <= seq))
if late or ARGV[19] ~= '1' then
  redis.call('HSET', KEYS[2], 'busy:' .. ARGV[17], '0')
else
  redis.call('HDEL', KEYS[2], 'busy:' .. ARGV[17])
end
if late then
  return 0
end
redis.call('HSET', KEYS[3], 'fence', ARGV[2], 'seq', ARGV[3], 'status', ARGV[4], 'cost', ARGV[5], 'wake_at', ARGV[7],
  'due', ARGV[8], 'user', ARGV[16], 'at', ARGV[18], 'generation', redis.call('HGET', KEYS[2], 'generation') or '')
redis.call('EXPIRE', KEYS[3], ARGV[1])
redis.call('SET', KEYS[4], ARGV[5], 'EX', ARGV[1])
redis.call('SET', KEYS[5], ARGV[6], 'EX', ARGV[1])
if ARGV[7] == '' then
  redis.call('DEL', KEYS[6])
else
  redis.call('SET', KEYS[6], ARGV[7], 'EX', ARGV[1])
end
redis.call('DEL', KEYS[7])

local known = redis.call('HGET', KEYS[1], 'next_due')
if known and ARGV[8] ~= '' and tonumber(ARGV[8]) < (tonumber(known) or math.huge) then
  redis.call('HSET', KEYS[1], 'next_due', ARGV[8])
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
 * Sweeps are ordered by their beginning. After a loss, an invocation may be under way that nobody knows of any more.
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
