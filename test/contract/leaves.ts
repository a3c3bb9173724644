/** What a save, a settlement and a failure that cost nothing take away from a session, and what they leave: each value for itself. */
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import type { StoredState } from '../../lib/core/session.ts';
import type { SessionView } from '../../lib/ports/index.ts';
import { aNight, aSave, aSettlement, contract, type Factory, MIDNIGHT, START, type Steps } from './harness.ts';

const ask = (n: number, least = 1n, wanted = 9_000_000n) => ({
  ...{ n, least, wanted, handOff: false, model: 'claude-haiku-5-5', journal: [] },
});

/** Every state that carries something, and the fields of the view in which that shows. */
const CARRIED: [Exclude<StoredState, { state: 'ready' }>, Partial<SessionView>][] = [
  [
    { state: 'sleeping', until: START + 1_000, reason: 'agent' },
    { sleepReason: 'agent', wakeAt: START + 1_000 },
  ],
  [{ state: 'waiting', question: 'Which colour?' }, { question: 'Which colour?' }],
  [
    { state: 'paused', error: { code: 'api_error', message: 'No credit.' } },
    { error: { code: 'api_error', message: 'No credit.' } },
  ],
  [{ state: 'exceeded', until: MIDNIGHT }, { wakeAt: MIDNIGHT }],
];
const NOTHING = { status: 'working', sleepReason: null, wakeAt: null, question: null, error: null } as const;

/** A session that was woken out of this state, with its new owner. */
async function woken(t: Steps, to: (typeof CARRIED)[number][0], shows: Partial<SessionView>) {
  const user = await t.user();
  const id = await t.session({}, user);
  await t.rest(id, to, 'until' in to ? to.until : undefined);
  expect(await t.userSessions.get(user, id)).toMatchObject(shows);
  await t.wish(user, id, { type: 'resume' });
  await t.wish(user, id, { type: 'wake' });
  return { user, id, fence: (await t.claim(id)).fence };
}

/** A session with one call behind it, a second one under way that holds 100,000 µ$, and an untaken message. */
async function calling(t: Steps) {
  const user = await t.user();
  const id = await t.session({}, user);
  const { fence } = await t.claim(id);
  await t.sessions.reserve(id, fence, ask(1, 60_000n, 60_000n));
  await t.sessions.settle(id, fence, aSettlement({ cost: 60_000n }));
  await t.wish(user, id, { type: 'message', content: 'Hello.' });
  await t.sessions.reserve(id, fence, ask(2, 100_000n, 100_000n));
  return { user, id, fence };
}

/** All of a session and its user's day that a call may change. */
async function all(t: Steps, { user, id, fence }: Awaited<ReturnType<typeof calling>>) {
  const { iterationNumber, cost, status } = (await t.userSessions.get(user, id))!;
  const { spent, held } = (await t.accounts.budget(user)).day;
  const messages = (await t.userSessions.messages(user, id))!.data.length;
  const usage = await t.accounts.usage(user, { from: '2026-11-01', to: '2026-11-30' }, 'session');
  const paid = usage.map(({ cost: sum, unknown }) => [sum, unknown]);
  const { inbox } = await t.sessions.heartbeat(id, fence);
  // What others may hold tells what is set aside for it; what it may hold itself, what it has used of that.
  const other = await t.session({}, user);
  const { fence: otherFence } = await t.claim(other);
  const others = await t.sessions.reserve(other, otherFence, ask(1));
  await t.sessions.settle(other, otherFence, aSettlement({ cost: 0n }));
  const own = await t.sessions.reserve(id, fence, { ...ask(7), handOff: true });
  return { iterationNumber, cost, status, spent, held, messages, paid, inbox, others, own };
}

export const leavesContract = (name: string, factory: Factory) =>
  contract(`${name}: what is left behind`, factory, (t) => {
    it.each(CARRIED)('a save that goes on leaves nothing of %j', async (to, shows) => {
      const { user, id, fence } = await woken(t(), to, shows);
      await t().sessions.save(id, fence, aSave(), []);
      expect(await t().userSessions.get(user, id)).toMatchObject(NOTHING);
    });

    it.each(CARRIED)('nor does a settlement of %j', async (to, shows) => {
      const { user, id, fence } = await woken(t(), to, shows);
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 10n }));
      expect(await t().userSessions.get(user, id)).toMatchObject(NOTHING);
    });

    it.each([
      ['a save', async (id: string, fence: number) => t().sessions.save(id, fence, aSave(), [])],
      [
        'a settlement',
        async (id: string, fence: number) => {
          await t().hold(id, fence, 10n);
          await t().sessions.settle(id, fence, aSettlement({ cost: 10n }));
          await t().expireLease(id);
        },
      ],
    ])('%s sets the attempts to nought', async (_, ends) => {
      const id = await t().session();
      for (const attempts of [1, 2]) {
        expect(await t().claim(id)).toMatchObject({ attempts });
        await t().expireLease(id);
      }
      const { fence, attempts } = await t().claim(id);
      expect(attempts).toBe(3);
      await ends(id, fence);
      expect(await t().claim(id)).toMatchObject({ attempts: 1 });
    });

    it('a save ends the lease and the ownership, and a settlement neither', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 10n }));
      await expect(t().claim(id)).rejects.toThrow('could not be claimed');
      await t().sessions.heartbeat(id, fence);
      await t().sessions.save(id, fence, aSave(), []);
      await expect(t().sessions.heartbeat(id, fence)).rejects.toThrow('not owned');
      expect(await t().claim(id)).toMatchObject({ fence: fence + 1 });
    });

    it('what rested for want of money and works again is not woken for money any more', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().sessions.save(id, (await t().claim(id)).fence, aNight(MIDNIGHT), []);
      await t().wish(user, id, { type: 'wake' });
      const until = START + 3_600_000;
      await t().rest(id, { state: 'sleeping', until, reason: 'agent' }, until);
      await t().topUp(user, 5_000_000n, 'today');
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'sleeping' });
    });

    it.each([
      ['as refused', { class: 'settled' as const }],
      ['for a summary', { class: 'settled' as const, kind: 'compact' as const }],
    ])('a call that failed for nothing, %s, leaves all as it was but the hold', async (_, how) => {
      const call = await calling(t());
      const free = { cost: 0n, turns: [], journal: [], iterated: false, memory: freshMemory(), ...how };
      await t().sessions.settle(call.id, call.fence, aSettlement({ ...free, n: 2 }));
      // Set aside: one and a half times the call that cost something, the least of the other, and the largest least.
      const aside = 90_000n + 1n + 100_000n;
      expect(await all(t(), call)).toMatchObject({
        ...{ iterationNumber: 1, cost: 60_000n, spent: 60_000n, held: 0n, messages: 2, paid: [[60_000n, 0n]] },
        inbox: [{ content: 'Hello.' }],
        others: { granted: 1_100_000n - 60_000n - aside },
        own: { granted: 1_100_000n - 60_000n - 2n },
      });
    });
  });
