/**
 * Where a model run plays: one durable store, several workers with ports of their own on it, and a clock that only the run moves. Queue,
 * alarm and live view are those of the memory world: hints and views.
 */
import { vi } from 'vitest';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { memoryAlarm, memoryLive, memoryQueue } from '../../lib/testing/memory/hints.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import { memoryWebhook } from '../../lib/testing/memory/webhooks.ts';
import type { Ports } from '../contract/harness.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { type Kept, keptInMemory, keptInPostgres } from './kept.ts';

/** Real time and the settable clock start here, in the middle of a UTC day and of a billing cycle. */
export const START = Date.parse('2026-11-10T08:00:00Z');
const DAY_MS = 86_400_000;
const BEATING_MS = 46_000;

export type Connection = Ports;

export type Store = {
  /** A worker's own ports: no two share a cache or a connection. */
  connect(): Connection;
  /** Real time and the settable clock go on together. */
  pass(ms: number): Promise<void>;
  kept(): Promise<Kept>;
};

export type Stage = Store & {
  queue: ReturnType<typeof memoryQueue>;
  timer: ReturnType<typeof memoryAlarm>;
  live: ReturnType<typeof memoryLive>;
  webhook: ReturnType<typeof memoryWebhook>;
  now(): number;
  untilMidnight(): number;
};

/** `Date` and intervals stand still while a stage is played on; heartbeats beat when `pass` says so. Undo with `vi.useRealTimers()`. */
export function stageOn(store: Store): Stage {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: START });
  const now = () => Date.now();
  return {
    ...store,
    async pass(ms) {
      await store.pass(ms);
      // A leap: heartbeats beat in its last seconds only, and not thousands of times.
      const beating = Math.min(ms, BEATING_MS);
      vi.setSystemTime(now() + ms - beating);
      vi.advanceTimersByTime(beating);
    },
    now,
    untilMidnight: () => DAY_MS - (now() % DAY_MS) + 1_000,
    queue: memoryQueue(now),
    timer: memoryAlarm(),
    live: memoryLive(now),
    webhook: memoryWebhook(),
  };
}

export function memoryStore(): Store {
  const world = memoryWorld({ now: START });
  return { connect: () => world, pass: async (ms) => world.advance(ms), kept: async () => keptInMemory(world.store) };
}

export type PostgresStores = { fresh(): Promise<Store>; close(): Promise<void> };

/** One database for many runs, emptied for each. */
export async function postgresStores(): Promise<PostgresStores> {
  const database = await testDatabase('real');
  return {
    async fresh() {
      await database.empty();
      await database.setNow(START);
      return postgresStore(database);
    },
    close: database.close,
  };
}

/** Real time cannot be moved there; what is measured in it is moved back instead. */
function postgresStore(database: TestDatabase): Store {
  return {
    connect: () => postgres(database.url),
    async pass(ms) {
      await database.rows(`update app_clock set shift = shift + make_interval(secs => $1)`, ms / 1_000);
      await database.rows(
        `update agent_sessions set hint_at = hint_at - make_interval(secs => $1), lease_until = lease_until - make_interval(secs => $1)`,
        ms / 1_000,
      );
    },
    kept: () => keptInPostgres(database),
  };
}
