/** What the Sweeper port promises (R7, R10; G7). */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { FenceLost } from '../../lib/ports/index.ts';
import { aNight, anEnd, aSettlement, contract, DAY_MS, type Factory, MIDNIGHT, START, type Steps } from './harness.ts';

const ALL = 10_000;
const dueIds = async (t: Steps) => (await t.sweeper.sweep(ALL)).due.map(({ id }) => id);

export const sweeperContract = (name: string, factory: Factory) =>
  contract(`${name}: sweeper`, factory, (t) => {
    it('finds what is due and unowned, with its user', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { due, now } = await t().sweeper.sweep(ALL);
      expect(due).toContainEqual({ id, userId: user });
      expect(Math.abs(now - START)).toBeLessThan(60_000);
    });

    it('sends nothing and lets nothing be claimed while everything is stopped, and all again after', async () => {
      const id = await t().session();
      await t().operator.setEmergencyStop({ stopped: true, reason: 'A price is wrong.' });
      try {
        expect(await t().operator.emergencyStop()).toEqual({ stopped: true, reason: 'A price is wrong.' });
        expect(await t().sweeper.sweep(ALL)).toMatchObject({ due: [], schedulesDue: false });
        expect(await t().sessions.claim(id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
        expect((await t().schedules.due(10, null)).due).toEqual([]);
      } finally {
        await t().operator.setEmergencyStop({ stopped: false, reason: null });
      }
      expect(await t().operator.emergencyStop()).toEqual({ stopped: false, reason: null });
      expect(await dueIds(t())).toContain(id);
      expect(await t().sessions.claim(id, randomUUID())).toMatchObject({ fence: 1 });
    });

    it('does not send twice what it has just sent, and sends again what nobody took', async () => {
      const id = await t().session();
      expect(await dueIds(t())).toContain(id);
      expect(await dueIds(t())).not.toContain(id);
      await t().passBackoff();
      expect(await dueIds(t())).toContain(id);
    });

    it('divides what is due between two sweeps at once', async () => {
      const user = await t().user();
      const ids = await Promise.all(Array.from({ length: 6 }, () => t().session({}, user)));
      const sweeps = await Promise.all([t().sweeper.sweep(ALL), t().sweeper.sweep(ALL)]);
      const sent = sweeps.flatMap(({ due }) => due.map(({ id }) => id)).filter((id) => ids.includes(id));
      expect(sent.sort()).toEqual(ids.sort());
    });

    it('sends no more than asked for, the longest due first', async () => {
      await dueIds(t());
      const user = await t().user();
      await t().setNow(Date.parse('2021-01-01T11:00:00Z'));
      const second = await t().session({}, user);
      await t().setNow(Date.parse('2021-01-01T10:00:00Z'));
      const first = await t().session({}, user);
      await t().setNow(START);
      expect((await t().sweeper.sweep(1)).due.map(({ id }) => id)).toEqual([first]);
      expect((await t().sweeper.sweep(1)).due.map(({ id }) => id)).toEqual([second]);
    });

    it('leaves what its owner has just saved to the hint of that owner, for a while', async () => {
      const id = await t().session();
      expect(await t().iterate(id)).toMatchObject({ chain: true });
      expect(await dueIds(t())).not.toContain(id);
      await t().passBackoff();
      expect(await dueIds(t())).toContain(id);
    });

    it('leaves owned sessions alone until their owner is dead', async () => {
      const id = await t().session();
      await t().claim(id);
      expect(await dueIds(t())).not.toContain(id);
      await t().expireLease(id);
      expect(await dueIds(t())).toContain(id);
    });

    it('finds a dead owner at once, however long the session had waited for that owner', async () => {
      const id = await t().session();
      await t().setNow(START + DAY_MS);
      expect(await dueIds(t())).toContain(id);
      await t().claim(id);
      expect(await dueIds(t())).not.toContain(id);
      await t().expireLease(id);
      expect(await dueIds(t())).toContain(id);
    });

    it('leaves alone what sleeps, waits or has ended', async () => {
      const [sleeper, waiting, ended] = [await t().session(), await t().session(), await t().session()];
      await t().iterate(sleeper, { save: aNight(MIDNIGHT) });
      await t().rest(waiting, { state: 'waiting', question: null });
      await t().iterate(ended, { save: anEnd() });
      await t().passBackoff();
      const ids = await dueIds(t());
      for (const id of [sleeper, waiting, ended]) expect(ids).not.toContain(id);
      await t().setNow(MIDNIGHT + 1);
      const next = await dueIds(t());
      expect(next).toContain(sleeper);
      for (const id of [waiting, ended]) expect(next).not.toContain(id);
    });

    it('hints a nudged session at once, though it has just been hinted', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      expect(await dueIds(t())).toContain(id);
      await t().wish(user, id, { type: 'wake' });
      expect(await dueIds(t())).toContain(id);
    });

    it('says when anything will next be due, be it hinted already or not', async () => {
      const long = Date.parse('2020-01-01T00:00:00Z');
      await t().setNow(long);
      const id = await t().session();
      await t().iterate(id, { save: aNight(long + DAY_MS) });
      expect((await t().sweeper.sweep(ALL)).nextDue).toBe(long + DAY_MS);
      await t().setNow(long + 2 * DAY_MS);
      await t().passBackoff();
      const { due, nextDue } = await t().sweeper.sweep(ALL);
      expect(due.map((one) => one.id)).toContain(id);
      expect(nextDue).toBe(long + DAY_MS);
      await t().iterate(id, { save: anEnd() });
      expect((await t().sweeper.sweep(ALL)).nextDue).not.toBe(long + DAY_MS);
    });

    it('journals what the queue gave up, and the session stays due', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().sweeper.recordDeadLetter(id, 'received 5 times');
      const events = await t().userSessions.events(user, id, { after: 1, limit: 10 });
      expect(events).toHaveLength(1);
      expect(JSON.stringify(events)).toContain('received 5 times');
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'working' });
      expect(await t().claim(id)).toMatchObject({ fence: 1 });
      await t().sweeper.recordDeadLetter('ses_never', 'whatever');
    });

    it('purges a removed session when it has ended and holds nothing, and the money stays', async () => {
      await t().sweeper.purge();
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 5_000n);
      await t().userSessions.remove(user, id);
      expect(await t().sweeper.purge()).toBe(0);
      await t().expireLease(id);
      const next = await t().claim(id);
      await t().sessions.save(id, next.fence, anEnd(), []);
      expect(await t().sweeper.purge()).toBe(1);
      expect(await t().sweeper.purge()).toBe(0);
      expect(await t().sessions.claim(id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
      const spent = async () => (await t().accounts.budget(user)).day.spent;
      expect(await spent()).toBe(5_000n);
      await expect(t().sessions.settle(id, fence, aSettlement({ cost: 2_000n }))).rejects.toThrow(FenceLost);
      expect(await spent()).toBe(2_000n);
      const range = { from: '2026-11-10', to: '2026-11-10' };
      expect(await t().accounts.usage(user, range, 'session')).toMatchObject([{ key: id, cost: 2_000n, unknown: 0n }]);
    });

    it('purges no session that has not ended, nor one that still holds money', async () => {
      await t().sweeper.purge();
      const user = await t().user();
      await t().userSessions.remove(user, await t().session({}, user));
      expect(await t().sweeper.purge()).toBe(0);
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 5_000n);
      await t().sessions.save(id, fence, anEnd(), []);
      await t().userSessions.remove(user, id);
      expect(await t().sweeper.purge()).toBe(0);
      await expect(t().sessions.settle(id, fence, aSettlement({ cost: 2_000n }))).rejects.toThrow(FenceLost);
      expect(await t().sweeper.purge()).toBe(1);
    });

    it('purges nothing that its user has not removed', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id, { save: anEnd() });
      await t().sweeper.purge();
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'completed' });
    });
  });
