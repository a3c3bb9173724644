/**
 * The live view's writes, as Lua that Redis runs atomically. Numbers are compared as numbers but stored as the text they came as.
 * A field that is missing or spoilt reads as nil, which every script treats as lost. Upstash bills a script as one command, and each command
 * within it as another: https://upstash.com/docs/redis/sdks/ratelimit-ts/costs
 */
import { lua } from './keys.ts';

/** A part of the marker is one text: active_until, asked_at, ahead, next_due and overdue, with `-` for what is not known. */
const PART = `
local function fields(text)
  local found = {}
  for field in string.gmatch(text or '', '%S+') do
    found[#found + 1] = field
  end
  for i = 1, 5 do
    found[i] = found[i] or '-'
  end
  return found
end
local function joined(part)
  return table.concat(part, ' ', 1, 5)
end
`;

/**
 * KEYS the marker's part, version, watched? · ARGV until, the same if the part was lost, a new version, seconds to keep it → 1 if watched.
 * The part is only raised.
 */
export const OPEN = lua(`${PART}
local part = fields(redis.call('MGET', KEYS[1])[1])
local known = tonumber(part[1])
if not known or known < tonumber(ARGV[1]) then
  part[1] = known and ARGV[1] or ARGV[2]
  redis.call('SET', KEYS[1], joined(part))
end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return KEYS[3] and redis.call('EXISTS', KEYS[3]) or 0
`);

/**
 * KEYS the marker's part, version, state, cost, budget_pct, wake_at, draft · ARGV a new version, seconds to keep it, seconds to keep the rest,
 * fence, seq, cost, percent, wake_at or '', due or ''. A lost part is not made anew here: only code that asks Postgres may say what comes
 * next. A state that is no hash is deleted, since every command on it would fail.
 */
export const MIRROR = lua(`${PART}
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
local state = redis.pcall('HMGET', KEYS[3], 'fence', 'seq')
if state.err then
  redis.call('DEL', KEYS[3])
  state = {}
end
local fence, seq = tonumber(state[1] or ''), tonumber(state[2] or '')
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

if ARGV[9] ~= '' then
  local part = fields(redis.call('MGET', KEYS[1])[1])
  if part[4] ~= '-' and tonumber(ARGV[9]) < (tonumber(part[4]) or math.huge) then
    part[4] = ARGV[9]
    redis.call('SET', KEYS[1], joined(part))
  end
end
return 1
`);

/** KEYS watched, state, draft · ARGV milliseconds to watch → seq, draft. */
export const WATCH = lua(`
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return { redis.call('HGET', KEYS[2], 'seq'), redis.call('GET', KEYS[3]) }
`);

/**
 * KEYS all parts · ARGV due or 'never', when the sweep began, how far the database's clock is ahead, active_until of a part that was lost,
 * overdue. Sweeps are ordered by their beginning. After a loss, an invocation that the part does not know may be under way.
 */
export const NEXT_DUE = lua(`${PART}
local newer = {}
for i, text in ipairs(redis.call('MGET', unpack(KEYS))) do
  local part = fields(text)
  local asked = tonumber(part[2])
  if not asked or asked < tonumber(ARGV[2]) then
    newer[#newer + 1] = KEYS[i]
    newer[#newer + 1] = joined({ tonumber(part[1]) and part[1] or ARGV[4], ARGV[2], ARGV[3], ARGV[1], ARGV[5] })
  end
end
if #newer > 0 then
  redis.call('MSET', unpack(newer))
end
return #newer
`);

/** KEYS all parts → their texts. A script, since a plain read may be answered by a replica that lags. */
export const MARKER = lua(`
return redis.call('MGET', unpack(KEYS))
`);
