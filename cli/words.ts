/** Sessions and money in words. Each state has a shape, a colour and a word of its own. */
import { createHash } from 'node:crypto';
import { type Budget, dollars, type JournalEvent, type Session, type SessionEvent } from '../client/index.ts';
import { isHeld, stopped } from './stop.ts';
import { ago, clock, compared, json, oneLine, type Paint, plural, type Style, span, width } from './text.ts';

const STATES = {
  thinking: ['cyan', '●', 'Thinking'],
  acting: ['cyan', '▶', 'Acting'],
  loading: ['cyan', '◌', 'Starting'],
  queued: ['gray', '◌', 'Queued'],
  late: ['yellow', '◍', 'Late'],
  silent: ['yellow', '◍', 'Silent'],
  sleeping: ['blue', '☾', 'Asleep'],
  waiting_for_input: ['magenta', '?', 'Waiting for you'],
  paused: ['gray', '‖', 'Paused'],
  budget_exceeded: ['red', '■', 'Over the ceiling'],
  completed: ['green', '✓', 'Done'],
  failed: ['red', '✕', 'Failed'],
  cancelled: ['gray', '–', 'Cancelled'],
} as const satisfies Record<string, [Style, string, string]>;

const stateOf = ({ status, activity }: Session): keyof typeof STATES =>
  status === 'working' ? (activity?.state ?? 'queued') : status;

/** `☾ Asleep 00:00 UTC` */
export function state(session: Session, now: number, paint: Paint): string {
  const [style, mark, word] = STATES[stateOf(session)];
  const until = session.status === 'sleeping' && session.wake_at ? ` → ${clock(session.wake_at, now)}` : '';
  return paint(style, `${mark} ${word}${until}`);
}

/** What it does, or why it does nothing and what ends that. `stop`: when the operator had stopped all agents. */
export function situation(session: Session, now: number, stop: string | null = null): string {
  if (stop !== null && isHeld(session, now)) return stopped(stop, 'it waits');
  const { status, activity, wake_at: wakeAt } = session;
  const since = activity ? span(now - Date.parse(activity.since)) : '';
  switch (status) {
    case 'working':
      if (activity?.state === 'late')
        return `It should have moved ${since} ago. It is looked for each minute, and nothing is lost.`;
      if (activity?.state === 'silent')
        return 'Its worker is not heard of. Another one takes it up from its last save.';
      return `Iteration ${session.iteration_number + 1}${since && ` · ${since}`}${activity?.held_microdollars ? ` · holding ${dollars(activity.held_microdollars)}` : ''}`;
    case 'sleeping':
      return `${wakeAt ? `Until ${clock(wakeAt, now)} (${span(Date.parse(wakeAt) - now)}): ` : ''}${whyAsleep(session)}`;
    case 'waiting_for_input':
      return session.waiting?.kind === 'approval'
        ? 'A call waits for your decision.'
        : oneLine(session.question ?? 'It waits for you.');
    case 'paused':
      return session.error ? oneLine(session.error.message) : 'Until it is resumed.';
    case 'budget_exceeded':
      return `The ceiling of the day is reached.${wakeAt ? ` It goes on ${clock(wakeAt, now)} (${span(Date.parse(wakeAt) - now)}).` : ' Top up, then wake it.'}`;
    case 'failed':
      return oneLine(session.error?.message ?? session.outcome ?? 'It failed.');
    default:
      return `${session.completed_at ? `${ago(session.completed_at, now)} · ` : ''}${plural(session.iteration_number, 'iteration')}`;
  }
}

function whyAsleep({ sleep, sleep_reason: reason }: Session): string {
  if (reason === 'agent') return 'it asked to sleep until then.';
  if (reason === 'rate_limit' || reason === 'overloaded') return 'the provider is busy.';
  if (!sleep || sleep.needed_microdollars === null) return 'the money of the day is used.';
  if (sleep.limit === 'cycle') return 'the cycle has no money left, or none is paid for it.';
  if (sleep.limit === 'wind_down') return '90 % of the allowance is spent.';
  if (sleep.limit === 'share') return 'its share of the day is used up.';
  const { needed_microdollars: needed, available_microdollars, kept_for_hand_offs_microdollars } = sleep;
  const [free, kept] = [available_microdollars ?? 0, kept_for_hand_offs_microdollars ?? 0];
  if (free - kept >= needed) return 'a step did not fit beside what others held, so it has handed off for today.';
  const [need, has] = compared(needed, free);
  return free < needed
    ? `the next step needs ${need}, ${has} is free below the ceiling.`
    : `the next step needs ${need}, and of ${has} free below the ceiling ${dollars(kept)} is kept for hand-offs.`;
}

export type Approval = NonNullable<Session['waiting']>['approvals'][number];

/** Names the very arguments and tool that were shown, so that another question is not answered. */
export const pinOf = ({ args_sha, tool_sha }: Approval): string =>
  createHash('sha256').update(`${args_sha} ${tool_sha}`).digest('hex').slice(0, 32);

/** What would run, to the last letter; of long arguments in lists only the beginning. */
export const callOf = ({ tool, input, input_preview }: Approval): string =>
  `${oneLine(tool)} ${input ? json(input) : `${oneLine(input_preview ?? '')}…`}`;

