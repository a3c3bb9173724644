/**
 * Messages that this process has seen, so that a warm claim is not sent them again. Rows never change, so what is kept is never wrong,
 * only incomplete; the oldest sessions go first when it is too much.
 */
import type { StoredMessage } from '../../core/session.ts';

/** Rows in order without a gap, and the two long constants of the session. */
export type Kept = { goal: string; system: string | null; rows: StoredMessage[] };

export type KeptMessages = {
  get(sessionId: string): Kept | null;
  put(sessionId: string, kept: Kept): void;
  /** Adds rows if they follow on the last one that is kept. */
  append(sessionId: string, rows: StoredMessage[]): void;
  forget(sessionId: string): void;
};

const MIB = 1024 * 1024;

export function keepMessages(limitBytes: number = 32 * MIB): KeptMessages {
  // A Map lists its keys in the order of their insertion: the first was used longest ago.
  const entries = new Map<string, Kept & { bytes: number }>();
  let total = 0;

  const forget = (id: string) => {
    total -= entries.get(id)?.bytes ?? 0;
    entries.delete(id);
  };
  const put = (id: string, kept: Kept) => {
    forget(id);
    const bytes = sizeOf(kept);
    if (bytes > limitBytes) return;
    entries.set(id, { ...kept, bytes });
    total += bytes;
    for (const oldest of entries.keys()) {
      if (total <= limitBytes) break;
      forget(oldest);
    }
  };
  return {
    get: (id) => entries.get(id) ?? null,
    put,
    append(id, rows) {
      const kept = entries.get(id);
      const last = kept?.rows.at(-1)?.n;
      if (kept && rows[0] && rows[0].n === last! + 1) put(id, { ...kept, rows: [...kept.rows, ...rows] });
    },
    forget,
  };
}

const sizes = new WeakMap<StoredMessage, number>();

function sizeOf({ goal, system, rows }: Kept): number {
  return rows.reduce((total, row) => total + sizeOfRow(row), goal.length + (system?.length ?? 0));
}

function sizeOfRow(row: StoredMessage): number {
  const size = sizes.get(row) ?? JSON.stringify(row).length;
  sizes.set(row, size);
  return size;
}

/** All rows from `from` to `to`, out of the kept and the new ones; null if that leaves a gap. */
export function complete(
  kept: StoredMessage[],
  fresh: StoredMessage[],
  from: number,
  to: number,
): StoredMessage[] | null {
  const rows = [...kept, ...fresh].filter(({ n }) => n >= from);
  return rows.length === to - from + 1 && rows.every(({ n }, i) => n === from + i) ? rows : null;
}
