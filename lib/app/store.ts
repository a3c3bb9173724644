/** What all screens share, and how they learn that it changed. */
import { useEffect, useState } from 'preact/hooks';
import { now } from './api.ts';
import { newest } from './newest.ts';
import type { LinkState } from './stream.ts';
import type { Budget, Session } from './types.ts';
import { watchZone } from './zone.ts';

export type Shared = {
  /** Newest first; null: not known yet. */
  sessions: readonly Session[] | null;
  budget: Budget | null;
  /** When the budget was asked for. */
  asOf: number;
  link: LinkState | 'resting';
  /** What went wrong last, in the problem's words; null: nothing does. */
  trouble: string | null;
  /** A local system, whose clock can be moved. */
  isLocal: boolean;
  /** There are older sessions than those that are listed. */
  isCut: boolean;
};

const EMPTY: Shared = {
  ...{ sessions: null, budget: null, asOf: 0, link: 'connecting', trouble: null, isLocal: false, isCut: false },
};
let shared: Shared = EMPTY;
const watchers = new Set<() => void>();

export const current = (): Shared => shared;
export function change(part: Partial<Shared>): void {
  shared = { ...shared, ...part };
  for (const watcher of watchers) watcher();
}
export function clear(): void {
  order.clear();
  change(EMPTY);
}

const order = newest();
/** The number of a question, taken as it is asked. */
export const inOrder = order.ask;

/** All of them. An answer to an older question than the one that is shown does not count. */
export function replace(found: readonly Session[], asked: number): void {
  change({ sessions: order.replaced(shared.sessions ?? [], found, asked) });
}
/** Puts sessions where they were, and new ones in front. `asked`: the question; what a person did is newer than all that was asked. */
export function take(found: readonly Session[], asked = inOrder()): void {
  change({ sessions: order.taken(shared.sessions ?? [], found, asked) });
}
export function drop(id: string): void {
  order.drop(id);
  change({ sessions: shared.sessions?.filter((session) => session.id !== id) ?? null });
}

/** Draws again when what is picked is another value. */
export function useShared<T>(pick: (of: Shared) => T): T {
  const [picked, setPicked] = useState(() => pick(shared));
  useEffect(() => {
    const look = () => setPicked(() => pick(shared));
    watchers.add(look);
    look();
    return () => void watchers.delete(look);
  }, [pick]);
  return picked;
}

const clocks = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
/** Where the clock was set: what is shown of time is drawn again at once. */
export function tickAll(): void {
  for (const tick of clocks) tick();
}

/** The product's clock, each second: what is shown of time advances without any event. */
export function useNow(): number {
  const [at, setAt] = useState(now());
  useEffect(() => {
    const tick = () => setAt(now());
    clocks.add(tick);
    timer ??= setInterval(tickAll, 1_000);
    const unwatch = watchZone(tick);
    return () => {
      unwatch();
      clocks.delete(tick);
      if (clocks.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    };
  }, []);
  return at;
}

const awayAt = ({ link, asOf }: Shared) => (link === 'away' ? asOf : 0);

/** The clock for states: it stands while nothing is heard, since what is late here may have moved there. */
export function useStateNow(): number {
  const at = useNow();
  const asOf = useShared(awayAt);
  return asOf > 0 ? Math.min(at, asOf) : at;
}
