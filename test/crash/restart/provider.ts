/**
 * The model's provider, in the test's own process: it survives what it serves, and its bill is independent. It plays two agents whose every
 * step leaves its mark in the workspace, lets them go only as far as they may, and can leave a stream hanging after it was billed.
 */

import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { type Answer, call, failing, reply } from '../../../lib/local/model/answer.ts';
import { type ModelServer, startModelServer } from '../../../lib/local/model/server.ts';

/** Model calls of a session from its goal to its result. */
export const STEPS = 25;
const LAST = STEPS - 1;

export type Agent = 'a' | 'b';
export const goalOf = (agent: Agent): string => `Log your steps, as agent ${agent}`;
export const resultOf = (agent: Agent): string => `${LAST} steps of ${agent} are in log.txt`;

/** What the first `steps` steps leave behind, by path. */
export const workOf = (agent: Agent, steps: number): Record<string, string> => {
  const lines = Array.from({ length: steps }, (_, i) => `${agent} ${i}\n`);
  const sums = Array.from({ length: steps }, (_, i): [string, string] => [`/part-${i}.txt`, partOf(agent, i)]);
  return steps === 0 ? {} : { '/log.txt': lines.join(''), ...Object.fromEntries(sums) };
};
const partOf = (agent: Agent, step: number): string => `Part ${step} of ${agent}.\n`;

const answerOf = (agent: Agent, step: number): Answer =>
  step >= LAST
    ? reply(call('finish', { result: resultOf(agent) }))
    : reply(
        `Step ${step}.`,
        ...(step % 8 === 0 ? [call('narrate', { phase_name: `From ${step}`, text: 'On it goes.' })] : []),
        call('bash', {
          command: `printf '%s\\n' '${agent} ${step}' >> log.txt; seq 1 300 | awk '{s += $1} END {print s}'`,
        }),
        call('write_file', { path: `part-${step}.txt`, content: partOf(agent, step) }),
      );

export type Provider = Pick<ModelServer, 'url' | 'close'> & {
  /** Microdollars by UTC day. */
  billed(): Map<string, number>;
  requests(): number;
  /** What the Messages API would have said against requests that came since this was last asked. */
  refused(): string[];
  /** Steps of which an answer went out, also if nobody was left to hear it. */
  answered(agent: Agent): Set<number>;
  /** No answer to a step beyond this one until it is raised. */
  allow(step: number): void;
  /** Resolves when the agent's next request has come in; it is answered only after that. */
  asked(agent: Agent): Promise<void>;
  /** The agent's next answer hangs after so many events. Resolves when it has been billed and has begun. */
  hang(agent: Agent, events: number): Promise<void>;
  /** The callers are dead: what waits for its turn is not served. */
  drop(): void;
};

/** `now`: the clock of the system that is served, so that bill and ledger have the same days. Throws when that is dead. */
export const startProvider = async (now: () => Promise<number>): Promise<Provider> => {
  let at = 0;
  let allowed = 0;
  let turn = Promise.withResolvers<void>();
  let watched: { agent: Agent; resolve: () => void } | null = null;
  let hanging: { agent: Agent; events: number; resolve: () => void } | null = null;
  const answered = { a: new Set<number>(), b: new Set<number>() };

  const player = async (request: MessagesRequest, step: number): Promise<Answer> => {
    const agent: Agent = JSON.stringify(request.messages[0]).includes(goalOf('a')) ? 'a' : 'b';
    if (watched?.agent === agent) {
      watched.resolve();
      watched = null;
      await new Promise(setImmediate);
    }
    while (step > allowed) await turn.promise;
    at = await now();
    answered[agent].add(step);
    if (hanging?.agent !== agent) return answerOf(agent, step);
    const { events, resolve } = hanging;
    hanging = null;
    setImmediate(resolve);
    return failing({ kind: 'hang', after: events }, answerOf(agent, step));
  };
  const server = await startModelServer({ player, now: () => at });

  return {
    url: server.url,
    close: server.close,
    requests: () => server.bill().length,
    refused: () =>
      server.takeRefusals().map(({ message }) => `the Messages API would have refused a request: ${message}`),
    answered: (agent) => answered[agent],
    billed: () => {
      const days = new Map<string, number>();
      for (const line of server.bill()) {
        const day = line.at.slice(0, 10);
        days.set(day, (days.get(day) ?? 0) + line.cost_microdollars);
      }
      return days;
    },
    allow: (step) => {
      allowed = step;
      turn.resolve();
      turn = Promise.withResolvers();
    },
    asked: (agent) => new Promise((resolve) => (watched = { agent, resolve })),
    hang: (agent, events) => new Promise((resolve) => (hanging = { agent, events, resolve })),
    drop: () => {
      watched = null;
      hanging = null;
      turn.promise.catch(() => {});
      turn.reject(new Error('the caller is dead'));
      turn = Promise.withResolvers();
    },
  };
};
