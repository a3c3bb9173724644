/** The memory world's rows of webhooks and of what is sent to them. */
import type { NoticeType } from '../../core/notices.ts';
import type { AlertKey, WebhookView } from '../../ports/index.ts';
import type { Secrets } from './rows.ts';

/** `url` empty: the operator's, while it has none. */
export type WebhookRow = WebhookView & Secrets & { userId: string; failures: number; retryAt: number | null };
/** `dueAt` null: nothing to send, or no more; infinite: put aside. */
export type DeliveryRow = {
  webhookId: string;
  eventId: string;
  userId: string;
  type: NoticeType;
  at: number;
  sessionId: string | null;
  seq: number | null;
  alert: AlertKey | null;
  attempts: number;
  dueAt: number | null;
  attemptedAt: number | null;
  deliveredAt: number | null;
  statusCode: number | null;
  error: string | null;
};
