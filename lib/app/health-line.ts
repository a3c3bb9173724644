/** What the operator is told of the health of the system. */
import type { State } from './states.ts';
import { span } from './text.ts';
import type { SystemHealth } from './types.ts';

export type Line = { state: State; word: string; says: string };

/** Why a question was not answered well. `status`: of HTTP; 0: nobody answered. */
export type Silence = { status: number; message: string };

/** `silence`: of the first question that was not answered well; null: all parts answer. */
export function lineOf({ status, overdue_seconds: overdue = 0 }: SystemHealth, silence: Silence | null): Line {
  if (silence?.status === 0)
    return { state: 'failed', word: 'No answer', says: 'Circadian does not answer this page.' };
  if (silence)
    return { state: 'failed', word: silence.status >= 500 ? 'No answer' : 'Not known', says: silence.message };
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
