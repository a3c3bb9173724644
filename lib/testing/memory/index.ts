/**
 * A whole world in memory: every port on one shared state, with a clock that stands still until a test moves it. It passes the contract
 * suites of test/contract/ as the SQL protocol does, so a test that runs against it says something about the real one.
 */
import { LEASE_MS } from '../../core/times.ts';
import type { Clock, Ordered } from '../../ports/index.ts';
import { memoryAccounts, memoryPurse } from './accounts.ts';
import { memoryAlerts } from './alerts.ts';
import { memoryHeads } from './heads.ts';
import { memoryAlarm, memoryLive, memoryQueue } from './hints.ts';
import { memoryMemories } from './memories.ts';
import { memoryOperator } from './operator.ts';
import { memoryPayments } from './payments.ts';
import { memorySchedules } from './schedules.ts';
import { memorySessions } from './sessions.ts';
import { emptyStore } from './store.ts';
import { memorySweeper } from './sweeper.ts';
import { memoryTransfer } from './transfer.ts';
import { memoryTriggers } from './triggers.ts';
import { memoryDesk } from './user-sessions.ts';
import { memoryOutbox, memoryWebhook, memoryWebhooks } from './webhooks.ts';

/** `now`: the instant at which the settable clock stands (milliseconds or ISO). */
export function memoryWorld({ now = '2026-11-10T08:00:00Z' }: { now?: number | string } = {}) {
  const store = emptyStore(typeof now === 'string' ? Date.parse(now) : now);
  const started = store.real;
  const accounts = memoryAccounts(store);
  const clock: Clock = { elapsed: () => store.real - started };
  return {
    sessions: memorySessions(store),
    heads: memoryHeads(),
    userSessions: memoryDesk(store),
    transfer: memoryTransfer(store),
    memories: memoryMemories(store),
    accounts,
    operator: memoryOperator(store),
    payments: memoryPayments(store, accounts),
    sweeper: memorySweeper(store),
    purse: memoryPurse(store),
    alerts: memoryAlerts(store),
    webhooks: memoryWebhooks(store),
    outbox: memoryOutbox(store),
    triggers: memoryTriggers(store),
    ...memorySchedules(store),
    /** No deployment stands behind it: a test that fires schedules gives one. */
    order: async (): Promise<Ordered> => ({ refused: 'There is no deployment.' }),
    webhook: memoryWebhook(),
    queue: memoryQueue(() => store.real),
    timer: memoryAlarm(),
    live: memoryLive(() => store.real),
    clock,
    /** The rows themselves, for a test that checks sums (G1, G2). Read only. */
    store,
    /** The settable clock; never backwards. */
    now: () => store.now,
    setNow(ms: number) {
      store.now = Math.max(store.now, ms);
    },
    /** Real time and the settable clock go on together. */
    advance(ms: number) {
      store.now += ms;
      store.real += ms;
    },
    /** Real time alone goes on: every lease and every hint's backoff ends. */
    passLease() {
      store.real += LEASE_MS + 1;
    },
    /** One owner is dead: its lease ends now. */
    expireLease(sessionId: string) {
      const row = store.sessions.get(sessionId);
      if (row) row.leaseUntil = store.real;
    },
  };
}

export type MemoryWorld = ReturnType<typeof memoryWorld>;
