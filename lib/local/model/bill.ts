/**
 * The provider's own bill: one line per request that was served. The line is written before the first byte goes out. So no crash of the caller
 * or of this server can lose it. The runtime's ledger and holds must never fall below this bill.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** `conversation` tells sessions apart by model, system prompt and first message. `at` is ISO 8601 by the server's clock. */
export type BillLine = {
  request_id: string;
  at: string;
  model: string;
  conversation: string;
  usage: Record<string, unknown>;
  cost_microdollars: number;
};

export type Bill = { add(line: BillLine): void; lines(): BillLine[] };

/** `path`: JSON lines, kept over restarts; null keeps them in memory. A line that a crash left half-written counts for nothing. */
export function openBill(path: string | null): Bill {
  if (path === null) {
    const kept: BillLine[] = [];
    return { add: (line) => kept.push(line), lines: () => [...kept] };
  }
  mkdirSync(dirname(path), { recursive: true });
  // The line break comes first, so that a half-written line spoils no other.
  const add = (line: BillLine) => appendFileSync(path, `\n${JSON.stringify(line)}`);
  return { add, lines: () => linesOf(path) };
}

function linesOf(path: string): BillLine[] {
  let written = '';
  try {
    written = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return written.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as BillLine] : [];
    } catch {
      return [];
    }
  });
}
