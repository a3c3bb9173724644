/**
 * What Stripe tells: which subscription is paid and which checkout, from which follow tier, budget, renewal and top-ups (docs/payments.md). The signature
 * stands in place of a key, so this stands before the rest of /v1, where keys are asked for.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { paidUntil } from '../../payments/paid-invoices.ts';
import {
  readStripe,
  StripeEvent,
  type StripeObject,
  type StripeReading,
  USER_FIELD,
} from '../../payments/stripe-object.ts';
import { type Code, Problem } from '../../problem.ts';
import { type SignatureVerdict, TOLERANCE_SECONDS, verify } from '../auth/stripe-signature.ts';
import { jsonRequest, readBody } from '../body.ts';
import type { HttpEnv, Ready, StripeAccess } from '../deps.ts';
import { described, invalid } from '../problems.ts';
import { json } from '../schemas.ts';
import { withHints } from '../wake-session.ts';

/** An event holds one object of Stripe's, with at most some dozen items or lines. Whoever sends more than this has not been checked yet. */
const MOST_BYTES = 262_144;

const Taken = z
  .object({
    id: z.string().openapi({ example: 'evt_1SFq2eLkdIwHu7ixY6d0Zp3C' }),
    effect: z.enum(['counted', 'waiting', 'refused', 'ignored']).openapi({
      description:
        '`counted`: budget and top-ups of the user are what Stripe told by now, by this event and all before. `waiting`: kept, until its user is known and made. `refused`: paid, but it cannot be counted. `ignored`: it moves no money.',
    }),
    detail: z.string().openapi({ description: 'A sentence for the person who looks at the delivery at Stripe.' }),
  })
  .openapi('StripeEventTaken');
type Outcome = Omit<z.infer<typeof Taken>, 'id'>;

const REFUSALS: Code[] = [
  ...(['invalid_json', 'bad_signature', 'not_found', 'payload_too_large', 'invalid_request'] as const),
  ...(['internal_error', 'unavailable'] as const),
];

const StripeEventJson = z.looseObject(StripeEvent.shape).openapi('StripeEvent', {
  description: 'An event of a Stripe account, as Stripe signs it. Fields that are not named here are ignored.',
});

const events = (deps: Ready) =>
  createRoute({
    method: 'post',
    path: '/v1/hooks/stripe',
    operationId: 'receiveStripeEvent',
    summary: 'What Stripe tells of payments: in any order, and as often as it likes',
    description:
      "For the endpoint of a Stripe account, signed with `STRIPE_WEBHOOK_SECRET` over the raw body. Stripe sends again whatever is not answered with 200. 404 where the secret is not set. Events of other types and of connected accounts are ignored; those of Stripe's other mode are refused.",
    tags: ['hooks'],
    security: [{ StripeSignature: [] }],
    middleware: [signed(deps)] as const,
    request: { body: { ...json(StripeEventJson), required: true } },
    responses: { ...described(...REFUSALS), 200: { ...json(Taken), description: 'Taken. It need not be sent again.' } },
  });

/** Nothing of the body is looked at before its signature was. */
const signed = (deps: Ready) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const { secrets } = accessOf(deps);
    const body = await readBody(c.req.raw, MOST_BYTES);
    const verdict = verify(secrets, { header: c.req.header('stripe-signature'), body, now: deps.time.now() });
    if (verdict !== 'genuine') throw unsigned(verdict);
    c.req.raw = jsonRequest(c.req.raw, body);
    await next();
  });

function accessOf({ stripe }: Ready): StripeAccess {
  if (stripe && stripe.secrets.length > 0) return stripe;
  throw new Problem(
    'not_found',
    'This deployment takes no events of Stripe, because STRIPE_WEBHOOK_SECRET is not set. Nothing was done; set it to the signing secret of the endpoint.',
  );
}

const WHY: Record<Exclude<SignatureVerdict, 'genuine'>, string> = {
  missing: 'The message has no signature (`Stripe-Signature: t=<seconds>,v1=<hex>`).',
  forged: 'The signature does not fit the message: another secret, or not the bytes that were signed.',
  stale: `The message was signed more than ${TOLERANCE_SECONDS / 60} minutes ago, or in the future.`,
};

