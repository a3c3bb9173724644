/** Where owners die and stall. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_MS, type Random } from './loop.ts';

export class Crash extends Error {
  override name = 'Crash';
}

const STALL = 0.02;

/** `die` with the given chance; or stall past the lease, and then go on as a zombie. */
export function faulty(options: {
  random: Random;
  on: () => boolean;
  chance: number;
  die: (step: string) => void;
  count: (what: string) => void;
}) {
  const { random, on, chance, die, count } = options;
  return async (step: string): Promise<void> => {
    if (!on()) return;
    if (random() < chance) die(step);
    if (random() >= STALL) return;
    count('stalled past the lease');
    await sleep(LEASE_MS * (1.1 + random() * 2));
  };
}
