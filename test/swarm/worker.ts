/**
 * One worker of the swarm: takes a session, makes its next call on the Sessions port as an iteration does (claim, reserve, settle, save),
 * and lays it back. Now and then it dies with the reply in its hand, settles twice, or settles long after another took over.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { affordableOutput, costMicrodollars, worstCaseMicrodollars } from '../../lib/budget/index.ts';
import type { Settlement } from '../../lib/core/effect.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import { type Claim, FenceLost, type WorkerSessions } from '../../lib/ports/index.ts';
import type { Random } from '../crash/torture/loop.ts';
import type { Served } from './billing.ts';
import type { Provider } from './provider.ts';

/** What a session wants of its next call. It stays the same until the call is made: refused is not lost. */
export type Wanted = { bytes: number };
export type Swarm = {
  sessions: WorkerSessions;
  provider: Provider;
  random: Random;
  count: Record<Counted, number>;
  /** How many calls have been answered by the provider; the swarm ends at `target`. */
  target: number;
  at: number;
  wanted: Map<string, Wanted>;
  /** The session can go on at once. */
  ready(id: string): void;
  /** It sleeps until the next day. */
  asleep(id: string): Promise<void>;
  /** Its owner is dead. */
  abandon(id: string): Promise<void>;
};
export type Counted = 'calls' | 'shrunk' | 'refused: day' | 'refused: held' | 'died' | 'settled twice' | 'settled late';

const MAX_OUTPUT = 8_000;
const LEAST_OUTPUT = 1_024;
/** Only others hold what it wants: it waits a little, as the core does for seconds. */
const HELD_MS = 100;
const [DIES, TWICE, LATE] = [0.004, 0.02, 0.5];

/** One iteration of session `id`. */
export async function iterate(swarm: Swarm, id: string): Promise<void> {
  const { sessions, provider, random, count } = swarm;
  const claim = await sessions.claim(id, randomUUID());
  if ('claimed' in claim) throw new Error(`${id} is free and due, but could not be claimed`);
  const { model } = claim.facts;
  const { bytes } = wish(swarm, id, model);
  const prompt = { model, inputTokens: bytes, at: swarm.at };
  const least = worstCaseMicrodollars({ ...prompt, maxTokens: LEAST_OUTPUT });
  const wanted = worstCaseMicrodollars({ ...prompt, maxTokens: MAX_OUTPUT });
  const held = await sessions.reserve(id, claim.fence, {
    n: 1,
    least,
    wanted,
    model: 'claude-haiku-5-5',
    handOff: true,
    journal: [],
  });
  if ('refused' in held) {
    count[held.refused === 'day' ? 'refused: day' : 'refused: held'] += 1;
    if (held.refused === 'day') return sleep(swarm, id, claim, held.day.resetsAt);
    await pause(HELD_MS);
    return goOn(swarm, id, claim);
  }
  if (held.granted < wanted) count.shrunk += 1;
  const maxTokens = affordableOutput({ ...prompt, amount: held.granted });
  if (count.calls >= swarm.target) return;
  count.calls += 1;
  swarm.wanted.delete(id);
  const served = await provider.think({ key: `${id}:${claim.fence}`, day: held.day, model, bytes, maxTokens });
  const settlement = settled(model, served, swarm.at);
  if (random() < DIES) return die(swarm, id, claim, settlement);
  await sessions.settle(id, claim.fence, settlement);
  if (random() < TWICE) {
    count['settled twice'] += 1;
    await sessions.settle(id, claim.fence, settlement);
  }
  await goOn(swarm, id, claim);
}

/** Haiku's prompts lie around its price tier. */
function wish(swarm: Swarm, id: string, model: string): Wanted {
  const { random } = swarm;
  const bytes = Math.floor(model.includes('haiku') ? 90_000 + random() * 20_000 : 2_000 + random() * 18_000);
  const wanted = swarm.wanted.get(id) ?? { bytes };
  swarm.wanted.set(id, wanted);
  return wanted;
}

const memory = freshMemory();

function settled(model: string, served: Served, at: number): Settlement {
  const { id, usage } = served;
  return {
    ...{ n: 1, cost: costMicrodollars({ model, usage, at }), class: 'settled', kind: 'think', model, usage },
    ...{ turns: [{ role: 'assistant', content: [{ type: 'text', text: id }] }], calls: [], inboxTaken: 0 },
    ...{ iterated: true, memory, journal: [] },
  };
}

/** The next owner charges the whole hold; half of the dead come back as zombies and say what it really was. */
async function die(swarm: Swarm, id: string, claim: Claim, settlement: Settlement): Promise<void> {
  swarm.count.died += 1;
  await swarm.abandon(id);
  swarm.ready(id);
  if (swarm.random() >= LATE) return;
  swarm.count['settled late'] += 1;
  await swarm.sessions.settle(id, claim.fence, settlement).catch((error: unknown) => {
    if (!(error instanceof FenceLost)) throw error;
  });
}

async function goOn(swarm: Swarm, id: string, { fence }: Claim): Promise<void> {
  await swarm.sessions.save(
    id,
    fence,
    { turn: null, inboxTaken: 0, memory, journal: [], paid: [], due: swarm.at, suspension: null },
    [],
  );
  swarm.ready(id);
}

async function sleep(swarm: Swarm, id: string, { fence }: Claim, until: number): Promise<void> {
  const rest = { to: { state: 'sleeping', until, reason: 'allowance' } as const, due: until, memory, journal: [] };
  await swarm.sessions.save(
    id,
    fence,
    { turn: null, inboxTaken: 0, memory, journal: [], paid: [], due: until, suspension: rest },
    [],
  );
  await swarm.asleep(id);
}
