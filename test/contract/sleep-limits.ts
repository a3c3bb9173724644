/** A session that falls asleep for want of money says which limit it was: its journal, and whoever looks at it, say the same. */
import { expect, it } from 'vitest';
import type { EventData } from '../../lib/core/events.ts';
import { drive } from '../../lib/engine/drive.ts';
import { testWorld } from '../kit/world.ts';
import { aSettlement, contract, DAY_MS, type Factory, START, type Steps } from './harness.ts';

/** Tokens of `claude-sonnet-5-5`: with its prompt a call asks for 207,373 µ$ at least. */
const LEAST_OUTPUT = 20_000;

type Slept = EventData<'agent.sleeping'>;

/** Works with the real core on the ports of the contract until it sleeps; gives what its journal and its view say of that. */
async function asleep(t: Steps, user: string, id: string, least = LEAST_OUTPUT) {
  const policy = { maxOutputTokens: least, leastOutputTokens: least };
  const { world } = testWorld(
    (_turns, i) => [{ type: 'tool_use', id: `toolu_${i}`, name: 'look', input: { key: `${i}` } }],
    {
      ...{ policy: { ...policy, repetitionGuard: false, compaction: false }, now: '2026-11-10T08:00:00Z' },
    },
  );
  const ours = { ...world, sessions: t.sessions, heads: t.heads, outbox: t.outbox };
  for (let i = 0; i < 20; i += 1) {
    await drive(ours, { sessionId: id, userId: user }, { remaining: () => 300_000 });
    const view = await t.userSessions.get(user, id);
    if (view?.status !== 'sleeping') continue;
    const events = await t.userSessions.events(user, id, { after: 0, limit: 200 });
    const data = events!.flatMap((one) => (one.type === 'agent.sleeping' ? [one.data as Slept] : [])).at(-1)!;
    return { said: data.limit, shown: view.sleepLimit, data, view };
  }
  throw new Error('it does not fall asleep');
}

const both = (limit: string) => ({ said: limit, shown: limit });

export const sleepLimitsContract = (name: string, factory: Factory) =>
  contract(`${name}: sleep limits`, factory, (t) => {
    const sonnet = (user: string, over = {}) => t().session({ model: 'claude-sonnet-5-5', mcp: null, ...over }, user);

    /** Another session of this user has spent so much today, and rests. */
    async function spent(user: string, cost: bigint): Promise<void> {
      await t().iterate(await t().session({}, user), { cost });
    }

    /** Another one works, and `least` is what it last asked for, for which hand-off money is kept. */
    async function working(user: string, least: bigint): Promise<void> {
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, least);
      await t().sessions.settle(id, fence, aSettlement({ cost: 0n, turns: [], journal: [], iterated: false }));
    }

    it('cycle: the day has no money', async () => {
      const user = await t().user({ budget: 0n });
      const { data, ...limit } = await asleep(t(), user, await sonnet(user, { share: 30 }));
      expect(limit).toMatchObject(both('cycle'));
      expect(data.needed_microdollars).toBeUndefined();
    });

    it('wind_down: 90 % of the day is spent, also where the session has a share', async () => {
      for (const share of [null, 30]) {
        const user = await t().user();
        const id = await sonnet(user, { share });
        await spent(user, 900_000n);
        expect(await asleep(t(), user, id)).toMatchObject(both('wind_down'));
      }
    });

    it('next_step: the day has no room for it, whatever the share has', async () => {
      for (const share of [null, 90, 30]) {
        const user = await t().user();
        const id = await sonnet(user, { share });
        await spent(user, 890_000n);
        const { data, view, ...limit } = await asleep(t(), user, id);
        expect(limit).toMatchObject(both('next_step'));
        expect(data.needed_microdollars).toBe(Number(view.needed));
        expect(view.needed).toBeGreaterThan(view.available);
      }
    });

    it('next_step: also where the share has less room than the day, but neither has enough', async () => {
      const user = await t().user();
      const id = await sonnet(user, { share: 22 });
      await t().iterate(id, { cost: 40_000n });
      await spent(user, 855_000n);
      expect(await asleep(t(), user, id)).toMatchObject(both('next_step'));
    });

    it('next_step: what is kept for the hand-offs of others is no room', async () => {
      const user = await t().user();
      const id = await sonnet(user, { share: 30 });
      await t().iterate(id, { cost: 20_000n });
      await working(user, 150_000n);
      await spent(user, 750_000n);
      const { view, ...limit } = await asleep(t(), user, id);
      expect(limit).toMatchObject(both('next_step'));
      expect(view.available).toBeGreaterThan(view.needed);
      expect(view.keptForHandOffs).toBe(200_000n);
    });

    it('share: its own share has no room for the step, and the day has', async () => {
      const user = await t().user();
      const id = await sonnet(user, { share: 25 });
      await t().iterate(id, { cost: 70_000n });
      const { data, view, ...limit } = await asleep(t(), user, id);
      expect(limit).toMatchObject(both('share'));
      expect(data.needed_microdollars).toBe(Number(view.needed));
      expect(Number(view.needed)).toBeGreaterThan(Number(data.available_microdollars));
      expect(view.available - view.keptForHandOffs).toBeGreaterThan(view.needed);
    });

    it('share: what it spent yesterday is not spent of the share of today', async () => {
      const user = await t().user();
      await t().accounts.putUser(user, { wakePolicy: 'manual' });
      const id = await sonnet(user, { share: 25 });
      await t().iterate(id, { cost: 240_000n });
      expect((await asleep(t(), user, id)).view.pastThreshold).toBe(true);
      await t().setNow(START + DAY_MS);
      const view = await t().userSessions.get(user, id);
      expect(view).toMatchObject({ status: 'sleeping', pastThreshold: false });
    });

    it('share: 90 % of its own share is spent, and the day has room for the step, if less than the share', async () => {
      const user = await t().user();
      const id = await sonnet(user, { share: 90 });
      await t().iterate(id, { cost: 815_000n });
      await working(user, 150_000n);
      const { view, ...limit } = await asleep(t(), user, id, 5_000);
      expect(limit).toMatchObject(both('share'));
      expect(view.available - view.keptForHandOffs).toBeGreaterThan(view.needed);
    });
  });
