/**
 * Contexts in a run: agents say so little that none would ever be compacted. What compaction (R14) reckons with is as much smaller as time is
 * shorter (scale.ts), and so it comes after a few steps, and is worth its price before sleep. The code stays the product's.
 */
import { readFileSync } from 'node:fs';
import type { SourcePatch } from '../evidence.ts';
import { SCALE } from '../scale.ts';

const FILE = 'lib/core/compact.ts';
const TOKENS = ['LEAST_TOKENS', 'SUMMARY_TOKENS', 'SUMMARY_FLOOR', 'SUMMARY_CEILING', 'KEEP_TOKENS'];

/**
 * For lib/config/env.ts. The head of a prompt is of some 1,000 tokens, a step of some 300, a reply that runs into its limit of 1,200: sessions of a
 * few steps are compacted, some of them again, and others never. A day that ends between the third step and this length is worth a summary
 * before sleep: with a shorter one every session would be compacted by then.
 */
export const COMPACTION = { COMPACTION: '1', COMPACT_AT_TOKENS: '2000' };

/**
 * In the workers. Throws if one of them is not there any more under its name. Whole tokens: prices are reckoned of no others, and every
 * iteration that asks for a summary would end by an error.
 */
export const smallerContexts = (): SourcePatch[] => {
  const text = readFileSync(new URL(`../../../${FILE}`, import.meta.url), 'utf8');
  return TOKENS.map((name) => {
    const [found, tokens] = new RegExp(`\\b${name} = ([\\d_]+)`).exec(text) ?? [];
    if (!found) throw new Error(`${FILE} has no ${name}`);
    return { file: FILE, from: found, to: `${name} = ${Math.round(Number(tokens!.replaceAll('_', '')) / SCALE)}` };
  });
};
