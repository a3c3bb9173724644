/** Every case once: a session each, some two dozen at a time, until its fault has taken effect. What never does is named. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from '../cases.ts';
import { type BillLine, type FaultUser, linesOf, type RefusalLine } from '../evidence.ts';
import type { Hint, Order } from '../floor.ts';
import { ANSWER_OF } from '../mishaps.ts';
import type { Rig } from '../rig/index.ts';
import type { Stage } from '../stage.ts';
import type { Outcome } from '../workers.ts';

const AT_ONCE = 20;
/** A refusal of the model leaves its session paused, for a user. */
const ENDED = `select id from agent_sessions where id = any($1::text[]) and (state = 'ended' or state = 'paused' and error_code = 'refused')`;
const TRIES = 8;
/** A case whose session has ended without its fault, or that has not come to it (one of the model's: to its end) by then, is tried anew. */
const PATIENCE_MS = 120_000;

/**
 * A case without a fault of its own is one of the model's: its session must have ended, and its calls must have failed as they were to.
 * A line was written before the answer went out, so what has ended has all of its own.
 */
const failedBy = ({ billPath, refusalsPath }: Rig['witnesses'], id: string, { mishaps }: Case): boolean => {
  const read = <Line extends { session: string }>(path: string) =>
    linesOf<Line>(readFileSync(path, 'utf8')).filter(({ session }) => session === id);
  const answers = [
    ...read<BillLine>(billPath).map(({ answer }): string => answer),
    ...read<RefusalLine>(refusalsPath).map(({ status }) => `status_${status}`),
  ];
  return mishaps.every((mishap) => {
    const wanted = mishaps.filter((other) => other === mishap).length;
    return answers.filter((answer) => answer === ANSWER_OF[mishap]).length >= wanted;
  });
};

/** `played` learns which session plays which case. `atOnce`: sessions. */
type More = { played: [session: string, made: string][]; atOnce?: number };
/** `done`: with whether it came to an end, by its fault or by that of its session, and did not merely last too long. */
type Going = {
  made: Case;
  left: Case['plans'];
  busy: boolean;
  since: number;
  tries: number;
  done: (ended: boolean) => void;
};

/**
 * Resolves when each has taken effect, with the names of those that never did. Those that need a sleeper come first and alone: a midnight
 * that another case makes would wake it.
 */
export async function playCases(stage: Stage, cases: Case[], users: FaultUser[], more: More): Promise<string[]> {
  const early = cases.filter((one) => one.early);
  const isMidnight = ({ plans }: Case) => plans.some(({ mode }) => mode === 'midnight');
  const failed: string[] = [];
  for (const part of [
    early.filter((one) => !isMidnight(one)),
    early.filter(isMidnight),
    cases.filter((one) => !one.early),
  ]) {
    failed.push(...(await playTogether(stage, part, users, more)));
  }
  return failed;
}

async function playTogether(
  stage: Stage,
  cases: Case[],
  users: FaultUser[],
  { played, atOnce = AT_ONCE }: More,
): Promise<string[]> {
  const going = new Map<string, Going>();
  const failed: string[] = [];
  const { floor, network, rig } = stage;

  floor.order = ({ sessionId, userId }: Hint): Order => {
    const one = going.get(sessionId);
    if (!one || one.busy || one.left.length === 0) return one ? one.made.job : {};
    if (one.made.early && !one.since) return { over: () => early(sessionId, userId) };
    one.busy = true;
    return {
      ...one.made.job,
      plan: one.left[0],
      // Time enough to be found dead, and to come back.
      ...(one.left[0]!.mode === 'zombie' && { limitMs: 30_000 }),
      started: (worker) => one.made.withoutUpstash && network.block(worker, 'upstash'),
      over: (outcome) => over(one, outcome),
    };
  };

  const over = (one: Going, { took }: Outcome) => {
    one.busy = false;
    if (took) one.left = one.left.slice(1);
    if (one.left.length === 0) one.done(true);
  };

  /** It sleeps now: the hint that comes too soon. */
  const early = (sessionId: string, userId: string) => {
    const one = going.get(sessionId);
    if (one) one.since = Date.now();
    floor.hint({ sessionId, userId });
  };

  const play = async (made: Case, tries = 1): Promise<void> => {
    const { promise, resolve: done } = Promise.withResolvers<boolean>();
    const user = users[Math.floor(stage.random() * users.length)]!;
    const id = await stage.session(user.id, made.plot, { hinted: false });
    for (const mishap of made.mishaps) await rig.witnesses.control({ next: { session: id, mishap } });
    const one: Going = { made, left: made.plans, busy: false, since: made.early ? 0 : Date.now(), tries, done };
    going.set(id, one);
    played.push([id, made.name]);
    floor.hint({ sessionId: id, userId: user.id });
    const timer = setTimeout(done, PATIENCE_MS, false);
    const ended = await promise;
    clearTimeout(timer);
    going.delete(id);
    const missed = one.left.length > 0 || (made.plans.length === 0 && !(ended && failedBy(rig.witnesses, id, made)));
    one.left = [];
    if (missed && tries < TRIES) return play(made, tries + 1);
    if (missed) failed.push(made.name);
  };

  const queue = [...cases];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await play(next);
  };
  // Time passes at a hundred times its pace, so that a nap or a pause between two tries takes no longer than a lease.
  let playing = true;
  const passing = (async () => {
    for (; playing; await sleep(200)) {
      await rig.clock.advance(20_000);
      const { rows } = await rig.admin.query<{ id: string }>(ENDED, [[...going.keys()]]);
      for (const { id } of rows) going.get(id)?.done(true);
    }
  })();
  try {
    await Promise.all(Array.from({ length: atOnce }, lane));
  } finally {
    playing = false;
    await passing;
    floor.order = () => ({});
  }
  return failed;
}
