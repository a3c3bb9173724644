/** What a user sees of a working session, finds among many, and changes of one that has begun. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { aNight, aSettlement, contract, ENDED, type Factory, START } from './harness.ts';

/** The clock of a database goes on while a test runs. */
const soon = (at: number) => expect.closeTo(at, -4.5);

export function sessionSettingsContract(name: string, factory: Factory): void {
  contract(`${name}: what a working session does`, factory, (t) => {
    it('is told from its row: queued, loading, thinking, acting, silent, late; and what its death cost', async () => {
      const { user, session, claim, hold, sessions, userSessions, expireLease, setNow } = t();
      const userId = await user();
      const id = await session({}, userId);
      const activity = async () => (await userSessions.get(userId, id))?.activity;
      expect(await activity()).toMatchObject({
        state: 'queued',
        since: soon(START),
        dueAt: soon(START),
        heartbeatAt: null,
        held: 0n,
      });
      const { fence } = await claim(id);
      expect(await activity()).toMatchObject({ state: 'loading', attempts: 1, heartbeatAt: expect.any(Number) });
      await hold(id, fence, 31_000n);
      expect(await activity()).toMatchObject({ state: 'thinking', since: soon(START), held: 31_000n });
      const calls = [{ id: 'tu_1', name: 'bash', input: {} }];
      await sessions.settle(id, fence, aSettlement({ calls }));
      expect(await activity()).toMatchObject({ state: 'acting', held: 0n });
      await expireLease(id);
      expect(await activity()).toMatchObject({ state: 'silent' });
      await claim(id);
      await hold(id, fence + 1, 2_000n);
      await expireLease(id);
      await claim(id);
      const told = (await userSessions.events(userId, id, { after: 0, limit: 100 }))?.slice(-2);
      expect(told).toMatchObject([
        { type: 'agent.model_called', iteration: 2, data: { charge: 'unknown', cost_microdollars: 2_000, kind: null } },
        { type: 'agent.retrying', iteration: 2, data: { reason: 'outcome_unknown', cost_microdollars: 2_000 } },
      ]);
      const waiting = await session({}, userId);
      await setNow(START + 180_000);
      expect((await userSessions.get(userId, waiting))?.activity).toMatchObject({ state: 'late', since: soon(START) });
    });
  });

  contract(`${name}: finding sessions`, factory, (t) => {
    it('filters by status, agent, time and metadata, page by page, and counts every status', async () => {
      const { user, session, iterate, wish, userSessions, setNow } = t();
      const userId = await user();
      const made = async (over: Parameters<typeof session>[0], minute: number) => {
        await setNow(START + minute * 60_000);
        return session(over, userId);
      };
      const queued = await made({ metadata: { team: 'red', ticket: 7 } }, 0);
      const paused = await made({ agent: 'other', metadata: { team: 'red', sprint: '1' } }, 1);
      const asleep = await made({ metadata: { team: 'blue' } }, 2);
      const ended = await made({}, 3);
      await wish(userId, paused, { type: 'pause' });
      await iterate(asleep, { save: aNight(START + 86_400_000) });
      await iterate(ended, {
        save: { ...aNight(0), suspension: { ...aNight(0).suspension!, to: ENDED, due: Number.POSITIVE_INFINITY } },
      });
      const found = async (filter: Parameters<typeof userSessions.list>[2]) =>
        (await userSessions.list(userId, { limit: 10, cursor: null }, filter)).data.map(({ id }) => id);
      expect(await found({})).toEqual([ended, asleep, paused, queued]);
      expect(await found({ statuses: ['working'] })).toEqual([queued]);
      expect(await found({ statuses: ['paused', 'sleeping'] })).toEqual([asleep, paused]);
      expect(await found({ statuses: ['completed'] })).toEqual([ended]);
      expect(await found({ agent: 'other' })).toEqual([paused]);
      expect(await found({ createdAfter: START + 59_000, createdBefore: START + 120_000 })).toEqual([paused]);
      expect(await found({ metadata: { team: 'red' } })).toEqual([paused, queued]);
      expect(await found({ metadata: { team: 'red', sprint: '1' } })).toEqual([paused]);
      expect(await found({ metadata: { ticket: '7' } })).toEqual([]);
      const first = await userSessions.list(userId, { limit: 1, cursor: null }, { metadata: { team: 'red' } });
      const second = await userSessions.list(userId, { limit: 1, cursor: first.next }, { metadata: { team: 'red' } });
      expect([first.data[0]?.id, second.data[0]?.id, second.next]).toEqual([paused, queued, null]);
      const counts = await userSessions.counts(userId);
      expect(counts).toEqual({
        ...{ working: 1, paused: 1, sleeping: 1, completed: 1 },
        ...{ waiting_for_input: 0, budget_exceeded: 0, failed: 0, cancelled: 0 },
      });
      expect(Object.values(await userSessions.counts(await user())).every((count) => count === 0)).toBe(true);
    });

    it('gives every session the status by which it is found and counted', async () => {
      const { user, session, claim, rest, wish, userSessions, setNow } = t();
      const userId = await user();
      const later = START + 86_400_000;
      await rest(await session({}, userId), { state: 'waiting', question: null });
      await rest(await session({}, userId), { state: 'exceeded', until: later }, later);
      await rest(await session({}, userId), { state: 'paused', error: null });
      await rest(
        await session({}, userId),
        { state: 'sleeping', until: START + 1_000, reason: 'agent' },
        START + 1_000,
      );
      for (const outcome of ['failed', 'cancelled', 'cost_cap_reached'] as const)
        await rest(await session({}, userId), { ...ENDED, outcome });
      const cancelled = await session({}, userId);
      await claim(cancelled);
      await wish(userId, cancelled, { type: 'cancel' });
      await setNow(START + 1_000);
      const { data } = await userSessions.list(userId, { limit: 100, cursor: null });
      const counts = await userSessions.counts(userId);
      expect(data).toHaveLength(8);
      for (const { id, status } of data) {
        const same = await userSessions.list(userId, { limit: 100, cursor: null }, { statuses: [status] });
        expect(same.data.map((view) => view.id)).toContain(id);
        expect([status, same.data.length]).toEqual([status, counts[status]]);
      }
      expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(8);
    });
  });

  contract(`${name}: changing a session's settings`, factory, (t) => {
    const CHANGE = {
      ...{ maxIterations: 300, maxCost: 5_000_000n, ladder: ['claude-haiku-5-5'], share: 40 },
      ...{ effort: 'low' as const, maxOutputTokens: 4_096, metadata: { ticket: 8 } },
      web: { allow: null, deny: ['example.com'] },
    };
    const told = async (userId: string, id: string) =>
      ((await t().userSessions.events(userId, id, { after: 0, limit: 100 })) ?? []).flatMap(({ type, data }) =>
        type === 'agent.settings_changed' ? [data] : [],
      );

    it('changes what is named, tells the journal, and is known to the next claim', async () => {
      const { user, session, claim, userSessions } = t();
      const userId = await user();
      const id = await session({}, userId);
      const answer = await userSessions.change(userId, id, CHANGE, randomUUID());
      expect(answer).toMatchObject({ ended: false, view: CHANGE });
      expect(await told(userId, id)).toEqual([
        {
          ...{ max_iterations: 300, max_cost_microdollars: 5_000_000, model_ladder: ['claude-haiku-5-5'] },
          ...{ daily_share_percent: 40, effort: 'low', max_output_tokens: 4_096, web: 'changed', metadata: 'changed' },
        },
      ]);
      const { facts } = await claim(id);
      expect(facts).toMatchObject({
        maxIterations: 300,
        maxCost: 5_000_000n,
        effort: 'low',
        maxOutputTokens: 4_096,
        web: CHANGE.web,
      });
      await userSessions.change(
        userId,
        id,
        { maxCost: null, share: null, web: CHANGE.web, metadata: { ticket: 8 } },
        randomUUID(),
      );
      expect((await told(userId, id))[1]).toEqual({ max_cost_microdollars: null, daily_share_percent: null });
    });

    it('says nothing of what is so already, and does a repeat once', async () => {
      const { user, session, userSessions } = t();
      const userId = await user();
      const id = await session({ maxIterations: 150 }, userId);
      await userSessions.change(userId, id, { maxIterations: 150 }, randomUUID());
      expect(await told(userId, id)).toEqual([]);
      const operation = randomUUID();
      await userSessions.change(userId, id, { maxIterations: 200 }, operation);
      await userSessions.change(userId, id, { maxIterations: 250 }, randomUUID());
      const repeat = await userSessions.change(userId, id, { maxIterations: 200 }, operation);
      expect(repeat).toMatchObject({ view: { maxIterations: 250 } });
      expect(await userSessions.change(userId, id, { maxIterations: 201 }, operation)).toBe('conflict');
      expect(await told(userId, id)).toHaveLength(2);
    });

    it('keeps an owner from suspending the session by what was so before', async () => {
      const { user, session, claim, sessions, userSessions } = t();
      const userId = await user();
      const id = await session({}, userId);
      const { fence } = await claim(id);
      await userSessions.change(userId, id, { maxIterations: 300 }, randomUUID());
      const saved = await sessions.save(id, fence, aNight(START + 86_400_000), []);
      expect(saved.state).toBe('ready');
    });

    it('of an ended session changes its metadata alone; no other user changes anything', async () => {
      const { user, session, rest, userSessions } = t();
      const userId = await user();
      const id = await session({}, userId);
      await rest(id, ENDED);
      expect(await userSessions.change(userId, id, CHANGE, randomUUID())).toMatchObject({ ended: true });
      expect((await userSessions.get(userId, id))?.metadata).toEqual({});
      const operation = randomUUID();
      const again = await session({}, userId);
      await userSessions.change(userId, again, { maxIterations: 9 }, operation);
      await rest(again, ENDED);
      expect(await userSessions.change(userId, again, { maxIterations: 9 }, operation)).toMatchObject({ ended: false });
      const labelled = await userSessions.change(userId, id, { metadata: { kept: true } }, randomUUID());
      expect(labelled).toMatchObject({ ended: false, view: { metadata: { kept: true }, status: 'completed' } });
      expect(await userSessions.change(await user(), id, { metadata: {} }, randomUUID())).toBeNull();
    });
  });
}
