/** Work that takes much memory while it lasts: a few at a time, and of those who wait only a few. */
import { Problem } from '../problem.ts';

const RETRY_SECONDS = 5;

/** Runs what it is given when its turn comes. Throws `unavailable`, without having begun, where too many wait already. */
export function turns({ atOnce, waiting }: { atOnce: number; waiting: number }) {
  const queue: (() => void)[] = [];
  let running = 0;
  const end = (): void => {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  };
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1;
    else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve));
    else throw busy();
    try {
      return await work();
    } finally {
      end();
    }
  };
}

const busy = () =>
  new Problem(
    'unavailable',
    `Too many session files are being read and written just now. Nothing was done and nothing was spent; try again in ${RETRY_SECONDS} s.`,
    { retryAfter: RETRY_SECONDS },
  );
