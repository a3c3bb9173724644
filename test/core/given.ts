/** given(session).when(event): the core's specification, without a mock. */

import { headOf } from '../../lib/core/context.ts';
import type { Save, Settlement } from '../../lib/core/effect.ts';
import type { Input } from '../../lib/core/input.ts';
import { freshMemory, type Memory } from '../../lib/core/memory.ts';
import { next } from '../../lib/core/next.ts';
import type {
  AgentSpec,
  Block,
  Day,
  Policy,
  Session,
  SessionConfig,
  SessionData,
  StoredMessage,
  StoredState,
  ToolCall,
} from '../../lib/core/session.ts';
import type { Step } from '../../lib/core/step.ts';

export const MIDNIGHT = Date.parse('2026-11-23T00:00:00Z');
/** The head of the prompts here, as `memory.counted` remembers it. */
export const head = () => headOf(agent, null);
export const NOW = Date.parse('2026-11-22T10:00:00Z');

export const agent: AgentSpec = {
  name: 'assistant',
  system: 'You work alone.',
  tools: [{ name: 'bash', description: 'Runs a command.', input_schema: { type: 'object' }, effect: 'idempotent' }],
};

export const facts: SessionConfig = {
  id: 'ses_1',
  userId: 'u1',
  goal: 'Write a poem.',
  agent,
  model: 'claude-sonnet-5-5',
  ladder: [],
  tier: 'standard',
  system: null,
  onEndTurn: 'complete',
  maxIterations: 150,
  maxCost: null,
  effort: null,
  maxOutputTokens: null,
  tools: null,
  web: null,
  wakePolicy: 'auto',
};

export const policy: Policy = {
  maxOutputTokens: 16_000,
  tierEffort: {},
  leastOutputTokens: 1_024,
  compactAtTokens: 100_000,
  compactAtWindowShare: 0.6,
  compaction: true,
  repetitionGuard: true,
  countTokens: 'near',
  inferenceGeo: 'global',
  wakeWindowMs: 0,
};

/** A day of $10 of which `spent` is used. */
/** Of `day`, as a checkpoint keeps it. */
export const CEILING = '11000000';

export const day = (spent: bigint = 0n, more: Partial<Day> = {}): Day => ({
  date: '2026-11-22',
  allowance: 10_000_000n,
  ceiling: 11_000_000n,
  spent,
  held: 0n,
  resetsAt: MIDNIGHT,
  revision: 1,
  ...more,
});

export const user = (n: number, text: string): StoredMessage => ({
  n,
  role: 'user',
  content: [{ type: 'text', text }],
});
export const assistant = (n: number, ...content: Block[]): StoredMessage => ({ n, role: 'assistant', content });
export const text = (value: string): Block => ({ type: 'text', text: value });
export const toolUse = (id: string, name: string, input: Record<string, unknown> = {}): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});
export const toolResult = (id: string, content = 'ok'): Block => ({ type: 'tool_result', tool_use_id: id, content });
export const call = (id: string, name: string, input: Record<string, unknown> = {}): ToolCall => ({
  id,
  name,
  input,
  startedBy: null,
});

type Overrides = Partial<Omit<SessionData, 'memory' | 'facts' | 'policy'>> & {
  memory?: Partial<Memory>;
  facts?: Partial<SessionConfig>;
  policy?: Partial<Policy>;
};

export const known = ({ memory, facts: f, policy: p, ...more }: Overrides = {}): SessionData => ({
  facts: { ...facts, ...f },
  policy: { ...policy, ...p },
  memory: { ...freshMemory(), ...memory },
  fence: 1,
  attempts: 1,
  searches: 0,
  iteration: 0,
  cost: 0n,
  least: 0n,
  history: [user(1, facts.goal)],
  open: [],
  pending: { desired: 'run', wakeRequested: false, inbox: [] },
  day: day(),
  fault: null,
  ...more,
});

export const rested = (state: StoredState, overrides: Overrides = {}): Session => ({ ...known(overrides), ...state });
export const ready = (overrides: Overrides = {}): Session => rested({ state: 'ready' }, overrides);

type What = Input extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never;

export const when = (session: Session, event: What, at = NOW): Step => next(session, { ...event, at } as Input);
export const claim = (session: Session, at = NOW): Step => when(session, { type: 'claimed' }, at);

/** The one save that a step asks for. */
export const saveOf = (step: Step): Save => {
  const [effect, ...others] = step.effects;
  if (effect?.type !== 'save' || others.length > 0)
    throw new Error(`not one save: ${step.effects.map((e) => e.type).join()}`);
  return effect.save;
};
export const settlementOf = (step: Step): Settlement => {
  const [effect] = step.effects;
  if (effect?.type !== 'settle') throw new Error(`no settle: ${step.effects.map((e) => e.type).join()}`);
  return effect.settlement;
};
/** What a settlement's journal says beside the call itself and its iteration. */
export const toldBy = ({ journal }: Settlement) =>
  journal.flatMap(({ type, data }) => (type === 'agent.model_called' ? [] : [{ type, data }]));
export const kinds = (step: Step): string[] => step.effects.map((e) => e.type);

export const usage = (input: number, output: number) => ({ input_tokens: input, output_tokens: output });

export const reply = (content: Block[], stopReason = 'end_turn', u: object = usage(1_000, 100)) =>
  ({
    type: 'replied',
    reply: { id: 'msg_1', model: facts.model, content, stopReason, usage: u },
  }) as const;

/** From a session that may think to one whose call is under way, with all the money it wanted. */
export const thinking = (session: Session): Session => {
  let step = claim(session);
  if (step.effects[0]?.type === 'count') step = when(step.session, { type: 'counted', tokens: null });
  const [effect] = step.effects;
  if (effect?.type !== 'reserve') throw new Error(`no reserve: ${kinds(step).join()}`);
  return when(step.session, { type: 'granted', amount: effect.wanted, day: '2026-11-22' }).session;
};

/** Through the settlement of a reply, with the day as it then is. */
export const afterSettle = (
  session: Session,
  event: ReturnType<typeof reply>,
  then: Day = day(1_000n),
  desired: 'run' | 'pause' | 'cancel' = 'run',
): Step => {
  const settling = when(thinking(session), event);
  return when(settling.session, {
    type: 'settled',
    day: then,
    cost: 1_000n,
    pending: { desired, wakeRequested: false, inbox: [] },
  });
};
