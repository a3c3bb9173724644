/**
 * A whole world for the drive: memory ports, a scripted model that keeps its own bill (what it served it bills, whoever still listens), and tools that count their effects. `deliver`
 * plays queue and recovery cron until nothing moves.
 */
import { z } from 'zod';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import { controlSpecs } from '../../lib/core/controls.ts';
import type { Block, ModelRequest, Policy } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { defineTool } from '../../lib/index.ts';
import { type Mcp, type NewSession, NO_MCP, type Thought, type World } from '../../lib/ports/index.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import { configuredTool, NO_FACILITIES } from '../../lib/tools/configured.ts';
import { type Tool, toolSpecs, tools } from '../../lib/tools/index.ts';
import { policy } from '../core/given.ts';
import { refusalOf, withThought } from './strict.ts';

export type Script = (turns: ModelRequest['messages'], index: number) => Block[] | Thought;

const encoder = new TextEncoder();

type Seen = { effects: Map<string, number>; paid: Set<string>; attempts: Map<string, string[]> };

/**
 * Tools of one's own, of each effect class, counting how often each key's effect happened; `paid` has the keys of `once` effects, `attempts`
 * the idempotency keys with which each was tried.
 */
const countingTools = ({ effects, paid, attempts }: Seen) => {
  const tool = (name: string, effect: 'pure' | 'idempotent' | 'once') => {
    const defined = defineTool({
      name,
      description: name,
      effect,
      input: z.object({ key: z.string() }),
      async run({ key }, ctx) {
        effects.set(key, (effects.get(key) ?? 0) + 1);
        attempts.set(key, [...(attempts.get(key) ?? []), ctx.idempotencyKey]);
        if (effect === 'once') paid.add(key);
        (await ctx.files()).write(`/${key}`, encoder.encode(key));
        return `did ${key}`;
      },
    });
    return configuredTool(defined, NO_FACILITIES);
  };
  return [tool('look', 'pure'), tool('put', 'idempotent'), tool('pay', 'once')];
};

const invalid = (message: string): Thought => ({
  type: 'failed',
  failure: { proof: 'not_served', status: 400, code: 'invalid_request_error', message, retryAfterMs: null },
});

type Options = {
  policy?: Partial<Policy>;
  now?: string;
  /** Beside those that count. */
  tools?: Tool[];
  mcp?: Mcp;
};

export const testWorld = (script: Script, options: Options = {}) => {
  const memory = memoryWorld({ now: options.now ?? '2026-11-22T10:00:00Z' });
  const effects = new Map<string, number>();
  const paid = new Set<string>();
  const attempts = new Map<string, string[]>();
  const bill: bigint[] = [];
  /** What the Messages API would have said against requests that came: mistakes of the caller's, each. */
  const refused: string[] = [];
  const list = [...countingTools({ effects, paid, attempts }), ...(options.tools ?? [])];
  const world: World = {
    ...memory,
    model: {
      async think(request, { onText }) {
        const message = refusalOf(request, memory.now());
        if (message !== null) {
          refused.push(message);
          return invalid(message);
        }
        const index = request.messages.filter((m) => m.role === 'assistant').length;
        const answer = script(request.messages, index);
        const usage = { input_tokens: 1_000 + 100 * index, output_tokens: 200 };
        const served = Array.isArray(answer) || answer.type === 'replied' || answer.failure.proof !== 'not_served';
        if (served) bill.push(costMicrodollars({ model: request.model, usage, at: memory.now() }));
        if (!Array.isArray(answer)) return answer;
        for (const block of answer) {
          if (block.type === 'thinking') onText?.((block as unknown as { thinking: string }).thinking, 'thought');
          if (block.type === 'text') onText?.((block as { text: string }).text);
        }
        const stopReason = answer.some((b) => b.type === 'tool_use') ? 'tool_use' : 'end_turn';
        return {
          type: 'replied',
          reply: {
            ...{ id: `msg_${bill.length}`, model: request.model, content: withThought(request, answer) },
            ...{ stopReason, usage },
          },
        };
      },
      count: async () => null,
    },
    tools: tools(list),
    mcp: options.mcp ?? NO_MCP,
    policy: { ...policy, ...options.policy },
    agent: (name, web = null) => ({ name, system: 'Work.', tools: [...toolSpecs(list, web), ...controlSpecs] }),
    log: () => {},
  };
  return { ...memory, world, effects, paid, attempts, bill, refused };
};

export type TestWorld = ReturnType<typeof testWorld>;

export const newSession = (more: Partial<NewSession> = {}): NewSession => ({
  effort: null,
  maxOutputTokens: null,
  tools: null,
  web: null,
  id: 'ses_1',
  goal: 'Do it.',
  agent: 'assistant',
  model: 'claude-sonnet-5-5',
  tier: 'standard',
  system: null,
  onEndTurn: 'complete',
  maxIterations: 150,
  maxCost: null,
  ladder: [],
  share: null,
  metadata: {},
  ...more,
});

/** One user with 30 equal days of `daily` microdollars. */
export const withUser = (t: TestWorld, daily: bigint, id = 'u1') =>
  t.accounts.putUser(id, { tier: 'standard', budget: daily * 30n, renewalDate: null, wakePolicy: 'auto' });

/** Throws when the Messages API would have refused a request of this world's. */
export const mustBeServed = ({ refused }: Pick<TestWorld, 'refused'>): void => {
  if (refused.length > 0) throw new Error(`the Messages API refuses a request: ${refused.join('; ')}`);
};

/** Delivers hints and due sessions until nothing is due. Invocations that die are redelivered after their lease. Bounded. */
export const settleDown = async (t: TestWorld, world: World = t.world, most = 500): Promise<number> => {
  let invocations = 0;
  for (let round = 0; round < most; round++) {
    t.passLease();
    mustBeServed(t);
    const { due } = await t.sweeper.sweep(100);
    if (due.length === 0) return invocations;
    for (const { id, userId } of due) {
      invocations += 1;
      await drive(world, { sessionId: id, userId }, { remaining: () => 300_000 }).catch(() => {});
    }
  }
  throw new Error('it never settles down');
};
