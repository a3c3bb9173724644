/** The ledger, summed; a call's cost shared out over the tools it called so that the shares sum exactly. */
import type { TokenCounts, UsageGroup, UsagePage, UsageRange, UsageRow } from '../../ports/index.ts';
import { NO_TOOL } from '../../ports/index.ts';
import type { LedgerRow, Store } from './store.ts';

export function usageOf(
  store: Store,
  userId: string,
  range: UsageRange,
  groupBy: UsageGroup,
  page?: UsagePage,
): UsageRow[] {
  const rows = [...store.ledger.values()].filter(
    ({ userId: owner, sessionId, day }) =>
      owner === userId && day >= range.from && day <= range.to && sessionId === (range.sessionId ?? sessionId),
  );
  const parts = rows.flatMap((row) => (groupBy === 'tool' ? perTool(row) : [partOf(row, keyOf(row, groupBy))]));
  const sums = new Map<string, UsageRow>();
  for (const part of parts) sums.set(part.key, add(sums.get(part.key), part));
  const sorted = [...sums.values()].sort((a, b) => (sortKey(a.key) < sortKey(b.key) ? -1 : 1));
  const { after = null, limit = sorted.length } = page ?? {};
  return sorted.filter(({ key }) => after === null || sortKey(key) > sortKey(after)).slice(0, limit);
}

/** Numbers at the end of a key count as numbers. */
const sortKey = (key: string) => key.replace(/:\d+$/, (number) => number.slice(1).padStart(9, '0'));

function keyOf(row: LedgerRow, groupBy: Exclude<UsageGroup, 'tool'>): string {
  if (groupBy === 'iteration') return `${row.sessionId}:${row.iteration}`;
  if (groupBy === 'hour') return `${new Date(row.at).toISOString().slice(0, 13)}:00:00.000Z`;
  return groupBy === 'day' ? row.day : groupBy === 'session' ? row.sessionId : row.model;
}

const NAMES = ['inputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens', 'outputTokens'] as const;

/** The tokens by class, `of` each. */
const tokens = (of: (name: (typeof NAMES)[number]) => number) =>
  Object.fromEntries(NAMES.map((name) => [name, of(name)])) as TokenCounts;

function partOf(row: LedgerRow, key: string): UsageRow {
  const usage = (row.usage ?? {}) as Record<string, unknown>;
  const told = (value: unknown) => Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(Number(value ?? 0))));
  const hourly = told((usage.cache_creation as Record<string, unknown> | undefined)?.ephemeral_1h_input_tokens);
  const unknown = row.class === 'unknown' ? row.cost : 0n;
  return {
    ...{ key, calls: 1, cost: row.cost, unknown },
    inputTokens: told(usage.input_tokens),
    cacheWrite5mTokens: Math.max(0, told(usage.cache_creation_input_tokens) - hourly),
    cacheWrite1hTokens: hourly,
    cacheReadTokens: told(usage.cache_read_input_tokens),
    outputTokens: told(usage.output_tokens),
  };
}

function perTool(row: LedgerRow): UsageRow[] {
  const tools = row.tools.length > 0 ? row.tools : [NO_TOOL];
  const whole = partOf(row, '');
  const share = (amount: bigint, i: number) =>
    amount / BigInt(tools.length) + (BigInt(i) < amount % BigInt(tools.length) ? 1n : 0n);
  return tools.map((key, i) => ({
    ...{ key, calls: row.tool === undefined ? 1 : 0, cost: share(whole.cost, i), unknown: share(whole.unknown, i) },
    ...tokens((name) => Number(share(BigInt(whole[name]), i))),
  }));
}

function add(a: UsageRow | undefined, b: UsageRow): UsageRow {
  if (!a) return b;
  return {
    ...{ key: b.key, calls: a.calls + b.calls, cost: a.cost + b.cost, unknown: a.unknown + b.unknown },
    ...tokens((name) => a[name] + b[name]),
  };
}
