/** The operator's emergency stop. */
import type { Operator } from '../../ports/index.ts';
import { copy, type Store } from './store.ts';

export const memoryOperator = (store: Store): Operator => ({
  emergencyStop: async () => copy(store.stop),
  async setEmergencyStop(stop) {
    store.stop = copy(stop);
  },
});
