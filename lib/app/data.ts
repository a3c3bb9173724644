/**
 * Keeps what all screens share up to date: one stream of the events of all sessions says what changed, and that alone is asked for. A page that
 * nobody looks at, or whose agents all rest, has no stream and asks nothing, so that the database may sleep; it comes back by itself when
 * the next one wakes.
 */
import { ApiError, all, get, key, now, setNow, textOf } from './api.ts';
import { nextMove } from './states.ts';
import { change, current, drop, take } from './store.ts';
import { type Frame, follow } from './stream.ts';
import type { Budget, Session } from './types.ts';

const GATHER_MS = 250;
/** More changed sessions than this are asked for as a list. */
const MOST_SINGLE = 6;
/** What works is looked at so often, since not every step of it is an event. */
const WORKING_MS = 3_000;
/** Without a stream. */
const AWAY_MS = 30_000;
/** After so long without an event and without a person the stream ends, where everything rests. */
const QUIET_MS = 5 * 60_000;
const HIDDEN_MS = 60_000;
const MOST_TIMER_MS = 2_147_483_647;

/** Which start of the page's data this is: what an earlier one began ends. */
let round = 0;
let stop: AbortController | null = null;
let lastEvent: string | null = null;
let lastNews = 0;
let dirty = new Set<string>();
let gathering: ReturnType<typeof setTimeout> | undefined;
let pausing: ReturnType<typeof setTimeout> | undefined;
/** Told when the key does not open anything any more. */
let onRefused: () => void = () => {};

export async function startData(refused: () => void): Promise<void> {
  onRefused = refused;
  lastEvent = null;
  for (const type of ['pointerdown', 'keydown', 'focus']) addEventListener(type, onPerson, { passive: true });
  document.addEventListener('visibilitychange', onVisible);
  await lookForClock();
  connect();
  await Promise.all([refresh(), look()]);
}

export function stopData(): void {
  round++;
  stop?.abort();
  stop = null;
  clearTimeout(gathering);
  clearTimeout(pausing);
  for (const type of ['pointerdown', 'keydown', 'focus']) removeEventListener(type, onPerson);
  document.removeEventListener('visibilitychange', onVisible);
}

/** A local system has a clock that can be moved; elsewhere there is no such address. */
export async function lookForClock(): Promise<void> {
  try {
    const response = await fetch('/local/clock');
    if (!response.ok) return;
    setNow(Date.parse(((await response.json()) as { now: string }).now));
    change({ isLocal: true });
  } catch {
    // Not reached: the stream says so.
  }
}

/** All sessions and the budget, anew. */
export async function refresh(): Promise<void> {
  try {
    const [sessions] = await Promise.all([all<Session>('/v1/sessions?limit=100'), refreshBudget()]);
    change({ sessions, trouble: null });
  } catch (error) {
    failed(error);
  }
}

async function refreshBudget(): Promise<void> {
  const budget = await get<Budget>('/v1/budget');
  change({ budget, asOf: now() });
}

/** Asks for one session, and shows it as it is now. */
export async function refreshSession(id: string): Promise<void> {
  try {
    take([await get<Session>(`/v1/sessions/${id}`)]);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return drop(id);
    failed(error);
  }
}

function failed(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) {
    stopData();
    onRefused();
    return;
  }
  change({ trouble: textOf(error) });
}

function connect(): void {
  if (stop || document.hidden || !key()) return;
  stop = new AbortController();
  const { signal } = stop;
  lastNews = Date.now();
  const following = follow('/v1/events', {
    after: lastEvent,
    signal,
    onLink: (link) => change(link === 'live' ? { link, trouble: null } : { link }),
    onFrames: (frames) => told(frames),
  });
  following.catch(failed);
}

function disconnect(): void {
  stop?.abort();
  stop = null;
  change({ link: 'resting' });
}

function told(frames: Frame[]): void {
  lastEvent = frames.findLast(({ id }) => id !== '')?.id ?? lastEvent;
  lastNews = Date.now();
  for (const { data } of frames.filter((frame) => frame.data !== '')) {
    const { session_id: id } = JSON.parse(data) as { session_id?: string };
    if (id) dirty.add(id);
  }
  if (dirty.size > 0) gathering ??= setTimeout(gather, GATHER_MS);
}

/** What changed since the last time, asked for at once. */
async function gather(): Promise<void> {
  gathering = undefined;
  const ids = [...dirty];
  dirty = new Set();
  if (ids.length > MOST_SINGLE) return refresh();
  const asked = await Promise.allSettled([...ids.map(refreshSession), refreshBudget()]);
  for (const one of asked) if (one.status === 'rejected') failed(one.reason);
}

/** The regular look: at what works, at whether all rests, and at everything where there is no stream. */
async function look(): Promise<void> {
  for (const mine = ++round; mine === round; ) {
    const { sessions, link } = current();
    const working = sessions?.filter(({ status }) => status === 'working') ?? [];
    await new Promise((resolve) => setTimeout(resolve, link === 'away' ? AWAY_MS : WORKING_MS));
    if (!key() || document.hidden || mine !== round) continue;
    if (stop && current().link === 'away') await refresh();
    else if (working.length > 0) await lookAt(working.map(({ id }) => id));
    else rest();
  }
}

async function lookAt(ids: string[]): Promise<void> {
  const path = `/v1/sessions?limit=100&status=working`;
  try {
    const [found] = await Promise.all([all<Session>(path), refreshBudget()]);
    const seen = new Set(found.map(({ id }) => id));
    take(found);
    await Promise.all(
      ids
        .filter((id) => !seen.has(id))
        .slice(0, MOST_SINGLE)
        .map(refreshSession),
    );
  } catch (error) {
    failed(error);
  }
}

/** Nothing works, nothing was heard for long, and nobody is at the page: it sleeps as long as its agents do. */
function rest(): void {
  if (!stop || Date.now() - lastNews < QUIET_MS) return;
  const next = nextMove(current().sessions ?? [], now());
  disconnect();
  if (next === null) return;
  clearTimeout(pausing);
  pausing = setTimeout(awake, Math.min(MOST_TIMER_MS, Math.max(1_000, next - now())));
}

function awake(): void {
  if (stop || document.hidden) return;
  connect();
  if (lastEvent === null) void refresh();
  else void refreshBudget().catch(failed);
}

function onPerson(): void {
  lastNews = Date.now();
  awake();
}

function onVisible(): void {
  clearTimeout(pausing);
  if (document.hidden) pausing = setTimeout(disconnect, HIDDEN_MS);
  else onPerson();
}
