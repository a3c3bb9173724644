/**
 * Keeps what all screens share up to date: one stream of the events of all sessions says what changed, and that alone is asked for. A page that
 * nobody looks at, or whose agents all rest, has no stream and asks nothing, so that the database may sleep; it comes back by itself when
 * the next one wakes.
 */
import { ApiError, all, get, key, list, now, setNow, textOf } from './api.ts';
import { isMoving, nextMove } from './states.ts';
import { change, current, drop, inOrder, replace, take, tickAll } from './store.ts';
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
/** What asks for a person, however old it is. */
const NEEDING = '/v1/sessions?limit=100&status=waiting_for_input&status=paused&status=budget_exceeded';
/** What was missed in a longer time is not asked for piece by piece. */
const MISSED_MS = 3 * 60_000;
/** A new day's budget is asked for so often until it is there. */
const RESET_MS = 15_000;
const MOST_TIMER_MS = 2_147_483_647;

/** Which start of the page's data this is: what an earlier one began ends. */
let round = 0;
let stop: AbortController | null = null;
let lastEvent: string | null = null;
let lastNews = 0;
/** Since when there is no stream; of this machine's clock. */
let leftAt = 0;
let resetAskedAt = 0;
let dirty = new Set<string>();
let gathering: ReturnType<typeof setTimeout> | undefined;
let pausing: ReturnType<typeof setTimeout> | undefined;
/** Told when the key does not open anything any more. */
let onRefused: (why: string) => void = () => {};

export async function startData(refused: (why: string) => void): Promise<void> {
  onRefused = refused;
  const mine = round;
  lastEvent = null;
  dirty = new Set();
  for (const type of ['pointerdown', 'keydown', 'focus']) addEventListener(type, onPerson, { passive: true });
  document.addEventListener('visibilitychange', onVisible);
  await lookForClock();
  if (mine !== round) return;
  connect();
  await Promise.all([refresh(), look()]);
}

export function stopData(): void {
  round++;
  stop?.abort();
  stop = null;
  clearTimeout(gathering);
  gathering = undefined;
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
    tickAll();
    change({ isLocal: true });
  } catch {
    // Not reached: the stream says so.
  }
}

/** All sessions and the budget, anew. */
export async function refresh(): Promise<void> {
  const order = inOrder();
  const mine = round;
  try {
    const [{ rows, isCut }] = await Promise.all([list<Session>('/v1/sessions?limit=100'), refreshBudget()]);
    const needing = isCut ? await all<Session>(NEEDING) : [];
    if (mine !== round) return;
    const listed = new Set(rows.map(({ id }) => id));
    replace([...rows, ...needing.filter(({ id }) => !listed.has(id))], order);
    change({ trouble: null, isCut });
  } catch (error) {
    if (mine === round) failed(error);
  }
}

let budgetOrder = 0;
async function refreshBudget(): Promise<void> {
  const order = inOrder();
  const mine = round;
  const budget = await get<Budget>('/v1/budget');
  if (mine !== round || order < budgetOrder) return;
  budgetOrder = order;
  change({ budget, asOf: now() });
}

/** Asks for one session, and shows it as it is now. */
export async function refreshSession(id: string): Promise<void> {
  const order = inOrder();
  const mine = round;
  try {
    const found = await get<Session>(`/v1/sessions/${id}`);
    if (mine === round) take([found], order);
  } catch (error) {
    if (mine !== round) return;
    if (error instanceof ApiError && error.status === 404) return drop(id);
    failed(error);
  }
}

function failed(error: unknown): void {
  const why = error instanceof ApiError ? refusalOf(error) : null;
  if (why !== null) {
    stopData();
    onRefused(why);
    return;
  }
  change({ trouble: textOf(error) });
}

/** Why the key is of no use here; null: it is. */
function refusalOf({ status, message }: ApiError): string | null {
  if (status === 401) return 'This key opens nothing: it is not known here, or was revoked. Nothing was done.';
  if (status === 403 && message.startsWith("The operator's key"))
    return 'This is the operator’s key, which belongs to no user. It was not kept. It opens Users alone; use the key of a user here.';
  return null;
}

function connect(): void {
  if (stop || !key()) return;
  if (document.hidden) {
    change({ link: 'resting' });
    return;
  }
  const mine = new AbortController();
  const { signal } = mine;
  stop = mine;
  lastNews = Date.now();
  const following = follow('/v1/events', {
    after: lastEvent,
    signal,
    onLink: (link) => change(link === 'live' ? { link, trouble: null } : { link }),
    onFrames: (frames) => told(frames),
  });
  following.catch((error: unknown) => {
    if (stop !== mine) return;
    // No repeat would help: it begins anew, and not where it was.
    disconnect();
    lastEvent = null;
    change({ link: 'away' });
    failed(error);
  });
}

function disconnect(): void {
  if (stop) leftAt = Date.now();
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
  if (frames.some(({ type }) => type === 'agent.resync')) void refresh();
  if (dirty.size > 0) gathering ??= setTimeout(gather, GATHER_MS);
}

/** What changed since the last time, asked for at once; what changes meanwhile, once that is answered. */
async function gather(): Promise<void> {
  const mine = round;
  const ids = [...dirty];
  dirty = new Set();
  if (ids.length > MOST_SINGLE) await refresh();
  else {
    const asked = await Promise.allSettled([...ids.map(refreshSession), refreshBudget()]);
    for (const one of asked) if (one.status === 'rejected' && mine === round) failed(one.reason);
  }
  if (mine === round) gathering = dirty.size > 0 ? setTimeout(gather, GATHER_MS) : undefined;
}

/** The regular look: at what works, at whether all rests, and at everything where there is no stream. */
async function look(): Promise<void> {
  for (const mine = round; mine === round; ) {
    const { sessions, link } = current();
    const working = sessions?.filter((session) => isMoving(session, now())) ?? [];
    await new Promise((resolve) => setTimeout(resolve, link === 'away' ? AWAY_MS : WORKING_MS));
    if (!key() || document.hidden || mine !== round) continue;
    if (current().link === 'away') {
      connect();
      await refresh();
    } else if (stop && isNextDay()) await refreshBudget().catch(failed);
    else if (working.length > 0) await lookAt(working.map(({ id }) => id));
    else rest();
  }
}

function isNextDay(): boolean {
  const { budget } = current();
  if (!budget || now() < Date.parse(budget.resets_at) || Date.now() - resetAskedAt < RESET_MS) return false;
  resetAskedAt = Date.now();
  return true;
}

async function lookAt(ids: string[]): Promise<void> {
  const order = inOrder();
  const mine = round;
  const path = `/v1/sessions?limit=100&status=working`;
  try {
    const [found] = await Promise.all([all<Session>(path), refreshBudget()]);
    if (mine !== round) return;
    const seen = new Set(found.map(({ id }) => id));
    take(found, order);
    await Promise.all(
      ids
        .filter((id) => !seen.has(id))
        .slice(0, MOST_SINGLE)
        .map(refreshSession),
    );
  } catch (error) {
    if (mine === round) failed(error);
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
  if (Date.now() - leftAt > MISSED_MS) lastEvent = null;
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
