/** What every Live answers in Postgres's place, and when it must not. All instants are data. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BudgetView, Ending, LiveView, SessionView, Status } from '../../lib/ports/index.ts';
import { type LiveSubject, liveView } from './live.ts';

const NOW = Date.parse('2031-03-01T12:00:00Z');
const MINUTE = 60_000;
const USER = 'user-1';

const budgetOf = (over: Partial<BudgetView['day']> = {}, more: Partial<BudgetView> = {}): BudgetView => {
  const day = { ...liveView().day, ...over };
  const spent = 3_000_000n + day.spent;
  const terms = { cycleStart: '2031-02-15', budget: 21_000_000n, renewalDate: '2031-03-15', daysLeft: 14 };
  const paid = { carriedOver: 2_000_000n, toppedUpLeft: 0n };
  const notices = [{ threshold: 'pace' as const, at: NOW - 5 }];
  return { now: NOW, day, ...terms, ...paid, notices, spent, remaining: 21_000_000n - spent, ...more };
};
const sessionOf = (over: { status: Status; wakeAt?: number | null }): SessionView =>
  ({ id: 'ses_1', userId: USER, cost: 1_000n, wakeAt: null, ...over }) as SessionView;
const endOf = (op: string, over: Partial<Ending> = {}): Ending => ({ op, at: NOW, onlyToday: true, ...over });

export function answersContract(name: string, make: () => Promise<LiveSubject>): void {
  /** A view at rest: the clock is known, and Postgres was asked once. */
  const start = async ({ ahead = 0, at = NOW }: { ahead?: number; at?: number } = {}) => {
    const subject = await make();
    onTestFinished(() => subject.close());
    const { live } = subject;
    await live.nextDue(null, { at, now: at + ahead });
    const look = (now = at, session: string | null = 'ses_1') => live.read(USER, session, now);
    const fill = async (budget = budgetOf(), view: SessionView | null = sessionOf({ status: 'working' })) =>
      live.put(USER, await look(), { budget, session: { id: 'ses_1', view } });
    /** An invocation from its mark to its view. */
    const iterate = async (view: Partial<LiveView>, ending: Partial<Ending> = {}) => {
      const op = randomUUID();
      await live.open('ses_1', at + MINUTE, { userId: USER, op });
      await live.mirror(liveView(view), endOf(op, ending));
    };
    return { ...subject, live, look, fill, iterate };
  };
  const none = { budget: null, session: null };

  describe(`Live answers: ${name}`, () => {
    it('know nothing before Postgres was asked, and then exactly what it said', async () => {
      const { look, fill } = await start();
      expect(await look()).toMatchObject({ ...none, busy: false });
      const budget = budgetOf({ spent: 9_007_199_254_740_993n });
      await fill(budget, sessionOf({ status: 'paused' }));
      const { budget: told, session } = await look(NOW + 5);
      expect(told).toEqual({ view: { ...budget, now: NOW + 5, remaining: 0n }, asOf: NOW });
      expect(session).toMatchObject({ status: 'paused', wakeAt: null, cost: 1_000n, asOf: NOW });
    });

    it('take what is spent from what was topped up', async () => {
      const { look, fill, iterate } = await start();
      const day = { ...liveView().day, spent: 100_000n, held: 50_000n };
      await fill(budgetOf(day, { toppedUpLeft: 700_000n }));
      for (const [revision, spent, left] of [
        [4, 600_000n, 250_000n],
        [5, 850_000n, 0n],
        [6, 900_000n, 0n],
      ] as const) {
        await iterate({
          day: { ...day, revision, spent, held: 0n },
          status: 'sleeping',
          seq: revision,
          wakeAt: null,
          due: NOW + MINUTE,
        });
        expect((await look()).budget?.view).toMatchObject({ carriedOver: 2_000_000n, toppedUpLeft: left });
      }
    });

    it('go on with what an invocation mirrored', async () => {
      const { look, fill, iterate } = await start();
      await fill();
      const day = { ...liveView().day, revision: 4, spent: 600_000n };
      const wakeAt = Date.parse('2031-03-02T00:00:00Z');
      await iterate({ day, status: 'sleeping', wakeAt, due: wakeAt, cost: 7n }, { at: NOW + 9 });
      const { budget, session } = await look();
      expect(budget).toMatchObject({ asOf: NOW + 9, view: { spent: 3_600_000n, remaining: 17_400_000n, day } });
      expect(session).toMatchObject({ status: 'sleeping', wakeAt, cost: 7n, asOf: NOW + 9 });
    });

    it('wait while anything is under way, and after what ended without a word', async () => {
      const { live, look, fill } = await start();
      await fill();
      await live.open('ses_1', NOW + MINUTE, { userId: USER, op: 'a' });
      expect(await look()).toMatchObject({ ...none, busy: true });
      expect(await look(NOW + 2 * MINUTE)).toMatchObject({ ...none, busy: false });
      await live.put(USER, await look(NOW + 2 * MINUTE), { budget: budgetOf() });
      expect((await look()).budget).not.toBeNull();
      // Nobody knows what became of the session meanwhile.
      expect((await look()).session).toBeNull();
    });

    it('wait for all of several', async () => {
      const { live, look, fill } = await start();
      await fill();
      for (const op of ['a', 'b']) await live.open('ses_1', NOW + MINUTE, { userId: USER, op });
      await live.mirror(liveView(), endOf('a'));
      expect(await look()).toMatchObject({ ...none, busy: true });
      await live.mirror(liveView({ seq: 2 }), endOf('b'));
      expect((await look()).budget).not.toBeNull();
    });

    it('ask Postgres after a change, and go on at once where nothing was changed', async () => {
      const { live, look, fill } = await start();
      await fill();
      await live.open(null, NOW + MINUTE, { userId: USER, op: 'a' });
      await live.close({ userId: USER, op: 'a' }, false);
      expect((await look()).session).not.toBeNull();
      await live.open(null, NOW + MINUTE, { userId: USER, op: 'b' });
      await live.close({ userId: USER, op: 'b' }, true);
      expect(await look()).toMatchObject({ ...none, busy: false });
      await live.close({ userId: USER, op: 'never opened' }, true);
      await fill(budgetOf({ revision: 2 }));
      expect((await look()).budget).toMatchObject({ view: { day: { revision: 2 } } });
    });

    it('keep nothing that Postgres said before something was begun, ended or written', async () => {
      const between: ((live: LiveSubject['live']) => Promise<unknown>)[] = [
        (live) => live.open(null, NOW + MINUTE, { userId: USER, op: 'x' }),
        (live) => live.close({ userId: USER, op: 'x' }, true),
        (live) => live.mirror(liveView({ seq: 9 }), endOf('x')),
      ];
      for (const happens of between) {
        const { live, look } = await start();
        const seen = await look();
        await happens(live);
        await live.put(USER, seen, {
          budget: budgetOf(),
          session: { id: 'ses_1', view: sessionOf({ status: 'paused' }) },
        });
        expect(await look()).toMatchObject(none);
      }
    });

    it('keep nothing that Postgres said while something was under way', async () => {
      const { live, look, fill } = await start();
      await live.open(null, NOW + MINUTE, { userId: USER, op: 'x' });
      await fill();
      await live.close({ userId: USER, op: 'x' }, false);
      expect(await look()).toMatchObject(none);
    });

    it('believe of two answers the first, and write the other only where they have seen it', async () => {
      const { live, look } = await start();
      const [first, second] = [await look(), await look()];
      await live.put(USER, first, { budget: budgetOf({ revision: 8 }) });
      await live.put(USER, second, { budget: budgetOf({ revision: 7 }) });
      expect((await look()).budget?.view.day.revision).toBe(8);
      // Postgres was restored from a copy: with nothing under way it is right, whatever its revision.
      await live.put(USER, await look(), { budget: budgetOf({ revision: 3 }) });
      expect((await look()).budget?.view.day.revision).toBe(3);
    });

    it('order days by date and revision, in whatever order they come', async () => {
      const { look, fill, iterate } = await start();
      const day = (date: string, revision: number) => ({ ...liveView().day, date, revision });
      await fill(budgetOf({ revision: 5 }));
      await iterate({ seq: 2, day: day('2031-03-01', 4) });
      await iterate({ seq: 3, day: day('2031-02-28', 99) });
      expect((await look()).budget?.view.day.revision).toBe(5);
      await iterate({ seq: 4, day: day('2031-03-01', 6) });
      expect((await look()).budget?.view.day.revision).toBe(6);
    });

    it('do not take what an older owner mirrors for the last word', async () => {
      const { look, fill, iterate } = await start();
      await iterate({ fence: 2 });
      await fill();
      await iterate({ fence: 1, seq: 9 });
      expect(await look()).toMatchObject({ ...none, busy: false });
    });

    it('ask Postgres for the cycle when another day was touched, or a new one began', async () => {
      const { look, fill, iterate } = await start();
      await fill();
      await iterate({ seq: 2 }, { onlyToday: false });
      expect(await look()).toMatchObject(none);
      await fill();
      const tomorrow = { ...liveView().day, date: '2031-03-02', resetsAt: Date.parse('2031-03-03T00:00:00Z') };
      await iterate({ seq: 3, day: tomorrow });
      expect((await look(Date.parse('2031-03-02T00:01:00Z'))).budget).toBeNull();
    });

    it("are of today by the database's clock, and yesterday's never pass for it", async () => {
      const midnight = Date.parse('2031-03-02T00:00:00Z');
      const { live, look, fill } = await start();
      await fill();
      expect((await look(midnight - 3_000)).budget).not.toBeNull();
      for (const at of [midnight - 1_999, midnight, midnight + 12 * 3_600_000])
        expect((await look(at)).budget).toBeNull();
      expect((await look(NOW - 13 * 3_600_000)).budget).toBeNull();
      await live.nextDue(null, { at: NOW + 1, now: midnight });
      expect((await look(NOW + 2)).budget).toBeNull();
    });

    it('follow a database whose clock is far from theirs', async () => {
      const month = 30 * 24 * 60 * MINUTE;
      for (const ahead of [month, -month]) {
        const { look, fill } = await start({ ahead, at: NOW - ahead });
        await fill();
        expect((await look(NOW - ahead + 7)).budget?.view.now).toBe(NOW + 7);
      }
    });

    it('are none where the clock is not known, or all was lost', async () => {
      const { live, look, fill, lose } = await start();
      await fill();
      await lose();
      expect(await look()).toMatchObject({ ...none, busy: false });
      await fill();
      expect(await look()).toMatchObject(none);
      await live.nextDue(null, { at: NOW, now: NOW });
      expect((await look()).budget).not.toBeNull();
    });

    it('leave a sleeper to Postgres once he is due, and one that waits for a user to whoever mirrored him', async () => {
      const { look, fill, iterate } = await start();
      const wakeAt = NOW + 10 * MINUTE;
      await fill(budgetOf(), sessionOf({ status: 'sleeping', wakeAt }));
      expect((await look(wakeAt - 3_000)).session?.status).toBe('sleeping');
      expect((await look(wakeAt - 1_000)).session).toBeNull();
      await iterate({ seq: 2, status: 'waiting_for_input', due: wakeAt });
      expect((await look()).session?.status).toBe('waiting_for_input');
      expect((await look(wakeAt)).session).toBeNull();
      await fill(budgetOf(), sessionOf({ status: 'waiting_for_input' }));
      expect((await look()).session).toBeNull();
    });

    it('show nobody the session of another', async () => {
      const { live, fill } = await start();
      await fill();
      await live.put('user-2', await live.read('user-2', 'ses_1', NOW), { budget: budgetOf() });
      expect(await live.read('user-2', 'ses_1', NOW)).toMatchObject({ session: null, budget: { asOf: NOW } });
      const gone = { budget: budgetOf(), session: { id: 'ses_1', view: null } };
      await live.put(USER, await live.read(USER, 'ses_1', NOW), gone);
      expect((await live.read(USER, 'ses_1', NOW)).session).toBeNull();
    });

    it('know a key for what it is, until it is revoked', async () => {
      const { live } = await start();
      const key = { id: 'key_1', hash: 'a'.repeat(64) };
      expect(await live.keyOwner(key)).toBeNull();
      await live.keepKey(key, 'ada:1');
      expect(await live.keyOwner(key)).toBe('ada:1');
      expect(await live.keyOwner({ ...key, hash: 'b'.repeat(64) })).toBeNull();
      await live.dropKey(key.id);
      expect(await live.keyOwner(key)).toBeNull();
      // A lookup that began before.
      await live.keepKey(key, 'ada:1');
      expect(await live.keyOwner(key)).toBeNull();
    });
  });
}
