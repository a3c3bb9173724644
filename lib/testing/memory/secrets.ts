/** Secrets of webhooks and triggers, as schema/functions/secrets.sql replaces them. */
import type { Secrets, Store } from './store.ts';

const DAY_MS = 86_400_000;
const MOST = 4;

const left = ({ now }: Store, { previous }: Secrets) => previous.filter(({ until }) => until > now);

/** The secrets that count, the present one first. */
export const counting = (store: Store, row: Secrets): string[] => [
  row.secret,
  ...left(store, row).map(({ secret }) => secret),
];

/** Once for `operation`. Answers whether `secret` is the one that was made by it. */
export function rotated(store: Store, row: Secrets & { id: string }, secret: string, operation: string): boolean {
  const key = `${row.id} ${operation}`;
  if (!store.operations.has(key)) {
    store.operations.set(key, { fingerprint: 'rotate', sessionId: row.id });
    const previous = [{ secret: row.secret, until: store.now + DAY_MS }, ...left(store, row)].slice(0, MOST);
    Object.assign(row, { secret, previous });
  }
  return row.secret === secret;
}
