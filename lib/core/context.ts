/**
 * From a session's rows to a model request (PURE). The head (tools, system) and every row once rendered stay byte-identical from call to
 * call, because cached input costs a tenth or less of fresh input; clearing and compaction are the only breaks.
 */

import { type Geo, modelLimits } from '../budget/pricing.ts';
import { canonical, hash } from './hash.ts';
import type { Memory } from './memory.ts';
import type { AgentSpec, Block, ModelRequest, Row, ToolResultBlock, Turn } from './session.ts';

/** Results up to this many characters are not worth clearing. */
const SHORT_RESULT = 1_000;
/** Tokens that the API adds for tool use: 286 to 406 on the 5.x models (pricing page, Oct 2026), doubled; and a margin per message. */
const TOOL_PROMPT_TOKENS = 800;
const PER_MESSAGE_TOKENS = 8;

type Messages = ModelRequest['messages'];

const cleared = (block: ToolResultBlock): ToolResultBlock =>
  block.content.length <= SHORT_RESULT
    ? block
    : { ...block, content: `[cleared: ${block.content.length} characters; call the tool again if you need them]` };

/** Whether clearing the results before row `to`, and not only before `from`, makes the prompt shorter. */
export const clearsAnything = (history: Row[], from: number, to: number): boolean =>
  history.some(
    ({ n, role, content }) =>
      n >= from &&
      n < to &&
      role === 'user' &&
      content.some((b) => b.type === 'tool_result' && cleared(b as ToolResultBlock) !== b),
  );

const visible = (row: Row, clearedBefore: number): Turn =>
  row.n >= clearedBefore || row.role === 'assistant'
    ? row
    : {
        role: row.role,
        content: row.content.map((b) => (b.type === 'tool_result' ? cleared(b as ToolResultBlock) : b)),
      };

/** Adjacent user rows become one message, as the API wants alternation. */
export const joined = (turns: Turn[]): Messages => {
  const messages: Messages = [];
  for (const { role, content } of turns) {
    const last = messages.at(-1);
    // One by one into our own list: copying it for each of many rows in a line would take their square.
    if (last?.role === role) for (const block of content) last.content.push(block);
    else messages.push({ role, content: [...content] });
  }
  return messages;
};

const marked = (block: Block): Block => ({ ...block, cache_control: { type: 'ephemeral' } });

/** Breakpoints on the two newest user turns: the newer writes the cache, the older is where the last call wrote it. */
const withBreakpoints = (messages: Messages): Messages => {
  const users = messages.flatMap((m, i) => (m.role === 'user' ? [i] : [])).slice(-2);
  return messages.map((m, i) =>
    users.includes(i) ? { ...m, content: m.content.map((b, j) => (j === m.content.length - 1 ? marked(b) : b)) } : m,
  );
};

export type Prompt = {
  agent: AgentSpec;
  system: string | null;
  model: string;
  history: Row[];
  says: Turn[];
  memory: Memory;
  maxTokens: number;
  geo: Geo;
};

export const toRequest = ({ agent, system, model, history, says, memory, maxTokens, geo }: Prompt): ModelRequest => {
  const texts = [agent.system, ...(system === null ? [] : [system])];
  const rows = history
    .filter((row) => row.n >= memory.context.from)
    .map((row) => visible(row, memory.context.clearedBefore));
  return {
    model,
    max_tokens: maxTokens,
    ...(modelLimits(model).regional && { inference_geo: geo }),
    system: texts.map((text, i) => ({
      type: 'text',
      text,
      ...(i === texts.length - 1 && { cache_control: { type: 'ephemeral' as const } }),
    })),
    tools: agent.tools.map(({ effect: _, ...tool }, i) => ({
      ...tool,
      ...(i === agent.tools.length - 1 && { cache_control: { type: 'ephemeral' as const } }),
    })),
    messages: withBreakpoints(joined([...rows, ...says])),
  };
};

/** A token covers at least one byte of the text as sent or as normalised by the tokenizer, whichever is longer (R15). */
const bytes = (value: unknown): number => {
  const text = JSON.stringify(value);
  return Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize('NFKC')));
};

/** What stands before the messages. It comes from the deployment, so an exact count holds only while it stays the same. */
export const headOf = (agent: AgentSpec, system: string | null): string =>
  hash(canonical([agent.system, system, agent.tools])).toString(36);

/**
 * A bound on the prompt's tokens that needs no network: all bytes, or the last exact count of the same model plus the bytes since.
 */
export const inputBound = (request: ModelRequest, { agent, system, history, says, memory }: Prompt): number => {
  const whole = bytes(request.system) + bytes(request.tools) + bytes(request.messages);
  const sound = whole + TOOL_PROMPT_TOKENS + PER_MESSAGE_TOKENS * request.messages.length;
  const { counted } = memory;
  if (counted?.model !== request.model || counted.head !== headOf(agent, system)) return sound;
  const since = [...history.filter((row) => row.n > counted.n), ...says];
  return Math.min(
    sound,
    counted.tokens +
      PER_MESSAGE_TOKENS * (since.length + 2) +
      since.reduce((sum, turn) => sum + bytes(turn.content), 0),
  );
};

/** Plain ASCII that we ship as prompt and tools has 2.5 bytes a token and more, by any tokenizer of 2026; taken at 2. */
const HEAD_BYTES_PER_TOKEN = 2;

/**
 * The bound where the provider would not count and the sound one does not fit: only the agent's own prompt and tools, whose text ships with
 * the deployment, are taken at less than their bytes. Whatever persons, the agent or tools wrote still counts byte for byte.
 */
export const knownHeadBound = (request: ModelRequest, prompt: Prompt): number => {
  const head = JSON.stringify([prompt.agent.system, request.tools]);
  const ascii = /^[\x20-\x7e]*$/.test(head);
  const bound = inputBound(request, prompt);
  return ascii && !prompt.memory.counted ? bound - Math.floor(head.length * (1 - 1 / HEAD_BYTES_PER_TOKEN)) : bound;
};

/** The history ends on a turn that the model has not answered. */
export const unanswered = (history: Row[]): boolean => history.at(-1)?.role === 'user';

/** The adapter's word for a reply without content. */
export const NO_TEXT = '(no text)';

export const textOf = (content: Block[]): string =>
  content
    .flatMap((b) => (b.type === 'text' ? [(b as { text: string }).text] : []))
    .join('\n\n')
    .trim();
