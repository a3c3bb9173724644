/** What may happen next in a model run, as fast-check's commands: they begin things, and the scheduler interleaves what they began. */
import fc from 'fast-check';
import type { Say } from './agent.ts';
import { type Cast, SESSIONS, STRANGER, USER } from './cast.ts';
import { faultsIn } from './checks.ts';
import { type Process, resume } from './process.ts';

/** What the commands know without asking the world: only which worker is free decides what may happen. */
export type Known = { cast: Cast };
export type Command = fc.AsyncCommand<Known, Cast>;

/** After every command, what is kept must be right, and the witness have seen nothing wrong. */
const command = (
  name: string,
  run: (cast: Cast) => Promise<unknown> | undefined,
  check = (_: Cast) => true,
): Command => ({
  check: ({ cast }) => check(cast),
  async run(_, cast) {
    await run(cast);
    await cast.asks('(check)', async () => inspect(cast));
  },
  toString: () => name,
});

export async function inspect(cast: Cast): Promise<void> {
  const served = new Map(cast.witness.bill);
  const found = [...faultsIn(await cast.stage.kept(), cast.witness, served), ...cast.witness.broken];
  if (found.length > 0) throw new Error(found.join('\n'));
}

const free = (worker: number) => (cast: Cast) => !cast.running.has(cast.workers[worker]!.now!);
const userOf = (id: string) => (id === SESSIONS[2] ? STRANGER : USER);

const worker = fc.nat({ max: 1 });
const session = fc.constantFrom(...SESSIONS);
const own = fc.constantFrom(SESSIONS[0], SESSIONS[1]);

/** A message of the queue is delivered, and with `again` once more later. The worker goes on in the background. */
const deliver = fc.tuple(worker, fc.nat({ max: 9 }), fc.boolean()).map(([index, at, again]) =>
  command(
    `deliver(worker ${index + 1}, ${at}${again ? ', again' : ''})`,
    async (cast) => {
      cast.fetchMail();
      const i = at % Math.max(1, cast.mail.length);
      const hint = again ? cast.mail[i] : cast.mail.splice(i, 1)[0];
      if (hint) void cast.start(index, hint);
    },
    free(index),
  ),
);
/** A message that nobody sent, or that came late. */
const hint = fc
  .tuple(worker, session)
  .map(([index, id]) =>
    command(
      `hint(worker ${index + 1}, ${id})`,
      async (cast) => void cast.start(index, { sessionId: id, userId: userOf(id) }),
      free(index),
    ),
  );
const lose = fc.constant(
  command('lose all mail', async (cast) => {
    cast.fetchMail();
    cast.mail.length = 0;
  }),
);
const wake = fc
  .constantFrom('recovery' as const, 'recovery' as const, 'midnight' as const, 'schedule' as const)
  .map((cron) => command(`wake(${cron})`, async (cast) => void cast.wake(cron)));

const say: fc.Arbitrary<Say> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('reply' as const),
      calls: fc.array(
        fc.constantFrom('look', 'put', 'pay', 'pay', 'nonsense', 'narrate', 'sleep', 'ask_user', 'finish'),
        { maxLength: 3 },
      ),
      stop: fc.constantFrom(
        'tool_use' as const,
        'tool_use' as const,
        'tool_use' as const,
        'max_tokens' as const,
        'pause_turn' as const,
      ),
      turns: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('refuse' as const), status: fc.constantFrom(429 as const, 529 as const) }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Say>({ type: 'silence' }, { type: 'break' }) },
);
const says = say.map((one) =>
  command(`the model will ${JSON.stringify(one)}`, async (cast) => void cast.script.says.push(one)),
);

const wish = fc
  .tuple(
    own,
    fc.constantFrom(
      'message' as const,
      'message' as const,
      'pause' as const,
      'resume' as const,
      'cancel' as const,
      'wake' as const,
    ),
    fc.nat({ max: 1 }),
  )
  .map(([id, type, repeats]) =>
    command(`${type}(${id}${repeats ? ', twice' : ''})`, (cast) => cast.wish(id, type, repeats)),
  );
const remove = own.map((id) => command(`delete(${id})`, (cast) => cast.remove(id)));
const topUp = fc
  .tuple(fc.integer({ min: 1, max: 300_000 }), fc.constantFrom('today' as const, 'cycle' as const))
  .map(([amount, spread]) => command(`top-up(${amount}, ${spread})`, (cast) => cast.topUp(amount, spread)));
const plan = fc
  .integer({ min: 1, max: 300_000 })
  .map((daily) => command(`plan(${daily} a day)`, (cast) => cast.plan(daily)));
const policy = fc
  .boolean()
  .map((manual) => command(`wake policy(${manual ? 'manual' : 'auto'})`, (cast) => cast.policy(manual)));
const pry = session
  .filter((id) => id !== SESSIONS[2])
  .map((id) => command(`a stranger looks(${id})`, (cast) => cast.pry(id)));

const time = fc
  .constantFrom(1, 16, 31, 46, 46, 120, 700)
  .map((seconds) => command(`${seconds} s pass`, (cast) => cast.asks('time', () => cast.stage.pass(seconds * 1_000))));
const midnight = fc.constant(
  command('midnight comes', (cast) => cast.asks('time', () => cast.stage.pass(cast.stage.untilMidnight()))),
);
/** The others have some turns for themselves. */
const turns = fc.integer({ min: 2, max: 20 }).map((n) =>
  command(`${n} turns`, async (cast) => {
    for (let i = 0; i < n; i++) await cast.asks('(waits)', async () => {});
  }),
);

/** Something befalls the invocation that a worker is at. */
const befalls = (name: (worker: string) => string, act: (process: Process) => void) =>
  worker.map((index) =>
    command(
      name(`worker ${index + 1}`),
      async (cast) => act(cast.workers[index]!.now!.process),
      ({ running, workers }) => running.has(workers[index]!.now!),
    ),
  );
const goOn = befalls((name) => `SIGCONT(${name})`, resume);
const kill = befalls(
  (name) => `kill -9(${name})`,
  (process) => {
    process.dead = true;
    resume(process);
  },
);
const stop = befalls(
  (name) => `SIGSTOP(${name})`,
  (process) => {
    process.stopped ??= Promise.withResolvers();
  },
);
const twice = befalls(
  (name) => `the next request of ${name} is sent twice`,
  (process) => {
    process.twice = true;
  },
);

/** As often as each is named. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  ...[deliver, deliver, deliver, hint, hint, lose, wake, says, says, says, turns, turns, turns, turns],
  ...[wish, wish, wish, remove, topUp, plan, policy, pry, time, time, midnight, kill, stop, goOn, twice],
];
