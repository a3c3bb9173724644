/**
 * Compaction (R14): when a context is replaced by a summary that the model writes, as an iteration of its own. Nothing is deleted; the
 * pointer `memory.context.from` moves to the summary's row.
 */
import { costMicrodollars, modelLimits, worstCaseMicrodollars } from '../budget/pricing.ts';
import { unthought } from './binding.ts';
import { clearsAnything, midTurn, told } from './context.ts';
import type { Memory } from './memory.ts';
import { modelOf } from './model-ladder.ts';
import type { SessionData } from './session.ts';
import { free } from './step.ts';

/** Below this many tokens a summary saves next to nothing. */
const LEAST_TOKENS = 20_000;
/** Iterations between two compactions: a context that is long by its head alone must not be compacted for ever. */
const APART = 3;
/** With every summary in a row that came to nothing, the next is tried after twice as many iterations; so often at most. */
const MOST_DOUBLINGS = 6;
/** What a summary is taken to cost: its output now, its input tomorrow. */
const SUMMARY_TOKENS = 3_000;
/** Output tokens that a summary must be able to have, and those that it never needs more of. Thinking counts towards both. */
export const SUMMARY_FLOOR = 4_096;
export const SUMMARY_CEILING = 16_000;
/** About so many tokens of the newest turns are left in place, and no more than this part of the context. */
const KEEP_TOKENS = 20_000;
const KEEP_SHARE = 0.25;
/** Of JSON, on average; a wrong guess keeps a turn more or less. */
const BYTES_PER_TOKEN = 3;
/** Old tool results are cleared before this many newest rows, when a summary cannot be had. */
const KEEP_ROWS = 6;
/** Part of a day's allowance that one reading of the context may cost before it is compacted while that is still cheap. */
const COST_SHARE = { of: 1n, in: 4n };

const tokens = (s: SessionData): number => (s.memory.counted?.model === modelOf(s) ? s.memory.counted.tokens : 0);

function allowed(s: SessionData): boolean {
  const { context, failedSummaries } = s.memory;
  const apart = APART * 2 ** Math.min(failedSummaries, MOST_DOUBLINGS);
  return s.policy.compaction && !midTurn(s) && s.iteration - context.compactedAt >= apart;
}

/** The context has reached its limit in tokens, or is about to become too dear to be summarised within a day. */
export function compactionDue(s: SessionData, at: number): boolean {
  const size = tokens(s);
  if (!allowed(s)) return false;
  const window = modelLimits(modelOf(s)).contextWindow;
  if (size >= Math.min(s.policy.compactAtTokens, window * s.policy.compactAtWindowShare)) return true;
  const cost = worstCaseMicrodollars({ model: modelOf(s), inputTokens: size, maxTokens: 0, at });
  return size >= LEAST_TOKENS && cost * COST_SHARE.in >= s.day.allowance * COST_SHARE.of;
}

/** Is summarising now, while the cache is warm, cheaper than reading the whole context cold tomorrow? Once before each sleep. */
export function preSleepCompaction(s: SessionData, at: number): boolean {
  const size = tokens(s);
  if (!allowed(s) || size < LEAST_TOKENS || s.memory.beforeSleep === s.day.date) return false;
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
}

/** About what the compaction's own hold will be: what it cannot get is not worth an invocation. */
const holdOf = (s: SessionData, size: number, at: number): bigint =>
  worstCaseMicrodollars({ model: modelOf(s), inputTokens: size + SUMMARY_TOKENS, maxTokens: SUMMARY_FLOOR, at });

/** The context is a summary of a moment ago: another one would change nothing. */
export const compactedLately = (s: SessionData): boolean =>
  s.memory.context.clearedBefore > 1 && s.iteration - s.memory.context.compactedAt < APART;

/** All that came before a moment ago is a summary, and not only cleared. */
export const summarisedLately = (s: SessionData): boolean => s.memory.context.summary !== null && compactedLately(s);

/**
 * First of the newest rows that a summary leaves in place: a reply, so that the summary may stand before it and each call keeps its result.
 * Null: none is left.
 */
export function keptFrom(s: SessionData): number | null {
  const rows = told(s.history, s.memory).map(({ n, role, content }) => ({
    n,
    role,
    bytes: JSON.stringify(content).length,
  }));
  const whole = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = Math.min(KEEP_TOKENS * BYTES_PER_TOKEN, whole * KEEP_SHARE);
  let kept = 0;
  let first: number | null = null;
  // What an earlier summary left in place is in this one: else that summary would come along.
  const earliest = s.memory.context.summary ?? 0;
  for (const { n, role, bytes } of rows.slice(1).reverse()) {
    if (n < earliest) break;
    kept += bytes;
    if (kept > most) break;
    if (role === 'assistant') first = n;
  }
  return first;
}

/** After a compaction: row `summary` stands for what was before row `kept`, whose thinking goes with it. */
export const compacted = (s: SessionData, summary: number, kept: number = summary): Memory => ({
  ...unthought(s),
  context: {
    from: kept,
    summary,
    clearedBefore: Math.max(kept, s.memory.context.clearedBefore),
    mediaFrom: s.memory.context.mediaFrom,
    compactedAt: s.iteration,
  },
  failedSummaries: 0,
  counted: null,
  compact: null,
  failures: 0,
  doubts: 0,
});

function clearedBefore(s: SessionData, row: number): Memory {
  const { context } = s.memory;
  const to = Math.max(context.clearedBefore, 2, row);
  const changed = clearsAnything(s.history, context.clearedBefore, to);
  return {
    ...(changed ? unthought(s) : s.memory),
    context: { ...context, clearedBefore: to, compactedAt: s.iteration },
    counted: null,
    compact: null,
  };
}

/** With images and PDFs shown from row `from` on only. */
export const showingMediaFrom = (s: SessionData, from: number): Memory => ({
  ...unthought(s),
  context: { ...s.memory.context, mediaFrom: from },
  counted: null,
});

/** Without a summary: long results of older rows (of all rows, if `all`) are shown by their length only. */
export function clearedResults(s: SessionData, all = false): Memory {
  const last = s.history.at(-1)?.n ?? 1;
  return clearedBefore(s, all ? last + 1 : last - KEEP_ROWS);
}

/** One step smaller, the oldest results first and the newest last, then without the turns that the summary left in place. Null: there is none. */
export function smaller(s: SessionData): Memory | null {
  const last = s.history.at(-1)?.n ?? 1;
  const { context } = s.memory;
  const to = [last - KEEP_ROWS, last - KEEP_ROWS / 2, last, last + 1].find((row) =>
    clearsAnything(s.history, context.clearedBefore, row),
  );
  if (to !== undefined) return clearedBefore(s, to);
  return context.summary !== null && context.from < context.summary ? compacted(s, context.summary) : null;
}

/** After a summary that could not be paid: as without one. That it failed counts only where the prompt is too long without one. */
export const unpaidSummary = (s: SessionData): Memory => ({
  ...clearedResults(s),
  failedSummaries: Math.max(1, s.memory.failedSummaries),
});

/** After a summary that was paid for and is none: as without one, and the next is tried later than this one was. */
export const summaryFailed = (s: SessionData): Memory => ({
  ...clearedResults(s),
  failedSummaries: s.memory.failedSummaries + 1,
  failures: 0,
  doubts: 0,
});
