/** What `Sessions.startSearch` promises: a search is counted and paid for in one step, once, whatever dies or is repeated. */
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import type { Block } from '../../lib/core/session.ts';
import { FenceLost } from '../../lib/ports/index.ts';
import { aSave, aSettlement, contract, type Factory, MIDNIGHT, type Steps } from './harness.ts';

const PRICE = 8_000n;
const CALLS = ['a', 'b', 'c'].map((id) => ({ id, name: 'web_search', input: {} }));
const KEPT = { least: 1_000n, wanted: 100_000n, model: 'claude-haiku-5-5', handOff: false, journal: [] };
const web = (searchesPerDay: number | null) => ({ allow: null, deny: [], searchesPerDay });

/** A session whose reply asked for three searches, of which two a day are allowed. */
async function searching(t: Steps, most: number | null = 2) {
  const user = await t.user();
  const id = await t.session({ web: web(most) }, user);
  const { fence } = await t.claim(id);
  await t.sessions.reserve(id, fence, { n: 1, ...KEPT });
  await t.sessions.settle(id, fence, aSettlement({ calls: CALLS }));
  const search = (n: number, call: string, more: { most?: bigint; fence?: number } = {}) =>
    t.sessions.startSearch(id, more.fence ?? fence, { n, call, tool: 'web_search', most: more.most ?? PRICE });
  const searches = async () => (await t.userSessions.get(user, id))?.searches;
  const money = async () => {
    const { spent, held } = (await t.accounts.budget(user)).day;
    return { spent, held };
  };
  return { user, id, fence, search, searches, money };
}

export const searchesContract = (name: string, factory: Factory) =>
  contract(`${name}: searches`, factory, (t) => {
    it('holds the price and counts in one step, once for a call, however often it is asked', async () => {
      const { search, searches, money } = await searching(t());
      const first = await search(2, 'a');
      expect(first).toEqual({ granted: PRICE, day: '2026-11-10' });
      expect(await search(2, 'a')).toEqual(first);
      expect([await searches(), await money()]).toEqual([1, { spent: 1_000n, held: PRICE }]);
    });

    it('refuses what is above the limit, holds nothing for it, and keeps to its answer', async () => {
      const { user, id, search, searches, money } = await searching(t());
      for (const [n, call] of [
        [2, 'a'],
        [3, 'b'],
      ] as const)
        await search(n, call);
      const refused = await search(4, 'c');
      expect(refused).toMatchObject({ refused: 'searches', most: 2, day: { date: '2026-11-10', resetsAt: MIDNIGHT } });
      expect([await searches(), await money()]).toEqual([2, { spent: 1_000n, held: 2n * PRICE }]);
      await t().userSessions.change(user, id, { web: web(null) }, 'op');
      expect(await search(4, 'c')).toMatchObject({ refused: 'searches' });
      expect(await searches()).toBe(2);
    });

    it('counts a call once that its next owner makes again, and charges what was held for it before', async () => {
      const { id, search, searches, money } = await searching(t(), 1);
      await search(2, 'a');
      await t().expireLease(id);
      const { fence, searches: told } = await t().claim(id);
      expect(told).toBe(1);
      expect(await search(2, 'a', { fence })).toMatchObject({ granted: PRICE });
      expect(await search(3, 'b', { fence })).toMatchObject({ refused: 'searches' });
      expect([await searches(), await money()]).toEqual([1, { spent: 1_000n + PRICE, held: PRICE }]);
      await expect(search(4, 'c')).rejects.toThrow(FenceLost);
      expect(await searches()).toBe(1);
    });

    it('does not count what gets no money', async () => {
      const { search, searches } = await searching(t());
      expect(await search(2, 'a', { most: 10_000_000n })).toMatchObject({ refused: 'day' });
      expect(await searches()).toBe(0);
    });

    it('counts also where a search costs nothing, and then holds nothing', async () => {
      const { search, searches, money } = await searching(t());
      expect(await search(2, 'a', { most: 0n })).toEqual({ granted: 0n, day: '2026-11-10' });
      expect(await search(2, 'a', { most: 0n })).toMatchObject({ granted: 0n });
      expect([await searches(), await money()]).toEqual([1, { spent: 1_000n, held: 0n }]);
    });

    it('makes none for whom a user stopped, with a price and without', async () => {
      const { user, id, search, searches } = await searching(t());
      await t().wish(user, id, { type: 'pause' });
      expect(await search(2, 'a')).toMatchObject({ refused: 'stopped' });
      expect(await search(3, 'b', { most: 0n })).toMatchObject({ refused: 'stopped' });
      expect(await searches()).toBe(0);
    });

    it('begins anew with each UTC day, and lasts over saves within it', async () => {
      const { id, fence, search, searches } = await searching(t());
      for (const [n, call] of [
        [2, 'a'],
        [3, 'b'],
      ] as const)
        await search(n, call, { most: 0n });
      await t().sessions.save(id, fence, aSave(), []);
      expect(await searches()).toBe(2);
      expect((await t().claim(id)).searches).toBe(2);
      await t().setNow(MIDNIGHT - 60_000);
      expect(await searches()).toBe(2);
      await t().setNow(MIDNIGHT);
      expect(await searches()).toBe(0);
    });

    it('keeps its count where a summary takes the searches out of the prompt', async () => {
      const { id, fence, search, searches } = await searching(t(), 1);
      await search(2, 'a', { most: 0n });
      const memory = { ...freshMemory(), context: { ...freshMemory().context, from: 4 } };
      const turn: Block[] = [{ type: 'text', text: 'Found.' }];
      await t().sessions.save(id, fence, aSave({ memory, turn }), []);
      const next = await t().claim(id);
      await t().sessions.reserve(id, next.fence, { n: 1, ...KEPT });
      const calls = [{ id: 'd', name: 'web_search', input: {} }];
      await t().sessions.settle(id, next.fence, aSettlement({ calls, memory }));
      expect(await search(2, 'd', { most: 0n, fence: next.fence })).toMatchObject({ refused: 'searches' });
      expect(await searches()).toBe(1);
    });

    it('has no limit where none is set, and allows none with 0', async () => {
      const free = await searching(t(), null);
      for (const [n, call] of [
        [2, 'a'],
        [3, 'b'],
        [4, 'c'],
      ] as const)
        expect(await free.search(n, call)).toMatchObject({ granted: PRICE });
      expect(await free.searches()).toBe(3);
      const none = await searching(t(), 0);
      expect(await none.search(2, 'a')).toMatchObject({ refused: 'searches', most: 0 });
    });
  });
