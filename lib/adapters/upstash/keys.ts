/** The names of the live view's keys, which its adapters share. */

/** As long as the original kept a session's cost: a day and an hour. */
export const KEEP_SECONDS = 90_000;
/** Longer than any snapshot is kept. */
export const VERSION_SECONDS = 300;

export const RECOVERY = 'circadian:recovery';
export const ofSession = (id: string, part: string) => `circadian:session:${id}:${part}`;
export const ofUser = (id: string, part: string) => `circadian:user:${id}:${part}`;
export const ofKey = (id: string) => `circadian:key:${id}`;

/** Sends a script: one request, atomic. */
export type RunScript = (script: string, keys: string[], args: (string | number)[]) => Promise<unknown>;
