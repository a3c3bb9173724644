/**
 * What a player can know: the request and nothing else. Reads from it the goal, what was done, what users said and what the runtime said
 * in the newest turn. The runtime's words begin with `[runtime]`.
 */
import { createHash } from 'node:crypto';
import { blocksOf, type MessagesRequest, type RequestBlock } from '../../messages-api/shape.ts';
import type { CallBlock } from '../answer.ts';

const RUNTIME = '[runtime]';
const PROGRESS = /Steps done: (\d+) of \d+/g;

export type History = {
  goal: string;
  /** The tools on offer, by name. */
  tools: Set<string>;
  maxTokens: number;
  /** What users said after the goal, oldest first; `heard` of it were there before the newest turn. */
  pending: string[];
  heard: number;
  newest: { woke: boolean; windDown: boolean; compaction: boolean; cut: boolean };
  /** Whether this very call was made and came to an end. */
  did(call: CallBlock): boolean;
  /** Steps done by the last summary, 0 without one. */
  summarised: number;
  /** Text of the result of a call that was made, or null. */
  resultOf(call: CallBlock): string | null;
};

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted())
      : item,
  );

const keyOf = (name: string, input: unknown): string =>
  createHash('sha256')
    .update(`${name} ${canonical(input)}`)
    .digest('base64url');

const textsOf = (blocks: RequestBlock[]): string[] =>
  blocks.flatMap((block) => (block.type === 'text' ? [(block as { text: string }).text] : []));

/** After a summary or a fresh start the goal is quoted in the runtime's words. */
function goalOf(first: string): string {
  if (!first.startsWith(RUNTIME)) return first;
  const quoted = first.split('The goal, word for word:\n')[1] ?? first;
  return quoted.split('\n\nSummary:\n')[0] ?? quoted;
}

const contentOf = (content: unknown): string =>
  typeof content === 'string' ? content : Array.isArray(content) ? textsOf(content as RequestBlock[]).join('\n') : '';

/** Results of calls that ended; those that the runtime did not run, or whose outcome it does not know, are left out. */
function resultsOf(messages: RequestBlock[][]): Map<string, string> {
  const results = new Map<string, string>();
  for (const block of messages.flat()) {
    if (block.type !== 'tool_result') continue;
    const { tool_use_id, content, is_error } = block as { tool_use_id: string; content?: unknown; is_error?: boolean };
    const text = contentOf(content);
    if (!(is_error && /^(Not run|Interrupted)/.test(text))) results.set(tool_use_id, text);
  }
  return results;
}

export function readHistory(request: MessagesRequest): History {
  const messages = request.messages.map(blocksOf);
  // A system message follows the user's that it belongs to.
  const users = request.messages.flatMap(({ role }, i) => {
    if (role !== 'user') return [];
    const after = request.messages[i + 1]?.role === 'system' ? textsOf(messages[i + 1] ?? []) : [];
    return [[...textsOf(messages[i] ?? []), ...after]];
  });
  const [first = '', ...more] = users[0] ?? [];
  const newest = users.at(-1) ?? [];
  const said = (texts: string[]) => texts.filter((text) => !text.startsWith(RUNTIME));
  const pending = [said(more), ...users.slice(1).map(said)].flat();
  const saying = (words: string) => newest.some((text) => text.startsWith(RUNTIME) && text.includes(words));

  const results = resultsOf(messages);
  const done = new Map<string, string>();
  for (const block of messages.flat()) {
    if (block.type !== 'tool_use') continue;
    const { id, name, input } = block as { id: string; name: string; input: unknown };
    const result = results.get(id);
    if (result !== undefined) done.set(keyOf(name, input), result);
  }
  return {
    goal: goalOf(first),
    tools: new Set((request.tools ?? []).map(({ name }) => name)),
    maxTokens: request.max_tokens,
    pending,
    heard: pending.length - (users.length > 1 ? said(newest).length : pending.length),
    newest: {
      woke: saying('You slept from'),
      windDown: saying("Today's allowance does not reach much further"),
      compaction: saying('replaced by a summary that you write now'),
      cut: saying('Your reply was cut off'),
    },
    did: ({ name, input }) => done.has(keyOf(name, input)),
    summarised: Math.max(0, ...[...first.matchAll(PROGRESS)].map((match) => Number(match[1]))),
    resultOf: ({ name, input }) => done.get(keyOf(name, input)) ?? null,
  };
}
