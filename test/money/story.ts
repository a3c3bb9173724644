/**
 * A story of money: steps that a property test puts into any order, told to the ports, with a bill kept beside them by a provider that
 * bills what it served, whoever still listens.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Settlement } from '../../lib/core/effect.ts';
import { newId } from '../../lib/ids.ts';
import { allDrifts } from '../../lib/ops/reconcile.ts';
import { type Audit, FenceLost } from '../../lib/ports/index.ts';
import { aSave, aSession, aSettlement, DAY_MS, once, START, type Subject, TERMS } from '../contract/harness.ts';

export const SESSIONS = 3;

/** `session` counts from 0; money in microdollars; `part` of the granted money is what the call is billed, in per cent. */
export type Step =
  | { type: 'call'; session: number; least: number; wanted: number; part: number; handOff: boolean }
  | { type: 'settle' | 'settle again' | 'crash' | 'late zombie'; session: number }
  | { type: 'top-up'; amount: number; spread: 'today' | 'cycle' }
  | { type: 'plan'; budget: number; maxDailyMultiple: number | null }
  | { type: 'reconcile' }
  | { type: 'midnight' };

const session = fc.nat({ max: SESSIONS - 1 });
const ofSession = fc.record({
  type: fc.constantFrom('settle' as const, 'settle again' as const, 'crash' as const, 'late zombie' as const),
  session,
});
const money = fc.record({ least: fc.integer({ min: 1, max: 400_000 }), wanted: fc.integer({ min: 1, max: 700_000 }) });
const call = fc
  .record({ type: fc.constant('call' as const), session, money, part: fc.nat({ max: 100 }), handOff: fc.boolean() })
  .map(({ money: { least, wanted }, ...rest }): Step => ({ ...rest, least: Math.min(least, wanted), wanted }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: call },
  { weight: 7, arbitrary: ofSession },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('top-up' as const),
      amount: fc.integer({ min: 1, max: 5_000_000 }),
      spread: fc.constantFrom('today' as const, 'cycle' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('plan' as const),
      budget: fc.nat({ max: 42_000_000 }),
      maxDailyMultiple: fc.constantFrom(null, 1, 2.5),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'reconcile' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'midnight' as const }) },
);

type Made = { id: string; fence: number; settlement: Settlement };

/** A user with sessions, and one function that takes the next step of the story. */
export async function story({ ports, setNow, expireLease }: Subject, audit: Audit) {
  const { sessions, accounts, userSessions } = ports;
  const user = newId('usr');
  const ids = Array.from({ length: SESSIONS }, () => newId('ses'));
  const underWay = new Map<string, Made>();
  const done = new Map<string, Made>();
  const zombies: Made[] = [];
  /** Microdollars by day. */
  const bill = new Map<string, bigint>();
  const grants: { day: string; amount: bigint }[] = [];
  let now = START;
  await setNow(now);
  await accounts.putUser(user, TERMS);
  // The last one has a part of each day only.
  for (const [i, id] of ids.entries())
    await userSessions.create(user, aSession({ id, share: i === SESSIONS - 1 ? 40 : null }), null);

  async function make({ session, least, wanted, part, handOff }: Extract<Step, { type: 'call' }>): Promise<void> {
    const id = ids[session]!;
    if (underWay.has(id)) return;
    const claim = await sessions.claim(id, randomUUID());
    if ('claimed' in claim) return;
    const { fence } = claim;
    const ask = {
      n: 1,
      least: BigInt(least),
      wanted: BigInt(wanted),
      model: 'claude-haiku-5-5',
      handOff,
      journal: [],
    };
    const held = await sessions.reserve(id, fence, ask);
    if ('refused' in held) return void (await sessions.save(id, fence, aSave({ due: now }), []));
    const cost = (held.granted * BigInt(part)) / 100n;
    grants.push({ day: held.day, amount: held.granted });
    bill.set(held.day, (bill.get(held.day) ?? 0n) + cost);
    underWay.set(id, { id, fence, settlement: aSettlement({ cost }) });
  }

  async function settle(id: string): Promise<void> {
    const made = underWay.get(id);
    if (!made) return;
    underWay.delete(id);
    await sessions.settle(id, made.fence, made.settlement);
    await sessions.save(id, made.fence, aSave({ due: now }), []);
    done.set(id, made);
  }

  async function crash(id: string): Promise<void> {
    const made = underWay.get(id);
    if (!made) return;
    underWay.delete(id);
    await expireLease(id);
    zombies.push(made);
    // Half of the dead are found by the next call of their session, half at once.
    if (made.fence % 2) await release(id);
  }

  async function release(id: string): Promise<void> {
    const claim = await sessions.claim(id, randomUUID());
    if (!('claimed' in claim)) await sessions.save(id, claim.fence, aSave({ due: now }), []);
  }

  /** Somebody whose session has gone on without him: his settlement counts for the money, and he is told to stop. */
  const late = (made: Made | undefined) =>
    made &&
    sessions.settle(made.id, made.fence, made.settlement).then(
      () => Promise.reject(new Error('an old owner was heard')),
      (error: unknown) => (error instanceof FenceLost ? undefined : Promise.reject(error)),
    );

  /** Calls under way are no drift, and a repair where nothing is wrong changes nothing. */
  async function reconcile(): Promise<void> {
    const found = await allDrifts(audit, null);
    if (found.length > 0) throw new Error(`drift where there is none: ${found.map(({ kind }) => kind)}`);
    const { day } = await accounts.budget(user);
    const nothing = { sessionId: ids[0]!, fence: null, n: null, userId: user, expected: 0n, found: 0n };
    for (const kind of ['spent', 'session_cost'] as const) await audit.repair({ ...nothing, kind, day: day.date });
  }

  async function take(step: Step): Promise<unknown> {
    if (step.type === 'call') return make(step);
    if (step.type === 'top-up') return accounts.topUp(user, BigInt(step.amount), step.spread, once());
    if (step.type === 'plan')
      return accounts.putUser(user, { budget: BigInt(step.budget), maxDailyMultiple: step.maxDailyMultiple });
    if (step.type === 'reconcile') return reconcile();
    if (step.type === 'midnight') {
      now += DAY_MS;
      return setNow(now);
    }
    const id = ids[step.session]!;
    if (step.type === 'settle') return settle(id);
    if (step.type === 'settle again') return late(done.get(id));
    if (step.type === 'crash') return crash(id);
    const zombie = zombies.findIndex((made) => made.id === id);
    if (zombie < 0) return;
    const [made] = zombies.splice(zombie, 1);
    // Only once his session has another owner is he a zombie.
    await release(id);
    return late(made);
  }

  return { user, take, bill, grants };
}
