/**
 * Drive: the only loop. Claim, then next → perform → next until nothing is left to do. One invocation is one iteration at most; whatever
 * throws here ends it, and redelivery or the recovery cron repeats it from what was saved.
 */

import { randomUUID } from 'node:crypto';
import { LONGEST_DELAY_MS } from '../core/effect.ts';
import { type Input, unusable } from '../core/input.ts';
import { Memory } from '../core/memory.ts';
import { next } from '../core/next.ts';
import type { Claims, Reply, Session } from '../core/session.ts';
import { shapedAgent } from '../core/shaped-agent.ts';
import type { Step } from '../core/step.ts';
import { CRON_MS, LEASE_MS } from '../core/times.ts';
import { type Measures, measuresOfClaim, measuresOfSettlement } from '../observe/metrics.ts';
import { type Claim, FenceLost, type LiveView, type QueueMessage, Unstorable, type World } from '../ports/index.ts';
import { approvalRules } from './approvals.ts';
import { headsOf } from './heads.ts';
import { perform } from './perform.ts';
import type { Run } from './run.ts';
import { sessionWeb } from './web.ts';

/** A lease, and the minute in which the recovery cron comes by: what an invocation's end may outlive it by (R10). */
const AFTERMATH_MS = LEASE_MS + CRON_MS;
/** Delay of the hint that stands in for the recovery cron's marker: a lease has run out by then. */
const STAND_IN_MS = 60_000;

/** `remaining`: real milliseconds until the invocation is ended. */
export type InvocationLimits = { remaining: () => number };

export async function drive(world: World, hint: QueueMessage, { remaining }: InvocationLimits): Promise<void> {
  const invocation = randomUUID();
  const { watched } = await announce(world, hint, remaining());
  const claim = await world.sessions.claim(hint.sessionId, invocation).catch(async (error: unknown) => {
    await forgotten(world, hint);
    throw error;
  });
  if ('claimed' in claim) return notNow(world, hint, claim.retryInMs);
  const started = world.clock.elapsed();
  const session = await opened(world, claim);
  const from = session.fault ? 1 : session.memory.context.from;
  const run: Run = {
    id: hint.sessionId,
    userId: claim.facts.userId,
    fence: claim.fence,
    at: () => claim.at + Math.round(world.clock.elapsed() - started),
    remaining,
    watched,
    iteration: claim.iteration,
    desired: claim.pending.desired,
    checkedAt: started,
    files: null,
    shared: claim.shared,
    memory: null,
    from,
    past: null,
    web: sessionWeb(world, session, from),
    view: null,
  };
  logged(world, run, session, 'claimed', measuresOfClaim(claim.state, claim.attempts, claim.at));
  try {
    await loop(world, run, session, claim.claims);
    if (run.view) await mirrored(world, run.view);
    else await forgotten(world, { sessionId: run.id, userId: run.userId });
  } catch (error) {
    await forgotten(world, { sessionId: run.id, userId: run.userId });
    if (!(error instanceof FenceLost)) throw error;
    world.log({ level: 'info', message: 'another owner goes on', session: run.id, fence: run.fence });
  }
}

async function loop(world: World, run: Run, start: Session, claims: Claims): Promise<void> {
  let bought: Bought | null = null;
  let { session, effects } = next(start, { type: 'claimed', at: run.at(), claims });
  for (let effect = effects.shift(); effect; effect = effects.shift()) {
    const began = world.clock.elapsed();
    let event: Input | null = null;
    try {
      event = await perform(world, run, effect);
    } catch (error) {
      if (!bought || effect.type !== 'settle' || !(error instanceof Unstorable)) throw error;
      ({ session, effects } = withoutReply(world, run, bought, error));
      bought = null;
      continue;
    }
    if (event) {
      bought = event.type === 'replied' ? { session, reply: event.reply, at: event.at } : null;
      const step = stepped(world, run, session, event);
      session = step.session;
      effects = [...step.effects, ...effects];
    }
    const ms = Math.round(world.clock.elapsed() - began);
    logged(world, run, session, effect.type, measuresOfSettlement(effect, event), { event: event?.type, ms });
  }
}

/** A reply that was paid for, and the session as it was when it came. */
type Bought = { session: Session; reply: Reply; at: number };

