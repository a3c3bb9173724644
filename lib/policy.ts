/** The policy by which sessions run here, from the settings. */
import { createHash } from 'node:crypto';
import type { Config } from './agents/config.ts';
import type { Env } from './config/env.ts';
import { effortsOf } from './config/tiers.ts';
import type { Policy } from './core/session.ts';

/** Part of the model's window at which a context is compacted, whatever its tokens. */
const COMPACT_AT_WINDOW_SHARE = 0.6;

/**
 * Tells accounts of the provider apart without giving a key away. A new key of the same account counts as another one: its sessions think
 * anew once.
 */
export const accountOf = (key: string): string =>
  createHash('sha256').update(`account ${key}`).digest('hex').slice(0, 16);

export const policyOf = (env: Env<'migrate'>, config: Config): Policy => ({
  maxOutputTokens: env.MAX_OUTPUT_TOKENS,
  tierEffort: effortsOf(env, config),
  leastOutputTokens: env.LEAST_OUTPUT_TOKENS,
  compactAtTokens: env.COMPACT_AT_TOKENS,
  compactAtWindowShare: COMPACT_AT_WINDOW_SHARE,
  compaction: env.COMPACTION,
  repetitionGuard: env.REPETITION_GUARD,
  countTokens: env.COUNT_TOKENS,
  inferenceGeo: env.INFERENCE_GEO,
  wakeWindowMs: env.WAKE_WINDOW_MS,
});
