/**
 * Signed messages of other systems to a user's trigger. The signature stands in place of a key, so this stands before the rest of /v1, where
 * keys are asked for.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { newId } from '../../ids.ts';
import type { Trigger, User } from '../../ports/index.ts';
import { type Code, Problem } from '../../problem.ts';
import { sha256 } from '../auth/api-keys.ts';
import { genuineId } from '../auth/inbound-signature.ts';
import { nameOfKey, requestsOf, strangers } from '../auth/rate-limits.ts';
import { mintSecret } from '../auth/signing-secrets.ts';
import { readBody } from '../body.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { ended } from '../file-refusals.ts';
import { conflict } from '../idempotency.ts';
import { full as tooManySessions } from '../permits.ts';
import { described } from '../problems.ts';
import { json } from '../schemas.ts';
import { orderOf, readTemplate } from '../templates.ts';
import { untrusted } from '../untrusted.ts';
import { withWakeUp } from '../wake-session.ts';
import { full as inboxFull } from './session-actions.ts';

/** An event is some kilobytes; whoever sends more than this has not been checked yet. */
const MOST_BYTES = 65_536;

const Taken = z
  .object({
    session_id: z.string().openapi({ description: 'The session that was started or told; the same for each repeat.' }),
  })
  .openapi('MessageTaken');

const REFUSALS: Code[] = [
  ...(['bad_signature', 'payload_too_large', 'rate_limited', 'idempotency_conflict', 'no_budget'] as const),
  ...(['too_many_sessions', 'session_ended', 'inbox_full', 'invalid_request', 'unknown_agent'] as const),
  ...(['unknown_model', 'retired_model', 'unknown_tier', 'internal_error', 'unavailable'] as const),
];

const receive = createRoute({
  method: 'post',
  path: '/v1/hooks/{trigger}',
  operationId: 'receiveMessage',
  summary: 'Start a session, or tell one, by a signed message: once by its `webhook-id`, however often it is sent',
  description:
    'Signed as Standard Webhooks describe it, with the secret of the trigger, at most five minutes ago. The body is any text of at most 64 KiB. The agent is shown it as written by others.',
  tags: ['hooks'],
  security: [{ TriggerSignature: [] }],
  request: {
    params: z.object({
      trigger: z.string().openapi({
        description: 'The trigger, as `POST /v1/triggers` named it.',
        example: 'trg_01k9w3x8c2m4n6p8q0r2s4t6v8',
      }),
    }),
  },
  responses: {
    ...described(...REFUSALS),
    202: { ...json(Taken), description: 'Taken, now or by an earlier request.' },
  },
});

export function inbound(deps: Ready) {
  const guard = strangers(deps);
  /** Nothing is told of a message that is not genuine, not even whether its trigger is there. */
  const genuine = async (c: Context<HttpEnv>, id: string, body: Uint8Array) => {
    const comer = { kind: 'trigger', address: c.get('address'), who: nameOfKey(`trigger ${id}`) } as const;
    await guard.admit(comer);
    const found = /^trg_[0-9a-z]{26}$/.test(id) ? await deps.triggers.find(id) : null;
    const headers = {
      id: c.req.header('webhook-id'),
      timestamp: c.req.header('webhook-timestamp'),
      signature: c.req.header('webhook-signature'),
    };
    const messageId = genuineId(found?.secrets ?? [mintSecret()], headers, body, deps.time.now());
    if (found && messageId !== null) {
      await guard.letIn(comer);
      return { trigger: found.trigger, messageId };
    }
    await guard.failed(comer);
    throw unsigned();
  };
  return new OpenAPIHono<HttpEnv>().openapi(receive, async (c) => {
    const body = await readBody(c.req.raw, MOST_BYTES);
    const { trigger, messageId } = await genuine(c, c.req.valid('param').trigger, body);
    await requestsOf(deps, `trigger ${trigger.id}`, 'Too many messages to this trigger');
    const user = await deps.accounts.getUser(trigger.userId);
    if (!user) throw unsigned();
    const message = {
      body,
      messageId,
      text: untrusted({ triggerId: trigger.id, name: trigger.name, messageId, body }),
    };
    const sessionId = await (trigger.sessionId === null ? start : tell)(deps, user, trigger, message);
    await deps.triggers.used(user.id, trigger.id);
    return c.json({ session_id: sessionId }, 202);
  });
}

type Message = { body: Uint8Array; messageId: string; text: string };

/** Under a key that no user can send: IdempotencyKey takes printable characters only. */
const keyOf = (trigger: Trigger, { messageId }: Message): string => `trigger\n${trigger.id}\n${messageId}`;

async function start(deps: Ready, user: User, trigger: Trigger, message: Message): Promise<string> {
  const once = { key: keyOf(trigger, message), fingerprint: sha256(Buffer.from(message.body).toString('base64')) };
  // A repeat gets its session, whatever could be had now.
  const earlier = await deps.userSessions.earlier(user.id, once);
  if (earlier === 'conflict') throw conflict();
  if (earlier) return earlier.id;
  const { session, mostLive } = await orderOf(deps, user, {
    template: readTemplate(trigger.template ?? {}),
    maxCost: trigger.maxCost ?? 0n,
    metadata: { trigger_id: trigger.id, webhook_id: message.messageId },
    more: message.text,
  });
  const view = await withWakeUp(deps, { sessionId: session.id, userId: user.id }, () =>
    deps.userSessions.create(user.id, session, once, mostLive),
  );
  if (view === 'conflict') throw conflict();
  if (view === 'full') throw tooManySessions(user.tier, mostLive ?? undefined);
  return view.id;
}

async function tell(deps: Ready, user: User, trigger: Trigger, message: Message): Promise<string> {
  const sessionId = trigger.sessionId ?? newId('ses');
  const hint = { sessionId, userId: user.id };
  const operation = `op_${sha256(keyOf(trigger, message))}`;
  const command = { type: 'message', content: message.text } as const;
  const answer = await withWakeUp(deps, hint, () => deps.userSessions.command(user.id, sessionId, command, operation));
  if (!answer) throw sessionGone();
  if (answer === 'conflict') throw conflict();
  if (answer === 'full') throw inboxFull();
  if ('refused' in answer) throw sessionGone();
  if (answer.ended) throw ended(answer.view);
  return sessionId;
}

const unsigned = () =>
  new Problem(
    'bad_signature',
    'The message could not be taken for one of this trigger. Nothing was done and nothing was spent; check the address, the secret and the time, and sign the raw body.',
  );

const sessionGone = () =>
  new Problem(
    'session_ended',
    'The session of this trigger was deleted. Nothing was done and nothing was spent; name another session in the trigger.',
  );
