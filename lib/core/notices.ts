/**
 * What a user's webhooks can be told of: which entries of a session's journal are notices, and by what names. schema/functions/webhooks.sql
 * (`notice_of`) has the same list, since the outbox is written where the journal is.
 */
import type { LogEntry } from './events.ts';

/** Of sessions, then of the budget, whose thresholds lib/ports/notifications.ts explains. */
export const NOTICES = [
  'session.question',
  'session.approval',
  'session.completed',
  'session.failed',
  'session.cancelled',
  'session.sleeping',
  'session.waking',
  'session.paused',
  'session.budget_exceeded',
  'budget.pace',
  'budget.graceful',
  'budget.ceiling',
  'budget.breaker',
] as const;
export type Notice = (typeof NOTICES)[number];

/** What is sent beside them: only by the test of a webhook, whatever its filter. */
export const TEST_NOTICE = 'webhook.test';
export type NoticeType = Notice | typeof TEST_NOTICE;

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
