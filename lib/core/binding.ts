/**
 * Binding: what the agent's thinking depends on (PURE). On today's models every thinking block is bound to the model, the account and all that
 * stands before it: system, tools and earlier messages, `cache_control` aside. The provider refuses a request that sends a thinking block back
 * after any of that has changed. It also refuses the request if another block before it was left out. Source: the provider's page "Prefix
 * checks on thinking blocks", November 2026.
 *
 * A change invalidates only the thinking before the change. So code that changes something lets go of all thinking up to that moment. Later
 * thinking is bound to the changed prompt.
 */
import { headOf, isThought } from './context.ts';
import type { LogEntry } from './events.ts';
import type { Memory } from './memory.ts';
import { modelOf } from './model-ladder.ts';
import type { AgentSpec, ModelRequest, SessionData } from './session.ts';

type Thoughts = Memory['thoughts'];

const boundTo = (s: SessionData): Omit<Thoughts, 'from'> => ({
  head: headOf(s.facts.agent, s.facts.system),
  model: modelOf(s),
  account: s.policy.account ?? null,
});

/** Without any thinking that stands in the history now. Code that shows an earlier row differently from before must do this. */
export const unthought = (s: SessionData, memory: Memory = s.memory): Memory => ({
  ...memory,
  thoughts: { ...memory.thoughts, from: (s.history.at(-1)?.n ?? 0) + 1 },
});

/** Ready for a call: thinking that this call's head, model or account would not take back is let go of. */
export function bound(s: SessionData): SessionData {
  const now = boundTo(s);
  const { head, model, account } = s.memory.thoughts;
  if (head === now.head && model === now.model && account === now.account) return s;
  const memory = unthought(s);
  return { ...s, memory: { ...memory, thoughts: { ...memory.thoughts, ...now } } };
}

/** No part of the prompt is in the provider's cache for sure, so that a changed head costs nothing more. */
export const safePoint = ({ memory, iteration }: SessionData): boolean =>
  memory.rested !== null || memory.counted === null || iteration === 0;

/** With the agent as the deployment has it now, if it has changed and this is the moment for it. */
export function withLatest(s: SessionData): { session: SessionData; journal: LogEntry[] } {
  const { latest, ...facts } = s.facts;
  // With tools of MCP servers the deployment's agent is not all of it: list-tools.ts takes it.
  const agent = latest && !facts.mcp?.length && safePoint(s) ? latest : facts.agent;
  const session: SessionData = {
    ...s,
    facts: agent === latest ? { ...facts, agent } : s.facts,
    memory: { ...s.memory, head: agent.id ?? null },
  };
  return { session, journal: agent === latest && s.iteration > 0 ? [headChanged(facts.agent, agent)] : [] };
}

export const headChanged = (from: AgentSpec, to: AgentSpec): LogEntry => ({
  type: 'agent.head_changed',
  data: { agent: to.name, from: from.id ?? null, to: to.id ?? null },
});

/** Thinking is among what this request sends back. */
export const sendsThinking = ({ messages }: ModelRequest): boolean =>
  messages.some(({ content }) => content.some(isThought));

/** The provider did not take thinking back: it is bound to something else, or was changed on its way. */
const NOT_TAKEN =
  /bound to a different conversation|`?(redacted_)?thinking`? blocks? .*cannot be modified|invalid `?signature`?/i;

export const refusesThinking = (status: number, message: string): boolean => status === 400 && NOT_TAKEN.test(message);
