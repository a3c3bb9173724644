/**
 * Processes of a model run, and their awaits: every request is two turns of the scheduler, one in which it takes effect and one in which
 * its answer arrives. Between any two turns the process may be killed or stopped and go on, and anybody else may have his.
 */
import type fc from 'fast-check';

/** What a killed process gets of every await. */
export class Killed extends Error {
  override name = 'Killed';
}

export type Process = {
  name: string;
  dead: boolean;
  /** Not null: stopped, as by SIGSTOP; resolves when it goes on. */
  stopped: PromiseWithResolvers<void> | null;
  /** The next request is sent a second time, as after a lost answer. */
  twice: boolean;
};

export const newProcess = (name: string): Process => ({ name, dead: false, stopped: null, twice: false });

/** As by SIGCONT; nothing if it was not stopped. */
export function resume(process: Process): void {
  process.stopped?.resolve();
  process.stopped = null;
}

/** `null` instead of a scheduler: every request takes effect at once. */
export type Turns = {
  scheduler: fc.Scheduler | null;
  /** Side by side: a turn does not wait until its request has taken effect. */
  overlap: boolean;
  /** Told when a repeated request was answered otherwise than the first time; nobody came between, unless requests run side by side. */
  onOdd: (what: string) => void;
};

/** One request of `process`: `act` is what it does. */
export async function request<T>(turns: Turns, process: Process, name: string, act: () => Promise<T>): Promise<T> {
  const answer = await turn(turns, process, `${process.name} ${name}`, async () => {
    const first = await act();
    if (!process.twice) return first;
    process.twice = false;
    const again = await act();
    if (plain(first) !== plain(again)) turns.onOdd(`R4 ${name}: ${plain(first)}, and repeated ${plain(again)}`);
    return again;
  });
  await turn(turns, process, `${process.name} has ${name}`, async () => {});
  return answer;
}

/** Without what tells when it was answered. */
const plain = (answer: unknown): string =>
  JSON.stringify(answer, (key, value) =>
    ['at', 'now', 'retryInMs'].includes(key) ? undefined : typeof value === 'bigint' ? `${value}` : value,
  );

type Outcome<T> = { parked: true } | { value: T } | { error: unknown };

export async function turn<T>(turns: Turns, process: Process, label: string, act: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await scheduled(turns, label, () => lived(process, act));
    if ('value' in outcome) return outcome.value;
    if ('error' in outcome) throw outcome.error;
    await process.stopped?.promise;
  }
}

async function lived<T>(process: Process, act: () => Promise<T>): Promise<Outcome<T>> {
  if (process.dead) return { error: new Killed() };
  if (process.stopped) return { parked: true };
  return act().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

async function scheduled<T>({ scheduler, overlap }: Turns, label: string, act: () => Promise<T>): Promise<T> {
  if (!scheduler) return act();
  const done = Promise.withResolvers<T>();
  const builder = async () => {
    const acting = act().then(done.resolve, done.reject);
    if (!overlap) await acting;
  };
  scheduler.scheduleSequence([{ label, builder }]);
  return done.promise;
}
