/** The in-memory world keeps the contracts, so what is tested against it is worth something. */
import { memoryAlarm, memoryLive, memoryQueue } from '../../lib/testing/memory/hints.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import { accountsContract } from './accounts.ts';
import { alertsContract } from './alerts.ts';
import { approvalsContract } from './approvals.ts';
import { archiveContract } from './archive.ts';
import { attachmentsContract } from './attachments.ts';
import { filesContract } from './files.ts';
import type { Subject } from './harness.ts';
import { headsContract } from './heads.ts';
import { liveContract } from './live.ts';
import { memoriesContract } from './memories.ts';
import { paymentsContract } from './payments.ts';
import { paymentsOrderContract } from './payments-order.ts';
import { queueContract } from './queue.ts';
import { schedulesContract } from './schedules.ts';
import { sessionSettingsContract } from './session-settings.ts';
import { sessionsContract } from './sessions.ts';
import { snapshotsContract } from './snapshots.ts';
import { sweeperContract } from './sweeper.ts';
import { type AlarmSubject, alarmContract } from './timer.ts';
import { transferContract } from './transfer.ts';
import { triggersContract } from './triggers.ts';
import { purseContract } from './usage.ts';
import { deskContract } from './user-sessions.ts';
import { webhooksContract } from './webhooks.ts';

async function memory(): Promise<Subject> {
  const world = memoryWorld();
  return {
    ports: world,
    async setNow(ms) {
      world.store.now = ms;
    },
    async expireLease(id) {
      world.expireLease(id);
    },
    async passBackoff() {
      world.passLease();
    },
    async close() {},
  };
}

async function ringing(): Promise<AlarmSubject> {
  const timer = memoryAlarm();
  const rung: number[] = [];
  return {
    timer,
    async moveTo(at) {
      rung.push(...timer.take(at));
    },
    rung: () => rung,
    async close() {},
  };
}

async function viewing() {
  const live = memoryLive(() => 0);
  return { live, lose: async () => live.lose(), close: async () => {} };
}

async function queueing() {
  const queue = memoryQueue(() => 0);
  return { queue, take: async () => queue.take(), close: async () => {} };
}

sessionsContract('memory', memory);
headsContract('memory', memory);
deskContract('memory', memory);
sessionSettingsContract('memory', memory);
filesContract('memory', memory);
archiveContract('memory', memory);
attachmentsContract('memory', memory);
accountsContract('memory', memory);
paymentsContract('memory', memory);
paymentsOrderContract('memory', memory, 40);
sweeperContract('memory', memory);
purseContract('memory', memory);
transferContract('memory', memory);
memoriesContract('memory', memory);
approvalsContract('memory', memory);
alertsContract('memory', memory);
webhooksContract('memory', memory);
schedulesContract('memory', memory);
triggersContract('memory', memory);
queueContract('memory', queueing);
alarmContract('memory', ringing);
liveContract('memory', viewing);
snapshotsContract('memory', viewing);
