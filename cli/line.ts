/** An event of a journal in one line. */
import { dollars, type SessionEvent } from '../client/index.ts';
import { compared, json, oneLine, type Paint } from './text.ts';

/** Null: it says nothing to people that another event does not. */
export function line(event: SessionEvent, paint: Paint): string | null {
  const text = words(event, paint);
  if (text === null) return null;
  return 'at' in event ? `${paint('dim', event.at.slice(11, 19))}  ${text}` : text;
}

/** Tools that steer the session itself: another event says what they did. */
const CONTROLS = ['narrate', 'finish', 'sleep', 'ask_user'];

function words(event: SessionEvent, paint: Paint): string | null {
  const dim = (text: string) => paint('dim', text);
  switch (event.type) {
    case 'agent.delta':
    case 'agent.budget_updated':
      return null;
    case 'agent.started':
      return dim(`started: ${event.agent} · ${event.model}`);
    case 'agent.thinking':
      return dim(`── ${event.compacting ? 'summary' : `iteration ${event.iteration}`} · ${event.model}`);
    case 'agent.text':
      return oneLine(event.text);
    case 'agent.thought':
      return paint(['dim', 'italic'], `(thinks) ${oneLine(event.text)}`);
    case 'agent.tool.called':
      if (CONTROLS.includes(event.name)) return null;
      return `${paint('cyan', '▶')} ${oneLine(event.name)} ${dim(argumentsOf(event.input ?? event.input_preview))}`;
    case 'agent.tool.result':
      if (CONTROLS.includes(event.name ?? '') && !event.is_error) return null;
      return `${event.is_error ? paint('red', '✕') : paint('green', '✓')} ${dim(oneLine(event.content))}${paid(event.cost_microdollars)}`;
    case 'agent.model_called':
      return dim(`${dollars(event.cost_microdollars)}${event.charge === 'unknown' ? ' charged, outcome unknown' : ''}`);
    case 'agent.message_received':
      return `${paint('magenta', 'you')} ${oneLine(event.content)}`;
    case 'agent.approval_requested':
      return `${paint('magenta', '?')} may it call ${oneLine(event.name)} ${dim(event.input ? json(event.input) : oneLine(event.input_preview ?? ''))}`;
    case 'agent.approval_decided':
      return `${paint('magenta', 'you')} ${event.decision} ${oneLine(event.name)}`;
    case 'agent.waiting_for_input':
      return event.kind === 'approval'
        ? null
        : `${paint('magenta', '?')} ${oneLine(event.question ?? 'waits for you')}`;
    case 'agent.sleeping':
      return paint(
        'blue',
        `☾ asleep${event.wake_at ? ` until ${event.wake_at.slice(0, 16).replace('T', ' ')} UTC` : ''}: ${whySleeping(event)}`,
      );
    case 'agent.waking':
      return paint('blue', `☀ awake${event.early ? ', before its time' : ''}`);
    case 'agent.completed':
      return `${paint('green', '✓ done')} ${oneLine(event.result ?? '')}`.trimEnd();
    case 'agent.failed':
      return `${paint('red', '✕ failed')} ${oneLine(event.error?.message ?? event.outcome)}`;
    case 'agent.paused':
      return `‖ paused${event.error ? `: ${oneLine(event.error.message)}` : ''}`;
    case 'agent.retrying':
      return paint('yellow', `tries again: ${oneLine(event.message ?? event.reason ?? 'its worker died')}`);
    case 'agent.phase.completed':
      return null;
    case 'agent.phase.started':
      return paint('bold', oneLine(event.phase_name));
    default:
      return dim(event.type.replace('agent.', '').replaceAll(/[._]/g, ' '));
  }
}

const paid = (cost: number | null | undefined): string => (cost ? ` ${dollars(cost)}` : '');

/** A command, a path or an address says more than all arguments do. */
function argumentsOf(input: Record<string, unknown> | string | undefined): string {
  if (typeof input !== 'object') return oneLine(input ?? '');
  const telling = input.command ?? input.path ?? input.url ?? input.query;
  return oneLine(typeof telling === 'string' ? telling : JSON.stringify(input));
}

function whySleeping(event: Extract<SessionEvent, { type: 'agent.sleeping' }>): string {
  if (event.reason === 'agent') return 'as it asked';
  if (event.limit === 'cycle') return 'the cycle has no money left, or none is paid for it';
  if (event.limit === 'wind_down') return '90 % of the day is spent';
  if (event.limit === 'share') return 'its share of the day is used up';
  if (event.needed_microdollars === undefined)
    return event.limit === 'next_step'
      ? 'a step did not fit beside what is held or kept for hand-offs'
      : event.reason.replaceAll('_', ' ');
  if (event.available_microdollars === undefined) return `next step needs ${dollars(event.needed_microdollars)}`;
  const [need, rest] = compared(event.needed_microdollars, event.available_microdollars);
  return `next step needs ${need}, ${rest} is free for this session`;
}
