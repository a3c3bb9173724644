/** What every Alarm keeps to. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Timer } from '../../lib/ports/index.ts';

/** `moveTo` sets the database's clock and lets ring what has become due; `rung` tells the instants of that clock at which it rang. */
export type AlarmSubject = {
  timer: Timer;
  moveTo(at: number): Promise<void>;
  rung(): number[];
  close(): Promise<void>;
};

/** The subject's clock starts here: far from today, so that who asks the wrong clock is found out. */
export const ALARM_START = Date.parse('2031-03-01T12:00:00Z');
const minutes = (n: number) => ALARM_START + n * 60_000;

export function alarmContract(name: string, make: () => Promise<AlarmSubject>): void {
  const start = async () => {
    const subject = await make();
    onTestFinished(() => subject.close());
    return subject;
  };

  describe(`Alarm contract: ${name}`, () => {
    it('rings at the first whole minute not before the instant, not earlier', async () => {
      const { timer, moveTo, rung } = await start();
      await timer.schedule(minutes(1) + 1);
      await moveTo(minutes(1) + 59_999);
      expect(rung()).toEqual([]);
      await moveTo(minutes(2));
      expect(rung()).toEqual([minutes(2)]);
    });

    it('rings at a whole minute itself', async () => {
      const { timer, moveTo, rung } = await start();
      await timer.schedule(minutes(3));
      await moveTo(minutes(3));
      expect(rung()).toEqual([minutes(3)]);
    });

    it('rings once for all who asked for the same minute', async () => {
      const { timer, moveTo, rung } = await start();
      await Promise.all([1, 20_000, 60_000].map((ms) => timer.schedule(minutes(4) + ms)));
      await timer.schedule(minutes(4) + 30_000);
      await moveTo(minutes(6));
      expect(rung()).toHaveLength(1);
    });

    it('rings for each minute that was asked for, also after a jump over all of them', async () => {
      const { timer, moveTo, rung } = await start();
      for (const n of [60 * 24 * 40, 7, 5]) await timer.schedule(minutes(n));
      await moveTo(minutes(6));
      expect(rung()).toHaveLength(1);
      await moveTo(minutes(60 * 24 * 50));
      expect(rung()).toHaveLength(3);
    });

    it('rings for an instant that has passed within the next minute', async () => {
      const { timer, moveTo, rung } = await start();
      await timer.schedule(minutes(-90));
      await moveTo(minutes(1));
      expect(rung()).toHaveLength(1);
    });

    it('takes "never" as no command at all', async () => {
      const { timer, moveTo, rung } = await start();
      await timer.schedule(Number.POSITIVE_INFINITY);
      await moveTo(minutes(60 * 24 * 365));
      expect(rung()).toEqual([]);
    });

    it('can ring again for a minute that has rung', async () => {
      const { timer, moveTo, rung } = await start();
      await timer.schedule(minutes(2));
      await moveTo(minutes(2));
      await timer.schedule(minutes(2));
      await moveTo(minutes(3));
      expect(rung()).toHaveLength(2);
    });
  });
}
