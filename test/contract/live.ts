/** What every Live keeps to. All its instants are data, so that no test waits. */
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Live, LiveView } from '../../lib/ports/index.ts';

/** `lose` drops everything that is stored, as a flush or a lost node does. */
export type LiveSubject = { live: Live; lose(): Promise<void>; close(): Promise<void> };

const T = Date.parse('2031-03-01T12:00:00Z');
const MINUTE = 60_000;
/** More than the longest invocation and a lease: a marker that was lost counts as one under way. */
const LONG = 17 * MINUTE;
/** A sweep of Postgres whose clock is the caller's. */
const sweptAt = (at: number) => ({ at, now: at });

export function liveView(change: Partial<LiveView> = {}): LiveView {
  return {
    sessionId: 'ses_1',
    userId: 'user-1',
    fence: 1,
    seq: 1,
    wakeAt: null,
    cost: 1_000n,
    due: Number.POSITIVE_INFINITY,
    day: {
      date: '2031-03-01',
      allowance: 1_000_000n,
      ceiling: 1_100_000n,
      spent: 250_000n,
      held: 0n,
      resetsAt: Date.parse('2031-03-02T00:00:00Z'),
      revision: 1,
    },
    ...change,
  };
}

export function liveContract(name: string, make: () => Promise<LiveSubject>): void {
  const start = async () => {
    const subject = await make();
    onTestFinished(() => subject.close());
    return subject;
  };
  /** A marker in its usual state: Postgres was asked at T + LONG, long after anything was under way, and said `due`. */
  const quiet = async (due: number | null = null) => {
    const subject = await start();
    await subject.live.nextDue(null, sweptAt(T));
    await subject.live.nextDue(due, sweptAt(T + LONG));
    return subject;
  };
  const later = (minutes: number) => T + LONG + minutes * MINUTE;

  describe(`Live contract: ${name}`, () => {
    describe('for viewers', () => {
      it('tells an invocation whether its session is watched', async () => {
        const { live } = await start();
        expect(await live.open('ses_1', T, 'user-1')).toEqual({ watched: false });
        await live.watch('ses_1');
        expect(await live.open('ses_1', T, 'user-1')).toEqual({ watched: true });
        expect(await live.open('ses_2', T, 'user-1')).toEqual({ watched: false });
        expect(await live.open(null, T, 'user-1')).toEqual({ watched: false });
      });

      it('knows nothing of a session that nobody mirrored', async () => {
        const { live } = await start();
        expect(await live.watch('ses_1')).toEqual({ seq: 0, draft: null });
      });

      it('shows the newest view, in whatever order and however often views arrive', async () => {
        const { live, lose } = await start();
        const version = fc.record({ fence: fc.integer({ min: 1, max: 12 }), seq: fc.integer({ min: 1, max: 120 }) });
        const newest = (a: LiveView, b: LiveView) => a.fence - b.fence || a.seq - b.seq;
        await fc.assert(
          fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 6 }), async (versions) => {
            await lose();
            const views = versions.map((change) => liveView(change));
            for (const view of views) await live.mirror(view);
            expect((await live.watch('ses_1')).seq).toBe(views.toSorted(newest).at(-1)!.seq);
          }),
          { numRuns: 40 },
        );
      });

      it('keeps sessions apart', async () => {
        const { live } = await start();
        await live.mirror(liveView({ sessionId: 'ses_1', seq: 7 }));
        await live.mirror(liveView({ sessionId: 'ses_2', seq: 3 }));
        expect((await live.watch('ses_1')).seq).toBe(7);
        expect((await live.watch('ses_2')).seq).toBe(3);
      });

      it('shows the draft until the reply is saved', async () => {
        const { live } = await start();
        await live.draft('ses_1', { iteration: 4, text: 'Once' });
        await live.draft('ses_1', { iteration: 4, text: 'Once upon a "time" \u{1f989}\n' });
        expect((await live.watch('ses_1')).draft).toEqual({ iteration: 4, text: 'Once upon a "time" \u{1f989}\n' });
        await live.draft('ses_1', { iteration: 4, text: 'Once', thought: 'How do tales begin?' });
        expect((await live.watch('ses_1')).draft).toEqual({
          iteration: 4,
          text: 'Once',
          thought: 'How do tales begin?',
        });
        expect((await live.watch('ses_2')).draft).toBeNull();
        await live.mirror(liveView({ seq: 9 }));
        expect((await live.watch('ses_1')).draft).toBeNull();
      });

      it('does not let an old owner end the draft of the new one', async () => {
        const { live } = await start();
        await live.mirror(liveView({ fence: 2, seq: 9 }));
        await live.draft('ses_1', { iteration: 5, text: 'Then' });
        await live.mirror(liveView({ fence: 1, seq: 10 }));
        await live.mirror(liveView({ fence: 2, seq: 9 }));
        expect(await live.watch('ses_1')).toEqual({ seq: 9, draft: { iteration: 5, text: 'Then' } });
      });
    });

    describe('for the recovery cron', () => {
      it('cannot tell without a marker', async () => {
        const { live } = await start();
        expect(await live.idle(T)).toBeNull();
        await live.open('ses_1', T, 'user-1');
        await live.mirror(liveView({ due: T }));
        expect(await live.idle(later(60))).toBeNull();
      });

      it('sleeps until something is due', async () => {
        const { live } = await quiet(later(30));
        expect(await live.idle(later(29))).toBe(true);
        expect(await live.idle(later(30))).toBe(false);
      });

      it('sleeps for good if nothing will be due', async () => {
        const { live } = await quiet(null);
        expect(await live.idle(later(1_000_000))).toBe(true);
      });

      it('asks while an invocation may be under way, and once more after it', async () => {
        const { live } = await quiet();
        await live.open('ses_1', later(16), 'user-1');
        expect(await live.idle(later(1))).toBe(false);
        await live.nextDue(null, sweptAt(later(15)));
        expect(await live.idle(later(17))).toBe(false);
        await live.nextDue(null, sweptAt(later(17)));
        expect(await live.idle(later(18))).toBe(true);
      });

      it('heeds the invocation that may run longest', async () => {
        const { live } = await quiet();
        await live.open('ses_1', later(16), 'user-1');
        await live.open(null, later(1), 'user-1');
        await live.nextDue(null, sweptAt(later(2)));
        expect(await live.idle(later(3))).toBe(false);
      });

      it('learns of a due session from its view', async () => {
        const { live } = await quiet(later(600));
        await live.mirror(liveView({ fence: 1, due: later(40) }));
        await live.mirror(liveView({ fence: 2, due: later(300) }));
        expect(await live.idle(later(39))).toBe(true);
        expect(await live.idle(later(40))).toBe(false);
      });

      it('learns of one also if nothing else will be due', async () => {
        const { live } = await quiet(null);
        await live.mirror(liveView({ due: later(40) }));
        expect(await live.idle(later(40))).toBe(false);
      });

      it('takes no due instant from a view that came late', async () => {
        const { live } = await quiet(null);
        await live.mirror(liveView({ fence: 2, due: Number.POSITIVE_INFINITY }));
        await live.mirror(liveView({ fence: 1, due: later(10) }));
        expect(await live.idle(later(20))).toBe(true);
      });

      it('tells for how long work has been overdue, and that it is no more', async () => {
        const { live } = await start();
        expect(await live.overdue(later(0))).toBeNull();
        await live.nextDue(later(1), { ...sweptAt(later(1)), overdueMs: 90_000 });
        expect(await live.overdue(later(1))).toBe(90_000);
        expect(await live.overdue(later(3))).toBe(90_000 + 2 * MINUTE);
        await live.nextDue(null, { ...sweptAt(later(4)), overdueMs: 0 });
        expect(await live.overdue(later(5))).toBe(0);
      });

      it('ignores the answer of an earlier sweep that arrives after that of a later one', async () => {
        const { live } = await quiet(null);
        await live.nextDue(later(10), sweptAt(later(2)));
        await live.nextDue(null, sweptAt(later(1)));
        await live.nextDue(null, sweptAt(later(2)));
        expect(await live.idle(later(10))).toBe(false);
      });

      it('reckons with a database whose clock is ahead', async () => {
        const { live } = await quiet();
        const month = 30 * 24 * 60 * MINUTE;
        await live.nextDue(later(10) + month, { at: later(1), now: later(1) + month });
        expect(await live.idle(later(9))).toBe(true);
        expect(await live.idle(later(10))).toBe(false);
        await live.mirror(liveView({ due: later(5) + month }));
        expect(await live.idle(later(5))).toBe(false);
      });

      it('reckons with a database whose clock is behind', async () => {
        const { live } = await quiet();
        const month = 30 * 24 * 60 * MINUTE;
        await live.nextDue(later(10) - month, { at: later(1), now: later(1) - month });
        expect(await live.idle(later(9))).toBe(true);
        expect(await live.idle(later(10))).toBe(false);
      });

      it('cannot tell when its own clock went back', async () => {
        const { live } = await quiet();
        expect(await live.idle(later(-5))).toBeNull();
      });

      it('asks again after a loss, until any invocation that it forgot must have ended', async () => {
        const { live, lose } = await quiet();
        await live.open('ses_1', later(16), 'user-1');
        await lose();
        expect(await live.idle(later(1))).toBeNull();
        await live.nextDue(null, sweptAt(later(1)));
        expect(await live.idle(later(2))).toBe(false);
        await live.nextDue(null, sweptAt(later(18)));
        expect(await live.idle(later(19))).toBe(true);
      });

      it('does not take a short invocation after a loss for the longest one', async () => {
        const { live, lose } = await quiet();
        await live.open('ses_1', later(16), 'user-1');
        await lose();
        await live.open(null, later(2), 'user-1');
        await live.nextDue(null, sweptAt(later(3)));
        expect(await live.idle(later(4))).toBe(false);
      });
    });
  });
}
