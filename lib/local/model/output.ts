/**
 * From a player's answer to what is streamed: blocks with ids, cut where `max_tokens` ends. A tool call that is cut ends in the middle of
 * its JSON, as it does when a model runs out of room.
 */
import { createHash } from 'node:crypto';
import type { Answer, AnswerBlock, CallBlock, StopReason } from './answer.ts';
import { BYTES_PER_TOKEN, tokensOf } from './prompt.ts';

/** A block as it goes out. `json`: the text of a tool call's input. */
export type OutBlock = { block: Record<string, unknown> & { type: string }; json: string | null };
export type Output = { blocks: OutBlock[]; stopReason: StopReason; tokens: number };

const isCall = (block: AnswerBlock): block is CallBlock => block.type === 'tool_use';

const sizeOf = ({ block, json }: OutBlock): number => Buffer.byteLength(json ?? JSON.stringify(block));

/** Ids follow from the prompt and the place, so that a repeated request gets the same ones. */
function outBlock(block: AnswerBlock, promptHash: string, i: number): OutBlock {
  if (!isCall(block)) return { block, json: null };
  const { id, name, input, json } = block;
  const minted = `toolu_${createHash('sha256').update(`${promptHash}:${i}`).digest('hex').slice(0, 24)}`;
  return { block: { type: 'tool_use', id: id ?? minted, name, input }, json: json ?? JSON.stringify(input) };
}

function cutBlock({ block, json }: OutBlock, bytes: number): OutBlock | null {
  if (json !== null) return { block, json: json.slice(0, Math.min(bytes, Math.max(0, json.length - 1))) };
  const key = block.type === 'text' ? 'text' : block.type === 'thinking' ? 'thinking' : null;
  if (key === null) return null;
  const text = Buffer.from(String(block[key]))
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
  return text ? { block: { ...block, [key]: text }, json: null } : null;
}

function cutTo(blocks: OutBlock[], maxBytes: number): OutBlock[] {
  const kept: OutBlock[] = [];
  let left = maxBytes;
  for (const block of blocks) {
    const size = sizeOf(block);
    if (size <= left) kept.push(block);
    else return [...kept, ...[cutBlock(block, left)].filter((b) => b !== null)];
    left -= size;
  }
  return kept;
}

/** `maxTokens` bounds what is sent and what is billed, whatever the player answers or reports. */
export function outputOf(answer: Answer, maxTokens: number, promptHash: string): Output {
  const blocks = answer.content.map((block, i) => outBlock(block, promptHash, i));
  const reported = answer.usage?.output_tokens;
  const tokens =
    typeof reported === 'number' ? reported : Math.max(1, tokensOf(blocks.reduce((sum, b) => sum + sizeOf(b), 0)));
  if (tokens > maxTokens) {
    return {
      blocks: cutTo(blocks, Math.floor(maxTokens * BYTES_PER_TOKEN)),
      stopReason: 'max_tokens',
      tokens: maxTokens,
    };
  }
  const stopReason = answer.stopReason ?? (answer.content.some(isCall) ? 'tool_use' : 'end_turn');
  return { blocks, stopReason, tokens: answer.content.length === 0 && stopReason === 'refusal' ? 0 : tokens };
}
