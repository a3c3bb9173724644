/** With which entries of a journal a stretch of work begins, goes on and ends. */
import type { EventData } from '../core/events.ts';
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
      return { end, ...failureOf(entry.data) };
    default:
      return { end };
  }
}

function failureOf({ error, outcome, result }: EventData<'agent.failed'>): Omit<Closing, 'end'> {
  const code = error?.code ?? outcome;
  return { error: code, ...resultOf(result, code) };
}

const resultOf = (result: string | undefined, error?: string): Pick<Closing, 'messages'> =>
  result === undefined ? {} : { messages: messageOf([{ type: 'text', content: result }], error) };

export type Part = { type: string; [key: string]: unknown };

/**
 * What the model or the agent said, as an OutputMessage, whose finish_reason is required:
 * https://github.com/open-telemetry/semantic-conventions/blob/32e44cb/docs/gen-ai/gen-ai-output-messages.json
 */
export function messageOf(parts: Part[], error: string | undefined): string {
  const finished = parts.some(({ type }) => type === 'tool_call') ? 'tool_call' : 'stop';
  return JSON.stringify([{ role: 'assistant', parts, finish_reason: error === undefined ? finished : 'error' }]);
}
