/**
 * The whole of an iteration on a stage: the product's drive and core, a model that plays what the scenario wrote, tools of each effect class,
 * a queue at which somebody stands. A death leaves the iteration hanging where it was, as a kill does.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import * as z from 'zod';
import { controlSpecs } from '../../../lib/core/controls.ts';
import type { Block, EffectClass, ModelRequest, Policy } from '../../../lib/core/session.ts';
import { wakeDue } from '../../../lib/engine/wake.ts';
import { type Live, type Model, NO_MCP, type Thought, type World } from '../../../lib/ports/index.ts';
import { memoryLive } from '../../../lib/testing/memory/hints.ts';
import { defineTool, toolSpecs, tools } from '../../../lib/tools/index.ts';
import { policy } from '../../core/given.ts';
import { driveWithFailpoints, type Failpoint, type FailpointName } from '../../kit/failpoints.ts';
import { NO_SCHEDULES } from '../../kit/schedules.ts';
import { refusalOf, withThought } from '../../kit/strict.ts';
import type { BillLine } from '../evidence.ts';
import { priceOf, type Tokens, usageOf } from '../witness/price.ts';
import type { Stage } from './stage.ts';

/** One reply, or a failure after it was served. `output`: tokens of it; `all` of what the request allows, and then it is cut there. */
export type Said = {
  content: Block[];
  stopReason?: string;
  output?: number | 'all';
  failure?: Extract<Thought, { type: 'failed' }>['failure'];
};
/** `index`: replies in the prompt so far. */
export type Script = (request: ModelRequest, index: number) => Said;
export type Cast = {
  world: World;
  /** The sessions that sweeps of the wake function have sent. */
  swept: string[];
  /** Sweeps and drives until nothing is due, and then once more at each instant at which something will be, up to `until`. */
  run(options?: { until?: string; most?: number }): Promise<void>;
  /** The process that is at work, as the witnesses name it. */
  worker: { readonly name: string };
  /** Drives one session once, whatever becomes of it. */
  once(id: string): Promise<void>;
  /** The next time that this step is reached, the worker dies there. */
  dieAt(step: FailpointName, times?: number): void;
};
type Options = { policy?: Partial<Policy>; live?: Live; model?: Model; bytesPerToken?: number };

export function cast(stage: Stage, script: Script, options: Options = {}): Cast {
  const worker = { name: '', calls: 0, session: '', die: (): void => {} };
  const deaths: FailpointName[] = [];
  const swept: string[] = [];
  const list = toolsOn(stage, worker);
  const world: World = {
    ...stage,
    live: options.live ?? memoryLive(Date.now),
    model: options.model ?? modelOn(stage, worker, script, options.bytesPerToken ?? 4),
    tools: tools(list),
    mcp: NO_MCP,
    policy: { ...policy, ...options.policy },
    agent: (name) => ({ name, system: 'Work.', tools: [...toolSpecs(list), ...controlSpecs] }),
    queue: queueOn(stage, swept),
    timer: { schedule: async () => {} },
    webhook: { post: async () => ({ status: 200, error: null }) },
    clock: { elapsed: () => performance.now() },
    log(line) {
      stage.log(JSON.stringify(line, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));
      if (line.message !== 'claimed') return;
      stage.counted.iterations += 1;
      stage.witness({
        claim: { at: Date.now(), worker: worker.name, session: worker.session, fence: Number(line.fence) },
      });
    },
  };

  const failpoint: Failpoint = (name) => {
    if (!deaths.includes(name)) return;
    deaths.splice(deaths.indexOf(name), 1);
    worker.die();
    return new Promise<void>(() => {});
  };

  async function once(id: string): Promise<void> {
    Object.assign(worker, { name: `w${randomUUID()}`, calls: 0, session: id });
    const died = new Promise<void>((resolve) => {
      worker.die = resolve;
    });
    const { user_id: userId } = (await stage.query('select user_id from agent_sessions where id = $1', [id]))[0]!;
    await Promise.race([
      driveWithFailpoints(world, { sessionId: id, userId: userId! }, { remaining: () => 300_000 }, failpoint).catch(
        () => {},
      ),
      died,
    ]);
    await stage.expireLease(id);
  }

  return {
    world,
    swept,
    worker,
    once,
    dieAt: (step, times = 1) => void deaths.push(...Array.from({ length: times }, () => step)),
    async run({ until, most = 60 } = {}) {
      for (let times = 0; times < most; times++) {
        await stage.query(`update agent_sessions set hint_at = '-infinity' where state <> 'ended'`);
        const { due } = await stage.sweeper.sweep(100);
        for (const { id } of due) await once(id);
        if (due.length === 0 && !(await advance(stage, until))) return;
      }
      throw new Error('it never settles down');
    },
  };
}

