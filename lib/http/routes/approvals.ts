import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { CALL_ID } from '../../core/acceptance.ts';
import { ANSWERS, LONGEST_REASON } from '../../core/approval.ts';
import { misfits } from '../../core/json-schema.ts';
import type { AnsweredApproval, ApprovalReply, QueueMessage } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { ended } from '../file-refusals.ts';
import { conflict, operationOf } from '../idempotency.ts';
import { iso } from '../iso.ts';
import { invalid, notFound, OF_BODIES } from '../problems.ts';
import * as render from '../render.ts';
import {
  answers,
  body,
  cursorParam,
  IdempotencyKey,
  limitParam,
  SessionId,
  SessionJson,
  SessionList,
} from '../schemas.ts';
import { withWakeUp } from '../wake-session.ts';

const security = [{ UserKey: [] }];
const sha = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .openapi({ description: `The \`${what}\` of the question that is answered: one about anything else is not.` });

/** What a decision says. */
export const decisionFields = {
  decision: z.enum(ANSWERS).openapi({ description: '`edit`: run it with `input` in place of its own arguments.' }),
  input: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: 'Of `edit`, and of nothing else: all arguments of the call.' }),
  reason: z
    .string()
    .max(LONGEST_REASON)
    .optional()
    .openapi({ description: 'Told to the agent of a call that is denied.' }),
  args_sha: sha('args_sha'),
  tool_sha: sha('tool_sha'),
};

const Decision = z
  .strictObject(decisionFields)
  .refine(({ decision, input }) => (decision === 'edit') === (input !== undefined), {
    path: ['input'],
    message: 'Must be sent with `edit`, and with nothing else',
  })
  .openapi('ApprovalDecision');

const decide = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/approvals/{call_id}',
  operationId: 'decideApproval',
  summary: 'Approve, deny or edit a tool call that waits for you',
  description:
    'Decided once: an equal answer changes nothing, another one is `approval_closed`. The call runs with the arguments of the question, or with yours, and with no others. A message to the session withdraws its questions.',
  tags: ['sessions'],
  security,
  request: {
    params: SessionId.extend({
      call_id: z
        .string()
        .regex(CALL_ID)
        .openapi({ description: 'The `call_id` of a question.', example: 'toolu_01A09q90qw90lq917835lq9' }),
    }),
    headers: IdempotencyKey,
    body: body(Decision),
  },
  responses: answers(
    200,
    SessionJson,
    'Taken.',
    ...OF_BODIES,
    'not_found',
    'session_ended',
    'approval_closed',
    'approval_changed',
    'idempotency_conflict',
    'unavailable',
  ),
});

const list = createRoute({
  method: 'get',
  path: '/v1/inbox',
  operationId: 'listInbox',
  summary: 'All that waits for you: questions and approvals of all your sessions',
  description:
    'Sessions that wait, by since when they do. Those that are paused are not among them. Of long arguments `input_preview` shows the beginning; the session has them whole.',
  tags: ['sessions'],
  security,
  request: {
    query: z.object({
      limit: limitParam(20, 100),
      cursor: cursorParam(),
      order: z.enum(['newest', 'oldest']).default('newest').openapi({ description: 'Which come first.' }),
      kind: z.enum(['question', 'approval']).optional().openapi({ description: 'Only sessions that wait for this.' }),
    }),
  },
  responses: answers(200, SessionList, 'One page.', 'invalid_request'),
});

export const approvals = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(decide, async (c) => {
      const { id, call_id: callId } = c.req.valid('param');
      const { decision, input, reason, args_sha: argsSha, tool_sha: toolSha } = c.req.valid('json');
      const reply: ApprovalReply = {
        decision,
        ...(input && { input }),
        ...(reason !== undefined && { reason }),
        ...(argsSha !== undefined && { argsSha }),
        ...(toolSha !== undefined && { toolSha }),
      };
      const whose = { userId: c.get('user').id, sessionId: id };
      await decided(deps, whose, callId, reply, operationOf(c.req.valid('header')['Idempotency-Key']));
      const view = await deps.userSessions.get(whose.userId, id);
      if (!view) throw notFound();
      return c.json(render.session(view), 200);
    })
    .openapi(list, async (c) => {
      const { limit, cursor, order, kind } = c.req.valid('query');
      const page = { limit, cursor: cursor ?? null, order, kind };
      const { data, next } = await deps.userSessions.inbox(c.get('user').id, page);
      return c.json({ data: data.map(render.session), next_cursor: next }, 200);
    });

/** Writes the decision and hints. Throws the problem of one that could not be taken. */
async function decided(
  deps: Ready,
  whose: QueueMessage,
  callId: string,
  given: ApprovalReply,
  operation: string,
): Promise<void> {
  const { userId, sessionId } = whose;
  const reply = given.input ? await checked(deps, whose, callId, given) : given;
  const answer = await withWakeUp(deps, whose, () =>
    deps.userSessions.answer(userId, sessionId, callId, reply, operation),
  );
  if (answer === null) throw notFound();
  if (answer === 'absent') throw notFound('question');
  if (answer === 'conflict') throw conflict();
  if (answer === 'ended') {
    const view = await deps.userSessions.get(userId, sessionId);
    throw view ? ended(view) : notFound();
  }
  const refusal = refused(answer);
  if (refusal) throw refusal;
}

/** With the tool by whose schema the arguments were checked, so that they are taken for no other. What nobody asks about is found out by the answer itself. */
async function checked(deps: Ready, { userId, sessionId }: QueueMessage, callId: string, reply: ApprovalReply) {
  const asked = await deps.userSessions.approval(userId, sessionId, callId);
  if (asked === null || asked === 'absent') return reply;
  const faults = misfits(asked.schema, reply.input);
  if (faults.length > 0)
    throw invalid(faults.map(({ path, message }) => ({ path: path ? `input.${path}` : 'input', message })));
  return { toolSha: asked.toolSha, ...reply };
}

const CLOSED = {
  approve: 'It was approved before',
  edit: 'It was approved before, with other arguments',
  deny: 'It was denied before',
  expired: 'Nobody decided on it in time, so the question has expired',
  withdrawn: 'A message to the session has withdrawn the question',
} as const;

function refused(answer: Exclude<AnsweredApproval, string>): Problem | null {
  if ('decided' in answer)
    return new Problem(
      'approval_closed',
      `${CLOSED[answer.decided]}. This answer was not taken and nothing was spent on it; look at the session, and send it a message if you want something else.`,
    );
  if ('expired' in answer)
    return new Problem(
      'approval_closed',
      `The question expired at ${iso(answer.expired)}. This answer was not taken and the call does not run; the agent is told so, and may ask again.`,
    );
  if ('changed' in answer)
    return new Problem(
      'approval_changed',
      answer.changed === 'tool'
        ? 'A deployment has changed the tool since, and the question is about the tool as it is now. This answer was not taken and nothing ran; read the question again and answer it.'
        : 'The question is about other arguments than those that you answered. This answer was not taken and nothing ran; read the question again and answer it.',
    );
  return null;
}
