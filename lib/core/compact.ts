/**
 * Compaction (R14): when a context is replaced by a summary that the model writes, as an iteration of its own. Nothing is deleted; the
 * pointer `memory.context.from` moves to the summary's row.
 */
import { costMicrodollars, modelLimits, worstCaseMicrodollars } from '../budget/pricing.ts';
import { modelOf } from './ladder.ts';
import type { Memory } from './memory.ts';
import type { Known } from './session.ts';
import { free } from './step.ts';

/** Below this many tokens a summary saves next to nothing. */
const LEAST_TOKENS = 20_000;
/** Iterations between two compactions: a context that is long by its head alone must not be compacted for ever. */
const APART = 3;
/** What a summary is taken to cost: its output now, its input tomorrow. */
const SUMMARY_TOKENS = 3_000;
/** Output tokens that a summary must be able to have, and those that it never needs more of. */
export const SUMMARY_FLOOR = 4_000;
export const SUMMARY_CEILING = 6_000;
/** Old tool results are cleared before this many newest rows, when a summary cannot be had. */
const KEEP_ROWS = 6;
/** Part of a day's allowance that one reading of the context may cost before it is compacted while that is still cheap. */
const COST_SHARE = { of: 1n, in: 4n };

const tokens = (s: Known): number => (s.memory.counted?.model === modelOf(s) ? s.memory.counted.tokens : 0);

const allowed = (s: Known): boolean => s.policy.compaction && s.iteration - s.memory.context.compactedAt >= APART;

/** The context has reached its limit in tokens, or is about to become too dear to be summarised within a day. */
export const compactionDue = (s: Known, at: number): boolean => {
  const size = tokens(s);
  if (!allowed(s)) return false;
  const window = modelLimits(modelOf(s)).contextWindow;
  if (size >= Math.min(s.policy.compactAtTokens, window * s.policy.compactAtWindowShare)) return true;
  const cost = worstCaseMicrodollars({ model: modelOf(s), inputTokens: size, maxTokens: 0, at });
  return size >= LEAST_TOKENS && cost * COST_SHARE.in >= s.day.allowance * COST_SHARE.of;
};

/** Is summarising now, while the cache is warm, cheaper than reading the whole context cold tomorrow? Once per bedtime. */
export const bedtimeCompaction = (s: Known, at: number): boolean => {
  const size = tokens(s);
  if (!allowed(s) || size < LEAST_TOKENS || s.memory.bedtime === s.day.date) return false;
  if (holdOf(s, size, at) > free(s.day)) return false;
  const model = modelOf(s);
  const cold = (inputTokens: number) => worstCaseMicrodollars({ model, inputTokens, maxTokens: 0, at });
  const warm = costMicrodollars({
    model,
    usage: { input_tokens: 0, cache_read_input_tokens: size, output_tokens: 0 },
    at,
  });
  const summary = worstCaseMicrodollars({ model, inputTokens: SUMMARY_TOKENS, maxTokens: SUMMARY_TOKENS, at });
  return warm + summary < cold(size);
};

/** About what the compaction's own hold will be: what it cannot get is not worth an invocation. */
const holdOf = (s: Known, size: number, at: number): bigint =>
  worstCaseMicrodollars({ model: modelOf(s), inputTokens: size + SUMMARY_TOKENS, maxTokens: SUMMARY_FLOOR, at });

/** The context is a summary of a moment ago: another one would change nothing. */
export const compactedLately = (s: Known): boolean =>
  s.memory.context.clearedBefore > 1 && s.iteration - s.memory.context.compactedAt < APART;

/** After a compaction: the context starts at row `from`. */
export const compacted = (s: Known, from: number): Memory => ({
  ...s.memory,
  context: { from, clearedBefore: from, compactedAt: s.iteration },
  counted: null,
  compact: null,
  failures: 0,
});

/** Without a summary: long results of older rows (of all rows, if `all`) are shown by their length only. */
export const clearedResults = (s: Known, all = false): Memory => {
  const last = s.history.at(-1)?.n ?? 1;
  const clearedBefore = Math.max(s.memory.context.clearedBefore, 2, all ? last + 1 : last - KEEP_ROWS);
  return {
    ...s.memory,
    context: { ...s.memory.context, clearedBefore, compactedAt: s.iteration },
    counted: null,
    compact: null,
  };
};
