import { expect, it } from 'vitest';
import type { SessionView } from '../../lib/ports/index.ts';
import { wishContract } from './command.ts';
import { aSession, contract, ENDED, type Factory, once, START, says } from './harness.ts';
import { readContract } from './user-reads.ts';

export function deskContract(name: string, factory: Factory): void {
  createContract(name, factory);
  readContract(name, factory);
  wishContract(name, factory);
}

const createContract = (name: string, factory: Factory) =>
  contract(`${name}: desk, create`, factory, (t) => {
    it('shows what was created, working and due at once', async () => {
      const user = await t().user();
      const metadata = { zeta: [1, { a: null }], alpha: 'é ✓' };
      const session = aSession({ goal: 'Write.', metadata, maxCost: 5n });
      const view = await t().userSessions.create(user, session, null);
      expect(view).toEqual(await t().userSessions.get(user, session.id));
      const { createdAt, updatedAt, ...rest } = view as SessionView;
      expect(Math.abs(createdAt - START)).toBeLessThan(60_000);
      expect(Math.abs(updatedAt - START)).toBeLessThan(60_000);
      expect(rest).toEqual({
        ...{ id: session.id, userId: user, goal: 'Write.', agent: 'assistant', tier: 'economy' },
        ...{
          model: 'claude-haiku-5-5',
          ladder: [],
          share: null,
          effort: null,
          maxOutputTokens: null,
          tools: null,
          mcp: ['notes'],
          web: null,
          approvals: null,
          resultSchema: null,
          offerChoices: false,
          searches: 0,
          memoryName: null,
          system: null,
          onEndTurn: 'complete',
          maxIterations: 150,
          maxCost: 5n,
          status: 'working',
          step: null,
          activity: expect.objectContaining({ state: 'queued', attempts: 0, held: 0n }),
          iterationNumber: 0,
          currentPhase: null,
        },
        ...{
          available: 1_100_000n,
          needed: 0n,
          pastThreshold: false,
          fellShort: false,
          keptForHandOffs: 0n,
          sleepLimit: null,
          topUpToWake: null,
        },
        ...{ handOff: null, contextTokens: null },
        ...{ cost: 0n, dailyBudget: 1_000_000n, windingDown: false, wakeAt: null, sleepReason: null, question: null },
        ...{ waiting: null, resultJson: null },
        ...{ result: null, error: null, outcome: null, lastCheckpointAt: null, completedAt: null, metadata },
      });
      expect((await t().sweeper.sweep(10_000)).due).toContainEqual({ id: session.id, userId: user });
    });

    it('creates no more than the tier allows, also when many ask at once, and counts only what has not ended', async () => {
      const user = await t().user();
      const create = (key = once()) => t().userSessions.create(user, aSession(), key, 2);
      const answers = await Promise.all([create(), create(), create(), create()]);
      expect(answers.filter((answer) => answer === 'full')).toHaveLength(2);
      const key = once();
      expect(await create(key)).toBe('full');
      const [first] = (await t().userSessions.list(user, { limit: 10, cursor: null })).data;
      await t().rest(first!.id, { state: 'ended', outcome: 'completed', result: null, error: null });
      const made = await create(key);
      expect(made).toMatchObject({ status: 'working' });
      expect(await create(key)).toEqual(made);
      expect(await create()).toBe('full');
    });

    it('creates nothing more on a blind repeat', async () => {
      const user = await t().user();
      const session = aSession();
      const first = await t().userSessions.create(user, session, null);
      expect(await t().userSessions.create(user, session, null)).toEqual(first);
      expect((await t().userSessions.list(user, { limit: 10, cursor: null })).data).toHaveLength(1);
      expect(await t().userSessions.events(user, session.id, { after: 0, limit: 10 })).toHaveLength(1);
    });

    it('answers a repeated idempotency key with the session of the first time', async () => {
      const user = await t().user();
      const key = once();
      const first = await t().userSessions.create(user, aSession(), key);
      const again = await t().userSessions.create(user, aSession(), key);
      expect(again).toEqual(first);
      expect((await t().userSessions.list(user, { limit: 10, cursor: null })).data).toHaveLength(1);
    });

    it('answers concurrent copies of one request with one session', async () => {
      const user = await t().user();
      const key = once();
      const views = await Promise.all(Array.from({ length: 4 }, () => t().userSessions.create(user, aSession(), key)));
      expect(new Set(views.map((view) => typeof view === 'object' && view.id)).size).toBe(1);
    });

    it('knows another request under the same key', async () => {
      const user = await t().user();
      const key = once();
      expect(await t().userSessions.earlier(user, key)).toBeNull();
      const made = await t().userSessions.create(user, aSession(), key);
      expect(await t().userSessions.earlier(user, key)).toEqual({ id: (made as { id: string }).id });
      expect(await t().userSessions.earlier(user, { ...key, fingerprint: 'other' })).toBe('conflict');
      expect(await t().userSessions.earlier(await t().user(), key)).toBeNull();
      expect(await t().userSessions.create(user, aSession(), { ...key, fingerprint: 'other' })).toBe('conflict');
      expect((await t().userSessions.list(user, { limit: 10, cursor: null })).data).toHaveLength(1);
    });

    it('answers a repeated key also when the session was removed since, until it is purged', async () => {
      const user = await t().user();
      const [key, session] = [once(), aSession()];
      await t().userSessions.create(user, session, key);
      await t().userSessions.remove(user, session.id);
      expect(await t().userSessions.create(user, aSession(), key)).toMatchObject({
        id: session.id,
        status: 'cancelled',
      });
      await t().rest(session.id, ENDED);
      await t().sweeper.purge();
      expect(await t().userSessions.create(user, aSession(), key)).toBe('conflict');
      expect((await t().userSessions.list(user, { limit: 10, cursor: null })).data).toEqual([]);
    });

    it('keeps the keys of two users apart', async () => {
      const [a, b] = [await t().user(), await t().user()];
      const key = once();
      const first = await t().userSessions.create(a, aSession(), key);
      const other = await t().userSessions.create(b, aSession(), { ...key, fingerprint: 'other' });
      expect(other).toMatchObject({ userId: b });
      expect(other).not.toEqual(first);
    });

    it('keeps a goal of a megabyte, every character of it', async () => {
      const user = await t().user();
      const goal = `${'ä'.repeat(250_000)}${'😀'.repeat(125_000)}\n"\\'{}`;
      const id = await t().session({ goal }, user);
      expect((await t().userSessions.get(user, id))?.goal).toBe(goal);
      expect((await t().claim(id)).history).toEqual([{ n: 1, role: 'user', content: says(goal) }]);
    });
  });
