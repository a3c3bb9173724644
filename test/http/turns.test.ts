import { expect, it } from 'vitest';
import { turns } from '../../lib/http/turns.ts';

it('takes a few at a time, lets a few wait in order, and refuses the rest without beginning them', async () => {
  const inTurn = turns({ atOnce: 2, waiting: 2 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3, 4].map((n) =>
    inTurn(() => {
      begun.push(n);
      return new Promise<number>((resolve, reject) =>
        ends.push(() => (n === 0 ? reject(new Error('broke')) : resolve(n))),
      );
    }),
  );
  const outcomes = Promise.allSettled(works);
  await expect(works[4]).rejects.toMatchObject({ code: 'unavailable', extra: { retryAfter: 5 } });
  expect(begun).toEqual([0, 1]);
  for (let i = 0; i < 4; i++) {
    await expect.poll(() => ends.length).toBeGreaterThan(i);
    ends[i]?.();
  }
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'rejected',
    ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  ]);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(await inTurn(async () => 'next')).toBe('next');
});
