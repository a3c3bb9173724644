/**
 * Whether the Messages API would take a history: the pairing of calls and results that test/kit/history.ts knows, and all that the module
 * of the stand-ins knows of blocks and turns. What a request's head and its thinking must be is asked where requests are seen.
 */
import type { Block, Message } from '../../../lib/core/session.ts';
import { historyFault } from '../../../lib/local/messages-api/index.ts';
import { faultsOf } from '../../kit/history.ts';

const callsOf = (turn: Message | undefined): string[] =>
  turn?.role === 'assistant'
    ? turn.content.flatMap((b) => (b.type === 'tool_use' ? [(b as unknown as { id: string }).id] : []))
    : [];

/** A history may end on the model, with calls that are still to be run; a request may not. */
const closed = (turns: Message[]): Message[] => {
  const last = turns.at(-1);
  if (last?.role !== 'assistant') return turns;
  const results = callsOf(last).map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'done' }) as Block);
  const content: Block[] = results.length > 0 ? results : [{ type: 'text', text: 'Go on.' }];
  return [...turns, { role: 'user', content }];
};

/** Without the runtime's own mark, which is stored and never sent. */
const sent = (turns: Message[]): Message[] =>
  turns.map(({ role, content }) => ({
    role,
    content: content.map((block) => {
      const { runtime: _, ...rest } = block as Block & { runtime?: boolean };
      return rest as Block;
    }),
  }));

/** `open`: the last reply's calls may be without results, and the last turn may be the model's. */
export function apiFaults(turns: Message[], open: boolean): string[] {
  const fault = historyFault(sent(open ? closed(turns) : turns));
  return [...faultsOf(turns, open), ...(fault === null ? [] : [fault])];
}
