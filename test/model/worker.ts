/** The ports of one process in a model run: the store's own, each request in turns of the scheduler, told to the witness as it takes effect. */
import type { ModelRequest } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import {
  FenceLost,
  type Live,
  NO_MCP,
  type Queue,
  type Tools,
  type WorkerSessions,
  type World,
} from '../../lib/ports/index.ts';
import { memoryHeads } from '../../lib/testing/memory/heads.ts';
import { policy } from '../core/given.ts';
import { NO_SCHEDULES } from '../kit/schedules.ts';
import { type countingTools, noCount, type scripted } from './agent.ts';
import { type Process, request, type Turns, turn } from './process.ts';
import type { Connection, Stage } from './stage.ts';
import type { Witness } from './witness.ts';

export type Play = {
  stage: Stage;
  turns: Turns;
  witness: Witness;
  model: ReturnType<typeof scripted>;
  toolbox: ReturnType<typeof countingTools>;
};

/** By the name that each has (agent.ts), since a reply after a pause is of the same turn. */
const repliesIn = ({ messages }: ModelRequest): number =>
  messages
    .filter(({ role }) => role === 'assistant')
    .flatMap(({ content }) => content)
    .filter((block) => block.type === 'text' && /^r\d+$/.test((block as { text: string }).text)).length;

type Asynchronous = Record<string, (...args: never[]) => Promise<unknown>>;

/** Every method as one request of `process`. */
function inTurns<T extends object>(play: Play, process: Process, name: string, port: T): T {
  const methods = Object.entries(port as Asynchronous).filter(([, method]) => typeof method === 'function');
  const wrapped = methods.map(([key, method]) => [
    key,
    (...args: never[]) => request(play.turns, process, `${name}.${key}`, () => method(...args)),
  ]);
  return { ...port, ...Object.fromEntries(wrapped) } as T;
}

/** Told to the witness in the same turn in which they take effect. */
function witnessed({ witness }: Play, sessions: WorkerSessions, owner: { fence: number }): WorkerSessions {
  const told = async <T>(id: string, fence: number, what: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof FenceLost) witness.lost(id, fence, what);
      throw error;
    }
  };
  return {
    async claim(id, invocation) {
      const claim = await sessions.claim(id, invocation);
      if ('claimed' in claim) return claim;
      owner.fence = claim.fence;
      witness.claimed(id, invocation, claim);
      return claim;
    },
    reserve: (id, fence, ask) =>
      told(id, fence, 'reserve', async () => {
        const answer = await sessions.reserve(id, fence, ask);
        witness.reserved(id, fence, 'granted' in answer);
        return answer;
      }),
    settle: (id, fence, settlement) =>
      told(id, fence, 'settle', async () => {
        const answer = await sessions.settle(id, fence, settlement);
        witness.settled(id, fence, settlement);
        return answer;
      }),
    save: (id, fence, save, files, memory) =>
      told(id, fence, 'save', async () => {
        const answer = await sessions.save(id, fence, save, files, memory);
        witness.saved(id, fence, answer);
        return answer;
      }),
    heartbeat: (id, fence) =>
      told(id, fence, 'heartbeat', async () => {
        const answer = await sessions.heartbeat(id, fence);
        witness.beat(id, fence);
        return answer;
      }),
    holdTool: (id, fence, ask) =>
      told(id, fence, 'holdTool', async () => {
        const answer = await sessions.holdTool(id, fence, ask);
        witness.reserved(id, fence, 'granted' in answer);
        return answer;
      }),
    startSearch: (id, fence, ask) =>
      told(id, fence, 'startSearch', async () => {
        const answer = await sessions.startSearch(id, fence, ask);
        if (ask.most > 0n) witness.reserved(id, fence, 'granted' in answer);
        return answer;
      }),
    startTool: (id, fence, callId) =>
      told(id, fence, 'startTool', async () => {
        const answer = await sessions.startTool(id, fence, callId);
        if (answer === 'run') witness.started(id, fence, callId);
        return answer;
      }),
    files: sessions.files,
    memory: sessions.memory,
    past: sessions.past,
  };
}

