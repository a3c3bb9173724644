/**
 * The tool lists of a session's MCP servers: when they are taken, and what follows. They are taken before the first call, at the points where a changed
 * head costs nothing more (binding.ts), and after a tool was found changed. Between those the session keeps the list that it has.
 */
import { headChanged, safePoint } from './binding.ts';
import type { LogEntry } from './events.ts';
import type { Input } from './input.ts';
import { differences, leftOutOf, type ServerList, statesOf } from './remote.ts';
import { think } from './request-call.ts';
import type { Session, SessionData } from './session.ts';
import { hasMemory } from './shared-memory.ts';
import { known, type Step, save } from './step.ts';
import { backOff, waitFor } from './suspend.ts';

const serversOf = ({ facts }: SessionData): string[] => facts.mcp ?? [];

export const listDue = (s: SessionData): boolean =>
  serversOf(s).length > 0 &&
  (safePoint(s) || s.memory.head === null || serversOf(s).some((server) => s.memory.mcp[server]?.stale === true));

export function list(s: SessionData, journal: LogEntry[]): Step {
  const { agent, latest = agent } = s.facts;
  const states = statesOf(s.memory);
  const servers = Object.fromEntries(serversOf(s).map((server) => [server, states[server] ?? null]));
  return {
    session: { ...known(s), state: 'listing', journal },
    effects: [{ type: 'list', agent: latest, current: agent, servers, allowed: s.facts.tools }],
  };
}

type Listing = Extract<Session, { state: 'listing' }>;
type Listed = Extract<Input, { type: 'listed' }>;
type Refused = Extract<ServerList, { refused: string }>;

/** Nothing is held and nothing was bought: what prevents the list costs nothing. */
export function listed(s: Listing, { agent, lists }: Listed, at: number): Step {
  const had = lists.flatMap((one) => ('pin' in one ? [one] : []));
  const refused = lists.filter((one): one is Refused => 'refused' in one);
  const mcp = Object.fromEntries(
    had.map(({ server, state, pin }) => [server, { ...state, pin, stale: false }] as const),
  );
  if (lists.some((one) => 'stopped' in one)) return save(s, { journal: s.journal, due: at });
  const needsPerson = refused.find((one) => one.refused !== 'away');
  if (needsPerson) return save(s, { journal: s.journal, due: at, suspension: waitFor(s, needsPerson.message) });
  // A list that it has had is kept: calls of a server that is away fail, and say so.
  const missing = refused.find(({ server }) => (s.memory.mcp[server]?.pin ?? null) === null);
  if (missing) return tryLater(s, missing, at);
  const { latest: _, ...facts } = s.facts;
  const before = facts.agent;
  const changed = s.memory.head !== null && s.iteration > 0 && before.id !== agent.id;
  const next: SessionData = {
    ...known(s),
    facts: { ...facts, agent },
    memory: {
      ...s.memory,
      ...{ head: agent.id ?? null, mcp: { ...s.memory.mcp, ...mcp }, mcpAway: 0 },
      // The descriptions of these tools are text from outside, and stand in every prompt.
      outside: s.memory.outside || (hasMemory(s.facts) && agent.tools.some(({ remote }) => remote !== undefined)),
    },
  };
  const taken = had.flatMap((one): LogEntry[] => {
    const previous = s.memory.mcp[one.server]?.pin ?? null;
    if (previous === one.pin) return [];
    const data = {
      ...{ server: one.server, pin: one.pin, previous },
      ...differences(before, agent, one.server),
      left_out: leftOutOf(one.leftOut),
    };
    return [{ type: 'agent.mcp_tools_taken', data }];
  });
  return think(next, [...s.journal, ...(changed ? [headChanged(before, agent)] : []), ...taken], at);
}

const FIRST_RETRY_MS = 5_000;
/** Then a person is asked: about five minutes after the first try. */
const MOST_RETRIES = 6;

function tryLater(s: Listing, { message }: Refused, at: number): Step {
  const { mcpAway } = s.memory;
  if (mcpAway >= MOST_RETRIES) {
    const next = { ...known(s), memory: { ...s.memory, mcpAway: 0 } };
    return save(next, { journal: s.journal, due: at, suspension: waitFor(next, message) });
  }
  const next = { ...known(s), memory: { ...s.memory, mcpAway: mcpAway + 1 } };
  const retrying: LogEntry = {
    type: 'agent.retrying',
    data: { reason: 'mcp_server_away', message: message.slice(0, 500), attempt: mcpAway + 1 },
  };
  const suspension = backOff(next, at + FIRST_RETRY_MS * 2 ** mcpAway, 'server_away');
  return save(next, { journal: [...s.journal, retrying], due: at, suspension });
}
