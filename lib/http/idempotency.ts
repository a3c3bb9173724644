import type { Context } from 'hono';
import { canonical } from '../core/hash.ts';
import { newId } from '../ids.ts';
import type { Once } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import { sha256 } from './auth/api-keys.ts';

/** What a key stands for: the method, the path and the body, whatever its order of fields. */
export const once = async (c: Context, key: string): Promise<Once> => ({
  key,
  fingerprint: sha256(`${c.req.method}\n${c.req.path}\n${canonical(await c.req.json())}`),
});

/**
 * The key of a command. A key that the caller chose is bound to the session and the whole request. So it can neither collide with another
 * user's key nor swallow a different command.
 */
export const operationOf = (key: string | undefined, ...request: unknown[]): string =>
  key === undefined ? newId('op') : `op_${sha256(canonical([key, ...request]))}`;

export const conflict = () =>
  new Problem(
    'idempotency_conflict',
    'This Idempotency-Key was used for a request with other content. Nothing was done now; the first request stands. Use a new key for a new request.',
  );
