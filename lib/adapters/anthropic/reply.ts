/**
 * From a folded stream to a reply that can be stored and sent back: no blank text, no tool call that was cut (R13), no character that
 * storage refuses. All other blocks (thinking with its signature, server tools and their results) stay as they came.
 */
import type { Block, Reply, ToolUseBlock } from '../../core/session.ts';
import { clean } from './clean.ts';
import type { Folded, OpenBlock } from './stream.ts';

/** With these the output stopped in mid-air, so that the last block may lack its end even if it parses. */
const CUT = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal']);

/** No assistant turn may end on a thought, and none may be empty. */
const THOUGHT = new Set(['thinking', 'redacted_thinking']);
const NO_TEXT: Block = { type: 'text', text: '(no text)' };

type Json = Record<string, unknown>;

/** The input of a tool call, or null when what came is not one JSON object. No delta, or an empty one, means the input at its start. */
const inputOf = ({ block, json }: OpenBlock): Json | null => {
  try {
    const input: unknown = json ? JSON.parse(json) : block.input;
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Json) : null;
  } catch {
    return null;
  }
};

const cutCall = (block: Json): Block => ({
  type: 'text',
  text: `(The call of ${String(block.name)} was cut off before its arguments were complete; it was not run.)`,
});

type Part = { block: Block | null; lost: boolean };

/** Left out or changed here. What the model thought after it in the same reply was bound to it, and would not be taken back. */
const altered = ({ block: came }: OpenBlock, { block, lost }: Part): boolean =>
  lost || block === null || (came.type !== 'tool_use' && came.type !== 'server_tool_use' && block !== came);

const finished = (open: OpenBlock, cut: boolean): Part => {
  const { block } = open;
  switch (block.type) {
    case 'text':
      return { block: String(block.text ?? '').trim() ? (clean(block) as Block) : null, lost: false };
    case 'tool_use': {
      const input = cut ? null : inputOf(open);
      if (input === null) return { block: clean(cutCall(block)), lost: true };
      return { block: clean({ ...block, input } as ToolUseBlock), lost: false };
    }
    case 'server_tool_use': {
      const input = inputOf(open);
      return { block: input && clean({ ...block, input } as Block), lost: false };
    }
    case 'thinking':
      // Without its signature the API would refuse the whole history.
      if (!open.closed || !block.signature) return { block: null, lost: false };
      return { block: clean(block) === block ? (block as Block) : null, lost: false };
    default: {
      const cleaned = clean(block) as Block;
      // A thinking block that had to be changed would no longer match its signature, and the API would refuse the whole history.
      return { block: cleaned !== block && 'signature' in block ? null : cleaned, lost: false };
    }
  }
};

const refusalOf = (details: unknown): NonNullable<Reply['refusal']> => {
  const { category, explanation } = (typeof details === 'object' && details !== null ? details : {}) as Json;
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? clean(value.slice(0, 2_000)) : null);
  return { category: text(category), explanation: text(explanation) };
};

/**
 * The reply of a stream that told its stop reason, else null. A call whose arguments are not JSON although nothing was cut counts as cut,
 * so that the stop reason says `max_tokens` then: no call of the reply runs and the model is asked to go on.
 */
export const replyOf = (folded: Folded): Reply | null => {
  const { stopReason } = folded;
  if (stopReason === null) return null;
  const open = [...folded.blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
  const parts = open.map((block, i) =>
    finished(block, !block.closed || (CUT.has(stopReason) && i === open.length - 1)),
  );
  const first = open.findIndex((block, i) => altered(block, parts[i]!));
  const content = parts.flatMap(({ block }, i) =>
    block === null || (first >= 0 && i > first && THOUGHT.has(block.type)) ? [] : [block],
  );
  const lost = parts.some((part) => part.lost) && !CUT.has(stopReason);
  return {
    id: folded.id,
    model: folded.model,
    content: content.every(({ type }) => THOUGHT.has(type)) ? [...content, NO_TEXT] : content,
    stopReason: lost ? 'max_tokens' : stopReason,
    usage: folded.usage,
    ...(stopReason === 'refusal' && { refusal: refusalOf(folded.stopDetails) }),
  };
};
