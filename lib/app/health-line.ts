/** What the operator is told of the health of the system. */
import type { State } from './states.ts';
import { span } from './text.ts';
import type { SystemHealth } from './types.ts';

export type Line = { state: State; word: string; says: string };

/** `silent`: why there is no answer of the database or of the live view; null: both answer. */
export function lineOf({ status, overdue_seconds: overdue = 0 }: SystemHealth, silent: string | null): Line {
  if (silent !== null) return { state: 'failed', word: 'No answer', says: silent };
  if (status === 'ok')
    return {
      ...{ state: 'done', word: 'Work goes on' },
      says: 'No agent is known to be overdue. Postgres and the live view answer.',
    };
  return {
    ...{ state: 'late', word: 'Work is late' },
    says: `The most overdue agent has not moved for ${span(overdue * 1_000)}.`,
  };
}
