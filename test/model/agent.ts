/**
 * The model of a model run: replies as it is told, else it works on; it streams in turns, so that a stream can be cut anywhere, and bills
 * what it served, whoever still listens. And the tools, one of each effect class, which count their effects.
 */
import { z } from 'zod';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import { controlSpecs } from '../../lib/core/controls.ts';
import type { AgentSpec, Block, ModelRequest } from '../../lib/core/session.ts';
import { FenceLost, type Model, Stopped, type Thought } from '../../lib/ports/index.ts';
import { defineTool, toolSpecs, tools } from '../../lib/tools/index.ts';
import { faultsOf } from '../kit/history.ts';
import { refusalOf, withThought } from '../kit/strict.ts';
import type { Witness } from './witness.ts';

export type Say =
  | { type: 'reply'; calls: string[]; stop: 'tool_use' | 'max_tokens' | 'pause_turn'; turns: number }
  | { type: 'refuse'; status: 429 | 529 }
  | { type: 'silence' }
  | { type: 'break' };

export type Script = { says: Say[] /** What it says when it is told nothing. */; otherwise: 'work' | 'done' };

const INPUTS: Record<string, Record<string, unknown>> = {
  narrate: { phase_name: 'p', text: 't' },
  sleep: { minutes: 10, note: 'n' },
  ask_user: { question: 'q?' },
  finish: { result: 'r' },
};

/** A request's tokens: fewer than its bytes, as with every text. */
const tokensOf = (request: ModelRequest): number => Math.ceil(JSON.stringify(request).length / 4);

const WORK: Say = { type: 'reply', calls: ['look', 'pay', 'put'], stop: 'tool_use', turns: 1 };
const DONE: Say = { type: 'reply', calls: [], stop: 'tool_use', turns: 1 };

/** `call`: session, fence and number. `turn`: one await of the stream. */
export type Thinking = { call: string; now: () => number; turn: (label: string) => Promise<void> };

export function scripted(script: Script, witness: Witness) {
  let replies = 0;

  async function think(thinking: Thinking, request: ModelRequest, signal: AbortSignal): Promise<Thought> {
    await thinking.turn('the request arrives');
    if (signal.aborted) return silence();
    for (const fault of faultsOf(request.messages, false, { pauses: true }))
      witness.broken.push(`G6 ${thinking.call}: ${fault}`);
    const refused = refusalOf(request, thinking.now());
    if (refused !== null) {
      witness.broken.push(`G6 ${thinking.call}: the Messages API refuses the request: ${refused}`);
      return refusal(400, refused);
    }
    const say = script.says.shift() ?? (script.otherwise === 'work' ? WORK : DONE);
    if (say.type === 'refuse') return refusal(say.status);
    const usage = { input_tokens: tokensOf(request), output_tokens: Math.min(request.max_tokens, 300) };
    witness.served(thinking.call, costMicrodollars({ model: request.model, usage, at: thinking.now() }));
    if (say.type === 'silence') return silence();
    const begun = { type: 'cut', model: request.model, usage: { ...usage, output_tokens: 1 } } as const;
    for (let i = 0; i < (say.type === 'reply' ? say.turns : 1); i++) {
      await thinking.turn('the stream goes on');
      if (signal.aborted) return cut(begun, signal);
    }
    if (say.type === 'break') return cut(begun, signal);
    replies += 1;
    const content = say.calls.map((name, i) => callOf(`r${replies}_${i}`, name));
    const text: Block = { type: 'text', text: `r${replies}` };
    const stopReason = content.length === 0 && say.stop === 'tool_use' ? 'end_turn' : say.stop;
    const said = withThought(request, [text, ...content, ...pausing(stopReason, replies)]);
    const reply = { id: `msg_${replies}`, model: request.model, content: said, stopReason, usage };
    return { type: 'replied', reply };
  }
  return { think };
}

const callOf = (id: string, name: string): Block => ({
  type: 'tool_use',
  id,
  name,
  input: INPUTS[name] ?? { key: id },
});

/** A turn pauses for a tool of the provider's own, and for nothing else. */
const pausing = (stop: string, n: number): Block[] =>
  stop === 'pause_turn'
    ? [{ type: 'server_tool_use', id: `srvtoolu_${n}`, name: 'web_search', input: {} } as Block]
    : [];

const silence = (): Thought => ({ type: 'failed', failure: { proof: 'unknown', status: null, message: 'silence' } });
const refusal = (status: number, message = 'later'): Thought => ({
  type: 'failed',
  failure: {
    proof: 'not_served',
    status,
    code: status === 400 ? 'invalid_request_error' : 'busy',
    message,
    retryAfterMs: null,
  },
});
type Begun = { model: string; usage: { input_tokens: number; output_tokens: number } };
const cut = ({ model, usage }: Begun, { aborted, reason }: AbortSignal): Thought => ({
  type: 'failed',
  failure: {
    ...{ proof: 'cut', model, usage, message: 'cut' },
    stopped: aborted && (reason instanceof Stopped || reason instanceof FenceLost),
  },
});

/** Every name is an effect class: `look` is pure, `put` idempotent, `pay` once. Each call has a key of its own and writes a file of that name. */
export function countingTools({ effects, once }: Pick<Witness, 'effects' | 'once'>) {
  const tool = (name: string, effect: 'pure' | 'idempotent' | 'once') =>
    defineTool({
      name,
      description: name,
      effect,
      input: z.object({ key: z.string() }),
      async run({ key }, context) {
        effects.set(key, (effects.get(key) ?? 0) + 1);
        if (effect === 'once') once.add(key);
        (await context.files()).write(`/${key}`, new TextEncoder().encode(key));
        return `did ${key}`;
      },
    });
  const list = [tool('look', 'pure'), tool('put', 'idempotent'), tool('pay', 'once')];
  const spec: AgentSpec = { name: 'assistant', system: 'Work.', tools: [...toolSpecs(list), ...controlSpecs] };
  return { tools: tools(list), agent: (name: string) => ({ ...spec, name }) };
}

export const noCount: Model['count'] = async () => null;
