/** The Messages API's rules about a conversation as a whole. All throw `ApiProblem` with a message that names the place. */
import { invalid } from './problem.ts';
import { blocksOf, type PromptRequest, type RequestBlock } from './request.ts';

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const MOST_BREAKPOINTS = 4;

const checkTools = ({ tools = [] }: PromptRequest) => {
  const names = new Set<string>();
  for (const [i, { name }] of tools.entries()) {
    if (names.has(name)) throw invalid(`tools.${i}: Tool names must be unique. ${name} is there twice.`);
    names.add(name);
  }
};

const checkRoles = ({ messages }: PromptRequest) => {
  if (messages[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
  for (const [i, { role }] of messages.entries()) {
    if (i > 0 && role === messages[i - 1]?.role) {
      throw invalid(
        `messages.${i}: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`,
      );
    }
  }
  if (messages.at(-1)?.role === 'assistant') {
    throw invalid(
      'messages: this model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
};

type ToolUse = Extract<RequestBlock, { type: 'tool_use' }>;
type ToolResult = Extract<RequestBlock, { type: 'tool_result' }>;

/** Every call is answered at the head of the next message, exactly once and in order; no result is without its call. */
const checkToolResults = ({ messages }: PromptRequest) => {
  const ids = new Set<string>();
  let open: string[] = [];
  for (const [i, message] of messages.entries()) {
    const blocks = blocksOf(message);
    const calls = blocks.filter((b): b is ToolUse => b.type === 'tool_use').map(({ id }) => id);
    const results = blocks.flatMap((b, j) =>
      b.type === 'tool_result' ? [{ id: (b as ToolResult).tool_use_id, j }] : [],
    );
    if (message.role === 'system') continue;
    if (message.role === 'user') {
      if (calls.length > 0) throw invalid(`messages.${i}: tool_use blocks can only be in assistant messages`);
      const stray = results.find(({ id }) => !open.includes(id));
      if (stray) {
        throw invalid(
          `messages.${i}.content.${stray.j}: unexpected tool_use_id found in tool_result blocks: ${stray.id}. ` +
            'Each tool_result block must have a corresponding tool_use block in the previous message.',
        );
      }
      const missing = open.filter((id) => !results.some((r) => r.id === id));
      if (missing.length > 0) {
        throw invalid(
          `messages.${i}: tool_use ids were found without tool_result blocks immediately after: ${missing.join(', ')}. ` +
            'Each tool_use block must have a corresponding tool_result block in the next message.',
        );
      }
      const inPlace = results.length === open.length && results.every(({ id, j }, k) => j === k && id === open[k]);
      if (!inPlace)
        throw invalid(
          `messages.${i}: tool_result blocks must come first, once each and in the order of their tool_use blocks`,
        );
      open = [];
    } else {
      if (results.length > 0) throw invalid(`messages.${i}: tool_result blocks can only be in user messages`);
      for (const id of calls) {
        if (ids.has(id)) throw invalid(`messages.${i}: tool_use ids must be unique: ${id}`);
        ids.add(id);
      }
      open = calls;
    }
  }
};

/** At most four breakpoints, and none of an hour after one of five minutes. */
const checkBreakpoints = (request: PromptRequest) => {
  const system = typeof request.system === 'string' ? [] : (request.system ?? []);
  const marks = [...(request.tools ?? []), ...system, ...request.messages.flatMap(blocksOf), request]
    .map((part) => ('cache_control' in part ? (part.cache_control as PromptRequest['cache_control']) : null))
    .filter((mark) => mark !== null && mark !== undefined);
  if (marks.length > MOST_BREAKPOINTS) {
    throw invalid(`A maximum of ${MOST_BREAKPOINTS} blocks with cache_control may be provided. Found ${marks.length}.`);
  }
  const short = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (short >= 0 && marks.slice(short).some(({ ttl }) => ttl === '1h')) {
    throw invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
  }
};

const checkText = (value: unknown, path: string) => {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value))
      throw invalid(`${path}: the request body is not valid JSON: lone surrogate in string`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkText(item, path ? `${path}.${key}` : key);
  }
};

export const checkRules = (request: PromptRequest): void => {
  checkTools(request);
  checkRoles(request);
  checkToolResults(request);
  checkBreakpoints(request);
  checkText(request, '');
};
