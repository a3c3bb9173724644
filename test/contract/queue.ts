/** What every Queue keeps to. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Queue } from '../../lib/ports/index.ts';

type Hint = Parameters<Queue['send']>[0];

/** `take` receives (and removes) all messages that may be received now, in whatever order. */
export type QueueSubject = { queue: Queue; take(): Promise<Hint[]>; close(): Promise<void> };

const hints = (count: number): Hint[] =>
  Array.from({ length: count }, (_, n) => ({ sessionId: `ses_${n}`, userId: `user-${n % 3}` }));
const sorted = (list: Hint[]) => list.map((hint) => JSON.stringify(hint)).sort();

export function queueContract(name: string, make: () => Promise<QueueSubject>): void {
  const start = async () => {
    const subject = await make();
    onTestFinished(() => subject.close());
    return subject;
  };

  describe(`Queue contract: ${name}`, () => {
    it('carries a hint', async () => {
      const { queue, take } = await start();
      await queue.send({ sessionId: 'ses_1', userId: 'user-1' }, 0);
      expect(await take()).toEqual([{ sessionId: 'ses_1', userId: 'user-1' }]);
      expect(await take()).toEqual([]);
    });

    it('keeps a delayed hint back, however long the delay is', async () => {
      const { queue, take } = await start();
      await queue.send({ sessionId: 'ses_late', userId: 'user-1' }, 600_000);
      await queue.send({ sessionId: 'ses_later', userId: 'user-1' }, 86_400_000);
      await queue.send({ sessionId: 'ses_now', userId: 'user-1' }, -5);
      expect(await take()).toEqual([{ sessionId: 'ses_now', userId: 'user-1' }]);
    });

    it.each([0, 1, 10, 11, 95])('carries %i hints at once', async (count) => {
      const { queue, take } = await start();
      await queue.sendAll(hints(count));
      expect(sorted(await take())).toEqual(sorted(hints(count)));
    });

    it('does not block the hints of a user behind one that is under way', async () => {
      const { queue, take } = await start();
      await queue.sendAll([
        { sessionId: 'ses_1', userId: 'user-1' },
        { sessionId: 'ses_2', userId: 'user-1' },
      ]);
      expect(await take()).toHaveLength(2);
    });

    it.each(['anna@example.com', 'ünï cödé', 'x'.repeat(300)])('takes the user id %s', async (userId) => {
      const { queue, take } = await start();
      await queue.send({ sessionId: 'ses_1', userId }, 0);
      expect(await take()).toEqual([{ sessionId: 'ses_1', userId }]);
    });
  });
}
