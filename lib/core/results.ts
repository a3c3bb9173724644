/** The results of a reply's calls, as the history and the journal have them (PURE). */
import { showingMediaFrom } from './compact.ts';
import { mediaShownFrom } from './context.ts';
import type { LogEntry } from './events.ts';
import { mediaFrom } from './media.ts';
import type { Memory } from './memory.ts';
import { isOffered, notOffered } from './offered.ts';
import { preview } from './runtime-messages.ts';
import type { Block, SessionData, ToolCall, ToolResult } from './session.ts';

/** Of a call that did not run and about which nothing else is told. */
export const withoutResult = (s: SessionData, call: ToolCall): ToolResult =>
  isOffered(s, call)
    ? { id: call.id, content: 'Not run.', isError: true, ran: false }
    : { id: call.id, content: notOffered(s, call), isError: true };

/** Older images and PDFs are left out where they and these would be too much for one prompt. */
export function roomFor(shown: Block[], s: SessionData): Memory {
  const from = mediaShownFrom(s.memory.context);
  const first = mediaFrom(s.history, shown, from);
  return first === from ? s.memory : showingMediaFrom(s, first);
}

export const resultEntry = (r: ToolResult, calls: ToolCall[]): LogEntry => ({
  type: 'agent.tool.result',
  data: {
    tool_use_id: r.id,
    name: calls.find((call) => call.id === r.id)?.name ?? null,
    is_error: r.isError,
    characters: r.content.length,
    content: preview(r.content),
    ...(r.ms !== undefined && { duration_ms: r.ms }),
    ...(r.paid && { cost_microdollars: r.paid.cost === null ? null : Number(r.paid.cost) }),
  },
});
