/** The in-memory world keeps the contracts, so what is tested against it is worth something. */
import { memoryWorld } from '../kit/memory/index.ts';
import { accountsContract } from './accounts.ts';
import { deskContract } from './desk.ts';
import type { Subject } from './harness.ts';
import { sessionsContract } from './sessions.ts';
import { sweeperContract } from './sweeper.ts';
import { purseContract } from './usage.ts';

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

sessionsContract('memory', memory);
deskContract('memory', memory);
accountsContract('memory', memory);
sweeperContract('memory', memory);
purseContract('memory', memory);
