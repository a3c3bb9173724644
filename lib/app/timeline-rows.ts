/** The rows of a timeline, as they are drawn. */
import { now } from './api.ts';
import { html } from './html.ts';
import { Mark, Sun } from './marks.ts';
import type { HereRow } from './midnights.ts';
import { receiptOf } from './receipt.ts';
import type { State } from './states.ts';
import { clock, dayOf, firstLine, money, plural, span, whenResets } from './text.ts';
import { type DayRow, type EventRow, hasError, type StepRow, type ToolUse, titleOf } from './timeline.ts';
import { Time, Told, useZone } from './times.ts';
import type { JournalEvent } from './types.ts';
import { dateOf, isUtc } from './zone.ts';

const MOST_SHOWN = 20_000;

/** Of UTC, as money is. Where times are those of a place, it says when it begins there. */
export function DayLine({ row }: { row: DayRow }) {
  useZone();
  const begins = dateOf(row.date) === row.date ? clock(row.date) : `${dayOf(row.date)}, ${clock(row.date)}`;
  return html`<h2 class="day"><span>${row.word}${isUtc() ? '' : html` UTC <i>from ${begins} here</i>`}</span><span>${money(row.cost)} · ${plural(row.iterations, 'iteration')}</span></h2>`;
}

/** A day of the place that begins within a UTC day. */
export const HereLine = ({ row }: { row: HereRow }) => html`<p class="day here">${row.word}</p>`;

export function StepLine({ row, open, toggle }: { row: StepRow; open: boolean; toggle: (key: string) => void }) {
  const tools = row.tools.filter(({ name }) => name !== 'narrate');
  return html`<div class=${`step${open ? ' open' : ''}`}>
    <button type="button" aria-expanded=${open} onClick=${() => toggle(row.key)}>
      <${Time} at=${row.at} as=${clock} />
      <span class="n">${row.number}</span>
      <span class="what" dir="auto">${row.phase && html`<em>${row.phase}</em>`}${titleOf(row)}</span>
      <span class="did">
        ${tools.slice(0, 2).map((tool) => html`<code>${tool.name}</code>`)}
        ${tools.length > 2 && html`<code>+${tools.length - 2}</code>`}
        ${hasError(row) && html`<${Mark} state="failed" /><span class="sr">with an error</span>`}
      </span>
      <span class="num">${row.cost > 0 ? money(row.cost) : ''}</span>
    </button>
    ${open && html`<${StepInside} row=${row} tools=${tools} />`}
  </div>`;
}

function StepInside({ row, tools }: { row: StepRow; tools: readonly ToolUse[] }) {
  const { tokens } = row;
  const all = tokens ? tokens.input + tokens.cached : 0;
  return html`<div class="inside">
    ${row.thought && html`<p class="text thought">${row.thought}</p>`}
    ${row.text && html`<p class="text" dir="auto">${row.text}</p>`}
    ${tools.map((tool) => html`<${Tool} key=${tool.id} tool=${tool} />`)}
    ${tokens && html`<p class="dim">${money(row.cost)} · ${all.toLocaleString('en')} tokens in${all > 0 && tokens.cached > 0 ? ` (${Math.round((100 * tokens.cached) / all)} % cached)` : ''}, ${tokens.output.toLocaleString('en')} out · ${span(row.ms)}</p>`}
  </div>`;
}

function Tool({ tool: { name, argument, result } }: { tool: ToolUse }) {
  const took = result?.duration_ms === undefined ? '' : ` · ${span(result.duration_ms)}`;
  const paid = result?.cost_microdollars ? ` · ${money(result.cost_microdollars)}` : '';
  return html`<div class=${`tool${result?.is_error ? ' bad' : ''}`}>
    <p><b>${name}</b> <code>${firstLine(argument, 400)}</code> <span class="dim">${result ? (result.is_error ? 'failed' : 'done') : 'under way'}${took}${paid}</span></p>
    ${argument.includes('\n') && html`<pre tabindex="0" aria-label=${`Arguments of ${name}`}>${argument.slice(0, MOST_SHOWN)}</pre>`}
    ${result && html`<pre tabindex="0" aria-label=${`Result of ${name}`}>${result.content.slice(0, MOST_SHOWN)}</pre>`}
  </div>`;
}

/** Between iterations: sleep, waking, what people did, how it ended. An event that this page does not know is shown as it is. */
export function EventLine({ row }: { row: EventRow }) {
  useZone();
  const { event } = row;
  const [mark, look] = markOf(event);
  return html`<div class=${`event ${look}`}>
    <${Time} at=${event.at} as=${clock} />
    ${mark === 'sun' ? html`<${Sun} />` : html`<${Mark} state=${mark} />`}
    <div>${event.type === 'agent.sleeping' ? html`<${Receipt} row=${row} />` : html`<p><${Told} text=${said(event)} /></p>${quoted(event)}`}</div>
  </div>`;
}

