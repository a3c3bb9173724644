/**
 * The acceptance of a reply: what the Messages API would refuse in a history is made acceptable before it is stored. A history once stored is
 * sent with every later request. Pure.
 *
 * The API's own rules, from its error messages and documents (November 2026): a tool call's id matches `^[a-zA-Z0-9_-]+$` and is unique in the
 * conversation, its name matches `^[a-zA-Z0-9_-]{1,128}$`, its input is an object; a text block has text that is not only white space; no
 * message is empty; no reply ends on a thought, nor, where it is the last message, on white space.
 *
 * A thought is bound to all that stands before it, its own reply included. So nothing is changed without need. Of a reply that had to be
 * changed, the thoughts after the change are left out.
 */
import { isBlank, MOST_LEVELS, nestedDeeper } from '../text.ts';
import { isThought, NO_TEXT } from './context.ts';
import { preview } from './runtime-messages.ts';
import type { Block, Reply, StoredMessage, ToolUseBlock } from './session.ts';

/** The runtime's own stop reason: a call of the reply could not be kept as one, so that it has no result that could tell the agent. */
export const INVALID_CALL = 'invalid_call';

/** Said after the results of the reply's other calls. */
export const NOT_TAKEN =
  '[runtime] At least one of your tool calls was not run, for the reason that now stands in its place. Call only the tools that you were ' +
  'given, by their exact names, with arguments that are not nested deeply.';

/** Of a tool call's id, and of its name. The API has no bound for an id, but one as long as this is none that it made. */
export const CALL_ID = /^[a-zA-Z0-9_-]{1,128}$/;
export const CALL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
/** Levels of a call's arguments and of other blocks: an export puts five around them, and its import takes MOST_LEVELS in all. */
const BLOCK_LEVELS = MOST_LEVELS - 16;
/** A wrong name is shown this far. Characters. */
const NAME_SHOWN = 200;
/** Blocks that only a user turn may have. */
const NOT_A_REPLYS = new Set(['tool_result', 'image', 'document']);
const MID_AIR = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal']);

/** A block as it will be stored (null: not at all), and whether that is not what the model said. */
type Part = { block: Block | null; changed: boolean };

/** The blocks that are left, without the thoughts that follow a change: their prefix is not what they were thought after. */
export function withoutStaleThoughts(parts: Part[]): Block[] {
  const first = parts.findIndex(({ changed }) => changed);
  return parts.flatMap(({ block }, i) => (block && !(first >= 0 && i > first && isThought(block)) ? [block] : []));
}

/** `history`: what the next request will send again. `n`: the number of the reply's row. The reply itself where nothing is wrong with it. */
export function accepted(reply: Reply, history: StoredMessage[], n: number): Reply {
  const ids = new Set(history.flatMap(({ content }) => content.flatMap((b) => (isCall(b) ? [b.id] : []))));
  const whole = (history[0]?.n ?? 1) === 1;
  let refused = false;
  const parts = reply.content.map((block, i): Part => {
    if (!isCall(block)) return otherPart(block);
    const flaw = flawOf(block);
    refused ||= flaw !== null;
    if (flaw !== null) return { block: said(notACall(block, flaw)), changed: true };
    const good =
      typeof block.id === 'string' && CALL_ID.test(block.id) && !ids.has(block.id) && (whole || minted(block.id));
    const id = good ? block.id : freshId(ids, n, i);
    ids.add(id);
    return id === block.id ? { block, changed: false } : { block: { ...block, id }, changed: true };
  });
  const content = ended(withoutStaleThoughts(parts), reply.stopReason);
  const stopReason = refused && !MID_AIR.has(reply.stopReason) ? INVALID_CALL : reply.stopReason;
  const same = content.length === reply.content.length && content.every((block, i) => block === reply.content[i]);
  return same && stopReason === reply.stopReason ? reply : { ...reply, content, stopReason };
}

const isCall = (block: Block): block is ToolUseBlock => block.type === 'tool_use';
const said = (text: string): Block => ({ type: 'text', text });

/** Long enough to be random, as the provider's are: it cannot have been there before what was summarised, which is not at hand any more. */
const minted = (id: string): boolean => id.length >= 20;

/** Why the API would not take a call back, or this system not keep it. */
function flawOf({ name, input }: ToolUseBlock): string | null {
  if (typeof name !== 'string' || !CALL_NAME.test(name))
    return 'a tool is called by a name of 1 to 128 letters, digits, hyphens and underscores';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'its arguments are not an object';
  return nestedDeeper(input, BLOCK_LEVELS) ? `its arguments are nested more than ${BLOCK_LEVELS} levels deep` : null;
}

function notACall({ name, input }: ToolUseBlock, flaw: string): string {
  const called = JSON.stringify(String(name).slice(0, NAME_SHOWN).toWellFormed());
  const args = nestedDeeper(input) ? '' : ` Its arguments were: ${preview(JSON.stringify(input) ?? 'none')}`;
  return `(The call of ${called} was not run: ${flaw}.${args})`;
}

/** Ids follow from the place, so that the same reply gets the same ones. */
function freshId(ids: Set<string>, n: number, i: number): string {
  let id = `toolu_${n}_${i}`;
  while (ids.has(id)) id += '_';
  return id;
}

function otherPart(block: Block): Part {
  const fields = block as Record<string, unknown>;
  const gone: Part = { block: null, changed: true };
  if (block.type === 'text')
    return typeof fields.text === 'string' && !isBlank(fields.text) ? { block, changed: false } : gone;
  if (block.type === 'thinking' && !(typeof fields.thinking === 'string' && hasText(fields.signature))) return gone;
  if (block.type === 'redacted_thinking' && !hasText(fields.data)) return gone;
  if (typeof block.type !== 'string' || NOT_A_REPLYS.has(block.type) || nestedDeeper(block, BLOCK_LEVELS)) {
    const type = JSON.stringify(String(block.type).slice(0, NAME_SHOWN).toWellFormed());
    return { block: said(`(A part of this reply of the type ${type} could not be kept.)`), changed: true };
  }
  return { block, changed: false };
}

const hasText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** An end that the API takes. A paused reply is the last message of the next request. */
function ended(content: Block[], stopReason: string): Block[] {
  const last = content.findLastIndex((block) => !isThought(block));
  if (last < 0) return [...content, said(NO_TEXT)];
  const whole = content.slice(0, last + 1);
  const end = whole[last] as { type: string; text: string };
  if (stopReason !== 'pause_turn' || end.type !== 'text' || end.text === end.text.trimEnd()) return whole;
  return [...whole.slice(0, -1), { ...end, text: end.text.trimEnd() }];
}
