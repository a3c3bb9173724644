/** What `Sessions.reserve` and `Sessions.settle` promise about the money (R4, R7, R8, R12; G1–G4, G12). */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { FenceLost } from '../../lib/ports/index.ts';
import { anEntry } from '../kit/events.ts';
import { aSave, aSettlement, contract, type Factory, MIDNIGHT, type Steps } from './harness.ts';

const ask = (n: number, least: bigint, wanted: bigint) => ({
  n,
  least,
  wanted,
  model: 'claude-haiku-5-5',
  handOff: true,
  journal: [],
});
const today = async (t: Steps, user: string) => (await t.accounts.budget(user)).day;

async function owner(t: Steps, terms = {}) {
  const user = await t.user();
  const id = await t.session(terms, user);
  const { fence } = await t.claim(id);
  return { user, id, fence };
}

/** What the ledger says a user has paid, and how much of it for unknown outcomes. */
async function paid(t: Steps, user: string) {
  const rows = await t.accounts.usage(user, { from: '2026-01-01', to: '2027-01-01' }, 'day');
  const sum = (field: 'cost' | 'unknown') => rows.reduce((total, row) => total + row[field], 0n);
  return { cost: sum('cost'), unknown: sum('unknown') };
}

export const holdContract = (name: string, factory: Factory) =>
  contract(`${name}: hold and settle`, factory, (t) => {
    it('holds what is wanted, and never more than the day can take', async () => {
      const { user, id, fence } = await owner(t());
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 600_000n))).toEqual({
        granted: 600_000n,
        day: '2026-11-10',
      });
      expect(await t().sessions.reserve(id, fence, ask(2, 1n, 600_000n))).toMatchObject({ granted: 500_000n });
      expect(await today(t(), user)).toMatchObject({ held: 1_100_000n, spent: 0n, ceiling: 1_100_000n });
    });

    it('answers a blind repeat with the stored hold and holds nothing more', async () => {
      const { user, id, fence } = await owner(t());
      const first = await t().sessions.reserve(id, fence, ask(1, 1n, 1_100_000n));
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 1_100_000n))).toEqual(first);
      expect(await today(t(), user)).toMatchObject({ held: 1_100_000n });
    });

    it('answers a repeat after midnight with the day of the first try', async () => {
      const { user, id, fence } = await owner(t());
      const first = await t().sessions.reserve(id, fence, ask(1, 1n, 5_000n));
      await t().setNow(MIDNIGHT + 1);
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 5_000n))).toEqual(first);
      expect(first).toEqual({ granted: 5_000n, day: '2026-11-10' });
      expect(await today(t(), user)).toMatchObject({ date: '2026-11-11', held: 0n });
    });

    it.each(['pause', 'cancel'] as const)('holds nothing for a session that a user wants to %s', async (type) => {
      const { user, id, fence } = await owner(t());
      const held = await t().sessions.reserve(id, fence, ask(1, 1n, 5_000n));
      await t().wish(user, id, { type });
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 5_000n))).toEqual(held);
      expect(await t().sessions.reserve(id, fence, ask(2, 1n, 5_000n))).toMatchObject({ refused: 'stopped' });
      expect(await today(t(), user)).toMatchObject({ held: 5_000n });
      await expect(t().sessions.reserve(id, fence - 1, ask(2, 1n, 5_000n))).rejects.toThrow(FenceLost);
    });

    it('writes the journal once, and only if it grants', async () => {
      const { user, id, fence } = await owner(t());
      const journal = [{ ...anEntry('agent.thinking'), iteration: 1 }];
      const thinking = async () => {
        const rows = (await t().userSessions.events(user, id, { after: 0, limit: 100 })) ?? [];
        return rows.filter(({ type }) => type === 'agent.thinking').map(({ iteration }) => iteration);
      };
      await t().sessions.reserve(id, fence, { ...ask(1, 2_000_000n, 2_000_000n), journal });
      expect(await thinking()).toEqual([]);
      await t().sessions.reserve(id, fence, { ...ask(1, 1n, 10n), journal });
      await t().sessions.reserve(id, fence, { ...ask(1, 1n, 10n), journal });
      expect(await thinking()).toEqual([1]);
    });

    it('says that the day is spent', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 1_000_000n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 1_000_000n }));
      const refused = await t().sessions.reserve(id, fence, ask(2, 100_001n, 100_001n));
      expect(refused).toMatchObject({ refused: 'day', day: { date: '2026-11-10', spent: 1_000_000n, held: 0n } });
      expect(await today(t(), user)).toMatchObject({ held: 0n });
      expect(await t().sessions.reserve(id, fence, ask(2, 100_000n, 100_000n))).toMatchObject({ granted: 100_000n });
    });

    it('says that only others hold the money', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 1_000_000n);
      const other = await t().session({}, user);
      const { fence: otherFence } = await t().claim(other);
      const refused = await t().sessions.reserve(other, otherFence, ask(1, 200_000n, 200_000n));
      expect(refused).toMatchObject({ refused: 'held', day: { held: 1_000_000n } });
    });

    it("says that the session's own cap is reached, and grants what it leaves", async () => {
      const { id, fence } = await owner(t(), { maxCost: 10_000n });
      await t().hold(id, fence, 4_000n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 4_000n }));
      expect(await t().sessions.reserve(id, fence, ask(2, 6_001n, 9_000n))).toMatchObject({ refused: 'cap' });
      expect(await t().sessions.reserve(id, fence, ask(2, 6_000n, 9_000n))).toMatchObject({ granted: 6_000n });
    });

    it('grants nothing without a budget', async () => {
      const user = await t().user({ budget: 0n });
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 1n))).toMatchObject({ refused: 'day' });
    });

    it.each([
      ['a top-up', (user: string) => t().topUp(user, 42_000_000n)],
      ['a raise', (user: string) => t().accounts.putUser(user, { budget: 42_000_000n })],
    ])('answers a late copy of a refused question as the first time, though %s came in between', async (_, comes) => {
      const { user, id, fence } = await owner(t());
      const refused = await t().sessions.reserve(id, fence, ask(1, 1_500_000n, 1_500_000n));
      expect(refused).toMatchObject({ refused: 'day' });
      await comes(user);
      expect(await t().sessions.reserve(id, fence, ask(1, 1_500_000n, 1_500_000n))).toEqual(refused);
      expect(await today(t(), user)).toMatchObject({ held: 0n });
      await t().sessions.save(id, fence, aSave(), []);
      await t().claim(id);
      expect(await paid(t(), user)).toEqual({ cost: 0n, unknown: 0n });
    });

    it('answers each question of an owner for itself, and those of its successor afresh', async () => {
      const { user, id, fence } = await owner(t());
      const first = await t().sessions.reserve(id, fence, ask(1, 1_500_000n, 1_500_000n));
      const second = await t().sessions.reserve(id, fence, ask(1, 1_400_000n, 1_500_000n));
      await t().topUp(user, 42_000_000n);
      expect(await t().sessions.reserve(id, fence, ask(1, 1_500_000n, 1_500_000n))).toEqual(first);
      expect(await t().sessions.reserve(id, fence, ask(1, 1_400_000n, 1_500_000n))).toEqual(second);
      expect(await t().sessions.reserve(id, fence, ask(2, 1_500_000n, 1_500_000n))).toMatchObject({
        granted: 1_500_000n,
      });
      await t().sessions.settle(id, fence, aSettlement({ n: 2 }));
      await t().sessions.save(id, fence, aSave(), []);
      const next = await t().claim(id);
      expect(await t().sessions.reserve(id, next.fence, ask(1, 1_500_000n, 1_500_000n))).toMatchObject({
        granted: 1_500_000n,
      });
    });

    it('answers a late copy of a question that a stop refused as the first time, though the user lets it go on', async () => {
      const { user, id, fence } = await owner(t());
      await t().wish(user, id, { type: 'pause' });
      const refused = await t().sessions.reserve(id, fence, ask(1, 1n, 1n));
      expect(refused).toMatchObject({ refused: 'stopped' });
      await t().wish(user, id, { type: 'resume' });
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 1n))).toEqual(refused);
      expect(await today(t(), user)).toMatchObject({ held: 0n });
    });

    it('settles once: a repeat changes nothing and answers the same', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      const first = await t().sessions.settle(id, fence, aSettlement({ cost: 1_234n }));
      const again = await t().sessions.settle(id, fence, aSettlement({ cost: 1_234n }));
      expect(again).toEqual(first);
      expect(first).toMatchObject({ cost: 1_234n, day: { spent: 1_234n, held: 0n } });
      expect(await paid(t(), user)).toEqual({ cost: 1_234n, unknown: 0n });
      const history = await t().userSessions.messages(user, id);
      expect(history?.data.map(({ role }) => role)).toEqual(['user', 'assistant']);
      expect(await t().userSessions.get(user, id)).toMatchObject({ iterationNumber: 1, cost: 1_234n });
    });

    it('charges the whole hold when the outcome is unknown, and says so apart', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      const silence = aSettlement({ cost: null, class: 'unknown', turns: [], journal: [], iterated: false });
      expect(await t().sessions.settle(id, fence, silence)).toMatchObject({ cost: 5_000n });
      expect(await paid(t(), user)).toEqual({ cost: 5_000n, unknown: 5_000n });
      expect(await t().userSessions.get(user, id)).toMatchObject({ iterationNumber: 0 });
    });

    it('settles a cut stream at what it can have cost, as unknown', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      const cut = aSettlement({ cost: 3_000n, class: 'unknown' });
      const first = await t().sessions.settle(id, fence, cut);
      expect(await t().sessions.settle(id, fence, cut)).toEqual(first);
      expect(await paid(t(), user)).toEqual({ cost: 3_000n, unknown: 3_000n });
      expect(await today(t(), user)).toMatchObject({ spent: 3_000n, held: 0n });
      expect((await t().userSessions.messages(user, id))?.data).toHaveLength(2);
    });

    it('gives the hold back when it is proven that nothing was served', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 0n, turns: [], journal: [], iterated: false }));
      expect(await today(t(), user)).toMatchObject({ spent: 0n, held: 0n });
    });

    it('charges a bill that exceeds its hold', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 6_000n }));
      expect(await today(t(), user)).toMatchObject({ spent: 6_000n, held: 0n });
    });

    it('charges what a dead owner held in full, as unknown', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n, 1);
      await t().hold(id, fence, 7_000n, 2);
      await t().expireLease(id);
      const next = await t().claim(id);
      expect(next).toMatchObject({ cost: 12_000n, day: { spent: 12_000n, held: 0n } });
      expect(await paid(t(), user)).toEqual({ cost: 12_000n, unknown: 12_000n });
    });

    it.each([
      ['down', 2_000n],
      ['up', 9_000n],
    ])('corrects the money %s when an old owner settles late, and nothing else', async (_, cost) => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      await t().expireLease(id);
      await t().claim(id);
      const late = () => t().sessions.settle(id, fence, aSettlement({ cost }));
      await expect(late()).rejects.toThrow(FenceLost);
      await expect(late()).rejects.toThrow(FenceLost);
      expect(await paid(t(), user)).toEqual({ cost, unknown: 0n });
      expect(await today(t(), user)).toMatchObject({ spent: cost, held: 0n });
      expect(await t().userSessions.get(user, id)).toMatchObject({ iterationNumber: 0, cost });
      expect((await t().userSessions.messages(user, id))?.data).toHaveLength(1);
    });

    it('settles on the day of the hold, whatever day it is', async () => {
      const { user, id, fence } = await owner(t());
      await t().hold(id, fence, 5_000n);
      await t().setNow(MIDNIGHT + 1);
      await t().sessions.settle(id, fence, aSettlement({ cost: 4_000n }));
      const rows = await t().accounts.usage(user, { from: '2026-11-01', to: '2026-11-30' }, 'day');
      expect(rows.map(({ key, cost }) => [key, cost])).toEqual([['2026-11-10', 4_000n]]);
      expect(await today(t(), user)).toMatchObject({ date: '2026-11-11', spent: 0n });
    });

    it('does not let a refused or settled call count as held', async () => {
      const { user, id, fence } = await owner(t());
      await t().sessions.reserve(id, fence, ask(1, 9_000_000n, 9_000_000n));
      await t().sessions.save(id, fence, aSave(), []);
      expect(await today(t(), user)).toMatchObject({ spent: 0n, held: 0n });
    });

    it('shares one allowance between the sessions of a user, and none between users', async () => {
      const user = await t().user();
      const [a, b, stranger] = [await t().session({}, user), await t().session({}, user), await t().session()];
      await t().iterate(a, { cost: 600_000n });
      const second = await t().claim(b);
      expect(await t().sessions.reserve(b, second.fence, ask(1, 1n, 600_000n))).toMatchObject({ granted: 500_000n });
      const third = await t().claim(stranger);
      const free = await t().sessions.reserve(stranger, third.fence, ask(1, 1n, 600_000n));
      expect(free).toMatchObject({ granted: 600_000n });
    });

    it('never passes the ceiling when many ask at once', async () => {
      const user = await t().user();
      const ids = await Promise.all(Array.from({ length: 8 }, () => t().session({}, user)));
      const asked = ids.map(async (id) => {
        const { fence } = await t().claim(id, randomUUID());
        return t().sessions.reserve(id, fence, ask(1, 250_000n, 250_000n));
      });
      const answers = await Promise.all(asked);
      expect(answers.filter((answer) => 'granted' in answer)).toHaveLength(4);
      expect(await today(t(), user)).toMatchObject({ held: 1_000_000n, spent: 0n });
    });
  });
