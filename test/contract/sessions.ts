/** The whole contract of the Sessions port. */
import { claimContract } from './claim.ts';
import type { Factory } from './harness.ts';
import { holdContract } from './hold.ts';
import { leavesContract } from './leaves.ts';
import { outageContract } from './outage.ts';
import { paidToolContract } from './paid-tool.ts';
import { saveContract } from './save.ts';
import { searchesContract } from './searches.ts';
import { sharesContract } from './shares.ts';
import { sleepLimitsContract } from './sleep-limits.ts';

export function sessionsContract(name: string, factory: Factory): void {
  claimContract(name, factory);
  holdContract(name, factory);
  saveContract(name, factory);
  paidToolContract(name, factory);
  searchesContract(name, factory);
  leavesContract(name, factory);
  outageContract(name, factory);
  sharesContract(name, factory);
  sleepLimitsContract(name, factory);
}
