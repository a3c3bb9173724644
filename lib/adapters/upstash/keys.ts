/** The names of the live view's keys, which its three adapters share. */

/** As long as the original kept a session's cost: a day and an hour. */
export const KEEP_SECONDS = 90_000;

export const RECOVERY = 'circadian:recovery';
export const ofSession = (id: string, part: string) => `circadian:session:${id}:${part}`;
export const ofDay = (userId: string) => `circadian:user:${userId}:day`;

/** The answer of HGETALL. */
export const fieldsOf = (flat: string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])));

/** Sends a script: one request, atomic. */
export type RunScript = (script: string, keys: string[], args: (string | number)[]) => Promise<unknown>;
