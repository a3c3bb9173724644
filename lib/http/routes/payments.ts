/**
 * What others tell us by signed messages: that a payment came in, which becomes a top-up. The signature stands in place of a key, so this
 * stands before the rest of /v1, where keys are asked for.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { type Code, Problem } from '../../problem.ts';
import { sha256 } from '../auth/api-keys.ts';
import { type SignatureVerdict, TOLERANCE_SECONDS, verify } from '../auth/webhook-signature.ts';
import { jsonRequest, readBody } from '../body.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { described, invalid, notFound } from '../problems.ts';
import { json, moneyIn } from '../schemas.ts';
import { tooMuchAdded } from '../sums.ts';
import { withHints } from '../wake-session.ts';

/** A payment is some hundred bytes; whoever sends more than this has not been checked yet. */
const MOST_BYTES = 65_536;
/** Payments count under keys that no user can send (IdempotencyKey takes printable characters only), so that nobody can be first with one. */
export const PAYMENT = 'payment\n';
const PATH = '/v1/hooks/payments';

const Event = z
  .looseObject({
    id: z.string().regex(/^[\x20-\x7e]{1,200}$/, 'Must be 1 to 200 printable ASCII characters'),
    type: z.string(),
  })
  .openapi('PaymentEvent', {
    example: { id: 'evt_1', type: 'payment.succeeded', user_id: 'ada', amount_microdollars: 5_000_000 },
    description: 'Of the type `payment.succeeded` it has the fields of a Payment; all other types are taken and left.',
  });

const Payment = Event.extend({
  type: z.literal('payment.succeeded'),
  user_id: z.string().min(1).max(128),
  amount_microdollars: moneyIn(1),
  spread: z.enum(['today', 'cycle']).default('cycle'),
});

const Taken = z
  .object({
    id: z.string(),
    credited_microdollars: z.int().openapi({
      format: 'int64',
      description: 'What the user has by this event, however often it is delivered. 0: it is about something else.',
    }),
  })
  .openapi('PaymentTaken');

const REFUSALS: Code[] = [
  ...(['invalid_json', 'bad_signature', 'not_found', 'idempotency_conflict', 'payload_too_large'] as const),
  ...(['invalid_request', 'internal_error', 'unavailable'] as const),
];

const payments = (deps: Ready) =>
  createRoute({
    method: 'post',
    path: PATH,
    operationId: 'receivePayment',
    summary: 'Credit a payment: once, by its event id, however often it is sent',
    description:
      'Signed with `PAYMENTS_WEBHOOK_SECRET` as Stripe signs (`Stripe-Signature: t=…,v1=…`), over the raw body. Send again whatever is not answered with 200 or 202. 404 where no secret is set.',
    tags: ['hooks'],
    security: [{ PaymentSignature: [] }],
    middleware: [signed(deps)] as const,
    request: { body: { ...json(Event), required: true } },
    responses: {
      ...described(...REFUSALS),
      200: { ...json(Taken), description: 'The user has the money.' },
      202: { ...json(Taken), description: 'It is about something else; nothing was done.' },
    },
  });

/** Nothing of the body is looked at before its signature was. */
const signed = (deps: Ready) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const secrets = deps.paymentSecrets ?? [];
    if (secrets.length === 0) throw notFound('route');
    const body = await readBody(c.req.raw, MOST_BYTES);
    const verdict = verify(secrets, { header: c.req.header('stripe-signature'), body, now: deps.time.now() });
    if (verdict !== 'genuine') throw unsigned(verdict);
    c.req.raw = jsonRequest(c.req.raw, body);
    await next();
  });

const WHY: Record<Exclude<SignatureVerdict, 'genuine'>, string> = {
  missing: 'The message has no signature (`Stripe-Signature: t=<seconds>,v1=<hex>`).',
  forged: 'The signature does not fit the message: another secret, or not the bytes that were signed.',
  stale: `The message was signed more than ${TOLERANCE_SECONDS / 60} minutes ago, or in the future.`,
};

const unsigned = (verdict: keyof typeof WHY) =>
  new Problem(
    'bad_signature',
    `${WHY[verdict]} Nothing was credited; sign the raw body with the payment secret and the present time, and send it again.`,
  );

export const hooks = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>().openapi(payments(deps), async (c) => {
    const event = c.req.valid('json');
    if (event.type !== 'payment.succeeded') return c.json({ id: event.id, credited_microdollars: 0 }, 202);
    const payment = Payment.safeParse(event);
    if (!payment.success) {
      const faults = payment.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      throw invalid(faults);
    }
    await credit(deps, payment.data);
    return c.json({ id: event.id, credited_microdollars: payment.data.amount_microdollars }, 200);
  });

async function credit(deps: Ready, { id, user_id: userId, amount_microdollars, spread }: z.infer<typeof Payment>) {
  if (!(await deps.accounts.getUser(userId))) {
    throw new Problem(
      'not_found',
      'There is no such user. Nothing was credited; make the user and send the event again.',
    );
  }
  const once = { key: PAYMENT + id, fingerprint: sha256(`${userId}\n${amount_microdollars}\n${spread}`) };
  const answer = await withHints(
    deps,
    userId,
    () => deps.accounts.topUp(userId, BigInt(amount_microdollars), spread, once),
    (view) => view !== 'conflict' && !('tooMuch' in view),
  );
  if (answer === 'conflict') {
    throw new Problem(
      'idempotency_conflict',
      'An event of this id has credited another amount to this user. Nothing was credited now; the first one stands.',
    );
  }
  if ('tooMuch' in answer) throw tooMuchAdded(BigInt(amount_microdollars), answer);
}
