/**
 * The plainest owner of a session: one iteration on the Sessions port, with a fault possible at every step. What it decides is small; what
 * matters is in which order it writes, and that it may die, stall or hear nothing anywhere between two writes.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshMemory } from '../../../lib/core/memory.ts';
import type { Message, StoredState } from '../../../lib/core/session.ts';
import { type Claim, FenceLost, type WorkerSessions } from '../../../lib/ports/index.ts';
import { anEntry } from '../../kit/events.ts';

export const LEASE_MS = 700;
export const LEAST = 2_000n;
export const WANTED = 8_000n;

export type Random = () => number;
export type Asked = { key: string; session: string; day: string; seen: number; granted: number; iteration: number };
export type Answered = { status: number; id: string; cost: number; calls: string[] };

/** All that an owner touches. `step` is where it may die or stall; `count` is for the report. */
export type Io = {
  sessions: WorkerSessions;
  random: Random;
  target: number;
  count(what: string): void;
  step(name: string): Promise<void>;
  send(id: string, delayMs?: number): void;
  think(asked: Asked): Promise<Answered>;
  effect(call: string): Promise<void>;
};

/** mulberry32: a seed fixes the decisions, not how they interleave. */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Takes hints until told to stop. A dead owner is only counted: whoever comes next goes on. */
export async function work(io: Io, take: () => Promise<string | null>, on: () => boolean): Promise<void> {
  while (on()) {
    const id = await take();
    if (id === null) continue;
    await iterate(io, id).catch((error) => {
      if (error instanceof FenceLost) io.count('fenced off');
      else if ((error as Error).name === 'Crash') io.count('crashed');
      else io.count(`ERROR ${(error as Error).message}`);
    });
  }
}

const says = (text: string) => [{ type: 'text', text }];

async function iterate(io: Io, id: string): Promise<void> {
  const claim = await io.sessions.claim(id, randomUUID());
  if ('claimed' in claim) {
    if (claim.retryInMs !== null && claim.retryInMs < 3_000) io.send(id, claim.retryInMs + 5);
    return;
  }
  await io.step('claimed');
  const rest = (to: Exclude<StoredState, { state: 'ready' }>, due: number) => save(io, id, claim, null, { to, due });
  const end = (outcome: 'completed' | 'cancelled' | 'failed') =>
    rest({ state: 'ended', outcome, result: null, error: null }, Number.POSITIVE_INFINITY);

  if (claim.pending.desired === 'cancel') return end('cancelled');
  if (claim.attempts > 5) return end('failed');
  if (claim.pending.desired === 'pause') return rest({ state: 'paused', error: null }, Number.POSITIVE_INFINITY);

  let calls = claim.calls.map((call) => call.id);
  let { iteration } = claim;
  const wanted =
    claim.history.at(-1)!.role === 'user' || claim.pending.inbox.length > 0 || claim.state.state === 'sleeping';
  if (calls.length === 0 && wanted) {
    const asked = {
      n: 1,
      least: LEAST,
      wanted: WANTED,
      model: 'claude-haiku-5-5',
      handOff: true,
      journal: [anEntry('agent.thinking')],
    };
    const held = await io.sessions.reserve(id, claim.fence, asked);
    await io.step('reserved');
    if ('refused' in held) {
      io.count(`refused: ${held.refused}`);
      if (held.refused === 'held') return save(io, id, claim, null, null, claim.at + 2_000);
      return rest({ state: 'sleeping', until: held.day.resetsAt, reason: 'allowance' }, held.day.resetsAt);
    }
    const reply = await buy(io, id, claim, held, iteration + 1);
    if (reply?.status !== 200) return save(io, id, claim, null, null, claim.at + (reply ? 1_000 : 0));
    calls = reply.calls;
    iteration += 1;
  }
  if (calls.length === 0) {
    if (iteration >= io.target) return end('completed');
    return rest({ state: 'waiting', question: null }, Number.POSITIVE_INFINITY);
  }
  for (const call of calls) {
    await io.step('acting');
    if (call.endsWith('once') && (await io.sessions.startTool(id, claim.fence, call)) === 'run') {
      await io.step('started');
      await io.effect(call);
    }
  }
  return save(io, id, claim, `results ${calls.join()}`, null);
}

/** The call and its settlement; null when nobody knows how it went. */
async function buy(io: Io, id: string, claim: Claim, held: { granted: bigint; day: string }, iteration: number) {
  const { fence, history, pending } = claim;
  const heard: Message[] = pending.inbox.map(({ content }) => ({ role: 'user', content: says(content) }));
  if (history.at(-1)!.role === 'assistant' && heard.length === 0) heard.push({ role: 'user', content: says('woke') });
  const beat = setInterval(() => io.sessions.heartbeat(id, fence).catch(() => {}), LEASE_MS / 3);
  const { day } = held;
  const asked = {
    key: `${id}:${fence}:1`,
    session: id,
    day,
    seen: history.at(-1)!.n,
    granted: Number(held.granted),
    iteration,
  };
  const reply = await io
    .think(asked)
    .catch(() => null)
    .finally(() => clearInterval(beat));
  await io.step('thought');
  const served = reply?.status === 200;
  const said: Message = { role: 'assistant', content: says(`${reply?.id} ${reply?.calls.join()}`) };
  await io.sessions.settle(id, fence, {
    n: 1,
    cost: reply ? BigInt(reply.cost) : null,
    class: reply ? 'settled' : 'unknown',
    ...{ kind: 'think', model: 'claude-haiku-5-5', usage: null, memory: freshMemory() },
    turns: served ? [...heard, said] : [],
    calls: served ? reply.calls.map((call) => ({ id: call, name: 'tool', input: {} })) : [],
    inboxTaken: served ? (pending.inbox.at(-1)?.n ?? 0) : 0,
    iterated: served,
    journal: [anEntry(served ? 'agent.text' : 'agent.retrying')],
  });
  await io.step('settled');
  return reply;
}

const EVENT_OF = {
  sleeping: 'agent.sleeping',
  waiting: 'agent.waiting_for_input',
  paused: 'agent.paused',
  exceeded: 'agent.budget_exceeded',
  ended: 'agent.completed',
} as const;

type Resting = { to: Exclude<StoredState, { state: 'ready' }>; due: number };

async function save(
  io: Io,
  id: string,
  claim: Claim,
  observed: string | null,
  resting: Resting | null,
  due = claim.at,
) {
  // A hint that overtakes the save.
  if (io.random() < 0.15) void sleep(io.random() * 8).then(() => io.send(id));
  const memory = freshMemory();
  const rest = resting && { ...resting, memory, journal: [anEntry(EVENT_OF[resting.to.state])] };
  const turn = observed === null ? null : says(observed);
  const saved = await io.sessions.save(
    id,
    claim.fence,
    { turn, inboxTaken: 0, memory, journal: [], paid: [], due, suspension: rest },
    [],
  );
  await io.step('saved');
  if (saved.chain) io.send(id);
}
