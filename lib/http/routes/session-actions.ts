import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { MOST_UNTAKEN } from '../../core/inbox.ts';
import { dollars } from '../../core/runtime-messages.ts';
import type { QueueMessage, SessionCommand, SessionView, User } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import { Attachments, attachmentsOf, refusedAttachment } from '../attachments.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { ended } from '../file-refusals.ts';
import { conflict, operationOf } from '../idempotency.ts';
import { notFound, OF_BODIES } from '../problems.ts';
import * as render from '../render.ts';
import { answers, body, IdempotencyKey, SessionId, SessionJson, text } from '../schemas.ts';
import { withWakeUp } from '../wake-session.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

type IdempotencyHeader = { 'Idempotency-Key'?: string };
type Verb = 'pause' | 'resume' | 'cancel' | 'wake';

const SUMMARIES: Record<Verb, string> = {
  pause: 'Stop at the next safe point until resumed; running model calls are cut',
  resume: 'Go on after a pause',
  cancel: 'End it for good; what it wrote stays readable',
  wake: 'Move now instead of at wake_at; refused while the allowance has nothing left for a step',
};

const DESCRIPTIONS: Record<Verb, string> = {
  pause: 'What a cut call has cost is charged. Nothing is lost: the session goes on from its last save.',
  resume: 'Also where an error paused it. A session that is not paused stays as it is.',
  cancel: 'A call under way is cut and charged. The session cannot go on after this.',
  wake: 'A session that works already stays as it is. `allowance_used` says what is needed and what is available.',
};

const route = <V extends Verb>(verb: V) =>
  createRoute({
    method: 'post',
    path: `/v1/sessions/{id}/${verb}` as const,
    operationId: `${verb}Session`,
    summary: SUMMARIES[verb],
    description: DESCRIPTIONS[verb],
    tags,
    security,
    request: { params: SessionId, headers: IdempotencyKey },
    responses: answers(
      200,
      SessionJson,
      'The session.',
      ...OF_BODIES,
      'not_found',
      'allowance_used',
      'session_ended',
      'idempotency_conflict',
      'unavailable',
    ),
  });

const say = createRoute({
  method: 'post',
  path: '/v1/sessions/{id}/messages',
  operationId: 'postMessage',
  summary: "Answer the agent's question, or steer it at its next safe point",
  description:
    'Taken at the next safe point, and kept until then. A sleeper wakes for it only if the allowance has room for a step. Its attachments are files of the workspace; message and files are taken together or not at all.',
  tags,
  security,
  request: {
    params: SessionId,
    headers: IdempotencyKey,
    body: body(z.strictObject({ content: text(), attachments: Attachments }).openapi('NewMessage')),
  },
  responses: answers(
    202,
    SessionJson,
    'Taken.',
    ...OF_BODIES,
    'not_found',
    'session_ended',
    'inbox_full',
    'file_clash',
    'workspace_full',
    'idempotency_conflict',
    'unavailable',
  ),
});

export function pending(deps: Ready) {
  const asked = async (user: User, { id }: { id: string }, headers: IdempotencyHeader, command: SessionCommand) =>
    render.session(await ask(deps, { userId: user.id, sessionId: id }, headers['Idempotency-Key'], command));
  return new OpenAPIHono<HttpEnv>()
    .openapi(route('pause'), async (c) =>
      c.json(await asked(c.get('user'), c.req.valid('param'), c.req.valid('header'), { type: 'pause' }), 200),
    )
    .openapi(route('resume'), async (c) =>
      c.json(await asked(c.get('user'), c.req.valid('param'), c.req.valid('header'), { type: 'resume' }), 200),
    )
    .openapi(route('cancel'), async (c) =>
      c.json(await asked(c.get('user'), c.req.valid('param'), c.req.valid('header'), { type: 'cancel' }), 200),
    )
    .openapi(route('wake'), async (c) =>
      c.json(await asked(c.get('user'), c.req.valid('param'), c.req.valid('header'), { type: 'wake' }), 200),
    )
    .openapi(say, async (c) => {
      const command: SessionCommand = { type: 'message', ...attachmentsOf(c.req.valid('json')) };
      return c.json(await asked(c.get('user'), c.req.valid('param'), c.req.valid('header'), command), 202);
    });
}

