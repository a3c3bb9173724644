/** The Messages API's rules about a conversation as a whole. All throw `ApiProblem` with a message that names the place. */
import { checkMedia } from './media.ts';
import { factsOf } from './models.ts';
import { invalid } from './problem.ts';
import { blocksOf, type PromptRequest, type RequestBlock } from './shape.ts';

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const MOST_BREAKPOINTS = 4;

type Role = 'user' | 'assistant' | 'system';
/** Consecutive messages of one role are one turn ("Using the Messages API"). `at`: its first message. */
type Turn = { role: Role; at: number; blocks: RequestBlock[] };

function turnsOf({ messages }: PromptRequest): Turn[] {
  const turns: Turn[] = [];
  for (const [at, message] of messages.entries()) {
    const last = turns.at(-1);
    if (last?.role === message.role) last.blocks.push(...blocksOf(message));
    else turns.push({ role: message.role, at, blocks: [...blocksOf(message)] });
  }
  return turns;
}

function checkTools({ tools = [] }: PromptRequest) {
  const names = new Set<string>();
  for (const [i, { name }] of tools.entries()) {
    if (names.has(name)) throw invalid(`tools.${i}: Tool names must be unique. ${name} is there twice.`);
    names.add(name);
  }
}

const SAYS: Record<Role, RegExp> = {
  user: /^(text|image|document|search_result|tool_result|container_upload)$/,
  assistant: /^(text|thinking|redacted_thinking|tool_use|server_tool_use|container_upload|[a-z_]+_tool_result)$/,
  system: /^text$/,
};

function checkBlocks({ messages }: PromptRequest) {
  for (const [i, message] of messages.entries()) {
    const final = blocksOf(message).at(-1)?.type;
    if (message.role === 'assistant' && (final === 'thinking' || final === 'redacted_thinking'))
      throw invalid(`messages.${i}: The final block in an assistant message cannot be \`thinking\`.`);
    for (const [j, { type }] of blocksOf(message).entries()) {
      if (SAYS[message.role].test(type)) continue;
      if (message.role === 'system')
        throw invalid(`messages.${i}: role 'system' supports text, tool_addition, and tool_removal blocks only`);
      const by = type === 'tool_result' ? 'user' : /thinking|tool_use/.test(type) ? 'assistant' : null;
      throw invalid(
        by
          ? `messages.${i}.content.${j}: \`${type}\` blocks can only be in \`${by}\` messages`
          : `messages.${i}.content.${j}: \`${type}\` blocks are not permitted in \`${message.role}\` messages`,
      );
    }
  }
}

/** A turn that paused for a server's tool goes back as it was, and the model goes on with it ("Stop reasons: pause_turn"). */
const isPaused = ({ blocks }: Turn): boolean => blocks.some(({ type }) => type === 'server_tool_use');

/** A system message stands after a user's turn and before the model's, or last ("Mid-conversation system messages: How it works"). */
function checkSystem(turn: Turn, before: Turn | undefined, next: Turn | undefined, messages: number) {
  const last = (next?.at ?? messages) - 1;
  if (turn.at === 0) throw invalid("messages.0: use the top-level 'system' parameter for the initial system prompt");
  if (before?.role !== 'user' && !(before && isPaused(before)))
    throw invalid(
      `messages.${turn.at}: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result`,
    );
  if (next && next.role !== 'assistant')
    throw invalid(`messages.${last}: role 'system' must precede an 'assistant' message or end the array`);
}

