/** How often a session may search the web on one day, and what follows (PURE). The count is the database's: the session's row has it. */
import { WEB_SEARCH } from '../web/known.ts';
import type { AgentSpec, SessionConfig } from './session.ts';

/** Null: no limit but its money. `today`: searches of this UTC day. */
export function searchesLeft({ web }: Pick<SessionConfig, 'web'>, today: number): number | null {
  const most = web?.searchesPerDay ?? null;
  return most === null ? null : Math.max(0, most - today);
}

/**
 * The agent without its search where nothing is left of the day. A session takes it, and the whole one again, at a safe point (binding.ts): a changed
 * head costs the cached prompt and the thinking.
 */
export const withSearch = (agent: AgentSpec, left: number | null): AgentSpec =>
  left === 0 ? { ...agent, tools: agent.tools.filter(({ name }) => name !== WEB_SEARCH) } : agent;

/** What the model is told of a search that was not made. `most`: a day; `again`: milliseconds. */
export function notSearched(most: number, again: number): string {
  if (most === 0) return 'Not run: this session may not search the web. Go on without.';
  const when = new Date(again).toISOString().slice(0, 16).replace('T', ' ');
  const times = most === 1 ? 'once' : `${most} times`;
  return `Not run: this session may search the web ${times} a day, and has done so. It can search again from ${when} UTC. Go on with what you have, or sleep until then.`;
}