/** Writes the command, hints, and waits a moment for a worker to have taken it. Throws `not_found`, `session_ended` or `inbox_full`. */
async function ask(
  deps: Ready,
  whose: QueueMessage,
  key: string | undefined,
  command: SessionCommand,
): Promise<SessionView> {
  const { userId, sessionId } = whose;
  if (command.type === 'wake') await canPay(deps, whose);
  const operation = operationOf(key);
  const answer = await withWakeUp(deps, whose, () => deps.userSessions.command(userId, sessionId, command, operation));
  if (!answer) throw notFound();
  if (answer === 'conflict') throw conflict();
  if (answer === 'full') throw full();
  if ('refused' in answer) throw refusedAttachment(answer);
  const granted = command.type === 'cancel' && answer.view.outcome === 'cancelled';
  if (answer.ended && !granted) throw ended(answer.view);
  return taken(deps, answer.view, command);
}

/**
 * Throws `allowance_used` for a sleeper that another step does not fit: waking would only buy the hand-off note once more. What money does
 * meanwhile is not foreseen here; the ceiling holds in any case.
 */
async function canPay(deps: Ready, { userId, sessionId }: QueueMessage): Promise<void> {
  const view = await deps.userSessions.get(userId, sessionId);
  if (view?.sleepReason !== 'allowance' || (!view.pastThreshold && !view.fellShort && view.available >= view.needed))
    return;
  const why = whyAsleep(view);
  const next =
    view.wakeAt === null
      ? 'it does not wake by itself, so wake it again once a new day or a top-up makes room'
      : view.dailyBudget === 0n
        ? 'it goes on once a renewal or a top-up brings money'
        : `it wakes by itself at ${new Date(view.wakeAt).toISOString()}, or sooner where a top-up makes room`;
  throw new Problem('allowance_used', `${why}. Nothing was done and nothing was spent; ${next}.`);
}

function whyAsleep({ sleepLimit: limit, ...view }: SessionView): string {
  const [needed, available] = [view.needed, view.available].map(dollars);
  if (limit === 'cycle') return 'The cycle has no money left, or none is paid for it';
  if (limit === 'wind_down') return "90 % of today's allowance is spent, and the rest is for hand-offs";
  if (limit === 'share')
    return view.pastThreshold
      ? "90 % of its share of today's allowance is spent, and the rest is for its hand-off"
      : `Its share of the day has no room for a step of at least ${needed}`;
  return view.available < view.needed
    ? `The next step needs at least ${needed}, and ${available} is free below today's ceiling`
    : `A step of at least ${needed} did not fit beside what others held or kept, so it has handed off for today`;
}

/**
 * The view in which the command came true, or the latest there is when `settleMs` have passed: the command is saved either way. A view shows
 * every command at once but the end of a cancelled session, which only a worker can bring about.
 */
async function taken(deps: Ready, first: SessionView, command: SessionCommand): Promise<SessionView> {
  const { settleMs } = deps.limits;
  let view = first;
  let waited = 0;
  for (let ms = 40; command.type === 'cancel' && view.completedAt === null && waited < settleMs; ms *= 2) {
    const pause = Math.min(ms, settleMs - waited);
    await deps.time.sleep(pause);
    waited += pause;
    const latest = await deps.userSessions.get(view.userId, view.id);
    if (!latest) return view;
    view = latest;
  }
  return view;
}

export const full = () =>
  new Problem(
    'inbox_full',
    `With this message more than ${MOST_UNTAKEN.messages} messages or ${MOST_UNTAKEN.characters} characters would wait for the session, which takes them in when it next moves. ` +
      'This one was not taken and nothing was spent; resume the session if it is paused, and send it again once it has moved.',
  );
