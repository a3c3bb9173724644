/** What Upstash's commands and replies have that those of a plain Redis have not. */
import { createHash } from 'node:crypto';

/** A RESP reply as the driver gives it when asked for bytes. */
export type Reply = Buffer | string | number | bigint | null | Reply[];

/** They hold a connection, which a request cannot do. */
const NOT_OVER_REST = new Set(
  'BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP WATCH UNWATCH SUBSCRIBE PSUBSCRIBE SSUBSCRIBE MONITOR'.split(
    ' ',
  ),
);
/** A flag that only Upstash knows in a script's first line; a plain Redis refuses the script for it. */
const UPSTASH_SHEBANG = /^#!lua flags=allow-key-locking[^\n]*/;

/**
 * In place of that line, in one line: a script that promised to name its keys may touch no other.
 * Source: https://upstash.com/docs/redis/features/key-locking (rules for allow-key-locking)
 */
const NAMED_KEYS_ONLY = [
  'local redis = (function(real, named) for _, key in ipairs(KEYS) do named[key] = true end',
  'local every = { MGET = 1, DEL = 1, EXISTS = 1, UNLINK = 1, MSET = 2 }',
  'local function checked(run) return function(name, ...) local keys, step = { ... }, every[string.upper(name)]',
  'for i = 1, step and #keys or math.min(1, #keys), step or 1 do if not named[tostring(keys[i])] then',
  "error('Dynamic keys are not allowed: ' .. tostring(keys[i])) end end return run(name, ...) end end",
  'return setmetatable({ call = checked(real.call), pcall = checked(real.pcall) }, { __index = real }) end)(redis, {})',
].join(' ');

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

/**
 * Turns a command in JSON into one for a plain Redis: name in capitals, arguments as text. Scripts lose the line that only Upstash knows
 * and keep what it means, and the hash that the client computed with it is translated.
 */
export function createDialect(): (command: unknown) => [string, ...string[]] {
  const hashes = new Map<string, string>();
  const plain = (script: string): string => {
    const stripped = script.replace(UPSTASH_SHEBANG, NAMED_KEYS_ONLY);
    if (stripped !== script) hashes.set(sha1(script), sha1(stripped));
    return stripped;
  };
  return (command) => {
    if (!Array.isArray(command) || command.length === 0) throw new Error('ERR failed to parse command');
    const [first, ...args] = command.map(argument);
    const name = first!.toUpperCase();
    const blocks = name.startsWith('XREAD') && args.some((arg) => arg.toUpperCase() === 'BLOCK');
    if (NOT_OVER_REST.has(name) || blocks) throw new Error(`ERR ${name} is not supported over REST`);
    if (name === 'EVAL' || name === 'EVAL_RO') args[0] = plain(args[0] ?? '');
    if (name === 'EVALSHA' || name === 'EVALSHA_RO') args[0] = hashes.get(args[0] ?? '') ?? args[0] ?? '';
    if (name === 'SCRIPT' && args[0]?.toUpperCase() === 'LOAD') args[1] = plain(args[1] ?? '');
    return [name, ...args];
  };
}

/** An object as an argument is stored as its JSON, as Upstash does. */
function argument(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** The status reply `OK` stays as it is, also in base64: the client expects so. */
export function encode(reply: Reply | undefined, base64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((item) => encode(item, base64));
  if (reply === null || reply === undefined) return null;
  if (typeof reply === 'bigint') return Number(reply);
  if (typeof reply === 'number') return reply;
  const text = reply.toString();
  return !base64 || text === 'OK' ? text : Buffer.from(reply as Buffer).toString('base64');
}
