/**
 * What a session does, for people: one state each, and a sentence that says why and until when. Asleep, queued, slow, late and waiting are
 * different words, shapes and colours, since what is to be done about each is different.
 */
import { ago, brief, money, moneys, span, when, whenResets } from './text.ts';
import type { EventOf, Session } from './types.ts';

export type State =
  | 'thinking'
  | 'acting'
  | 'queued'
  | 'slow'
  | 'late'
  | 'asleep'
  | 'busy'
  | 'waiting'
  | 'paused'
  | 'over'
  | 'done'
  | 'failed'
  | 'cancelled';

export const WORDS: Record<State, string> = {
  thinking: 'Thinking',
  acting: 'Acting',
  queued: 'Queued',
  slow: 'Slow',
  late: 'Late',
  asleep: 'Asleep',
  busy: 'Provider busy',
  waiting: 'Waiting for you',
  paused: 'Paused',
  over: 'Over the ceiling',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** A step that takes longer than this is said to be slow, while its worker is still heard of. */
const SLOW_MS = 120_000;
/** Due for so long and taken up by nobody. */
const LATE_MS = 120_000;

/** `now`: the product's clock. */
export function stateOf(session: Session, now: number): State {
  switch (session.status) {
    case 'working':
      return working(session, now);
    case 'sleeping':
      if (isDue(session, now)) return now - Date.parse(session.wake_at!) > LATE_MS ? 'late' : 'queued';
      return session.sleep_reason === 'rate_limit' || session.sleep_reason === 'overloaded' ? 'busy' : 'asleep';
    case 'waiting_for_input':
      return 'waiting';
    case 'budget_exceeded':
      return 'over';
    case 'completed':
      return 'done';
    default:
      return session.status;
  }
}

const isDue = ({ wake_at }: Session, now: number): boolean => wake_at !== null && Date.parse(wake_at) <= now;

/** It works, or should have woken: what is shown of it may be old in a moment. */
export const isMoving = (session: Session, now: number): boolean =>
  session.status === 'working' || (session.status === 'sleeping' && isDue(session, now));

function working({ activity }: Session, now: number): State {
  if (!activity) return 'queued';
  if (activity.state === 'late' || activity.state === 'silent') return 'late';
  if (activity.state === 'queued')
    return now - Date.parse(activity.due_at ?? activity.since) > LATE_MS ? 'late' : 'queued';
  if (now - Date.parse(activity.since) > SLOW_MS) return 'slow';
  return activity.state === 'acting' ? 'acting' : 'thinking';
}

export type Group = 'all' | 'working' | 'asleep' | 'needs you' | 'ended';
export const GROUPS: readonly Group[] = ['all', 'working', 'asleep', 'needs you', 'ended'];

const GROUP_OF: Record<State, Group> = {
  ...{ thinking: 'working', acting: 'working', queued: 'working', slow: 'working', late: 'working' },
  ...{ asleep: 'asleep', busy: 'asleep', waiting: 'needs you', paused: 'needs you', over: 'needs you' },
  ...{ done: 'ended', failed: 'ended', cancelled: 'ended' },
};
export const groupOf = (state: State): Group => GROUP_OF[state];

/** Why it is so and what comes next. It advances with the clock, without any event. */
export function sentenceOf(session: Session, now: number): string {
  const state = stateOf(session, now);
  switch (state) {
    case 'thinking':
    case 'acting':
    case 'slow':
      return atWork(session, state, now);
    case 'queued':
      return 'Starting in a moment';
    case 'late':
      return late(session, now);
    case 'asleep':
      return asleep(session, now);
    case 'busy':
      return session.wake_at ? `Tried again in ${untilOf(session.wake_at, now)}` : 'Tried again soon';
    case 'waiting':
      return waiting(session, now);
    case 'paused':
      return session.error ? session.error.message : 'By a person; nothing is spent meanwhile';
    case 'over':
      return over(session, now);
    default:
      return [endedAgo(session, now), session.error?.message].filter(Boolean).join(': ');
  }
}

/** Since when its question waits; the sentence of an approval says that itself. */
export const askedFor = ({ waiting }: Session, now: number): string =>
  waiting?.kind === 'question' ? `for ${span(now - Date.parse(waiting.since))}` : '';

const endedAgo = ({ completed_at: at }: Session, now: number): string => (at ? ago(at, now) : '');

const untilOf = (at: string, now: number): string => span(Math.max(0, Date.parse(at) - now));

function atWork({ activity, iteration_number, current_phase }: Session, state: State, now: number): string {
  const since = activity ? span(now - Date.parse(activity.since)) : '';
  const parts = [
    ...(state === 'slow'
      ? [`${activity?.state === 'acting' ? 'acting' : 'thinking'} for ${since}, still heard of`]
      : [since]),
    // A reply is counted once it is saved: what acts belongs to the last one.
    `iteration ${activity?.state === 'acting' ? iteration_number : iteration_number + 1}`,
    ...(current_phase ? [current_phase] : []),
    ...(activity && activity.held_microdollars > 0 ? [`holds ${money(activity.held_microdollars)}`] : []),
  ];
  return parts.filter(Boolean).join(' · ');
}

function late({ activity, wake_at }: Session, now: number): string {
  const since =
    activity?.state === 'silent' ? (activity.heartbeat_at ?? activity.since) : (activity?.due_at ?? wake_at);
  const for_ = since ? span(now - Date.parse(since)) : 'a while';
  return activity?.state === 'silent'
    ? `Its worker is not heard of for ${for_}; another one goes on from the last save`
    : `Should have moved ${for_} ago. It is looked for each minute; nothing is lost`;
}

/** Why a session sleeps. */
export const SLEEP_WORDS: Record<EventOf<'agent.sleeping'>['reason'], string> = {
  allowance: 'the day’s money is used',
  rate_limit: 'the provider asked it to wait',
  overloaded: 'the provider is overloaded',
  server_away: 'a server whose tools it uses does not answer',
  agent: 'it chose to',
  session_cap: 'its own limit of cost is reached',
  claim_limit: 'it was taken up too often today',
};

/** Of sleeps that a new day of money ends. */
const endsWithDay = (reason: string | null): boolean => reason === 'allowance' || reason === 'claim_limit';

/** When it wakes. A day of money ends at midnight UTC, so that is named, wherever one is. */
export const wakeWords = (at: string, reason: string | null, now: number): string =>
  endsWithDay(reason) ? whenResets(at, now) : when(at, now);

/** The instant that the sentence names, with its words there; null: none. */
export function momentOf(session: Session, now: number): { at: string; words: string } | null {
  const { wake_at: wake, sleep_reason: reason, waiting: asked } = session;
  const state = stateOf(session, now);
  if (state === 'asleep' && wake) return { at: wake, words: wakeWords(wake, reason, now) };
  if (state === 'over' && wake) return { at: wake, words: whenResets(wake, now) };
  const until = state === 'waiting' ? asked?.approvals[0]?.expires_at : undefined;
  return until === undefined ? null : { at: until, words: when(until, now) };
}

/** The next day of money wakes it, except where only people wake agents. */
const over = ({ wake_at: at }: Session, now: number): string =>
  `A bill passed the ceiling of the day; top up, ${at ? `or it goes on ${whenResets(at, now)} (in ${untilOf(at, now)})` : 'then wake it'}`;

function asleep({ sleep, sleep_reason, wake_at }: Session, now: number): string {
  const until = wake_at
    ? `until ${wakeWords(wake_at, sleep_reason, now)} (in ${untilOf(wake_at, now)})`
    : 'until a person wakes it';
  const note = sleep?.reason === 'agent' && sleep.note ? `, as it asked: ${brief(sleep.note, 120)}` : '';
  if (!sleep || sleep.reason === 'agent') return `${until}${note}`;
  if (sleep.reason !== 'allowance') return `${until}: ${SLEEP_WORDS[sleep.reason as keyof typeof SLEEP_WORDS]}`;
  const { needed_microdollars: needed, available_microdollars: available, limit } = sleep;
  if (limit === 'cycle')
    return `${until}: the cycle has no money left, or none is paid for it; a renewal or a top-up wakes it`;
  if (limit === 'wind_down') return `${until}: 90 % of the day is spent`;
  if (needed === null || available === null) return until;
  if (limit === 'share') return `${until}: its share of the day is used up`;
  const kept = sleep.kept_for_hand_offs_microdollars ?? 0;
  if (available - kept >= needed)
    return `${until}: a step did not fit beside what others held, so it has handed off for today`;
  const [needs, free] = moneys(needed, available);
  return available < needed
    ? `${until}: a step needs ${needs}, ${free} is free below the ceiling`
    : `${until}: a step needs ${needs}, and of ${free} free below the ceiling ${money(kept)} is kept for hand-offs`;
}

function waiting({ waiting: asked, question }: Session, now: number): string {
  if (asked?.kind !== 'approval') return `${question ?? 'It asks for your word'}`;
  const [first, ...others] = asked.approvals;
  if (!first) return 'A call waits for your approval';
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return `May it run ${first.tool}${more}? Asked ${span(now - Date.parse(first.asked_at))} ago, until ${when(first.expires_at, now)}`;
}

/** When something of these next moves without anybody's doing; null: nothing does. While something works, that is now. */
export function nextMove(sessions: readonly Session[], now: number): number | null {
  let next: number | null = null;
  for (const { status, wake_at } of sessions) {
    const at = status === 'working' ? now : wake_at === null ? null : Math.max(now, Date.parse(wake_at));
    if (at !== null && (next === null || at < next)) next = at;
  }
  return next;
}