/** The core's next step; a reply that it cannot take in is a call that failed, or it would be bought again and again. */
function stepped(world: World, run: Run, session: Session, event: Input): Step {
  try {
    return next(session, event);
  } catch (error) {
    if (event.type !== 'replied') throw error;
    return withoutReply(world, run, { session, ...event }, error);
  }
}

function withoutReply(world: World, run: Run, { session, reply, at }: Bought, error: unknown): Step {
  world.log({ level: 'error', message: 'a reply could not be taken in', session: run.id, fence: run.fence, error });
  return next(session, { type: 'failed', at, failure: unusable(reply, error) });
}

const mirrored = (world: World, view: LiveView): Promise<void> =>
  harmless(world, 'mirror', view.sessionId, world.live.mirror(view));

/** Where nothing is mirrored, though something may have been committed: readers are answered by Postgres. */
const forgotten = (world: World, { sessionId, userId }: QueueMessage): Promise<void> =>
  harmless(world, 'forget', sessionId, world.live.forget(userId));

/** One line per transition, by which a session, its iterations and its owners can be found. */
function logged(world: World, run: Run, session: Session, message: string, metrics: Measures, more: object = {}): void {
  const { iteration, state } = session;
  world.log({
    level: 'info',
    message,
    session: run.id,
    user: run.userId,
    fence: run.fence,
    iteration,
    state,
    ...more,
    metrics,
  });
}

/** The claimed row as the core sees it. */
async function opened(world: World, claim: Claim): Promise<Session> {
  const { facts, state, calls, memory: kept, ...rest } = claim;
  const deployed = world.agent(facts.agent, facts.web);
  const agent = deployed && shapedAgent(deployed, facts, claim.searches);
  const memory = Memory.safeParse(kept ?? {});
  const mcp = facts.mcp ?? deployed?.mcp ?? [];
  const head = agent && (await headsOf(world, agent, memory.success ? memory.data.head : null));
  return {
    facts: {
      ...{ ...facts, mcp, approval: approvalRules(world, facts.agent, facts) },
      ...(head ?? { agent: { name: facts.agent, system: '', tools: [] } }),
    },
    policy: world.policy,
    // What this version cannot read goes back as it was: the core only looks at the fault then.
    memory: memory.success ? memory.data : (kept as Memory),
    fence: rest.fence,
    attempts: rest.attempts,
    iteration: rest.iteration,
    cost: rest.cost,
    least: rest.least,
    history: rest.history,
    open: calls,
    pending: rest.pending,
    searches: rest.searches,
    ...(rest.shared && { shared: rest.shared }),
    day: rest.day,
    fault: agent ? (memory.success ? null : newer) : gone(facts.agent),
    ...state,
  };
}

const gone = (agent: string) => ({
  code: 'unknown_agent',
  message: `This deployment has no agent called ${agent}. Nothing is lost: bring it back, deploy, and resume the session.`,
});
const newer = {
  code: 'newer_checkpoint',
  message:
    'The checkpoint was written by a newer version than the one that runs. Nothing is lost: deploy the newer version and resume the session.',
};

/** Before the first commit: the recovery cron is told to look. If it cannot be told, a delayed hint stands in for it (R10). */
async function announce(world: World, hint: QueueMessage, limitMs: number): Promise<{ watched: boolean }> {
  try {
    const until = Date.now() + limitMs + AFTERMATH_MS;
    return await world.live.open(hint.sessionId, until, hint.userId);
  } catch (error) {
    world.log({ level: 'warn', message: 'live view away, a delayed hint stands in', session: hint.sessionId, error });
    await world.queue.send(hint, STAND_IN_MS);
    return { watched: false };
  }
}

/** Not due yet (clocks differ, or a hint came early): asked for again, not dropped. Null: an owner or a user moves it. */
async function notNow(world: World, hint: QueueMessage, retryInMs: number | null): Promise<void> {
  world.log({ level: 'info', message: 'not now', session: hint.sessionId, retry_in_ms: retryInMs });
  if (retryInMs === null) return;
  if (retryInMs <= LONGEST_DELAY_MS) await world.queue.send(hint, retryInMs);
  else await world.timer.schedule(Date.now() + retryInMs);
}

async function harmless(world: World, what: string, session: string, done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    world.log({ level: 'warn', message: `${what} failed: the view is behind, money and work are not`, session, error });
  }
}
