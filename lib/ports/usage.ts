/** What is asked of the ledger, and how its sums are told (`Accounts.usage`). */

/** The key under which `usage` by tool shows what was spent on replies that called none. */
export const NO_TOOL = '(none)';

export type UsageGroup = 'day' | 'hour' | 'session' | 'model' | 'tool' | 'iteration';
/** UTC days (`YYYY-MM-DD`), both included; a call counts on the day of its hold. With `sessionId` only that session's calls. */
export type UsageRange = { from: string; to: string; sessionId?: string | undefined };
/** The rows after the one with this key, which is one that was answered before; at most so many. */
export type UsagePage = { after: string | null; limit: number };

/** The five classes that are priced apart. `inputTokens`: neither read from the cache nor written to it. */
export type TokenCounts = {
  inputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
};

/** `cost` includes `unknown`: what was charged for calls whose outcome is not known (G12). */
export type UsageRow = { key: string; calls: number; cost: bigint; unknown: bigint } & TokenCounts;
