/** A worker led by hand, request by request, through the Sessions port; and the provider that serves it, whose bill is evidence. */

import { randomUUID } from 'node:crypto';
import type { Save, Settlement, Suspension } from '../../../lib/core/effect.ts';
import { freshMemory } from '../../../lib/core/memory.ts';
import type { Block, ToolUseBlock } from '../../../lib/core/session.ts';
import type { Claim, WorkerSessions } from '../../../lib/ports/index.ts';
import { anEntry } from '../../kit/events.ts';
import type { BillLine } from '../evidence.ts';
import { priceOf, usageOf } from '../witness/price.ts';
import type { Stage } from './stage.ts';

export type Hand = { worker: string; id: string; fence: number; sessions: WorkerSessions; claim: Claim };

export const MODEL = 'claude-haiku-5-5';
/** Tokens of every call that is served here; microdollars that it costs; and a hold that covers it. */
const TOKENS = { input: 4_000, write: 0, read: 0, output: 1_200 };
export const COST = priceOf(MODEL, TOKENS);
export const HOLD = 2_000n;

/** Takes the session up. Null: it is not to be had. `sessions`: on another connection than the stage's own. */
export async function take(
  stage: Stage,
  id: string,
  { sessions = stage.sessions, invocation = randomUUID() as string } = {},
): Promise<Hand | null> {
  const claim = await sessions.claim(id, invocation);
  if ('claimed' in claim) return null;
  return took(stage, id, sessions, claim);
}

export function took(stage: Stage, id: string, sessions: WorkerSessions, claim: Claim): Hand {
  const worker = `w${randomUUID()}`;
  stage.counted.iterations += 1;
  stage.witness({ claim: { at: Date.now(), worker, session: id, fence: claim.fence } });
  return { worker, id, fence: claim.fence, sessions, claim };
}

/** As `take`, where it must be had. */
export async function taken(stage: Stage, id: string, options?: Parameters<typeof take>[2]): Promise<Hand> {
  const hand = await take(stage, id, options);
  if (!hand) throw new Error(`${id} could not be claimed`);
  return hand;
}

export const hold = ({ sessions, id, fence }: Hand, wanted = HOLD, least = wanted) =>
  sessions.reserve(id, fence, { n: 1, least, wanted, model: MODEL, handOff: false, journal: [] });

/** The provider serves a call, and writes it on its bill first. */
export function serve(stage: Stage, { worker, id }: Pick<Hand, 'worker' | 'id'>): BillLine {
  const request = `req_${randomUUID()}`;
  const line: BillLine = {
    ...{ request, at: Date.now(), session: id, worker, call: 1, model: MODEL, cost: COST, answer: 'whole' },
    usage: usageOf(TOKENS, request),
  };
  stage.witness({ bill: line });
  return line;
}

export const use = (id: string, name: string): ToolUseBlock => ({
  type: 'tool_use',
  id,
  name,
  input: { call: id, place: '1' },
});
export const result = (id: string, content = 'Done.'): Block => ({ type: 'tool_result', tool_use_id: id, content });

/** The settlement of a served call: its reply says something and calls `calls`. */
export function reply({ claim, sessions: _, ...hand }: Hand, line: BillLine, calls: ToolUseBlock[] = []): Settlement {
  const { inbox } = claim.pending;
  const said = inbox.map(({ content }) => ({ role: 'user' as const, content: [{ type: 'text', text: content }] }));
  return {
    ...{ n: 1, cost: BigInt(line.cost), class: 'settled', kind: 'think', model: MODEL, usage: line.usage },
    turns: [...said, { role: 'assistant', content: [{ type: 'text', text: `This is ${hand.worker}.` }, ...calls] }],
    calls: calls.map(({ id, name, input }) => ({ id, name, input })),
    ...{
      inboxTaken: inbox.at(-1)?.n ?? 0,
      iterated: true,
      memory: freshMemory(),
      journal: [anEntry('agent.text')],
    },
  };
}

const LONG_AGO = Date.parse('2000-01-01T00:00:00Z');

export const saving = (over: Partial<Save> = {}): Save => ({
  ...{ turn: null, inboxTaken: 0, memory: freshMemory(), journal: [], paid: [], due: LONG_AGO, suspension: null },
  ...over,
});

export const ended: Suspension = {
  to: { state: 'ended', outcome: 'completed', result: 'Done.', error: null },
  ...{ due: Number.POSITIVE_INFINITY, memory: freshMemory() },
  journal: [anEntry('agent.completed')],
};

export const asleep = (until: number): Suspension => ({
  to: { state: 'sleeping', until, reason: 'agent' },
  ...{ due: until, memory: freshMemory(), journal: [anEntry('agent.sleeping')] },
});

/** One iteration from claim to save: a reply, its tool calls with their effects, their results. */
export async function iterate(
  stage: Stage,
  id: string,
  { calls = [] as ToolUseBlock[], suspension = null as Suspension | null } = {},
): Promise<void> {
  const hand = await taken(stage, id);
  if ('refused' in (await hold(hand))) throw new Error(`${id} got no money`);
  await hand.sessions.settle(id, hand.fence, reply(hand, serve(stage, hand), calls));
  for (const call of calls) await act(stage, hand, call);
  const turn = calls.length > 0 ? calls.map((call) => result(call.id)) : null;
  await hand.sessions.save(id, hand.fence, saving({ turn, suspension }), []);
}

const CLASSES = { look: 'pure', put: 'idempotent', fire: 'once' } as const;

/** Marks the call where it must be, and lets its effect happen. False: an owner before had started it. */
export async function act(
  stage: Stage,
  { sessions, id, fence, worker }: Hand,
  call: ToolUseBlock,
  key = `key of ${call.id}`,
): Promise<boolean> {
  const tool = call.name as keyof typeof CLASSES;
  if (tool === 'fire' && (await sessions.startTool(id, fence, call.id)) !== 'run') return false;
  stage.witness({ effect: { at: Date.now(), session: id, worker, call: call.id, key, tool, class: CLASSES[tool] } });
  return true;
}

/** What an old owner tries is refused or changes nothing; here nobody minds which. */
export const tried = async (...requests: (() => Promise<unknown>)[]): Promise<void> => {
  for (const request of requests) await request().catch(() => null);
};
