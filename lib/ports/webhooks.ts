/**
 * Webhooks of users, and the outbox of what they are told (lib/ports/index.ts tells the rules of all ports). A notice enters the outbox in the
 * transaction that makes it true: with the save that journals it, or with the look that raises a budget alert.
 */
import type { Notice, NoticeType } from '../core/notices.ts';
import type { ListPage } from './lists.ts';
import type { BudgetAlert } from './notifications.ts';
import type { Once } from './users.ts';

/** The most webhooks that a user may have. */
export const MOST_WEBHOOKS = 10;

/** `standard`: the notice as JSON. `slack`: as a message that Slack's incoming webhooks take. Both are signed. */
export const WEBHOOK_FORMATS = ['standard', 'slack'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** `events` null: all of them. `includeText`: whether texts of goals, questions and results are sent. */
export type WebhookSettings = {
  url: string;
  format: WebhookFormat;
  events: Notice[] | null;
  includeText: boolean;
  description: string | null;
  enabled: boolean;
};

/** `id` is minted by the caller before the first try (`newId('whk')`); `secret` signs what is sent (`whsec_…`). */
export type NewWebhook = WebhookSettings & { id: string; secret: string };

/** Only what is given changes. */
export type WebhookChange = Partial<WebhookSettings>;

/**
 * Without its secret. `disabledReason`: a sentence where it was disabled by itself. `failingSince`: no attempt has been a success since.
 * Instants are milliseconds.
 */
export type WebhookView = WebhookSettings & {
  id: string;
  managedBy: 'user' | 'operator';
  disabledReason: string | null;
  failingSince: number | null;
  createdAt: number;
  updatedAt: number;
};

/**
 * One notice and one webhook. `held`: put aside while the webhook is disabled. `given_up`: nobody took it in eighteen tries. `attempts`: since it
 * was last asked for; `statusCode` and `error` are of the last one that ended. `error` null: it was taken, or none has ended.
 */
export type WebhookDelivery = {
  eventId: string;
  type: NoticeType;
  at: number;
  sessionId: string | null;
  status: 'pending' | 'held' | 'delivered' | 'given_up';
  attempts: number;
  attemptedAt: number | null;
  nextAttemptAt: number | null;
  deliveredAt: number | null;
  statusCode: number | null;
  error: string | null;
};

/** Every method is scoped by `userId`: null is a webhook or a delivery that is not this user's. `managed`: it is the operator's; nothing was done. */
export type Webhooks = {
  /** `full`: the user has `MOST_WEBHOOKS`. A blind repeat makes no second one. */
  create(userId: string, webhook: NewWebhook, once: Once | null): Promise<WebhookView | 'conflict' | 'full'>;
  /** The oldest first. */
  list(userId: string): Promise<WebhookView[]>;
  get(userId: string, id: string): Promise<WebhookView | null>;
  /** Enabling sends what was put aside, disabling puts aside what waits. */
  change(userId: string, id: string, change: WebhookChange): Promise<WebhookView | 'managed' | null>;
  /**
   * Another secret, once for `operation`; the one before signs along for another day, and the four before at most. `isNew` false: an earlier request
   * with this `operation` made another secret than this one.
   */
  rotate(
    userId: string,
    id: string,
    secret: string,
    operation: string,
  ): Promise<{ view: WebhookView; isNew: boolean } | 'managed' | null>;
  /** Its deliveries go with it: nothing more is sent, but for an attempt that is under way. */
  remove(userId: string, id: string): Promise<'removed' | 'managed' | null>;
  /** A test of the name `eventId` is due now, or the one that waits already. */
  test(userId: string, id: string, eventId: string): Promise<WebhookDelivery | 'disabled' | null>;
  /** The notice is due now, under the name it has, whatever became of it. */
  redeliver(userId: string, id: string, eventId: string): Promise<WebhookDelivery | 'disabled' | null>;
  /** The newest first, of the last 30 days. `cursor` is opaque; throws `UnknownCursor`. */
  deliveries(
    userId: string,
    id: string,
    page: ListPage,
  ): Promise<{ data: WebhookDelivery[]; next: string | null } | null>;
};

/** What a delivery is of: an entry of a session's journal, a budget alert, or neither for a test. `goal` null: the webhook wants no text. */
export type DueDelivery = {
  webhookId: string;
  eventId: string;
  userId: string;
  type: NoticeType;
  at: number;
  attempt: number;
  url: string;
  format: WebhookFormat;
  includeText: boolean;
  secrets: string[];
  session: { id: string; agent: string; seq: number; data: Record<string, unknown>; goal: string | null } | null;
  alert: BudgetAlert | null;
};

/** How a try ended. `error` null: the receiver took it. `status`: what it answered, null: nothing. */
export type DeliveryOutcome = {
  webhookId: string;
  eventId: string;
  attempt: number;
  status: number | null;
  error: string | null;
};

export type NoticeSweep = { raised: string[]; due: DueDelivery[]; nextDue: number | null; now: number };

/** At least once, and always under the same name: a notice is the receiver's to recognise by its id. */
export type Outbox = {
  /**
   * Looks at up to `days` user days for budget alerts (0: none). Where there are more, the next look goes on from there. `raised`: the users of
   * whom it found something new, each at least once.
   *
   * `due`: up to `limit` deliveries that are due, at most four of a user, one of a webhook that fails, and none of the users in `busy`. Each
   * counts as tried from now on, so a sender that dies loses none. Each comes up again after a backoff that grows to six hours. `nextDue`: when
   * the next is due, those just handed out included; null: none.
   */
  sweep(look: { days: number; limit: number; busy: string[] }): Promise<NoticeSweep>;
  /**
   * A success counts, whenever it comes; a failure only if it is of the last try. A webhook without a success in three days of trying, or one that
   * answers 410, is disabled with a sentence, and what waits for it is put aside. Answers these, and what is given up after eighteen tries.
   */
  settle(
    outcomes: DeliveryOutcome[],
  ): Promise<{ givenUp: { webhookId: string; eventId: string }[]; disabled: { webhookId: string; userId: string }[] }>;
};