const LOOKS: Partial<Record<JournalEvent['type'], [State | 'sun', string]>> = {
  'agent.sleeping': ['asleep', 'rest'],
  'agent.waking': ['sun', 'wake'],
  'agent.resumed': ['sun', 'wake'],
  'agent.paused': ['paused', ''],
  'agent.waiting_for_input': ['waiting', 'person'],
  'agent.approval_requested': ['waiting', 'person'],
  'agent.approval_decided': ['done', 'person'],
  'agent.message_received': ['acting', 'person'],
  'agent.files_received': ['acting', 'person'],
  'agent.completed': ['done', ''],
  'agent.failed': ['failed', ''],
  'agent.cancelled': ['cancelled', ''],
  'agent.budget_exceeded': ['over', ''],
  'agent.retrying': ['busy', ''],
};
const markOf = (event: JournalEvent): [State | 'sun', string] => LOOKS[event.type] ?? ['queued', ''];

function said(event: JournalEvent): string {
  switch (event.type) {
    case 'agent.started':
      return `Started: ${event.agent} with ${event.model}`;
    case 'agent.waking':
      return event.early ? 'Woke sooner than it meant to' : 'Woke';
    case 'agent.message_received':
      return 'You said:';
    case 'agent.waiting_for_input':
      return event.kind === 'approval' ? 'Waits for your approval' : 'Asks you:';
    case 'agent.approval_requested':
      return `Wants to run ${event.name}`;
    case 'agent.approval_decided':
      return `${event.name}: ${event.decision}`;
    case 'agent.paused':
      return event.error ? 'Paused, since something is wrong:' : 'Paused by a person';
    case 'agent.resumed':
      return 'Goes on';
    case 'agent.completed':
      return `Done after ${plural(event.iterations, 'iteration')}`;
    case 'agent.failed':
      return `Failed (${event.outcome.replaceAll('_', ' ')}) after ${plural(event.iterations, 'iteration')}`;
    case 'agent.cancelled':
      return 'Cancelled';
    case 'agent.winding_down':
      return `Winds down: ${Math.round(event.budget_pct)} % of the day is spent, until ${whenResets(event.resets_at, now())}`;
    case 'agent.budget_exceeded':
      return `Over the ceiling: ${money(event.spent_microdollars)} spent of at most ${money(event.hard_ceiling_microdollars)}`;
    case 'agent.model_changed':
      return `Thinks with ${event.to} from here on, before with ${event.from}`;
    case 'agent.retrying':
      return `Tries again${event.reason ? ` (${event.reason.replaceAll('_', ' ')})` : ''}`;
    default:
      return `${event.type.replace('agent.', '').replaceAll(/[._]/g, ' ')} ${details(event)}`;
  }
}

function details(event: JournalEvent): string {
  const { seq: _seq, at: _at, session_id: _id, iteration: _n, type: _type, ...own } = event;
  return Object.keys(own).length === 0 ? '' : JSON.stringify(own).slice(0, 400);
}

function quoted(event: JournalEvent) {
  const text =
    event.type === 'agent.message_received'
      ? event.content
      : event.type === 'agent.waiting_for_input'
        ? event.question
        : event.type === 'agent.approval_requested'
          ? (event.input_preview ?? JSON.stringify(event.input ?? {}))
          : event.type === 'agent.completed'
            ? event.result
            : 'error' in event && event.error
              ? (event.error as { message: string }).message
              : event.type === 'agent.retrying'
                ? event.message
                : null;
  return text ? html`<blockquote dir="auto">${text.slice(0, 4_000)}</blockquote>` : null;
}

function Receipt({ row: { event, budget, sums } }: { row: EventRow }) {
  if (event.type !== 'agent.sleeping') return null;
  useZone();
  const receipt = receiptOf({ event, budget, sums }, now());
  return html`<section class="receipt" aria-label="Sleep receipt">
    <h3>${receipt.title}</h3>
    ${receipt.lines.length > 0 && html`<dl>${receipt.lines.map(({ name, amount, kind }) => html`<div class=${kind}><dt>${name}</dt><dd>${money(amount)}</dd></div>`)}</dl>`}
    <p>${event.wake_at ? html`<${Time} at=${event.wake_at} as=${() => receipt.wakes} />` : receipt.wakes}</p>
    ${receipt.note && html`<blockquote>${receipt.note}</blockquote>`}
    <p class="dim">Before it slept: ${receipt.done}</p>
  </section>`;
}
