/** The costs in the live view, read back for reconciliation; the keys are those of live.ts. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { LiveAudit } from '../../ports/index.ts';
import { KEEP_SECONDS, lua, ofSession, ofUser, VERSION_SECONDS } from './keys.ts';
import { connect, type UpstashOptions } from './live.ts';

/** What stands at a key; false: nothing. What is no text is spoilt. */
const TEXT = `
local function text(key)
  local kind = redis.call('TYPE', key)
  kind = type(kind) == 'table' and kind.ok or kind
  if kind == 'none' then
    return false
  end
  return kind == 'string' and redis.call('GET', key) or 'spoilt'
end
`;

/** KEYS each session's cost → the costs. A script, since a plain read may be answered by a replica that lags. */
const COSTS = lua(`${TEXT}
local costs = {}
for i = 1, #KEYS do
  costs[i] = text(KEYS[i])
end
return costs
`);

/** KEYS cost · ARGV the cost that was found, the right one, seconds to keep it. A cost that was mirrored since is newer: it stays. */
const SET_COST = lua(`${TEXT}
local now = text(KEYS[1])
if now and string.match(now, '^%d+$') and now ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
`);

const Whole = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

export function upstashAudit(options: UpstashOptions): LiveAudit {
  const redis = connect(options);
  const keyOf = (id: string) => ofSession(id, 'cost');
  return {
    async costs(ids) {
      if (ids.length === 0) return [];
      const found = z.array(z.string().nullable()).parse(await redis.eval(COSTS, ids.map(keyOf), []));
      return ids.map((_, i) => (found[i] == null ? null : costOf(found[i])));
    },
    async putCost(id, { found, cost }) {
      const set = await redis.eval(SET_COST, [keyOf(id)], [String(found), String(cost), String(KEEP_SECONDS)]);
      return set === 1;
    },
    async forget(userId) {
      await redis.set(ofUser(userId, 'version'), randomUUID(), { ex: VERSION_SECONDS });
    },
  };
}

/** An unparsable amount is never shown and never matches. */
const costOf = (text: string): bigint => Whole.safeParse(text).data ?? -1n;
