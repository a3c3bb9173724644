/**
 * From a session's rows to a model request (PURE). The head (tools, system) and every row once rendered stay byte-identical from call to call.
 * Cached input costs a tenth or less of fresh input, and thinking is bound to all that stands before it. The only breaks are clearing,
 * compaction, another head and another model.
 */

import { takesSystemTurns } from '../budget/abilities.ts';
import { type Geo, modelLimits } from '../budget/pricing.ts';
import { isBlank } from '../text.ts';
import { hash } from './hash.ts';
import { bare, isMedia, mediaTokens, unloaded, withoutMedia } from './media.ts';
import type { Memory } from './memory.ts';
import type {
  AgentSpec,
  Block,
  Message,
  ModelRequest,
  StoredMessage,
  TextBlock,
  ToolResultBlock,
  ToolUseBlock,
} from './session.ts';

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
export const clearsAnything = (history: StoredMessage[], from: number, to: number): boolean =>
  history.some(
    ({ n, role, content }) =>
      n >= from &&
      n < to &&
      role === 'user' &&
      content.some((b) => isMedia(b) || (b.type === 'tool_result' && cleared(b as ToolResultBlock) !== b)),
  );

/** A block of thinking, which is kept and sent back as it came, or not at all. */
export const isThought = ({ type }: { type: string }): boolean => type === 'thinking' || type === 'redacted_thinking';

/** A reply without the thinking that is not taken back any more. What else it says stays as it came. */
function withoutThinking(content: Block[]): Block[] {
  const rest = content.filter((block) => !isThought(block));
  return rest.length > 0 ? rest : [{ type: 'text', text: NO_TEXT }];
}

function visible(row: StoredMessage, { context, thoughts }: Memory): Message {
  if (row.role === 'assistant')
    return row.n >= thoughts.from ? row : { role: row.role, content: withoutThinking(row.content) };
  const content = row.n >= mediaShownFrom(context) ? row.content : withoutMedia(row.content);
  return row.n >= context.clearedBefore
    ? { role: row.role, content }
    : { role: row.role, content: content.map((b) => (b.type === 'tool_result' ? cleared(b as ToolResultBlock) : b)) };
}

/** The first row whose images and PDFs the prompt shows. */
export const mediaShownFrom = ({ clearedBefore, mediaFrom }: Memory['context']): number =>
  Math.max(clearedBefore, mediaFrom);

const sent = ({ role, content }: Message): Message =>
  content.some(isMedia) ? { role, content: content.map((b) => (isMedia(b) ? bare(b) : b)) } : { role, content };

/** The rows of the live context in the order in which they are told: the summary, what it left in place, and what came since. */
export const told = (history: StoredMessage[], { context: { from, summary } }: Memory): StoredMessage[] => [
  ...history.filter(({ n }) => n === summary),
  ...history.filter(({ n }) => n >= from && n !== summary),
];

/** Adjacent user rows become one message, as the API wants alternation. */
export function joined(turns: Message[]): Message[] {
  const messages: Message[] = [];
  for (const { role, content } of turns) {
    const last = messages.at(-1);
    // One by one into our own list: copying it for each of many rows in a line would take their square.
    if (last?.role === role) {
      const answers = content.some(isResult) && last.content.some(isResult);
      for (const block of content) last.content.push(block);
      if (answers) last.content = resultsFirst(last.content, messages.at(-2));
    } else messages.push({ role, content: [...content] });
  }
  return messages;
}

const isResult = ({ type }: Block): boolean => type === 'tool_result';

/**
 * Results that were stored at several times, since some calls waited for a person: all of them come first, in the order of the calls, as the API and the
 * readers of a history want them.
 */
function resultsFirst(content: Block[], reply: Message | undefined): Block[] {
  const order = (reply?.content ?? []).flatMap((b) => (b.type === 'tool_use' ? [(b as ToolUseBlock).id] : []));
  const place = (b: Block): number => order.indexOf((b as ToolResultBlock).tool_use_id);
  const results = content.filter(isResult).sort((a, b) => place(a) - place(b));
  return [...results, ...content.filter((b) => !isResult(b))];
}

