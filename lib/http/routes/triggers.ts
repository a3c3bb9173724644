import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../../ids.ts';
import type { Trigger, TriggerAction, User } from '../../ports/index.ts';
import { mintSecret, ShownOnce } from '../auth/signing-secrets.ts';
import { changeOf } from '../change-of.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once, operationOf, replayed } from '../idempotency.ts';
import { iso, isoOrNull } from '../iso.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import { tooManyOf } from '../schedule-json.ts';
import {
  answers,
  body,
  cursorParam,
  IdempotencyKey,
  instant,
  limitParam,
  listOf,
  money,
  nameIn,
  SessionId,
} from '../schemas.ts';
import { MaxCost, orderOf, sentTemplate, Template } from '../templates.ts';

const tags = ['schedules'];
const security = [{ UserKey: [] }];

const TriggerId = SessionId.extend({
  id: SessionId.shape.id.openapi({ description: 'The `id` of a trigger.', example: 'trg_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
});

const wanted = {
  name: nameIn().openapi({ description: 'The agent is told it beside the message.' }),
  template: Template.optional().openapi({
    description: 'A genuine message starts a session from it. The message follows the goal.',
  }),
  max_cost_microdollars: MaxCost.optional(),
  session_id: SessionId.shape.id.optional().openapi({
    description: 'In place of a template: a genuine message is said to this session.',
  }),
};
const Wanted = z.strictObject(wanted).openapi('NewTrigger', {
  example: { name: 'Mail', template: { goal: 'Answer the message.' }, max_cost_microdollars: 500_000 },
});
const Change = changeOf(wanted).openapi('TriggerChange');

export const TriggerJson = z
  .object({
    id: z.string().openapi({ example: 'trg_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
    name: z.string(),
    url: z.string().openapi({ description: 'Where messages go: a path of this API.' }),
    template: z.record(z.string(), z.unknown()).nullable().openapi({ description: 'As it was sent.' }),
    max_cost_microdollars: money().nullable(),
    session_id: z.string().nullable(),
    last_used_at: instant().nullable().openapi({ description: 'Of the last genuine message, to a minute.' }),
    created_at: instant(),
    updated_at: instant(),
  })
  .openapi('Trigger');
export const WithSecret = TriggerJson.extend({
  secret: ShownOnce.openapi({ example: 'whsec_…' }),
}).openapi('TriggerWithSecret');

const OF_ACTION = [
  'unknown_agent',
  'unknown_model',
  'retired_model',
  'unknown_tier',
  'no_budget',
  'not_found',
] as const;

const create = createRoute({
  method: 'post',
  path: '/v1/triggers',
  operationId: 'createTrigger',
  summary: 'Let another system start a session, or speak to one, by signed messages',
  description: 'With a template and its limit of cost, or with the id of a session.',
  ...{ tags, security },
  request: { headers: IdempotencyKey, body: body(Wanted) },
  responses: answers(
    201,
    WithSecret,
    'The trigger, with its secret. `Location` is its address.',
    ...OF_BODIES,
    ...OF_ACTION,
    'too_many_schedules',
    'idempotency_conflict',
  ),
});

const list = createRoute({
  method: 'get',
  path: '/v1/triggers',
  operationId: 'listTriggers',
  summary: 'Your triggers, newest first',
  description: 'Without their secrets, which nobody can read again.',
  ...{ tags, security },
  request: { query: z.object({ limit: limitParam(20, 100), cursor: cursorParam() }) },
  responses: answers(200, listOf(TriggerJson).openapi('TriggerList'), 'A page.', 'invalid_request'),
});

const get = createRoute({
  method: 'get',
  path: '/v1/triggers/{id}',
  operationId: 'getTrigger',
  summary: 'One trigger, without its secret',
  description: '`last_used_at` tells when a genuine message last came.',
  ...{ tags, security },
  request: { params: TriggerId },
  responses: answers(200, TriggerJson, 'The trigger.', 'not_found'),
});

const change = createRoute({
  method: 'patch',
  path: '/v1/triggers/{id}',
  operationId: 'changeTrigger',
  summary: 'Change its name, or what its messages do',
  description: 'Only what is given changes; a template comes with its limit of cost.',
  ...{ tags, security },
  request: { params: TriggerId, body: body(Change) },
  responses: answers(200, TriggerJson, 'The trigger.', ...OF_BODIES, ...OF_ACTION),
});

const rotate = createRoute({
  method: 'post',
  path: '/v1/triggers/{id}/rotate-secret',
  operationId: 'rotateTriggerSecret',
  summary: 'Make another secret; the one before counts for 24 hours more',
  description:
    'The new secret is shown this once. Replace it in the other system within the day. Of secrets that were replaced within a day the last four count.',
  ...{ tags, security },
  request: { params: TriggerId, headers: IdempotencyKey },
  responses: answers(200, WithSecret, 'The trigger, with its new secret.', ...OF_BODIES, 'not_found'),
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/triggers/{id}',
  operationId: 'deleteTrigger',
  summary: 'Delete it: its messages are refused from now on; its sessions go on',
  description: 'The sender then gets the same 401 as for a wrong signature.',
  ...{ tags, security },
  request: { params: TriggerId },
  responses: { ...problems('not_found'), 204: { description: 'It is gone.' } },
});

export const triggers = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(create, async (c) => {
      const user = c.get('user');
      const { name, ...said } = c.req.valid('json');
      const action = await actionOf(deps, user, said, await sentTemplate(c));
      if (!action) throw invalid([{ path: '', message: 'Must have a `template` or a `session_id`' }]);
      const secret = mintSecret();
      const trigger = { id: newId('trg'), name, secret, ...action };
      const key = c.req.valid('header')['Idempotency-Key'];
      const unique = key === undefined ? null : await once(c, key);
      const made = await deps.triggers.create(user.id, trigger, unique);
      if (made === 'conflict') throw conflict();
      if (made === 'full') throw tooManyOf('triggers');
      const before = made.id !== trigger.id;
      const headers = { Location: `/v1/triggers/${made.id}`, ...replayed(before), 'cache-control': 'no-store' };
      return c.json({ ...triggerJson(made), ...(!before && { secret }) }, 201, headers);
    })
    .openapi(list, async (c) => {
      const { limit, cursor = null } = c.req.valid('query');
      const { data, next } = await deps.triggers.list(c.get('user').id, { limit, cursor });
      return c.json({ data: data.map(triggerJson), next_cursor: next }, 200);
    })
    .openapi(get, async (c) => {
      const trigger = await deps.triggers.get(c.get('user').id, c.req.valid('param').id);
      if (!trigger) throw notFound('trigger');
      return c.json(triggerJson(trigger), 200);
    })
    .openapi(change, async (c) => {
      const user = c.get('user');
      const { name, ...said } = c.req.valid('json');
      const action = await actionOf(deps, user, said, await sentTemplate(c));
      const wanted = { ...(name !== undefined && { name }), ...(action && { action }) };
      const made = await deps.triggers.change(user.id, c.req.valid('param').id, wanted);
      if (!made) throw notFound('trigger');
      return c.json(triggerJson(made), 200);
    })
    .openapi(rotate, async (c) => {
      const secret = mintSecret();
      const operation = operationOf(c.req.valid('header')['Idempotency-Key']);
      const made = await deps.triggers.rotate(c.get('user').id, c.req.valid('param').id, secret, operation);
      if (!made) throw notFound('trigger');
      const answer = { ...triggerJson(made.trigger), ...(made.isNew && { secret }) };
      return c.json(answer, 200, { 'cache-control': 'no-store' });
    })
    .openapi(remove, async (c) => {
      if (!(await deps.triggers.remove(c.get('user').id, c.req.valid('param').id))) throw notFound('trigger');
      return c.body(null, 204);
    });

type Said = Omit<z.infer<typeof Change>, 'name'>;

/** What its messages shall do; null: nothing was said of that. Throws the problem of what cannot be. `kept`: the template as it was sent. */
async function actionOf(
  deps: Ready,
  user: User,
  said: Said,
  kept: Record<string, unknown> | undefined,
): Promise<TriggerAction | null> {
  const { template, max_cost_microdollars: cost, session_id: sessionId } = said;
  if (sessionId !== undefined) {
    if (template !== undefined || cost !== undefined)
      throw invalid([{ path: 'session_id', message: 'Stands in place of a template and its limit of cost' }]);
    if (!(await deps.userSessions.get(user.id, sessionId))) throw notFound();
    return { template: null, maxCost: null, sessionId };
  }
  if (template === undefined && cost === undefined) return null;
  if (template === undefined || kept === undefined)
    throw invalid([{ path: 'template', message: 'Is required beside a limit of cost' }]);
  if (cost === undefined) throw invalid([{ path: 'max_cost_microdollars', message: 'Is required beside a template' }]);
  await orderOf(deps, user, { template, maxCost: BigInt(cost) });
  return { template: kept, maxCost: BigInt(cost), sessionId: null };
}

const triggerJson = (trigger: Trigger) => ({
  id: trigger.id,
  name: trigger.name,
  url: `/v1/hooks/${trigger.id}`,
  template: trigger.template,
  max_cost_microdollars: trigger.maxCost === null ? null : render.money(trigger.maxCost),
  session_id: trigger.sessionId,
  last_used_at: isoOrNull(trigger.lastUsedAt),
  created_at: iso(trigger.createdAt),
  updated_at: iso(trigger.updatedAt),
});
