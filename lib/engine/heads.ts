/**
 * The head of a session's prompts: its agent's prompt and tools as they were when the session took them. A deployment that changes the agent
 * leaves a session its head until the core takes the new one. So cached prompts and the agent's thinking stay of use.
 */
import type { AgentSpec, SessionConfig } from '../core/session.ts';
import type { World } from '../ports/index.ts';
import { sha256 } from './sha256.ts';

/** Heads are fixed, so a process asks for each once, as long as it holds it. */
const kept = new WeakMap<World['heads'], Map<string, AgentSpec>>();

function known(heads: World['heads']): Map<string, AgentSpec> {
  const map = kept.get(heads) ?? new Map<string, AgentSpec>();
  kept.set(heads, map);
  return map;
}

/** Held by a process: each may have 150,000 characters and more, and lists of MCP servers and schemas of results make ever new ones. */
const MOST_HELD = 100;

/** The longest unused goes first. */
function hold(heads: Map<string, AgentSpec>, id: string, head: AgentSpec): void {
  heads.delete(id);
  heads.set(id, head);
  for (const oldest of heads.keys()) {
    if (heads.size <= MOST_HELD) break;
    heads.delete(oldest);
  }
}

/** Name, prompt and tools as they are sent, effect classes included: the order of a schema's keys is part of the prompt. */
const idOf = ({ name, system, tools }: AgentSpec): string => sha256(JSON.stringify([name, system, tools])).slice(0, 32);

const ids = new WeakMap<AgentSpec, AgentSpec>();

function identified(agent: AgentSpec): AgentSpec {
  const found = ids.get(agent) ?? { ...agent, id: idOf(agent) };
  ids.set(agent, found);
  return found;
}

/** The agent with its id, kept so that the session finds it again. */
export async function headKept(world: Pick<World, 'heads'>, agent: AgentSpec): Promise<AgentSpec> {
  const heads = known(world.heads);
  const head = identified(agent);
  const id = head.id!;
  if (!heads.has(id)) await world.heads.keep(id, head);
  hold(heads, id, head);
  return head;
}

/** `pinned`: the head that the session has; null: none yet. One that cannot be found again gives way to the deployment's. */
export async function headsOf(
  world: Pick<World, 'heads' | 'log'>,
  agent: AgentSpec,
  pinned: string | null,
): Promise<Pick<SessionConfig, 'agent' | 'latest'>> {
  const heads = known(world.heads);
  const latest = await headKept(world, agent);
  const { id } = latest;
  if (pinned === null || pinned === id) return { agent: latest };
  const own = heads.get(pinned) ?? (await world.heads.load(pinned));
  if (!own) {
    world.log({ level: 'warn', message: 'a head is gone, its sessions lose their thinking', head: pinned });
    return { agent: latest };
  }
  hold(heads, pinned, own);
  return { agent: own, latest };
}
