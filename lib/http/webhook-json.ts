/** The shapes of webhooks and their deliveries in the contract, and how they are rendered. */
import { z } from '@hono/zod-openapi';
import { NOTICES, TEST_NOTICE } from '../core/notices.ts';
import { MOST_WEBHOOKS, WEBHOOK_FORMATS, type WebhookDelivery, type WebhookView } from '../ports/index.ts';
import { ShownOnce } from './auth/signing-secrets.ts';
import { changeOf } from './change-of.ts';
import { iso, isoOrNull } from './iso.ts';
import { instant } from './schemas.ts';

const MOST_URL = 2_048;
const MOST_DESCRIPTION = 500;

const settings = {
  url: z.string().max(MOST_URL).openapi({
    description: 'A public https address on port 443. It is asked directly: no redirect is followed.',
    example: 'https://hooks.example.com/circadian',
  }),
  events: z
    .array(z.enum(NOTICES))
    .min(1)
    .max(NOTICES.length)
    .nullable()
    .openapi({ description: 'Only these notices are sent. Null: all of them, also those that come to exist later.' }),
  format: z.enum(WEBHOOK_FORMATS).openapi({
    description: "`standard`: JSON as /docs/webhooks describes it. `slack`: a message for Slack's incoming webhooks.",
  }),
  include_text: z.boolean().openapi({
    description: 'Whether texts are sent: the goal, and previews of questions, results, notes and errors.',
  }),
  description: z.string().max(MOST_DESCRIPTION).nullable().openapi({ description: "The caller's own words." }),
  enabled: z.boolean().openapi({
    description: 'A disabled webhook is told of nothing new, and what waits for it is put aside until it is enabled.',
  }),
};

export const NewWebhookJson = z
  .strictObject({
    ...settings,
    events: settings.events.default(null),
    format: settings.format.default('standard'),
    include_text: settings.include_text.default(false),
    description: settings.description.default(null),
    enabled: settings.enabled.default(true),
  })
  .openapi('NewWebhook', { description: `A user has at most ${MOST_WEBHOOKS} of their own.` });

export const WebhookChangeJson = changeOf(settings).openapi('WebhookChange');

export const WebhookJson = z
  .object({
    id: z.string().openapi({ example: 'whk_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
    ...settings,
    managed_by: z.enum(['user', 'operator']).openapi({
      description: "`operator`: the user's `notify_url`, which only the operator can change.",
    }),
    disabled_reason: z.string().nullable().openapi({ description: 'A sentence, where it was disabled by itself.' }),
    failing_since: instant()
      .nullable()
      .openapi({ description: 'No attempt has been a success since. Null: the last was.' }),
    created_at: instant(),
    updated_at: instant(),
  })
  .openapi('Webhook');

export const WebhookWithSecretJson = WebhookJson.extend({
  secret: ShownOnce,
}).openapi('WebhookWithSecret');

export const DeliveryJson = z
  .object({
    event_id: z.string().openapi({
      description: 'Names the notice: the `webhook-id` of each attempt, here and at other webhooks.',
      example: 'evt_5b0c8f2e6a7d4c1b9e3f5a6d7c8e9f0a',
    }),
    type: z.enum([...NOTICES, TEST_NOTICE]),
    at: instant(),
    session_id: z.string().nullable(),
    status: z.enum(['pending', 'held', 'delivered', 'given_up']).openapi({
      description:
        '`held`: the webhook is disabled. `given_up`: nobody took it in eighteen attempts within three days.',
    }),
    attempts: z.int().openapi({ description: 'Since it was made, or last asked for.' }),
    attempted_at: instant().nullable(),
    next_attempt_at: instant().nullable(),
    delivered_at: instant().nullable(),
    status_code: z.int().nullable().openapi({ description: 'What the last attempt was answered; null: nothing.' }),
    error: z.string().nullable().openapi({ description: 'How the last attempt failed.' }),
  })
  .openapi('WebhookDelivery');

export const webhookJson = (view: WebhookView): z.infer<typeof WebhookJson> => ({
  id: view.id,
  url: view.url,
  events: view.events,
  format: view.format,
  include_text: view.includeText,
  description: view.description,
  enabled: view.enabled,
  managed_by: view.managedBy,
  disabled_reason: view.disabledReason,
  failing_since: isoOrNull(view.failingSince),
  created_at: iso(view.createdAt),
  updated_at: iso(view.updatedAt),
});

export const deliveryJson = (delivery: WebhookDelivery): z.infer<typeof DeliveryJson> => ({
  event_id: delivery.eventId,
  type: delivery.type,
  at: iso(delivery.at),
  session_id: delivery.sessionId,
  status: delivery.status,
  attempts: delivery.attempts,
  attempted_at: isoOrNull(delivery.attemptedAt),
  next_attempt_at: isoOrNull(delivery.nextAttemptAt),
  delivered_at: isoOrNull(delivery.deliveredAt),
  status_code: delivery.statusCode,
  error: delivery.error,
});