/** The command that lets this very call run. */
export const approvalOf = (id: string, call: Approval): string =>
  `circadian approve ${id} ${oneLine(call.call_id)} --sha ${pinOf(call)}`;

/** The command that ends a session's rest, or shows what it has made. */
export function nextCommand({ id, status, waiting, sleep, wake_at: wakeAt }: Session): string | null {
  if (status === 'waiting_for_input')
    return waiting?.kind === 'approval' ? `circadian show ${id}` : `circadian answer ${id} "…"`;
  if (status === 'paused') return `circadian resume ${id}`;
  if (status === 'budget_exceeded' && wakeAt === null) return `circadian wake ${id}`;
  const need = sleep?.top_up_to_wake_microdollars;
  if (status === 'sleeping' && need) return `circadian topup ${(Math.ceil(need / 10_000) / 100).toFixed(2)} --today`;
  return status === 'completed' ? `circadian files ls ${id}` : null;
}

/** The day as a bar, and the cycle: three lines. Where they do not fit, what may be spent today stays longest. */
export function money(
  budget: Budget,
  { columns, now, paint }: { columns: number; now: number; paint: Paint },
): string[] {
  const { daily_budget_microdollars: day, spent_microdollars: spent, held_microdollars: held, subscription } = budget;
  if (subscription.budget_microdollars === 0)
    return ['No budget is set: no agent may think. Ask the operator for one.', '', ''];
  const graceful = budget.graceful_threshold_microdollars;
  const ceiling = Math.max(1, budget.hard_ceiling_microdollars);
  // The same number under the same word as on the page.
  const free = `${dollars(Math.max(0, graceful - spent - held))} left`;
  const [used, left] = [`Today  ${dollars(spent)} of ${dollars(day)}`, `${free} for work`];
  const room = columns - width(used) - width(left) - 4;
  const cells = Math.min(48, room, Math.max(LEAST_CELLS, columns - 52));
  const at = (amount: number) => Math.round((cells * Math.min(amount, ceiling)) / ceiling);
  const style = spent >= day ? 'red' : spent >= graceful ? 'yellow' : 'cyan';
  const marks = [at(graceful), at(day)];
  const rest = Array.from({ length: Math.max(0, cells - at(spent + held)) }, (_, i) =>
    marks.includes(i + at(spent + held)) ? '│' : '·',
  );
  const bar = () =>
    paint(style, '█'.repeat(at(spent)) + '▒'.repeat(at(spent + held) - at(spent))) + paint('dim', rest.join(''));
  const short = [
    `${used}  ${paint(style, left)}`,
    `Today  ${paint(style, left)} of ${dollars(day)}`,
    `Today  ${paint(style, left)}`,
    `Today  ${paint(style, free)}`,
  ];
  const lasts = `resets in ${span(Date.parse(budget.resets_at) - now)}`;
  const kept = `       held ${dollars(held)}`;
  const winds = `${kept} · winds down ${dollars(graceful)}`;
  const resets = [
    `${winds} · ceiling ${dollars(ceiling)} · ${lasts} (${clock(budget.resets_at, now)})`,
    ...[`${winds} · ${lasts}`, `${kept} · ${lasts}`, `       ${lasts}`, lasts],
  ];
  const cycle = `Cycle  ${dollars(subscription.spent_microdollars)} of ${dollars(subscription.budget_microdollars)}`;
  const days = `${cycle} · ${plural(subscription.days_left, 'day')} left`;
  const course = budget.forecast.cycle_microdollars;
  return [
    room < LEAST_CELLS ? fitting(short, columns) : `${used}  ${bar()}  ${left}`,
    paint('dim', fitting(resets, columns)),
    fitting([course === null ? days : `${days} · on course to use ${dollars(course)}`, days, cycle], columns),
  ];
}

/** Of a bar that says anything. */
const LEAST_CELLS = 10;

/** The first that fits, else the last. */
const fitting = (texts: string[], columns: number): string =>
  texts.find((text) => width(text) <= columns) ?? texts.at(-1) ?? '';

export const KINDS = ['text', 'tools', 'money', 'errors', 'people', 'state'] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Partial<Record<JournalEvent['type'], Kind>> = {
  ...{ 'agent.text': 'text', 'agent.thought': 'text', 'agent.tool.called': 'tools', 'agent.tool.result': 'tools' },
  ...{ 'agent.model_called': 'money', 'agent.budget_updated': 'money', 'agent.winding_down': 'money' },
  ...{ 'agent.cost_corrected': 'money', 'agent.bill_in_doubt': 'money', 'agent.budget_exceeded': 'money' },
  ...{ 'agent.retrying': 'errors', 'agent.escalated': 'errors', 'agent.refused': 'errors', 'agent.failed': 'errors' },
  ...{ 'agent.message_received': 'people', 'agent.approval_requested': 'people', 'agent.approval_decided': 'people' },
  ...{ 'agent.waiting_for_input': 'people', 'agent.settings_changed': 'people', 'agent.files_received': 'people' },
};

export function kindOf(event: SessionEvent): Kind {
  if (event.type === 'agent.tool.result' && event.is_error) return 'errors';
  return KIND_OF[event.type as JournalEvent['type']] ?? 'state';
}
