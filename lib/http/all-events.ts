/**
 * The live stream of all sessions of a user: their journals from Postgres, and the user's version in the live view, which changes with everything
 * that they are shown. While it stays, only the live view is asked, so that watching sleepers leaves Postgres asleep. All who watch the
 * same user in one process ask once: the live view for all, and Postgres for all who stand at the same place.
 */
import { type AllEvents, type EventsPlace, seenAlso } from '../ports/index.ts';
import type { KeyCheck, Ready } from './deps.ts';
import { cursorOfPlace } from './events-cursor.ts';
import * as render from './render.ts';

const PAGE = 200;
/** While something works, a change whose mark was lost is found so late. */
const LOST_MARK_MS = 30_000;
/** How many times less often Postgres is asked for resting sessions while the live view is away. */
const REST_FACTOR = 10;
const QUIET_MS = 60_000;
const QUIET_FACTOR = 4;
/** How often the key is looked at. */
const AGAIN_MS = 60_000;

type Version = string | null | 'away';
/** What is asked for several at once; kept while somebody watches the user. */
type Desk = {
  watchers: number;
  polled: { at: number; version: Promise<Version> } | null;
  reads: Map<string, Promise<AllEvents>>;
};
/** Answers of a user that are kept for others who stand where one stood. */
const MOST_READS = 64;

export type SharedReads = {
  /** What there is after a place, or where the journals end now; asked once for all who begin together. */
  begin(userId: string, place: EventsPlace | null): Promise<AllEvents>;
  enter(userId: string): void;
  leave(userId: string): void;
  version(userId: string): Promise<Version>;
  /** `version`: after which change it is asked; what was read under another one is not shown again. */
  read(userId: string, place: EventsPlace, version: string): Promise<AllEvents>;
};

export function sharedReads(deps: Ready): SharedReads {
  const desks = new Map<string, Desk>();
  const deskOf = (userId: string): Desk => {
    const desk = desks.get(userId) ?? { watchers: 0, polled: null, reads: new Map() };
    desks.set(userId, desk);
    return desk;
  };
  const beginning = new Map<string, Promise<AllEvents>>();
  return {
    begin(userId, place) {
      const key = `${userId} ${place ? cursorOfPlace(place) : ''}`;
      const asked =
        beginning.get(key) ??
        deps.userSessions.allEvents(userId, place, place ? PAGE : 0).finally(() => beginning.delete(key));
      beginning.set(key, asked);
      return asked;
    },
    enter: (userId) => void deskOf(userId).watchers++,
    leave(userId) {
      if (--deskOf(userId).watchers <= 0) desks.delete(userId);
    },
    version(userId) {
      const desk = deskOf(userId);
      const at = deps.time.elapsed();
      if (!desk.polled || at - desk.polled.at >= deps.limits.pollMs) {
        const version = deps.live.version(userId).catch((): Version => 'away');
        desk.polled = { at, version };
      }
      return desk.polled.version;
    },
    read(userId, place, version) {
      const { reads } = deskOf(userId);
      const key = `${version} ${cursorOfPlace(place)}`;
      const known = reads.get(key);
      if (known) return known;
      const asked = deps.userSessions.allEvents(userId, place, PAGE);
      const [oldest] = reads.keys();
      if (reads.size >= MOST_READS && oldest !== undefined) reads.delete(oldest);
      reads.set(key, asked);
      // One of many pages is of no use to another, and large.
      asked.then(
        ({ more }) => more && reads.delete(key),
        () => reads.delete(key),
      );
      return asked;
    },
  };
}

type Terms = { after: EventsPlace | null; begun: AllEvents; ms: number; signal: AbortSignal; keyCheck: KeyCheck };
type Progress = {
  place: EventsPlace;
  version: string;
  working: boolean;
  lastSent: number;
  lastAsked: number;
  open: boolean;
  /** Whether nobody would get what is still to be sent. */
  isOver: () => boolean;
  /** In which span of waiting Postgres is asked although no change is known: the same for all who wait. */
  look: number;
};

/**
 * Frames from `after` on, which begin with those of `begun`. Where these have no entry, the first frame says where the stream begins, and so does the last one
 * where it ends. Ends after `ms`, with the signal, and when the key does not hold any more. Throws what Postgres throws: the client comes back with its last id.
 */
