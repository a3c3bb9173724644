/** Who acts in a model run: two workers, the wake function and a user with his sessions; a stranger is there, too. */
import { randomUUID } from 'node:crypto';
import type fc from 'fast-check';
import { wakeDue } from '../../lib/engine/wake.ts';
import { withHints, withWakeUp } from '../../lib/http/wake-session.ts';
import type { SessionCommand } from '../../lib/ports/index.ts';
import { aSession, once } from '../contract/harness.ts';
import { countingTools, type Script, scripted } from './agent.ts';
import { Killed, newProcess, type Process, type Turns, turn } from './process.ts';
import type { Connection, Stage } from './stage.ts';
import { witness as newWitness } from './witness.ts';
import { frontOf, iterate, type Play, wakeWorld } from './worker.ts';

export const USER = 'usr_person';
export const STRANGER = 'usr_stranger';
/** The first ends when its agent ends its turn, the second waits for the user then; the third is the stranger's. */
export const SESSIONS = ['ses_1', 'ses_2', 'ses_3'] as const;
const MOST_ITERATIONS = 12;
const DAYS = 30n;

export type Terms = { daily: number; manual: boolean; cap: number | null };
type Hint = { sessionId: string; userId: string };
type Invocation = { process: Process; done: Promise<void> };
type Worker = { ports: Connection; now: Invocation | null };

export type Cast = Awaited<ReturnType<typeof cast>>;

/** `scheduler`, `overlap`: see `Turns`. */
export async function cast(
  stage: Stage,
  terms: Terms,
  { scheduler, overlap }: { scheduler: fc.Scheduler | null; overlap: boolean },
) {
  const witness = newWitness(stage.now, !overlap);
  const script: Script = { says: [], otherwise: 'work' };
  const turns: Turns = {
    scheduler,
    overlap,
    onOdd: (what: string) => void (overlap || witness.broken.push(what)),
  };
  const play: Play = { stage, turns, witness, model: scripted(script, witness), toolbox: countingTools(witness) };
  const workers: Worker[] = [0, 1].map(() => ({ ports: stage.connect(), now: null }));
  const person = newProcess('person');
  const office = stage.connect();
  const running = new Set<Invocation>();
  const mail: Hint[] = [];
  let said = 0;

  const { accounts, userSessions } = office;
  const budget = BigInt(terms.daily) * DAYS;
  const wakePolicy = terms.manual ? 'manual' : 'auto';
  for (const id of [USER, STRANGER])
    await accounts.putUser(id, { tier: 'economy', budget, renewalDate: null, wakePolicy });
  for (const [i, id] of SESSIONS.entries()) {
    const maxCost = i === 0 && terms.cap !== null ? BigInt(terms.cap) : null;
    const more = {
      onEndTurn: i === 1 ? ('wait' as const) : ('complete' as const),
      maxIterations: MOST_ITERATIONS,
      maxCost,
    };
    await userSessions.create(
      i === 2 ? STRANGER : USER,
      aSession({ id, model: 'claude-sonnet-5-5', mcp: null, ...more }),
      null,
    );
  }

  function begin(process: Process, work: Promise<unknown>): Invocation {
    const done = work.then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof Killed)) witness.broken.push(`${process.name} threw ${(error as Error).stack}`);
      },
    );
    const invocation = { process, done };
    running.add(invocation);
    void done.then(() => running.delete(invocation));
    return invocation;
  }

  function start(index: number, hint: Hint): Promise<void> {
    const worker = workers[index]!;
    const process = newProcess(`worker ${index + 1} (${hint.sessionId})`);
    worker.now = begin(process, iterate(play, process, worker.ports, hint));
    return worker.now.done;
  }

  const wake = (cron: 'recovery' | 'midnight' | 'schedule', pageSize = 2): Promise<void> => {
    const process = newProcess('wake');
    return begin(process, wakeDue(wakeWorld(play, process, office), { cron, now: stage.now, pageSize })).done;
  };

  /** What a user asks for, in one turn: it takes effect and is acknowledged. */
  const asks = <T>(what: string, act: () => Promise<T>): Promise<T> => turn(turns, person, `person: ${what}`, act);
  const front = { ...frontOf(play, person), userSessions };

  /** As the API does it: the marker, the command, the hint. */
  async function wish(id: string, type: SessionCommand['type'], repeats: number): Promise<void> {
    const wanted: SessionCommand = type === 'message' ? { type, content: `m${++said}` } : { type };
    const operation = randomUUID();
    const once = (first: boolean) =>
      asks(`${type} ${id}`, async () => {
        const answer = await userSessions.command(USER, id, wanted, operation);
        if (answer && typeof answer !== 'string' && 'view' in answer && !answer.ended && first)
          witness.wished(id, wanted);
        if (!answer && !witness.of(id).removed) witness.broken.push(`${id} is gone`);
      });
    for (let i = 0; i <= repeats; i++) await withWakeUp(front, { sessionId: id, userId: USER }, () => once(i === 0));
  }

  const remove = (id: string) =>
    withWakeUp(front, { sessionId: id, userId: USER }, () =>
      asks(`delete ${id}`, async () => {
        if (await userSessions.remove(USER, id)) witness.removed(id);
        if (await userSessions.get(USER, id)) witness.broken.push(`${id} is still there after it was deleted`);
      }),
    );

  const topUp = (amount: number, spread: 'today' | 'cycle') => {
    const act = async () => {
      await accounts.topUp(USER, BigInt(amount), spread, once());
      for (const id of SESSIONS.slice(0, 2)) witness.of(id).pending += 1;
    };
    return withHints(
      front,
      USER,
      () => asks('top-up', act),
      () => true,
    );
  };

  const change = (userId: string, what: string, to: Parameters<typeof accounts.putUser>[1]) =>
    withHints(
      front,
      userId,
      () => asks(what, () => accounts.putUser(userId, to)),
      (changed) => 'nudged' in changed && changed.nudged,
    );
  const plan = (daily: number, userId = USER) => change(userId, 'plan', { budget: BigInt(daily) * DAYS });
  const policy = (manual: boolean, userId = USER) =>
    change(userId, 'policy', { wakePolicy: manual ? 'manual' : 'auto' });

  /** G10: nothing of another's is seen, or changed. */
  const pry = (id: string) =>
    asks(`a stranger looks at ${id}`, async () => {
      const page = { after: 0, limit: 10 };
      const seen = [
        ...[
          await userSessions.get(STRANGER, id),
          await userSessions.messages(STRANGER, id),
          await userSessions.events(STRANGER, id, page),
        ],
        ...[await userSessions.fileList(STRANGER, id), await userSessions.file(STRANGER, id, '/r1_0')],
        await userSessions.command(STRANGER, id, { type: 'cancel' }, randomUUID()),
      ];
      const removed = await userSessions.remove(STRANGER, id);
      if (removed || seen.some((one) => one !== null))
        witness.broken.push(`G10 a stranger saw ${id}: ${JSON.stringify(seen)}`);
    });

  const fetchMail = () => void mail.push(...stage.queue.take());

  return {
    ...{ play, stage, witness, script, workers, mail, running, office, turns, person },
    ...{ start, wake, wish, remove, topUp, plan, policy, pry, asks, fetchMail },
  };
}