/** To the next instant at which something is due. False: nothing is before `until`. */
async function advance(stage: Stage, until: string | undefined): Promise<boolean> {
  if (!until) return false;
  const [next] = await stage.query(
    `select to_char(min(due_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from agent_sessions where due_at > app_now() and due_at <= $1`,
    [until],
  );
  if (!next?.at) return false;
  await stage.setNow(new Date(Date.parse(next.at) + 1).toISOString());
  return true;
}

type Worker = { name: string; calls: number; session: string };

/** What a tokenizer makes of the prompt; the cheapest byte-level one needs no more than a token per byte. */
const promptTokens = ({ system, tools, messages }: ModelRequest, bytesPerToken: number): number => {
  const bare = JSON.stringify([system, tools, messages], (key, value) => (key === 'cache_control' ? undefined : value));
  return Math.ceil(Buffer.byteLength(bare) / bytesPerToken);
};

function modelOn(stage: Stage, worker: Worker, script: Script, bytesPerToken: number): Model {
  return {
    async think(request): Promise<Thought> {
      worker.calls += 1;
      const refused = refusalOf(request, Date.now());
      if (refused !== null) {
        const { name, session } = worker;
        stage.witness({ refusal: { at: Date.now(), session, worker: name, status: 400, message: refused } });
        const code = 'invalid_request_error';
        return {
          type: 'failed',
          failure: { proof: 'not_served', status: 400, code, message: refused, retryAfterMs: null },
        };
      }
      const said = script(request, request.messages.filter(({ role }) => role === 'assistant').length);
      const maxTokens = request.max_tokens;
      const all = said.output === 'all';
      const input = promptTokens(request, bytesPerToken);
      const read = Math.floor(input / 2);
      const tokens: Tokens = {
        input: 0,
        write: input - read,
        read,
        output: Math.min(maxTokens, all ? maxTokens : Number(said.output ?? 200)),
      };
      const id = `req_${randomUUID()}`;
      const usage = usageOf(tokens, id);
      const { name, calls, session } = worker;
      const answer: BillLine['answer'] = said.failure ? 'error_500' : all ? 'max_tokens' : 'whole';
      const cost = priceOf(request.model, tokens);
      stage.witness({
        bill: {
          request: id,
          at: Date.now(),
          session,
          worker: name,
          call: calls,
          model: request.model,
          usage,
          cost,
          maxTokens,
          answer,
        },
      });
      if (said.failure) return { type: 'failed', failure: said.failure };
      const calling = said.content.some(({ type }) => type === 'tool_use');
      const stopReason = said.stopReason ?? (all ? 'max_tokens' : calling ? 'tool_use' : 'end_turn');
      const content = withThought(request, said.content);
      return { type: 'replied', reply: { id, model: request.model, content, stopReason, usage } };
    },
    count: async (request) => promptTokens(request, bytesPerToken),
  };
}

function toolsOn(stage: Stage, worker: Worker) {
  const tool = (name: 'look' | 'put' | 'fire', effect: EffectClass) =>
    defineTool({
      ...{ name, effect, description: `Does its ${effect} effect.` },
      input: z.object({ call: z.string(), place: z.string() }),
      async run({ call }, { idempotencyKey: key }) {
        const { session, name: by } = worker;
        stage.witness({ effect: { at: Date.now(), session, worker: by, call, key, tool: name, class: effect } });
        return `Done: ${call}.`;
      },
    });
  return [tool('look', 'pure'), tool('put', 'idempotent'), tool('fire', 'once')];
}

function queueOn(stage: Stage, swept: string[]): World['queue'] {
  const write = (session: string, by: 'sweep' | 'chain') =>
    appendFileSync(stage.evidence.hintsPath, `${JSON.stringify({ at: Date.now(), session, by })}\n`);
  return {
    send: async ({ sessionId }) => write(sessionId, 'chain'),
    sendAll: async (hints) => {
      for (const { sessionId } of hints) write(sessionId, 'sweep');
      swept.push(...hints.map(({ sessionId }) => sessionId));
    },
  };
}

/** One run of a cron of the wake function. */
export const wake = (world: World, cron: 'recovery' | 'schedule', now: () => number = Date.now) =>
  wakeDue({ ...world, ...NO_SCHEDULES }, { cron, now });
