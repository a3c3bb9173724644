/**
 * From a folded stream to a reply that can be stored: no blank text, no tool call that was cut (R13), no character that storage refuses.
 * All other blocks (thinking with its signature, server tools and their results) stay as they came. What the API itself refuses in a history
 * is the core's matter (acceptance.ts).
 */
import { withoutStaleThoughts } from '../../core/acceptance.ts';
import { isThought } from '../../core/context.ts';
import type { Block, Reply, ToolUseBlock } from '../../core/session.ts';
import { isBlank, nestedDeeper } from '../../text.ts';
import { clean } from './clean.ts';
import type { Folded, OpenBlock } from './stream.ts';

/** With these the output stopped in mid-air, so that the last block may lack its end even if it parses. */
const CUT = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal']);

const NO_TEXT: Block = { type: 'text', text: '(no text)' };

type Json = Record<string, unknown>;

/** The input of a tool call, or null when what came is not one JSON object. No delta, or an empty one, means the input at its start. */
function inputOf({ block, json }: OpenBlock): Json | null {
  try {
    const input: unknown = json ? JSON.parse(json) : block.input;
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Json) : null;
  } catch {
    return null;
  }
}

const cutCall = (block: Json): Block => ({
  type: 'text',
  text: `(The call of ${String(block.name)} was cut off before its arguments were complete; it was not run.)`,
});

/** What is too deep to be walked goes on as it is: the core does not keep it. */
const cleaned = (block: Block): Block => (nestedDeeper(block) ? block : clean(block));

/** `changed`: it is not what the model said, or nothing of it is left. */
type Part = { block: Block | null; changed: boolean; lost?: true };

function kept(block: Block): Part {
  const stored = cleaned(block);
  return { block: stored, changed: stored !== block };
}
const dropped: Part = { block: null, changed: true };

function finished(open: OpenBlock, cut: boolean): Part {
  const { block } = open;
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' && !isBlank(block.text) ? kept(block as Block) : dropped;
    case 'tool_use': {
      const input = cut ? null : inputOf(open);
      if (input === null) return { block: cleaned(cutCall(block)), changed: true, lost: true };
      return kept({ ...block, input } as ToolUseBlock);
    }
    case 'server_tool_use': {
      const input = inputOf(open);
      return input ? kept({ ...block, input } as Block) : dropped;
    }
    case 'thinking': {
      // Without its signature, or where it had to be changed, the API would refuse the whole history.
      if (!open.closed || !block.signature) return dropped;
      const part = kept(block as Block);
      return part.changed ? dropped : part;
    }
    default: {
      const part = kept(block as Block);
      return part.changed && 'signature' in block ? dropped : part;
    }
  }
}

function refusalOf(details: unknown): NonNullable<Reply['refusal']> {
  const { category, explanation } = (typeof details === 'object' && details !== null ? details : {}) as Json;
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? clean(value.slice(0, 2_000)) : null);
  return { category: text(category), explanation: text(explanation) };
}
/** A final count that never came is not the one token of the start: null, so that nobody takes it for the bill. */
const usageOf = ({ usage, counted }: Folded): Reply['usage'] => (counted ? usage : { ...usage, output_tokens: null });

/**
 * The reply of a stream that told its stop reason, else null. A call whose arguments are not JSON although nothing was cut counts as cut,
 * so that the stop reason says `max_tokens` then: no call of the reply runs and the model is asked to go on.
 */
export function replyOf(folded: Folded): Reply | null {
  const { stopReason } = folded;
  if (stopReason === null) return null;
  const open = [...folded.blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
  const parts = open.map((block, i) =>
    finished(block, !block.closed || (CUT.has(stopReason) && i === open.length - 1)),
  );
  const content = withoutStaleThoughts(parts);
  const lost = parts.some((part) => part.lost) && !CUT.has(stopReason);
  return {
    id: folded.id,
    model: folded.model,
    content: content.every(isThought) ? [...content, NO_TEXT] : content,
    stopReason: lost ? 'max_tokens' : stopReason,
    usage: usageOf(folded),
    ...(stopReason === 'refusal' && { refusal: refusalOf(folded.stopDetails) }),
  };
}
