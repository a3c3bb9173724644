/**
 * A prompt that does not fit the model's window (nothing was charged for it). What makes it too long is made shorter, the cheapest first:
 * a user's message, old tool results, then the history by a summary; a history too long even for that starts afresh.
 */
import { clearedResults, compacted, compactedLately, smaller, summarisedLately } from './compact.ts';
import { textOf } from './context.ts';
import type { LogEntry } from './events.ts';
import { cutMessage, lostContextTurn } from './runtime-messages.ts';
import type { Continuation, Message, TextBlock } from './session.ts';
import { settle, type Thinking } from './settle-call.ts';
import type { Step } from './step.ts';

const TOO_LONG = /prompt is too long|context.?(window|limit)|too many (input )?tokens|exceeds? the maximum/i;

export const isTooLong = (status: number, message: string): boolean => status === 413 || TOO_LONG.test(message);

type Free = { cost: bigint; model: string; usage: null; journal: LogEntry[] };

export function tooLong(s: Thinking, free: Free, at: number): Step {
  const again: Continuation = { type: 'retry', due: at };
  if (s.call.kind === 'compact') return tooLongToSummarise(s, free, again);
  const said = s.pending.inbox.filter(({ n }) => n <= s.call.inboxTaken);
  const summarise = { ...clearedResults(s), compact: 'full' as const };
  if (said.length > 0) {
    const turns = said.map(({ content }) => cutMessage(content));
    const memory = { ...(compactedLately(s) ? clearedResults(s) : summarise), finished: null };
    return settle(s, { ...free, turns, inboxTaken: s.call.inboxTaken, memory }, again);
  }
  if (!compactedLately(s)) return settle(s, { ...free, memory: summarise }, again);
  const memory = smaller(s);
  if (memory) return settle(s, { ...free, memory }, again);
  if (!summarisedLately(s))
    return s.memory.failedSummaries > 0 ? afresh(s, free, again) : settle(s, { ...free, memory: summarise }, again);
  const message =
    "The prompt does not fit the model's context window although the conversation was summarised and all long tool results were left out: " +
    'the goal, the system prompt or the tools are too long for this model. Nothing was charged. Start another session with a shorter goal ' +
    'or a larger model.';
  const to = { state: 'paused', error: { code: 'api_error', message } } as const;
  return settle(s, free, { type: 'suspend', to, due: Number.POSITIVE_INFINITY });
}

/** First without any tool result, then without any history but what users said. */
function tooLongToSummarise(s: Thinking, free: Free, again: Continuation): Step {
  const last = s.history.at(-1)?.n ?? 0;
  if (s.memory.context.clearedBefore <= last) {
    return settle(s, { ...free, memory: { ...clearedResults(s, true), compact: 'full' } }, again);
  }
  return afresh(s, free, again);
}

/** No summary can be had of what does not fit: the goal, what users said and the workspace are what is left. */
function afresh(s: Thinking, free: Free, again: Continuation): Step {
  const turns: Message[] = [lostContextTurn(s.facts.goal, saidByPersons(s))];
  return settle(s, { ...free, turns, memory: compacted(s, (s.history.at(-1)?.n ?? 0) + 1) }, again);
}

/** The user turns that are neither the goal nor the runtime's. */
const saidByPersons = (s: Thinking): string[] =>
  s.history
    .filter((row) => row.role === 'user' && row.n > 1)
    .map((row) => textOf(row.content.filter((b) => (b as TextBlock).runtime !== true)))
    .filter((text) => text !== '' && !text.startsWith('[runtime]'));
