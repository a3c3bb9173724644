/** What an error of the driver means. NeonDbError carries the database's fields; drizzle wraps it as the cause of a DrizzleQueryError. */
import { FenceLost, Unstorable } from '../../ports/index.ts';

/** SQLSTATEs after which nothing has happened and the same request may succeed: ours, deadlock and serialisation, start and stop of a server. */
const PASSING = new Set(['AGAIN', '40001', '40P01', '53300', '57P01', '57P02', '57P03']);

/** The database's own code (`FENCE`, `23505`, …), or null if it was not the database that failed. */
export function sqlState(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}

/** True for a lost reply, whatever lost it, and for what passes by itself. The request may have taken effect. */
export function mayRepeat(error: unknown): boolean {
  const state = sqlState(error);
  return state === null || PASSING.has(state) || state.startsWith('08');
}

/** Throws `FenceLost` in place of the guard's own error. */
export function rethrow(error: unknown): never {
  if (sqlState(error) === 'FENCE') throw new FenceLost((error as Error).message);
  throw error;
}

/** A value out of range, malformed or beyond what the database can do at all (classes 22 and 54): the transaction was undone. */
export function rethrowUnstorable(error: unknown): never {
  const state = sqlState(error) ?? '';
  if (state.startsWith('22') || state.startsWith('54'))
    throw new Unstorable((error as Error).message, { cause: error });
  throw error;
}