function checkRoles(request: PromptRequest, turns: Turn[]) {
  const system = turns.find(({ role }) => role === 'system');
  if (system && !factsOf(request.model).systemRole)
    throw invalid(`messages.${system.at}: role 'system' is not supported on this model`);
  for (const [i, turn] of turns.entries()) {
    if (turn.role === 'system') checkSystem(turn, turns[i - 1], turns[i + 1], request.messages.length);
  }
  if (turns[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
  const last = turns.findLast(({ role }) => role !== 'system');
  if (last?.role === 'assistant' && !isPaused(last)) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
}

type ToolUse = Extract<RequestBlock, { type: 'tool_use' }>;
type ToolResult = Extract<RequestBlock, { type: 'tool_result' }>;

const callsOf = ({ blocks }: Turn): string[] =>
  blocks.flatMap((b) => (b.type === 'tool_use' ? [(b as ToolUse).id] : []));

/**
 * Every call is answered at the head of the next turn, exactly once; no result is without its call ("Handle tool calls"). That results
 * stand in the order of their calls is the product's own rule.
 */
function checkResults(turn: Turn, open: string[]) {
  const results = turn.blocks.flatMap((b, j) =>
    b.type === 'tool_result' ? [{ id: (b as ToolResult).tool_use_id, j, block: b as ToolResult }] : [],
  );
  const stray = results.find(({ id }) => !open.includes(id));
  if (stray) {
    throw invalid(
      `messages.${turn.at}.content.${stray.j}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.id}. ` +
        'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    );
  }
  const twice = results.find(({ id }, k) => results.findIndex((other) => other.id === id) !== k);
  if (twice) {
    throw invalid(
      `messages.${turn.at}.content.${twice.j}: each tool_use must have a single result. ` +
        `Found multiple \`tool_result\` blocks with id: ${twice.id}`,
    );
  }
  const missing = open.filter((id) => !results.some((r) => r.id === id));
  if (missing.length > 0) {
    throw invalid(
      `messages.${turn.at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. ` +
        'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    );
  }
  if (!results.every(({ id, j }, k) => j === k && id === open[k]))
    throw invalid(`messages.${turn.at}: tool_result blocks must come first, and in the order of their tool_use blocks`);
  const empty = results.find(({ block }) => block.is_error && (block.content ?? '').length === 0);
  if (empty)
    throw invalid(
      `messages.${turn.at}.content.${empty.j}.tool_result: content cannot be empty if \`is_error\` is true`,
    );
}

function checkToolResults(turns: Turn[]) {
  const ids = new Set<string>();
  let open: string[] = [];
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      for (const id of callsOf(turn)) {
        if (ids.has(id)) throw invalid(`messages.${turn.at}: \`tool_use\` ids must be unique: ${id}`);
        ids.add(id);
      }
      if (open.length > 0) checkResults({ ...turn, blocks: [] }, open);
      open = callsOf(turn);
    } else if (turn.role === 'user') {
      checkResults(turn, open);
      open = [];
    } else if (open.length > 0) checkResults({ ...turn, blocks: [] }, open);
  }
}

type Marked = { cache_control?: PromptRequest['cache_control'] };

/** At most four breakpoints, also within results, and none of an hour after one of five minutes ("Prompt caching"). */
function checkBreakpoints(request: PromptRequest) {
  const system = typeof request.system === 'string' ? [] : (request.system ?? []);
  const blocks = request.messages
    .flatMap(blocksOf)
    .flatMap((block): Marked[] =>
      block.type === 'tool_result' && Array.isArray(block.content)
        ? [...(block.content as Marked[]), block as Marked]
        : [block as Marked],
    );
  const marks = [...(request.tools ?? []), ...system, ...blocks, request]
    .map((part: Marked) => part.cache_control)
    .filter((mark) => mark !== null && mark !== undefined);
  if (marks.length > MOST_BREAKPOINTS) {
    throw invalid(`A maximum of ${MOST_BREAKPOINTS} blocks with cache_control may be provided. Found ${marks.length}.`);
  }
  const short = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (short >= 0 && marks.slice(short).some(({ ttl }) => ttl === '1h')) {
    throw invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
  }
}

function checkText(value: unknown, path: string) {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value))
      throw invalid(`${path}: the request body is not valid JSON: lone surrogate in string`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkText(item, path ? `${path}.${key}` : key);
  }
}

export function checkTurns(request: PromptRequest): void {
  const turns = turnsOf(request);
  checkTools(request);
  checkBlocks(request);
  checkRoles(request, turns);
  checkToolResults(turns);
  checkBreakpoints(request);
  checkMedia(request);
  checkText(request, '');
}
