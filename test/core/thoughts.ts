/** A session whose agent thinks, and what of that it sends back. */
import type { Memory } from '../../lib/core/memory.ts';
import type { Block, ModelRequest, Session } from '../../lib/core/session.ts';
import { assistant, facts, head, ready, thinking, toolResult, toolUse, user } from './given.ts';

export const thought = (words: string): Block => ({ type: 'thinking', thinking: words, signature: `signed ${words}` });
export const results = (n: number, id: string) => ({
  n,
  role: 'user' as const,
  content: [toolResult(id, 'x'.repeat(2_000))],
});
export const history = [
  user(1, facts.goal),
  assistant(2, thought('one'), toolUse('a', 'bash')),
  results(3, 'a'),
  assistant(4, thought('two'), toolUse('b', 'bash')),
  results(5, 'b'),
];
export const thoughts = { from: 1, head: head(), model: facts.model, account: null };
export const counted = { model: facts.model, tokens: 5_000, n: 4, head: head() };
export const memory: Partial<Memory> = { thoughts, counted, model: facts.model };
export const working = (more: Parameters<typeof ready>[0] = {}) =>
  ready({ iteration: 2, history, ...more, memory: { ...memory, ...more.memory } });

export const requestOf = (session: Session): ModelRequest => {
  const asking = thinking(session);
  if (asking.state !== 'thinking') throw new Error(asking.state);
  return asking.call.request;
};
export const sent = (session: Session): string[] =>
  requestOf(session).messages.flatMap(({ content }) =>
    content.flatMap((b) => (b.type === 'thinking' ? [String((b as { thinking?: unknown }).thinking)] : [])),
  );
