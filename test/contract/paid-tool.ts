/** What `Sessions.holdTool` promises, and `save` and `claim` about the holds that it made (R4, R7; G1, G2, G12). */
import { expect, it } from 'vitest';
import { FenceLost } from '../../lib/ports/index.ts';
import { aSave, aSettlement, contract, type Factory, MIDNIGHT, type Steps } from './harness.ts';

const SEARCH = { n: 2, tool: 'web_search', most: 8_000n };
const CALLS = ['a', 'b', 'c'].map((id) => ({ id, name: SEARCH.tool, input: {} }));
const KEPT = { least: 1_000n, wanted: 100_000n, model: 'claude-haiku-5-5', handOff: false, journal: [] };

/** A session whose reply, for 1,000 of the day's million microdollars, asked for tools. */
async function acting(t: Steps, terms = {}) {
  const user = await t.user();
  const id = await t.session(terms, user);
  const { fence } = await t.claim(id);
  await t.sessions.reserve(id, fence, { n: 1, ...KEPT });
  await t.sessions.settle(id, fence, aSettlement({ calls: CALLS }));
  return { user, id, fence };
}

const money = async (t: Steps, user: string) => {
  const { spent, held } = (await t.accounts.budget(user)).day;
  return { spent, held };
};
const byModel = async (t: Steps, user: string) =>
  (await t.accounts.usage(user, { from: '2026-01-01', to: '2027-01-01' }, 'model')).map(
    ({ key, calls, cost, unknown }) => [key, calls, cost, unknown],
  );

export const paidToolContract = (name: string, factory: Factory) =>
  contract(`${name}: paid tools`, factory, (t) => {
    it('holds the most of a call once, also for a repeat after midnight', async () => {
      const { user, id, fence } = await acting(t());
      const held = await t().sessions.holdTool(id, fence, SEARCH);
      expect(held).toEqual({ granted: 8_000n, day: '2026-11-10' });
      expect(await t().sessions.holdTool(id, fence, SEARCH)).toEqual(held);
      expect(await money(t(), user)).toEqual({ spent: 1_000n, held: 8_000n });
      await t().setNow(MIDNIGHT + 1);
      expect(await t().sessions.holdTool(id, fence, SEARCH)).toEqual(held);
      expect(await money(t(), user)).toEqual({ spent: 0n, held: 0n });
    });

    it('charges with the save what each call did cost, once, and gives the rest back', async () => {
      const { user, id, fence } = await acting(t());
      for (const n of [2, 3, 4]) await t().sessions.holdTool(id, fence, { ...SEARCH, n });
      const paid = [
        { n: 2, cost: 5_000n },
        { n: 3, cost: 0n },
        { n: 4, cost: null },
      ];
      await t().sessions.save(id, fence, aSave({ paid }), []);
      const { view } = await t().sessions.save(id, fence, aSave({ paid }), []);
      expect(await money(t(), user)).toEqual({ spent: 14_000n, held: 0n });
      expect(view).toMatchObject({ cost: 14_000n, day: { spent: 14_000n, held: 0n } });
      expect(await byModel(t(), user)).toEqual([
        ['claude-haiku-5-5', 1, 1_000n, 0n],
        ['web_search', 3, 13_000n, 8_000n],
      ]);
      const byTool = await t().accounts.usage(user, { from: '2026-01-01', to: '2027-01-01' }, 'tool');
      expect(byTool.find(({ key }) => key === 'web_search')).toMatchObject({
        ...{ calls: 3, cost: 14_000n },
      });
    });

    it('charges all of it where the owner dies, and calls no model for it', async () => {
      const { user, id, fence } = await acting(t());
      await t().sessions.holdTool(id, fence, SEARCH);
      await t().expireLease(id);
      const claim = await t().claim(id);
      expect(claim.cost).toBe(9_000n);
      expect(await money(t(), user)).toEqual({ spent: 9_000n, held: 0n });
      const events = await t().userSessions.events(user, id, { after: 0, limit: 100 });
      expect(
        events
          ?.filter(({ type }) => /model_called|retrying/.test(type))
          .map(({ type, iteration, data }) => [type, iteration, data]),
      ).toEqual([['agent.retrying', 1, { reason: 'outcome_unknown', cost_microdollars: 8_000 }]]);
      await expect(t().sessions.save(id, fence, aSave({ paid: [{ n: 2, cost: 0n }] }), [])).rejects.toThrow(FenceLost);
      expect(await money(t(), user)).toEqual({ spent: 9_000n, held: 0n });
    });

    it('refuses by the limit that it passes, once and for good under one owner', async () => {
      const { user, id, fence } = await acting(t(), { maxCost: 9_000n });
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, most: 8_001n })).toMatchObject({ refused: 'cap' });
      await t().wish(user, id, { type: 'pause' });
      expect(await t().sessions.holdTool(id, fence, SEARCH)).toMatchObject({ refused: 'stopped' });
      await t().wish(user, id, { type: 'resume' });
      expect(await t().sessions.holdTool(id, fence, SEARCH)).toMatchObject({ refused: 'stopped' });
      expect(await money(t(), user)).toEqual({ spent: 1_000n, held: 0n });
    });

    it('leaves alone what is set aside for hand-offs, and says when others hold the rest', async () => {
      const { user, id, fence } = await acting(t());
      // Of the ceiling of 1,100,000, 1,000 are spent, and one and a half calls and a least of 1,000 are set aside.
      const free = 1_096_500n;
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, most: free + 1n })).toMatchObject({ refused: 'day' });
      await t().sessions.holdTool(id, fence, SEARCH);
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, n: 3, most: free - 7_999n })).toMatchObject({
        refused: 'held',
      });
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, n: 4, most: free - 8_000n })).toMatchObject({
        granted: free - 8_000n,
      });
      expect(await money(t(), user)).toEqual({ spent: 1_000n, held: free });
    });

    it('leaves them alone also where it is the first hold of its session’s day', async () => {
      const { user, id, fence } = await acting(t());
      await t().setNow(MIDNIGHT + 1);
      const { ceiling } = (await t().accounts.budget(user)).day;
      // The least of its next call, and as much for its hand-off, are set aside.
      const most = ceiling - 2_000n;
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, most: most + 1n })).toMatchObject({ refused: 'day' });
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, n: 3, most })).toMatchObject({ granted: most });
    });

    it('keeps to the session’s share of the day', async () => {
      const { id, fence } = await acting(t(), { share: 10 });
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, most: 109_000n })).toMatchObject({ refused: 'share' });
      expect(await t().sessions.holdTool(id, fence, { ...SEARCH, n: 3, most: 100_000n })).toMatchObject({
        granted: 100_000n,
      });
    });

    it('does not take a search for the session’s last call, by which hand-offs are reckoned', async () => {
      const { user, id, fence } = await acting(t());
      await t().sessions.holdTool(id, fence, SEARCH);
      await t().sessions.save(id, fence, aSave({ paid: [{ n: 2, cost: 8_000n }] }), []);
      const { fence: next } = await t().claim(id);
      const left = 1_100_000n - 9_000n;
      const kept = 1_500n + 1_000n;
      expect(await t().sessions.reserve(id, next, { n: 1, ...KEPT, wanted: 2_000_000n })).toMatchObject({
        granted: left - kept,
      });
      expect((await money(t(), user)).held).toBe(left - kept);
    });

    it('shows a session with a paid call under way as acting, with its money held', async () => {
      const { user, id, fence } = await acting(t());
      await t().sessions.holdTool(id, fence, SEARCH);
      expect((await t().userSessions.get(user, id))?.activity).toMatchObject({ held: 8_000n, state: 'acting' });
    });
  });
