/** What a test of the wake function gives where no user has a schedule. */
import type { ScheduleDeps } from '../../lib/engine/schedules.ts';

export const NO_SCHEDULES: Pick<ScheduleDeps, 'schedules' | 'order'> = {
  schedules: { due: async () => ({ due: [], now: 0 }), fire: async () => null },
  order: async () => ({ refused: 'There is no deployment.' }),
};
