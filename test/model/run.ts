/** One model run from its beginning to its rest: commands under the scheduler, then nothing fails any more, then the user helps. */
import fc from 'fast-check';
import { vi } from 'vitest';
import { type Cast, cast, SESSIONS, STRANGER, type Terms, USER } from './cast.ts';
import { COMMANDS, type Command, inspect } from './commands.ts';
import { resume } from './process.ts';
import { type Store, stageOn } from './stage.ts';

const MINUTE_MS = 60_000;
/** Minutes after the last fault until a session that is due is taken up; and one whose hint got lost when it was long overdue already. */
const RECOVERY = { usual: 2, lost: 17 };
const MOST_ROUNDS = 40;

export const terms: fc.Arbitrary<Terms> = fc.record({
  daily: fc.constantFrom(60_000, 200_000, 3_000_000),
  manual: fc.boolean(),
  cap: fc.constantFrom(null, null, 150_000),
});
export const commands = fc.commands(COMMANDS, { size: '+1', maxCommands: 80, disableReplayLog: true });

type Given = { scheduler: fc.Scheduler; terms: Terms; commands: Iterable<Command> };

export async function play(store: Store, given: Given, overlap: boolean): Promise<void> {
  const stage = stageOn(store);
  try {
    const { scheduler } = given;
    const actors = await cast(stage, given.terms, { scheduler, overlap });
    // Not `scheduledModelRun`: it makes each command one turn, and a command here waits for turns of its own.
    await scheduler.waitFor(fc.asyncModelRun(() => ({ model: { cast: actors }, real: actors }), given.commands));
    for (const { process } of actors.running) resume(process);
    while (actors.running.size > 0) await scheduler.waitFor(Promise.all([...actors.running].map(({ done }) => done)));
    await inspect(actors);
    // From here on every request takes effect at once, and nothing fails.
    actors.turns.scheduler = null;
    actors.script.says.length = 0;
    actors.script.otherwise = 'done';
    await calm(actors);
    await help(actors);
  } finally {
    vi.useRealTimers();
  }
}

/** Queue, alarms and the recovery cron alone bring everything to rest; what was due moves within its bound; who was stopped stays so. */
async function calm(actors: Cast): Promise<void> {
  const before = (await actors.stage.kept()).sessions.filter(({ due }) => due !== null && due <= actors.stage.now());
  const lost = new Set(before.flatMap(({ id }) => (actors.witness.of(id).hinted ? [id] : [])));
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    await minute(actors);
    const { sessions } = await actors.stage.kept();
    for (const { id, fence } of before) {
      const bound = lost.has(id) ? RECOVERY.lost : RECOVERY.usual;
      if (round === bound && sessions.find((s) => s.id === id)?.fence === fence)
        actors.witness.broken.push(`G7 ${id} was due, and was not taken up in ${bound} minutes`);
    }
    await inspect(actors);
    if (sessions.every((s) => s.due === null || s.due > actors.stage.now())) return rested(actors);
  }
  throw new Error(`G7 it never comes to rest: ${await standing(actors)}`);
}

const standing = async ({ stage }: Cast): Promise<string> =>
  (await stage.kept()).sessions
    .map(({ id, state, due }) => `${id} is ${state}, due ${due === null ? 'never' : `in ${due - stage.now()} ms`}`)
    .join('; ');

async function rested(actors: Cast): Promise<void> {
  for (const { id, state, outcome } of (await actors.stage.kept()).sessions) {
    const { desired, removed } = actors.witness.of(id);
    if (removed && state !== 'ended') throw new Error(`${id} was deleted, and is ${state}`);
    if (desired === 'cancel' && outcome !== 'cancelled')
      throw new Error(`${id} was cancelled, and is ${state} ${outcome}`);
    if (desired === 'pause' && state !== 'paused' && state !== 'ended')
      throw new Error(`${id} was paused, and is ${state}`);
  }
}

/** A minute of real time, with all that it brings. */
async function minute(actors: Cast): Promise<void> {
  const { stage } = actors;
  await stage.pass(MINUTE_MS);
  if (stage.timer.take(stage.now()).length > 0) await actors.wake('schedule', 100);
  await actors.wake('recovery', 100);
  for (let i = 0; i < 50; i++) {
    actors.fetchMail();
    const hint = actors.mail.shift();
    if (!hint) return;
    await actors.start(i % 2, hint);
  }
}

/** The user resumes, answers and pays, and every session ends, or waits for him as it was told to. */
async function help(actors: Cast): Promise<void> {
  for (const id of [USER, STRANGER]) {
    await actors.plan(30_000_000, id);
    await actors.policy(false, id);
  }
  for (const id of SESSIONS.slice(0, 2)) {
    const { removed } = actors.witness.of(id);
    if (!removed) await actors.wish(id, 'resume', 0);
    if (!removed) await actors.wish(id, 'message', 0);
  }
  await actors.stage.pass(actors.stage.untilMidnight());
  // The first ends when its agent has nothing more to say; the others do, too, unless they wait for their user.
  const atRest = ({ id, state }: { id: string; state: string }) =>
    state === 'ended' || (id !== SESSIONS[0] && state === 'waiting');
  for (let round = 0; !(await actors.stage.kept()).sessions.every(atRest); round++) {
    if (round === MOST_ROUNDS) throw new Error(`G7 with all that a person can do: ${await standing(actors)}`);
    await minute(actors);
    await inspect(actors);
  }
  await charges(actors);
  await actors.office.sweeper.purge();
  const gone = (await actors.stage.kept()).sessions;
  for (const { id } of gone) if (actors.witness.of(id).removed) throw new Error(`${id} was deleted, and is not purged`);
  await inspect(actors);
}

/** G12, and the ledger as a user sees it: what was charged on doubt is told apart, and both sums are the ledger's. */
async function charges(actors: Cast): Promise<void> {
  const { ledger } = await actors.stage.kept();
  const range = { from: '2026-11-01', to: '2026-12-31' };
  for (const id of [USER, STRANGER]) {
    const mine = ledger.filter(({ userId }) => userId === id);
    const rows = await actors.office.accounts.usage(id, range, 'session');
    const told = [rows.reduce((all, { cost }) => all + cost, 0n), rows.reduce((all, { unknown }) => all + unknown, 0n)];
    const kept = [mine, mine.filter((row) => row.class === 'unknown')].map((some) =>
      some.reduce((all, { cost }) => all + cost, 0n),
    );
    if (told.join() !== kept.join()) throw new Error(`G12 usage tells ${told}, the ledger ${kept}`);
  }
}
