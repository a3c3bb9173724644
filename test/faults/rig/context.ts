/**
 * Contexts and replies in a run: agents say so little that none would ever be compacted. What compaction (R14) reckons with is as much smaller as time is
 * shorter (scale.ts), and so it comes after a few steps, and is worth its price before sleep. The code stays the product's.
 */
import { readFileSync } from 'node:fs';
import type { SourcePatch } from '../evidence.ts';
import { SCALE } from '../scale.ts';

const TOKENS = ['LEAST_TOKENS', 'SUMMARY_TOKENS', 'SUMMARY_FLOOR', 'SUMMARY_CEILING', 'KEEP_TOKENS'];

/** A reply of the run has at most this much room, so a thinking model must make do with as much less (of the usual 8,000), or none were shorter. */
const REPLY_SCALE = 8_000 / 1_200;

const CONSTANTS = [
  ...TOKENS.map((name) => ({ file: 'lib/core/compact.ts', name, scale: SCALE })),
  { file: 'lib/core/request-call.ts', name: 'LEAST_WITH_THINKING', scale: REPLY_SCALE },
];

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
export const smallerContexts = (): SourcePatch[] =>
  CONSTANTS.map(({ file, name, scale }) => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    const [found, tokens] = new RegExp(`\\b${name} = ([\\d_]+)`).exec(text) ?? [];
    if (!found) throw new Error(`${file} has no ${name}`);
    return { file, from: found, to: `${name} = ${Math.round(Number(tokens!.replaceAll('_', '')) / scale)}` };
  });
