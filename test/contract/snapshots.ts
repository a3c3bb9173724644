/** When every Live gives an answer of Postgres again, and when it must not. All instants are data, but for how long a snapshot is kept. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BudgetView, Live, SessionView } from '../../lib/ports/index.ts';
import { type LiveSubject, liveView } from './live.ts';

const NOW = Date.parse('2031-03-01T12:00:00Z');
const HOUR = 3_600_000;
const USER = 'user-1';

export const budgetView = (change: Partial<BudgetView> = {}): BudgetView => ({
  ...{ now: NOW, day: liveView().day, cycleStart: '2031-02-15', renewalDate: '2031-03-15', daysLeft: 14 },
  ...{ budget: 21_000_000n, carriedOver: 2_000_000n, toppedUpLeft: 0n, spent: 9_007_199_254_740_993n, remaining: 0n },
  ...{ alerts: [{ threshold: 'pace' as const, at: NOW - 5 }], nextDue: null },
  ...change,
});
export const sleeper = (change: Partial<SessionView> = {}): SessionView =>
  ({ id: 'ses_1', userId: USER, cost: 1_000n, status: 'sleeping', wakeAt: NOW + HOUR, ...change }) as SessionView;

export function snapshotsContract(name: string, make: () => Promise<LiveSubject>): void {
  const start = async () => {
    const subject = await make();
    onTestFinished(() => subject.close());
    const { live } = subject;
    const look = (session: string | null = 'ses_1', user = USER) => live.snapshot(user, session);
    const keep = async (change: Partial<BudgetView> = {}, session: SessionView | null = sleeper(), ageMs = 0) =>
      live.keep(USER, (await look()).version, { budget: budgetView(change), session, ageMs });
    return { ...subject, live, look, keep };
  };
  const nothing = { budget: null, session: null };

  describe(`Snapshots contract: ${name}`, () => {
    it('have a version that changes with what is shown, and with nothing else', async () => {
      const { live } = await start();
      expect(await live.version(USER)).toBeNull();
      const seen: (string | null)[] = [];
      for (const change of [
        () => live.open('ses_1', NOW, USER),
        () => live.mirror(liveView()),
        () => live.forget(USER),
      ]) {
        await change();
        expect(await live.version(USER)).toBe(await live.version(USER));
        seen.push(await live.version(USER));
        await live.watch('ses_1');
        await live.forget('user-2');
      }
      expect(new Set(seen).size).toBe(3);
      expect(seen).not.toContain(null);
    });

    it('know nothing before Postgres was asked, and then exactly what it said', async () => {
      const { look, keep } = await start();
      expect(await look()).toMatchObject(nothing);
      await keep();
      const session = { status: 'sleeping', wakeAt: NOW + HOUR, cost: 1_000n, asOf: NOW };
      expect(await look()).toMatchObject({ budget: budgetView(), session });
      expect(await look(null)).toMatchObject({ budget: budgetView(), session: null });
    });

    it('keep users and sessions apart', async () => {
      const { live, look, keep } = await start();
      await keep();
      expect(await look('ses_2')).toMatchObject({ budget: budgetView(), session: null });
      expect(await look('ses_1', 'user-2')).toMatchObject(nothing);
      await live.forget('user-2');
      expect((await look()).budget).not.toBeNull();
    });

    it('keep the budget where there is no such session', async () => {
      const { look, keep } = await start();
      await keep({}, null);
      expect(await look()).toMatchObject({ budget: budgetView(), session: null });
    });

    it.each<[string, Partial<BudgetView>]>([
      ['a session works', { nextDue: NOW - HOUR }],
      ['a session is about to', { nextDue: NOW + 1_999 }],
      ['the day is about to end', { now: liveView().day.resetsAt - 1_999 }],
    ])('are not kept while %s', async (_, change) => {
      const { look, keep } = await start();
      await keep(change);
      expect(await look()).toMatchObject(nothing);
    });

    it('are not kept where Postgres took as long to answer as they would be kept', async () => {
      const { look, keep } = await start();
      await keep({ nextDue: NOW + 32_000 }, sleeper(), 30_000);
      expect(await look()).toMatchObject(nothing);
    });

    it.each<[string, (live: Live) => Promise<unknown>]>([
      ['a change', (live) => live.forget(USER)],
      ['the beginning of a change', (live) => live.open(null, NOW, USER)],
      ['the beginning of an invocation', (live) => live.open('ses_2', NOW, USER)],
      ['the end of an invocation', (live) => live.mirror(liveView({ sessionId: 'ses_2' }))],
      [
        'the end of an invocation that comes late',
        async (live) => {
          await live.mirror(liveView({ fence: 9 }));
          return live.mirror(liveView({ fence: 8 }));
        },
      ],
    ])('are forgotten by %s, also those that arrive after it', async (_, change) => {
      const { live, look, keep } = await start();
      await keep();
      const { version } = await look();
      await change(live);
      expect(await look()).toMatchObject(nothing);
      await live.keep(USER, version, { budget: budgetView(), session: sleeper(), ageMs: 0 });
      expect(await look()).toMatchObject(nothing);
      await keep({ nextDue: NOW + HOUR });
      expect(await look()).toMatchObject({ budget: { nextDue: NOW + HOUR } });
    });

    it('are lost with the service, and those under way with them', async () => {
      const { live, lose, look, keep } = await start();
      const { version } = await look();
      await keep();
      await lose();
      await live.keep(USER, version, { budget: budgetView(), ageMs: 0 });
      expect(await look()).toMatchObject(nothing);
    });
  });

  describe(`Kept keys: ${name}`, () => {
    const KEY = { id: 'ck_1', hash: 'a'.repeat(64) };

    it('open for the whole key alone', async () => {
      const { live } = await start();
      expect(await live.keyOwner(KEY)).toBeNull();
      await live.keepKey(KEY, USER);
      expect(await live.keyOwner(KEY)).toBe(USER);
      expect(await live.keyOwner({ ...KEY, hash: 'b'.repeat(64) })).toBeNull();
      expect(await live.keyOwner({ ...KEY, id: 'ck_2' })).toBeNull();
    });

    it('that are revoked stay so, also if a lookup that began before comes late', async () => {
      const { live } = await start();
      await live.keepKey(KEY, USER);
      await live.dropKey(KEY.id);
      expect(await live.keyOwner(KEY)).toBeNull();
      await live.keepKey(KEY, USER);
      expect(await live.keyOwner(KEY)).toBeNull();
    });
  });
}