export async function* followAll(
  deps: Ready,
  shared: SharedReads,
  userId: string,
  { after, begun, ms, signal, keyCheck }: Terms,
): AsyncGenerator<string> {
  const { time, limits } = deps;
  const deadline = time.elapsed() + ms;
  const began = time.elapsed();
  const progress: Progress = {
    place: after && !begun.lost ? after : begun.place,
    version: '',
    working: true,
    lastSent: began,
    lastAsked: began,
    open: true,
    isOver: () => signal.aborted || time.elapsed() >= deadline,
    look: 0,
  };
  shared.enter(userId);
  try {
    yield `retry: ${limits.retryMs}\n\n`;
    yield* told(deps, begun, progress);
    if (begun.events.length === 0 && !begun.lost) yield whereOf(progress);
    progress.version = (await shared.version(userId)) ?? '';
    while (!progress.isOver()) {
      yield* news(deps, shared, userId, progress);
      yield* untilChange(deps, shared, userId, progress, { deadline, signal, keyCheck });
      if (!(await holds(deps, keyCheck, progress))) return;
    }
    if (!signal.aborted) yield whereOf(progress);
  } finally {
    shared.leave(userId);
  }
}

/** A frame without data: a place grows old while nothing happens, and nothing can be told after one of a day ago. */
const whereOf = ({ place }: Progress): string => `id: ${cursorOfPlace(place)}\n\n`;

/** All that there is by now. */
async function* news(deps: Ready, shared: SharedReads, userId: string, progress: Progress): AsyncGenerator<string> {
  for (let more = true; more && !progress.isOver(); ) {
    const found = await shared.read(userId, progress.place, `${progress.version} ${progress.look}`);
    yield* told(deps, found, progress);
    ({ more } = found);
  }
}

async function* told(deps: Ready, found: AllEvents, progress: Progress): AsyncGenerator<string> {
  if (found.lost)
    yield `id: ${cursorOfPlace(found.place)}\nevent: agent.resync\ndata: ${JSON.stringify({ type: 'agent.resync' })}\n\n`;
  for (const entry of found.events) {
    if (progress.isOver()) return;
    progress.place = seenAlso(progress.place, entry);
    const data = JSON.stringify(render.event(entry.sessionId, entry));
    yield `id: ${cursorOfPlace(progress.place)}\nevent: ${entry.type}\ndata: ${data}\n\n`;
    progress.lastSent = deps.time.elapsed();
  }
  ({ place: progress.place, working: progress.working } = found);
}

/** Waits until Postgres is worth asking; meanwhile a sign of life now and then. */
async function* untilChange(
  deps: Ready,
  shared: SharedReads,
  userId: string,
  progress: Progress,
  { deadline, signal, keyCheck }: Omit<Terms, 'after' | 'begun' | 'ms'> & { deadline: number },
): AsyncGenerator<string> {
  const { time, limits } = deps;
  const since = time.elapsed();
  while (!signal.aborted && time.elapsed() < deadline) {
    const version = await shared.version(userId);
    const waited = time.elapsed() - since;
    if (version !== null && version !== 'away' && version !== progress.version) {
      progress.version = version;
      return;
    }
    const most = patience(deps, version === 'away', progress.working);
    if (waited >= most) {
      progress.look = Math.floor(time.elapsed() / most);
      return;
    }
    if ((progress.working || !keyCheck.asksPostgres) && !(await holds(deps, keyCheck, progress))) return;
    if (time.elapsed() - progress.lastSent >= limits.heartbeatMs) {
      yield ': still here\n\n';
      progress.lastSent = time.elapsed();
    } else await time.sleep(limits.pollMs * (waited >= QUIET_MS ? QUIET_FACTOR : 1), signal);
  }
}

function patience({ limits }: Ready, away: boolean, working: boolean): number {
  if (away) return limits.fallbackMs * (working ? 1 : REST_FACTOR);
  return working ? LOST_MARK_MS : Number.POSITIVE_INFINITY;
}

/** Whether the key still holds, looked at no more than once a minute. */
async function holds({ time }: Ready, keyCheck: KeyCheck, progress: Progress): Promise<boolean> {
  if (!progress.open || time.elapsed() - progress.lastAsked < AGAIN_MS) return progress.open;
  progress.lastAsked = time.elapsed();
  progress.open = await keyCheck.holds();
  return progress.open;
}
