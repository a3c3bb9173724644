/** The log: one JSON line per transition on standard error, which CloudWatch and a terminal both take. No prompt, no tool body, no secret. */
import type { Log } from './ports.ts';

export const jsonLog: Log = (line) => {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...line }, plain)}\n`);
};

/** bigint has no JSON form; microdollars fit a number. An error says its name and message, never its stack's file paths. */
const plain = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
};
