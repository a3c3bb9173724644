import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { utcDate } from '../../budget/instant.ts';
import type { User } from '../../ports/index.ts';
import { mintKey, prefixOfId } from '../auth/api-keys.ts';
import { expectKey } from '../auth/rate-limits.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { checkNotify, notifyFields, putNotify } from '../notification-target.ts';
import { unknown } from '../permits.ts';
import { notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import { answers, body, dayOrInstantIn, instant, json, listOf, moneyIn, UserJson } from '../schemas.ts';
import { forgetOwner } from '../snapshots.ts';
import { planTooLarge } from '../sums.ts';
import { withHints } from '../wake-session.ts';
import { warningsOf } from '../warnings.ts';
import { settle } from './stripe.ts';

const tags = ['admin'];
const security = [{ AdminKey: [] }];
const UserId = z.object({
  user_id: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z_.:@+-]{0,127}$/, 'Must be 1 to 128 letters, digits or any of _ . : @ + -')
    .openapi({ description: 'Your own name of the user.', example: 'ada' }),
});

const Change = z
  .strictObject({
    tier: z.string(),
    subscription_budget_microdollars: moneyIn(0),
    subscription_renewal_date: dayOrInstantIn().nullable().openapi({
      description:
        'The first UTC day of the next cycle. An instant stands for the UTC day that it lies in, and the new cycle begins at 00:00 UTC of it. One that has passed stands for its next monthly return. Null: nothing renews, and each day gets a thirtieth of what is left.',
    }),
    wake_policy: z.enum(['auto', 'manual']),
    max_daily_multiple: z.number().min(1).max(1_000).multipleOf(0.01).nullable().openapi({
      description:
        'No day gets more than so many times an even part of the subscription, so that money left over does not flood the last days. Null: no limit.',
    }),
    ...notifyFields,
  })
  .partial()
  .openapi('UserChange', {
    description:
      'Only what is given changes. A new user has the tier `standard`, and the budget of that tier, if the deployment sets one; else none.',
  });

export const ChangedUserJson = UserJson.extend({
  warnings: z.array(z.string()).openapi({
    description:
      'What the terms mean that may not be meant, in amounts: such as a renewal so near that one day may spend it all.',
  }),
}).openapi('ChangedUser');

const put = createRoute({
  method: 'put',
  path: '/v1/admin/users/{user_id}',
  operationId: 'putUser',
  summary: 'Create or change a user; a raise wakes its sleepers',
  description:
    'Only what is given changes. Payments of Stripe that waited for this user count at once. While a subscription at Stripe pays the plan, its next event sets tier, budget and renewal date again.',
  tags,
  security,
  request: { params: UserId, body: body(Change) },
  responses: answers(200, ChangedUserJson, 'The user.', ...OF_BODIES, 'unknown_tier', 'unavailable'),
});

const get = createRoute({
  method: 'get',
  path: '/v1/admin/users/{user_id}',
  operationId: 'getUser',
  summary: 'One user',
  description: 'Their plan and settings, without anything of their sessions.',
  tags,
  security,
  request: { params: UserId },
  responses: answers(200, UserJson, 'The user.', 'not_found', 'invalid_request'),
});

const addKey = createRoute({
  method: 'post',
  path: '/v1/admin/users/{user_id}/api-keys',
  operationId: 'createApiKey',
  summary: 'A new API key; it is shown this once',
  description: 'It works at once. A user may have several, each with a name.',
  tags,
  security,
  request: { params: UserId, body: json(z.strictObject({ name: z.string().max(200).nullish() }).openapi('NewApiKey')) },
  responses: answers(
    201,
    z.object({ id: z.string(), key: z.string() }).openapi('ApiKey'),
    'The key. Only its hash is kept.',
    ...OF_BODIES,
    'not_found',
  ),
});

export const KeyViewJson = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    prefix: z.string().openapi({ description: 'How the key begins; nothing else of it is known here.' }),
    created_at: instant(),
    last_used_at: instant().nullable().openapi({ description: 'To five minutes; null: never.' }),
    revoked_at: instant().nullable(),
  })
  .openapi('ApiKeyView');

const listKeys = createRoute({
  method: 'get',
  path: '/v1/admin/users/{user_id}/api-keys',
  operationId: 'listApiKeys',
  summary: "A user's API keys without their secrets, the oldest first; revoked ones too",
  description: 'With when each was used last, to a minute or so.',
  tags,
  security,
  request: { params: UserId },
  responses: answers(200, listOf(KeyViewJson).openapi('ApiKeyList'), 'All of them.', 'not_found', 'invalid_request'),
});