const unsigned = (verdict: keyof typeof WHY) =>
  new Problem(
    'bad_signature',
    `${WHY[verdict]} Nothing was counted; compare STRIPE_WEBHOOK_SECRET with the signing secret of the endpoint, and send it again.`,
  );

export const stripe = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(events(deps), async (c) => {
    const event = c.req.valid('json');
    const outcome = await outcomeOf(deps, event);
    const { id, type } = event;
    const level = outcome.effect === 'refused' ? 'error' : 'info';
    deps.log({ level, message: 'stripe event', event: id, type, ...outcome });
    return c.json({ id, ...outcome }, 200);
  });

async function outcomeOf(deps: Ready, event: z.infer<typeof StripeEvent>): Promise<Outcome> {
  const { livemode } = accessOf(deps);
  if (event.account) return { effect: 'ignored', detail: 'It is of a connected account, and only your own counts.' };
  const reading = readingOf(event);
  if ('ignored' in reading) return { effect: 'ignored', detail: reading.ignored };
  if (event.livemode !== livemode) throw ofOtherMode(event.livemode);
  const { object, note } = reading;
  const formerId = await deps.payments.userOf(object.id);
  await deps.payments.keep(object);
  const userId = await deps.payments.userOf(object.id);
  const settled = userId === null ? null : await settle(deps, userId, { isNews: true });
  // Two users must not have one plan. Where the object names nobody any more, no other has it, and it stays till it ends.
  if (formerId !== null && userId !== null && formerId !== userId) await settle(deps, formerId, { isNews: true });
  if (note !== null) return { effect: 'refused', detail: note };
  if (userId === null)
    return { effect: 'waiting', detail: `It is kept. It counts once it is known whose it is (${USER_FIELD}).` };
  if (!settled) return { effect: 'waiting', detail: `It is kept. It counts once there is a user ${userId}.` };
  if (settled.tooMuch)
    return {
      effect: 'refused',
      detail: `It is kept. The user ${userId} would have more money in one cycle than can be counted; lower the plan, and send the event again.`,
    };
  const told = `The budget of the user ${userId} is what Stripe has told by now.`;
  return { effect: 'counted', detail: `${told}${unpriced(deps, object)}${late(deps, object)}` };
}

/** A sentence where none of its prices is of a tier, since whoever pays for it then has nothing. */
function unpriced(deps: Ready, object: StripeObject): string {
  const { plans } = accessOf(deps);
  const prices = pricesOf(object);
  if (prices.length === 0 || prices.some((price) => Object.hasOwn(plans, price))) return '';
  return ` It gives no budget itself, because no tier has the price ${prices.join(' or ')} (TIER_STRIPE_PRICES).`;
}

/** A sentence where what an invoice pays for is over. */
function late({ time }: Ready, object: StripeObject): string {
  if (object.kind !== 'invoice') return '';
  const until = paidUntil(Math.max(...object.lines.map(({ endsAt }) => endsAt)));
  if (until > new Date(time.now()).toISOString().slice(0, 10)) return '';
  return ` The period of this invoice has ended. What it gives counts in the running cycle, or with the next paid one.`;
}

function pricesOf(object: StripeObject): string[] {
  if (object.kind === 'subscription') return object.prices;
  return object.kind === 'invoice' ? [...new Set(object.lines.map(({ price }) => price))] : [];
}

/** Gives a user what is paid, and wakes the sleepers that can use it. Null: there is no such user, or no payments are taken here. */
export async function settle({ stripe, ...deps }: Ready, userId: string, options: { isNews: boolean }) {
  if (!stripe) return null;
  return withHints(
    deps,
    userId,
    () => deps.payments.settle(userId, stripe.plans, options),
    (settled) => settled?.nudged === true,
  );
}

function readingOf(event: z.infer<typeof StripeEvent>): StripeReading {
  try {
    return readStripe(event);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw invalid(error.issues.map(({ path, message }) => ({ path: ['data.object', ...path].join('.'), message })));
  }
}

const ofOtherMode = (livemode: boolean) =>
  new Problem(
    'invalid_request',
    `The event is of Stripe's ${livemode ? 'live' : 'test'} mode, and STRIPE_MODE says that only events of the other one count. Nothing was counted; correct the endpoint or the setting, and send it again.`,
  );
