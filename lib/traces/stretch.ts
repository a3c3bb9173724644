/** With which entries of a journal a stretch of work begins, goes on and ends. */
import type { TracedEntry } from '../ports/index.ts';

type EventType = TracedEntry['type'];

const OPENING = new Set<EventType>(['agent.thinking', 'agent.model_called', 'agent.tool.called', 'agent.tool.result']);

const CLOSING = new Set<EventType>([
  'agent.sleeping',
  'agent.waiting_for_input',
  'agent.paused',
  'agent.budget_exceeded',
  'agent.completed',
  'agent.failed',
  'agent.cancelled',
]);

export const isOpening = ({ type }: TracedEntry): boolean => OPENING.has(type);

/** Whether it belongs to the work, and is no word of a user's between two stretches. */
export const isWork = ({ type }: TracedEntry): boolean => OPENING.has(type) || CLOSING.has(type);

type Closing = { end: string; reason?: string; error?: string; messages?: string };

/** How a stretch ends with this entry; null: it goes on. `messages`: the result, where content is told. */
export function closingOf(entry: TracedEntry): Closing | null {
  if (!CLOSING.has(entry.type)) return null;
  const end = entry.type.slice('agent.'.length);
  switch (entry.type) {
    case 'agent.sleeping':
      return { end, reason: entry.data.reason };
    case 'agent.paused':
      return { end, ...(entry.data.error && { error: entry.data.error.code }) };
    case 'agent.completed':
    case 'agent.cancelled':
      return { end, ...resultOf(entry.data.result) };
    case 'agent.failed':
      return { end, error: entry.data.error?.code ?? entry.data.outcome, ...resultOf(entry.data.result) };
    default:
      return { end };
  }
}

const resultOf = (result: string | undefined): Pick<Closing, 'messages'> =>
  result === undefined
    ? {}
    : { messages: JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: result }] }]) };
