/** Which entries of a session's journal are notices; `notice_of` in schema/functions/webhooks.sql has the same list. */
import type { LogEntry } from '../../core/events.ts';
import type { Notice } from '../../core/notices.ts';

const OF_TYPE: Partial<Record<LogEntry['type'], Notice>> = {
  'agent.completed': 'session.completed',
  'agent.failed': 'session.failed',
  'agent.cancelled': 'session.cancelled',
  'agent.sleeping': 'session.sleeping',
  'agent.waking': 'session.waking',
  'agent.paused': 'session.paused',
  'agent.budget_exceeded': 'session.budget_exceeded',
};

/** The notice that a journal entry is; null: none. A session that waits asks a question, or for an approval if it says so (`kind`). */
export function noticeOf({ type, data }: { type: LogEntry['type']; data: Record<string, unknown> }): Notice | null {
  if (type === 'agent.waiting_for_input') return data.kind === 'approval' ? 'session.approval' : 'session.question';
  return OF_TYPE[type] ?? null;
}
