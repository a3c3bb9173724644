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

/** The key of a command, which holds within its session: the caller's, or a new one. */
export const operationOf = (key: string | undefined): string => (key === undefined ? newId('op') : `op_${sha256(key)}`);

/** Says of an answer that it is of an earlier request, which had the same key. */
export const replayed = (before: boolean): Record<string, string> => (before ? { 'Idempotent-Replayed': 'true' } : {});

export const conflict = () =>
  new Problem(
    'idempotency_conflict',
    'This Idempotency-Key was used for a request with other content. Nothing was done now; the first request stands. Use a new key for a new request.',
  );
