/** What the sentences about definitions share. */

export const EFFECTS: readonly unknown[] = ['pure', 'idempotent', 'once'];

/** A wrong value as a sentence shows it, cut. */
export const quoted = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value).slice(0, 80);
