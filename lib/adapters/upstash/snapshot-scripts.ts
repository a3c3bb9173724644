/** The live view's snapshots (lib/ports/live.ts), as Lua. Each script is one request and atomic. */
import { lua } from './keys.ts';

/**
 * KEYS version, budget, session? · ARGV a version for a user who has none, seconds to keep it → version, budget, session. A script, since a
 * plain read may be answered by a replica that lags. A key of another type counts as none, and the next snapshot replaces it.
 */
export const READ = lua(`
local function kept(key)
  local text = key and redis.pcall('GET', key)
  return type(text) == 'string' and text
end
local version = redis.call('GET', KEYS[1])
if not version then
  version = ARGV[1]
  redis.call('SET', KEYS[1], version, 'EX', ARGV[2])
end
return { version, kept(KEYS[2]), kept(KEYS[3]) }
`);

/** KEYS version, then each snapshot · ARGV the version that was read, milliseconds to keep, then each snapshot. */
export const KEEP = lua(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[2])
end
return 1
`);

/** KEYS key → its text: a user's version; or a key's hash and owner, or the mark of a key that was revoked. */
export const GET = lua(`return redis.call('GET', KEYS[1])`);

/** KEYS key · ARGV seconds, value. Not over a revocation. */
export const KEEP_KEY = lua(`
if redis.call('GET', KEYS[1]) == 'revoked' then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
return 1
`);
