/** Templates of sessions: what schedules and inbound triggers keep, and read anew each time they start a session. */
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Ordered, User } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import type { Ordering } from './deps.ts';
import { iso } from './iso.ts';
import { full } from './permits.ts';
import { invalid } from './problems.ts';
import { moneyIn } from './schemas.ts';
import { order, Wanted } from './session-order.ts';

/** The most bytes of a template: a sweep reads many of them at a time, and a list shows a hundred. */
const MOST_BYTES = 65_536;

/** The body of POST /v1/sessions without its limit of cost, which stands beside the template and is not optional there. */
export const Template = Wanted.omit({ max_cost_microdollars: true }).openapi('SessionTemplate', {
  description:
    'The body of `POST /v1/sessions`, of at most 64 KiB. Read anew at each start: what it leaves out is as this deployment has it then.',
});

/** What is kept of a valid body: its template as it was sent, if it has one. Throws `invalid_request` for one that is too large. */
export async function sentTemplate(c: Context): Promise<Record<string, unknown> | undefined> {
  const { template } = (await c.req.json()) as { template?: Record<string, unknown> };
  const bytes = template === undefined ? 0 : Buffer.byteLength(JSON.stringify(template));
  if (bytes <= MOST_BYTES) return template;
  throw invalid([{ path: 'template', message: `Must be at most ${MOST_BYTES} bytes as JSON, and has ${bytes}` }]);
}

export const MaxCost = moneyIn(1).openapi({
  format: 'int64',
  description: 'The most that each session may ever cost.',
});

type Start = {
  template: z.infer<typeof Template>;
  maxCost: bigint;
  /** Added to the template's: the caller's own names there give way. */
  metadata?: Record<string, string>;
  /** Follows the goal. */
  more?: string;
};

/** The session that a template starts. Throws the problem of what cannot be had, as POST /v1/sessions does. */
export async function orderOf(
  deps: Ordering,
  user: User,
  start: Start,
): Promise<Extract<Ordered, { session: object }>> {
  const { template, maxCost, metadata, more } = start;
  const session = await order(deps, user, {
    ...template,
    goal: more === undefined ? template.goal : `${template.goal}\n\n${more}`,
    max_cost_microdollars: Number(maxCost),
    metadata: { ...template.metadata, ...metadata },
  });
  const mostLive = deps.tierSessions[user.tier] ?? null;
  return { session, mostLive, full: full(user.tier, mostLive ?? undefined).detail };
}

/** What a schedule keeps, as the shape that it was checked for when it was made; throws if a newer version of the contract refuses it. */
export function readTemplate(kept: Record<string, unknown>): z.infer<typeof Template> {
  const parsed = Template.safeParse(kept);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem(
    'invalid_request',
    `The template is not valid any more: ${issue?.path.join('.')}: ${issue?.message}. Nothing was started and nothing was spent; change the template.`,
  );
}

type Kept = { id: string; userId: string; template: Record<string, unknown>; maxCost: bigint };

/** The session of a schedule's run, for its sweep: a sentence where it cannot be had. What is away is thrown. */
export async function orderRun(deps: Ordering, schedule: Kept, dueAt: number): Promise<Ordered> {
  try {
    const user = await deps.accounts.getUser(schedule.userId);
    if (!user) return { refused: 'The user is not there any more. Nothing was started and nothing was spent.' };
    return await orderOfSchedule(deps, user, schedule, dueAt);
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return { refused: error.detail };
    throw error;
  }
}

/** The same for a request of its user: throws the problem. */
export const orderOfSchedule = (deps: Ordering, user: User, { id, template, maxCost }: Kept, dueAt: number) =>
  orderOf(deps, user, {
    template: readTemplate(template),
    maxCost,
    metadata: { schedule_id: id, due_at: iso(dueAt) },
  });