/** What stands for the user where only the runtime has something to say: a system message must follow a user's (same page). */
const STUB: TextBlock = { type: 'text', text: 'Go on.' };

function unmarked(block: Block): Block {
  const { runtime: _, ...rest } = block as TextBlock;
  return rest;
}

/**
 * Messages in the API's form. Between two replies there is one user message with what tools and users said and, after it, one system
 * message with what the runtime said; without `system`, all of it is one user message, in the order in which it was said. `stub`: for a
 * request, which may not have a system message without a user's before it.
 */
export function conversation(turns: Message[], { system, stub }: { system: boolean; stub: boolean }): Messages {
  const messages = joined(turns);
  if (!system) return messages.map(({ role, content }) => ({ role, content: content.map(unmarked) }));
  return messages.flatMap(({ role, content }): Messages => {
    const runtime = content.filter((b) => (b as TextBlock).runtime === true);
    if (runtime.length === 0) return [{ role, content }];
    const said = content.filter((b) => !runtime.includes(b));
    const before = said.length > 0 ? said : stub ? [STUB] : [];
    const told = { role: 'system', content: runtime.map(unmarked) } as const;
    return before.length > 0 ? [{ role, content: before }, told] : [told];
  });
}

const marked = (block: Block): Block => ({ ...block, cache_control: { type: 'ephemeral' } });

/** Breakpoints on the two newest turns that are not the model's: the newer writes the cache, the older is where the last call wrote it. */
function withBreakpoints(messages: Messages): Messages {
  const ends = messages.flatMap((m, i) => (m.role !== 'assistant' && messages[i + 1]?.role !== 'system' ? [i] : []));
  const newest = ends.slice(-2);
  return messages.map((m, i) =>
    newest.includes(i) ? { ...m, content: m.content.map((b, j) => (j === m.content.length - 1 ? marked(b) : b)) } : m,
  );
}

export type PromptParts = {
  agent: AgentSpec;
  system: string | null;
  model: string;
  history: StoredMessage[];
  newMessages: Message[];
  memory: Memory;
  maxTokens: number;
  geo: Geo;
};

export function toRequest({
  agent,
  system,
  model,
  history,
  newMessages,
  memory,
  maxTokens,
  geo,
}: PromptParts): ModelRequest {
  const texts = [agent.system, ...(system === null ? [] : [system])];
  const rows = told(history, memory).map((row) => sent(visible(row, memory)));
  return {
    model,
    max_tokens: maxTokens,
    ...(modelLimits(model).regional && { inference_geo: geo }),
    system: texts.map((text, i) => ({
      type: 'text',
      text,
      ...(i === texts.length - 1 && { cache_control: { type: 'ephemeral' as const } }),
    })),
    tools: agent.tools.map(({ effect: _, remote: __, ...tool }, i) => ({
      ...tool,
      ...(i === agent.tools.length - 1 && { cache_control: { type: 'ephemeral' as const } }),
    })),
    messages: withBreakpoints(conversation([...rows, ...newMessages], { system: takesSystemTurns(model), stub: true })),
  };
}

/** What the images and PDFs of these rows cost at most, where the prompt shows them. */
const shownTokens = (rows: StoredMessage[], { context }: Memory): number =>
  rows
    .filter(({ n }) => n >= mediaShownFrom(context))
    .flatMap(({ content }) => content.filter(isMedia))
    .reduce((sum, block) => sum + mediaTokens(block), 0);

/** The prompt shows a PDF for the first time, or since its tokens were last counted: only the provider knows what text it finds in there. */
export function showsNewDocument(prompt: PromptParts): boolean {
  const { history, memory } = prompt;
  const known = exactCount(prompt)?.n ?? 0;
  return told(history, memory).some(
    ({ n, content }) =>
      n > known && n >= mediaShownFrom(memory.context) && content.some(({ type }) => type === 'document'),
  );
}

