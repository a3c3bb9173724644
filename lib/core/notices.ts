/**
 * What a user's webhooks can be told of, by its names. Which entries of a journal are which notice: `notice_of` in schema/functions/webhooks.sql, since the
 * outbox is written where the journal is.
 */

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
