/**
 * The Messages API's rules for a history, beyond the pairing of calls and results that test/kit/history.ts knows: what is in a block.
 * Facts: the API reference of Messages, its errors of type `invalid_request_error`.
 */
import type { Block, Turn } from '../../../lib/core/session.ts';
import { faultsOf } from '../../kit/history.ts';

const ALLOWED: Record<Turn['role'], Set<string>> = {
  user: new Set(['text', 'image', 'document', 'tool_result', 'search_result']),
  assistant: new Set([
    'text',
    'thinking',
    'redacted_thinking',
    'tool_use',
    'server_tool_use',
    'web_search_tool_result',
    'web_fetch_tool_result',
  ]),
};

const blockFault = (role: Turn['role'], block: Block): string | null => {
  if (!ALLOWED[role].has(block.type)) return `${role} may not say ${block.type}`;
  const text = (block as { text?: unknown }).text;
  if (block.type === 'text' && (typeof text !== 'string' || text.trim() === '')) return 'a text without text';
  if (block.type === 'tool_use' && !/^[a-zA-Z0-9_-]+$/.test(String((block as { id?: unknown }).id)))
    return 'a call without a proper id';
  if (block.type === 'thinking' && !(block as { signature?: unknown }).signature) return 'a thought without signature';
  return null;
};

/** `open`: the last reply's calls may be without results, and the last turn may be the model's. */
export function apiFaults(turns: Turn[], open: boolean): string[] {
  const blocks = turns.flatMap(({ role, content }, i) =>
    content.flatMap((block) => {
      const fault = blockFault(role, block);
      return fault ? [`turn ${i}: ${fault}`] : [];
    }),
  );
  const thoughts = turns.flatMap(({ role, content }, i) =>
    role === 'assistant' && /thinking$/.test(content.at(-1)?.type ?? '') ? [`turn ${i} ends on a thought`] : [],
  );
  return [...faultsOf(turns, open), ...blocks, ...thoughts];
}