const revokeKey = createRoute({
  method: 'delete',
  path: '/v1/admin/users/{user_id}/api-keys/{key_id}',
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key; sessions started with it go on',
  description: 'Requests with it are refused from now on; an open stream ends within a minute.',
  tags,
  security,
  request: {
    params: UserId.extend({
      key_id: z
        .string()
        .regex(/^[0-9A-Za-z_-]{1,128}$/)
        .openapi({ description: 'The `id` of a key, not the key itself.' }),
    }),
  },
  responses: { ...problems('not_found', 'invalid_request'), 204: { description: 'The key is revoked.' } },
});

export const admin = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(put, async (c) => {
      const { user_id: id } = c.req.valid('param');
      const change = changeOf(c.req.valid('json'));
      checkNotify(deps, c.req.valid('json'));
      if (change.tier !== undefined && !Object.hasOwn(deps.tierModels, change.tier)) {
        throw unknown('tier', change.tier, Object.keys(deps.tierModels));
      }
      const firstBudget = deps.tierBudgets[change.tier ?? 'standard'];
      const answer = await withHints(
        deps,
        id,
        () => deps.accounts.putUser(id, { ...change, ...(firstBudget !== undefined && { firstBudget }) }),
        (changed) => 'nudged' in changed && changed.nudged,
      );
      if ('tooMuch' in answer) throw planTooLarge(change.budget ?? firstBudget ?? 0n, answer);
      const notify = await putNotify(deps, id, c.req.valid('json'));
      const user = (await settle(deps, id, { isNews: false })) ? await deps.accounts.getUser(id) : null;
      const warnings = await warned(deps, id, change.renewalDate ?? null);
      return c.json({ ...render.user(user ?? answer.user), ...notify, warnings }, 200, { 'cache-control': 'no-store' });
    })
    .openapi(get, async (c) => {
      const id = c.req.valid('param').user_id;
      const [user, url = null] = await Promise.all([deps.accounts.getUser(id), deps.alerts.target(id)]);
      if (!user) throw notFound('user');
      return c.json({ ...render.user(user), notify_url: url }, 200);
    })
    .openapi(addKey, async (c) => {
      const { key, ...row } = mintKey();
      const name = c.req.valid('json').name ?? null;
      if (!(await deps.accounts.addKey(c.req.valid('param').user_id, { ...row, name }))) throw notFound('user');
      await expectKey(deps, row.hash);
      return c.json({ id: row.id, key }, 201, { 'cache-control': 'no-store' });
    })
    .openapi(listKeys, async (c) => {
      const keys = await deps.accounts.keysOf(c.req.valid('param').user_id);
      if (!keys) throw notFound('user');
      return c.json({ data: keys.map(render.key), next_cursor: null }, 200);
    })
    .openapi(revokeKey, async (c) => {
      const { user_id: userId, key_id: keyId } = c.req.valid('param');
      if (!(await deps.accounts.revokeKey(userId, keyId))) throw notFound('API key');
      await forgetOwner(deps, prefixOfId(keyId));
      return c.body(null, 204);
    });

/** The change is made already: what cannot be read for a warning does not make it look as if it were not. */
async function warned(deps: Ready, id: string, asked: string | null): Promise<string[]> {
  try {
    return warningsOf(await deps.accounts.budget(id), asked);
  } catch (error) {
    deps.log({ level: 'warn', message: 'no warnings could be told', error: String(error) });
    return [];
  }
}

function changeOf(json: z.infer<typeof Change>): Partial<Omit<User, 'id'>> {
  const change: Partial<Omit<User, 'id'>> = {};
  if (json.tier !== undefined) change.tier = json.tier;
  if (json.subscription_budget_microdollars !== undefined)
    change.budget = BigInt(json.subscription_budget_microdollars);
  const { subscription_renewal_date: renewal } = json;
  if (renewal !== undefined) change.renewalDate = renewal === null ? null : utcDate(renewal);
  if (json.wake_policy !== undefined) change.wakePolicy = json.wake_policy;
  if (json.max_daily_multiple !== undefined) change.maxDailyMultiple = json.max_daily_multiple;
  return change;
}
