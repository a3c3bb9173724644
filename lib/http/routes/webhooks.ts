/** Where a user hears of notices: webhooks that users manage themselves, with a log of what was delivered. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../../ids.ts';
import { MOST_WEBHOOKS, type WebhookChange } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import { checkUrl } from '../../ssrf/url.ts';
import { mintSecret } from '../auth/signing-secrets.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once, operationOf, replayed } from '../idempotency.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import { answers, body, cursorParam, IdempotencyKey, idIn, limitParam, listOf } from '../schemas.ts';
import { announced } from '../wake-session.ts';
import {
  DeliveryJson,
  deliveryJson,
  NewWebhookJson,
  WebhookChangeJson,
  WebhookJson,
  WebhookWithSecretJson,
  webhookJson,
} from '../webhook-json.ts';

const shared = { tags: ['webhooks'], security: [{ UserKey: [] }] };
const name = (description: string, example: string) => idIn().openapi({ description, example });
const WebhookId = z.object({ webhook_id: name('The `id` of a webhook.', 'whk_01k9w3x8c2m4n6p8q0r2s4t6v8') });
const EventId = WebhookId.extend({
  event_id: name('The `event_id` of a delivery.', 'evt_5b0c8f2e6a7d4c1b9e3f5a6d7c8e9f0a'),
});

const create = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/webhooks',
  operationId: 'createWebhook',
  summary: 'Be told at an address of yours; its secret is shown this once',
  description:
    'Notices that come true from now on are sent there within about a minute, at least once, signed as Standard Webhooks describe it.',
  request: { headers: IdempotencyKey, body: body(NewWebhookJson) },
  responses: answers(
    201,
    WebhookWithSecretJson,
    'The webhook, with its secret. `Location` is its address.',
    ...OF_BODIES,
    'too_many_webhooks',
    'idempotency_conflict',
  ),
});

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/v1/webhooks',
  operationId: 'listWebhooks',
  summary: 'Your webhooks, the oldest first',
  description: 'All of them, without their secrets. One may be of the operator.',
  responses: answers(200, listOf(WebhookJson).openapi('WebhookList'), 'All of them.'),
});

const get = createRoute({
  ...shared,
  method: 'get',
  path: '/v1/webhooks/{webhook_id}',
  operationId: 'getWebhook',
  summary: 'One webhook',
  description: 'Without its secret.',
  request: { params: WebhookId },
  responses: answers(200, WebhookJson, 'The webhook.', 'not_found'),
});

const change = createRoute({
  ...shared,
  method: 'patch',
  path: '/v1/webhooks/{webhook_id}',
  operationId: 'changeWebhook',
  summary: 'Change its address, filter or format; enable or disable it',
  description: 'What is left out stays. Enabling sends what was put aside, as far as it is not older than 30 days.',
  request: { params: WebhookId, body: body(WebhookChangeJson) },
  responses: answers(200, WebhookJson, 'The webhook.', ...OF_BODIES, 'not_found', 'forbidden'),
});

const remove = createRoute({
  ...shared,
  method: 'delete',
  path: '/v1/webhooks/{webhook_id}',
  operationId: 'deleteWebhook',
  summary: 'Remove a webhook and its log',
  description: 'Nothing more is sent there, but for an attempt that is under way.',
  request: { params: WebhookId },
  responses: { ...problems('not_found', 'forbidden'), 204: { description: 'The webhook is removed.' } },
});

const rotate = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  summary: 'Another secret; it is shown this once',
  description:
    'For a day the secret before signs along, so that no message fails to verify while you replace it. Of secrets that were replaced within a day the last four do.',
  request: { params: WebhookId, headers: IdempotencyKey },
  responses: answers(
    200,
    WebhookWithSecretJson,
    'The webhook, with its new secret.',
    ...OF_BODIES,
    'not_found',
    'forbidden',
  ),
});

const test = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}/test',
  operationId: 'testWebhook',
  summary: 'Have a test sent, on the way that all notices go',
  description:
    'It is sent within about a minute, whatever the filter; the log says how it went. One test waits at a time.',
  request: { params: WebhookId },
  responses: answers(202, DeliveryJson, 'It waits to be sent.', ...OF_BODIES, 'not_found', 'webhook_disabled'),
});

const deliveries = createRoute({
  ...shared,
  method: 'get',
  path: '/v1/webhooks/{webhook_id}/deliveries',
  operationId: 'listWebhookDeliveries',
  summary: 'What was sent there and what waits, the newest first',
  description: 'Of the last 30 days. Those of a session go with it.',
  request: {
    params: WebhookId,
    query: z.object({ limit: limitParam(20, 100), cursor: cursorParam() }),
  },
  responses: answers(200, listOf(DeliveryJson).openapi('WebhookDeliveryList'), 'A page.', 'not_found'),
});

const redeliver = createRoute({
  ...shared,
  method: 'post',
  path: '/v1/webhooks/{webhook_id}/deliveries/{event_id}/redeliver',
  operationId: 'redeliverWebhook',
  summary: 'Have a notice sent again, under the id it has',
  description: 'It is sent within about a minute, whatever became of it before, and tried as often as a new one.',
  request: { params: EventId },
  responses: answers(202, DeliveryJson, 'It waits to be sent.', ...OF_BODIES, 'not_found', 'webhook_disabled'),
});

export const webhooks = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(create, async (c) => {
      const { include_text: includeText, ...settings } = c.req.valid('json');
      checkAddress(deps, settings.url);
      const secret = mintSecret();
      const webhook = { ...settings, includeText, id: newId('whk'), secret };
      const key = c.req.valid('header')['Idempotency-Key'];
      const unique = key === undefined ? null : await once(c, key);
      const made = await deps.webhooks.create(c.get('user').id, webhook, unique);
      if (made === 'conflict') throw conflict();
      if (made === 'full') throw tooMany();
      const before = made.id !== webhook.id;
      const headers = { Location: `/v1/webhooks/${made.id}`, ...replayed(before), 'cache-control': 'no-store' };
      return c.json({ ...webhookJson(made), ...(!before && { secret }) }, 201, headers);
    })
    .openapi(list, async (c) => {
      const all = await deps.webhooks.list(c.get('user').id);
      return c.json({ data: all.map(webhookJson), next_cursor: null }, 200);
    })
    .openapi(get, async (c) => {
      const found = await deps.webhooks.get(c.get('user').id, c.req.valid('param').webhook_id);
      if (!found) throw notFound('webhook');
      return c.json(webhookJson(found), 200);
    })
    .openapi(change, async (c) => {
      const { include_text: includeText, ...settings } = c.req.valid('json');
      if (settings.url !== undefined) checkAddress(deps, settings.url);
      const wanted = { ...settings, ...(includeText !== undefined && { includeText }) } as WebhookChange;
      return c.json(webhookJson(await changed(deps, c.get('user').id, c.req.valid('param').webhook_id, wanted)), 200);
    })
    .openapi(remove, async (c) => {
      const removed = await deps.webhooks.remove(c.get('user').id, c.req.valid('param').webhook_id);
      if (!removed) throw notFound('webhook');
      if (removed === 'managed') throw managed();
      return c.body(null, 204);
    })
    .openapi(rotate, async (c) => {
      const secret = mintSecret();
      const operation = operationOf(c.req.valid('header')['Idempotency-Key']);
      const { webhook_id: id } = c.req.valid('param');
      const made = await deps.webhooks.rotate(c.get('user').id, id, secret, operation);
      if (!made) throw notFound('webhook');
      if (made === 'managed') throw managed();
      const answer = { ...webhookJson(made.view), ...(made.isNew && { secret }) };
      return c.json(answer, 200, { 'cache-control': 'no-store' });
    })
    .openapi(test, async (c) => {
      const userId = c.get('user').id;
      await announced(deps, userId);
      const asked = await deps.webhooks.test(userId, c.req.valid('param').webhook_id, newId('evt'));
      return c.json(deliveryJson(waiting(asked)), 202);
    })
    .openapi(deliveries, async (c) => {
      const { limit, cursor = null } = c.req.valid('query');
      const id = c.req.valid('param').webhook_id;
      const page = await deps.webhooks.deliveries(c.get('user').id, id, { limit, cursor });
      if (!page) throw notFound('webhook');
      return c.json({ data: page.data.map(deliveryJson), next_cursor: page.next }, 200);
    })
    .openapi(redeliver, async (c) => {
      const { webhook_id: id, event_id: eventId } = c.req.valid('param');
      const userId = c.get('user').id;
      await announced(deps, userId);
      return c.json(deliveryJson(waiting(await deps.webhooks.redeliver(userId, id, eventId))), 202);
    });

/** What becomes due with it is found by the recovery cron, which is told to ask (R10). Throws `not_found` or `forbidden`. */
async function changed(deps: Ready, userId: string, id: string, wanted: WebhookChange) {
  if (wanted.enabled) await announced(deps, userId);
  const view = await deps.webhooks.change(userId, id, wanted);
  if (!view) throw notFound('webhook');
  if (view === 'managed') throw managed();
  return view;
}

function waiting<T extends object>(asked: T | 'disabled' | null): T {
  if (asked === null) throw notFound('webhook or delivery');
  if (asked === 'disabled') throw disabled();
  return asked;
}

function checkAddress({ notifyLoopback = false }: Ready, url: string): void {
  const checked = checkUrl(url, { loopback: notifyLoopback });
  if ('fault' in checked) throw invalid([{ path: 'url', message: checked.fault }]);
}

const tooMany = () =>
  new Problem(
    'too_many_webhooks',
    `You have ${MOST_WEBHOOKS} webhooks, and there may be no more. Nothing was made; remove one, or change one that you have.`,
  );

const managed = () =>
  new Problem(
    'forbidden',
    "This webhook is the operator's (`notify_url`), so only the operator can change it. Nothing was changed; make one of your own.",
  );

const disabled = () =>
  new Problem(
    'webhook_disabled',
    'The webhook is disabled, so nothing is sent there. Nothing was done; enable it, which also sends what was put aside.',
  );