/** What its worker knows of a user's commands by now: these answers have arrived. */
const learning = (witness: Witness, sessions: WorkerSessions): WorkerSessions => ({
  ...sessions,
  async settle(id, fence, settlement) {
    const answer = await sessions.settle(id, fence, settlement);
    witness.learned(id, fence, answer.pending.desired);
    return answer;
  },
  async heartbeat(id, fence) {
    const answer = await sessions.heartbeat(id, fence);
    witness.learned(id, fence, answer.desired);
    return answer;
  },
});

/** The world that `drive` gets for one invocation. */
export function worldOf(play: Play, process: Process, ports: Connection, session: string): World {
  const { stage, turns, witness, model, toolbox } = play;
  const owner = { fence: 0 };
  const timer = { schedule: stage.timer.schedule };
  const tools: Tools = {
    effectOf: toolbox.tools.effectOf,
    priceOf: toolbox.tools.priceOf,
    // Not one turn: a tool asks for the files, which is a request of its own.
    async run(call, context) {
      witness.ran(session, owner.fence, call.id ?? '', context.idempotencyKey);
      await turn(turns, process, `${process.name} starts ${call.name}`, async () => {});
      const result = await toolbox.tools.run(call, context);
      await turn(turns, process, `${process.name} has done ${call.name}`, async () => {});
      return result;
    },
  };
  return {
    ...ports,
    heads: memoryHeads(),
    mcp: NO_MCP,
    sessions: learning(witness, inTurns(play, process, 'sessions', witnessed(play, ports.sessions, owner))),
    queue: inTurns(play, process, 'queue', queueOf(stage)),
    timer: inTurns(play, process, 'timer', timer),
    live: inTurns(play, process, 'live', liveOf(stage)),
    model: {
      think(ask, { signal }) {
        witness.thought(session, owner.fence, repliesIn(ask));
        const thinking = (label: string) => turn(turns, process, `${process.name}: ${label}`, async () => {});
        return model.think({ call: `${session}:${owner.fence}:1`, now: stage.now, turn: thinking }, ask, signal);
      },
      count: noCount,
    },
    tools,
    webhook: stage.webhook,
    clock: { elapsed: () => stage.now() },
    log: () => {},
    policy: { ...policy, maxOutputTokens: 3_000, leastOutputTokens: 500, compaction: false },
    agent: toolbox.agent,
  };
}

/** Without what only a test may see or do. */
const queueOf = ({ queue: { sent: _, take: __, ...queue } }: Stage): Queue => queue;
const liveOf = ({ live: { views: _, lose: __, ...live } }: Stage): Live => live;

/** What `wakeDue` needs, of one run of the wake function. */
export function wakeWorld(play: Play, process: Process, { sweeper, outbox }: Connection) {
  const sweep = async (limit: number) => {
    const page = await sweeper.sweep(limit);
    for (const { id } of page.due) play.witness.of(id).hinted = true;
    return page;
  };
  return {
    sweeper: inTurns(play, process, 'sweeper', { ...sweeper, sweep }),
    queue: inTurns(play, process, 'queue', queueOf(play.stage)),
    live: inTurns(play, process, 'live', liveOf(play.stage)),
    outbox: inTurns(play, process, 'outbox', outbox),
    webhook: play.stage.webhook,
    ...NO_SCHEDULES,
    log: () => {},
  };
}

/** What the API's side needs of queue and live view, for requests of `process`. */
export function frontOf(play: Play, process: Process) {
  return {
    queue: inTurns(play, process, 'queue', queueOf(play.stage)),
    live: inTurns(play, process, 'live', liveOf(play.stage)),
    log: () => {},
    time: { now: play.stage.now, elapsed: play.stage.now, sleep: async () => {} },
  };
}

/** One invocation of iterate. Resolves also when it is killed; what else it throws is told. */
export async function iterate(
  play: Play,
  process: Process,
  ports: Connection,
  hint: { sessionId: string; userId: string },
): Promise<void> {
  await drive(worldOf(play, process, ports, hint.sessionId), hint, { remaining: () => 300_000 });
}
