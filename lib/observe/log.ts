/** The log: one JSON line per transition on standard error, which CloudWatch and a terminal both take. No prompt, no tool body, no secret. */

import type { Log } from '../ports/index.ts';
import { embedded, type Measures } from './metrics.ts';

/** `namespace`: CloudWatch's, for the metrics of a line; without one they stay plain numbers. */
export const jsonLog =
  (namespace?: string): Log =>
  ({ metrics, ...line }) => {
    const measures = (metrics ?? {}) as Measures;
    const now = new Date();
    const counted = namespace && Object.keys(measures).length > 0;
    const numbers = counted ? embedded(namespace, measures, now.getTime()) : measures;
    process.stderr.write(`${JSON.stringify({ at: now.toISOString(), ...line, ...numbers }, plain)}\n`);
  };

/** The same world, with the invocation's id on every line that it logs. */
export const forRequest = <W extends { log: Log }>(world: W, request: string): W => ({
  ...world,
  log: (line) => world.log({ ...line, request }),
});

/** bigint has no JSON form; microdollars fit a number. An error says its name and message, never its stack's file paths. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}