/** The last exact count, where it still holds. */
function exactCount({ agent, system, model, memory: { counted } }: PromptParts): Memory['counted'] {
  return counted?.model === model && counted.head === headOf(agent, system) ? counted : null;
}

/** A token covers at least one byte of the text as sent or as normalised by the tokenizer, whichever is longer (R15). */
function bytes(value: unknown): number {
  const text = JSON.stringify(value);
  return Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize('NFKC')));
}

/** What stands before the messages, byte for byte. An exact count, and thinking, hold only while it stays the same. */
export const headOf = (agent: AgentSpec, system: string | null): string =>
  hash(JSON.stringify([agent.system, system, agent.tools])).toString(36);

/**
 * A bound on the prompt's tokens that needs no network: all bytes, or the last exact count of the same model plus the bytes since.
 */
export function inputBound(request: ModelRequest, prompt: PromptParts): number {
  const { history, newMessages, memory } = prompt;
  const messages = request.messages.map(({ role, content }) => ({ role, content: content.map(unloaded) }));
  const media = shownTokens(told(history, memory), memory);
  const whole = bytes(request.system) + bytes(request.tools) + bytes(messages) + media;
  const sound = whole + TOOL_PROMPT_TOKENS + PER_MESSAGE_TOKENS * request.messages.length;
  const counted = exactCount(prompt);
  if (counted === null) return sound;
  const rows = history.filter((row) => row.n > counted.n);
  const since = [...rows, ...newMessages];
  return Math.min(
    sound,
    counted.tokens +
      2 * PER_MESSAGE_TOKENS * (since.length + 2) +
      shownTokens(rows, memory) +
      since.reduce((sum, turn) => sum + bytes(turn.content.map(unloaded)), 0),
  );
}

/** Plain ASCII that we ship as prompt and tools has 2.5 bytes a token and more, by any tokenizer of 2026; taken at 2. */
const HEAD_BYTES_PER_TOKEN = 2;

/**
 * The bound where the provider would not count and the sound one does not fit: only the agent's own prompt and tools, whose text ships with
 * the deployment, are taken at less than their bytes. Whatever users, the agent, tools or MCP servers wrote still counts byte for byte.
 */
export function knownHeadBound(request: ModelRequest, prompt: PromptParts): number {
  const remote = new Set(prompt.agent.tools.flatMap((tool) => (tool.remote ? [tool.name] : [])));
  const head = JSON.stringify([prompt.agent.system, request.tools.filter(({ name }) => !remote.has(name))]);
  const ascii = /^[\x20-\x7e]*$/.test(head);
  const bound = inputBound(request, prompt);
  return ascii && !prompt.memory.counted ? bound - Math.floor(head.length * (1 - 1 / HEAD_BYTES_PER_TOKEN)) : bound;
}

/** The conversation ends on a turn that the model has not answered. */
export const unanswered = (history: StoredMessage[], memory: Memory): boolean =>
  told(history, memory).at(-1)?.role === 'user';

/**
 * The provider paused the model during its turn, for a tool of the provider. The turn goes on without a message of the runtime. A reply that
 * paused without such a tool ends its turn: no request may end on it.
 */
export function midTurn({ history, memory }: { history: StoredMessage[]; memory: Memory }): boolean {
  const last = told(history, memory).at(-1);
  return (
    memory.replied?.stopReason === 'pause_turn' &&
    last?.role === 'assistant' &&
    last.content.some(({ type }) => type === 'server_tool_use')
  );
}

/** The adapter's word for a reply without content. */
export const NO_TEXT = '(no text)';

/** Empty also where a reader would see nothing. */
export function textOf(content: Block[]): string {
  const texts = content.flatMap((b) => (b.type === 'text' ? [(b as { text: string }).text] : []));
  const text = texts.join('\n\n').trim();
  return isBlank(text) ? '' : text;
}
