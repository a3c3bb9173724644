/** One agent: its state, what it did, what came of it, and what a person can do about it. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { refreshSession } from './data.ts';
import { html } from './html.ts';
import { Waiting } from './inbox.ts';
import { later } from './later.ts';
import { LongList } from './long-list.ts';
import { Chip, Reason } from './marks.ts';
import { type HereRow, withMidnights } from './midnights.ts';
import { SessionActions } from './session-actions.ts';
import { type SessionStream, useSessionStream } from './session-data.ts';
import { stateOf } from './states.ts';
import { type Shared, useShared, useStateNow } from './store.ts';
import { money } from './text.ts';
import { filtered, ROW_FILTERS, type Row, type RowFilter } from './timeline.ts';
import { DayLine, EventLine, HereLine, StepLine } from './timeline-rows.ts';
import { useZone } from './times.ts';
import type { Session } from './types.ts';
import { isUtc } from './zone.ts';

const Files = later(() => import('./files.ts').then((found) => found.Files));
const Result = later(() => import('./session-result.ts').then((found) => found.Result));
const SessionUsage = later(() => import('./session-result.ts').then((found) => found.SessionUsage));

const TABS = ['timeline', 'result', 'files', 'usage'] as const;

export function SessionScreen({ id, tab }: { id: string; tab: string }) {
  const pick = useMemo(
    () =>
      ({ sessions }: Shared) =>
        sessions?.find((one) => one.id === id),
    [id],
  );
  const known = useShared(({ sessions }) => sessions !== null);
  const session = useShared(pick);
  const stream = useSessionStream(id);
  // Of long arguments a list shows the beginning alone.
  const isBrief = session?.waiting?.approvals.some(({ input }) => !input) ?? true;
  useEffect(() => {
    if (isBrief) void refreshSession(id);
  }, [id, isBrief]);
  if (!session)
    return html`<h1 class="sr">Agent</h1><p class="empty" role="status">${known && stream.trouble ? html`There is no such agent. <a href="/app">To all agents</a>` : 'Looking for it…'}</p>`;
  return html`<section class="session">
    <p class="back"><a href="/app">All agents</a></p>
    <${Head} session=${session} link=${stream.link} />
    ${session.waiting && html`<${Waiting} session=${session} />`}
    <nav class="tabs" aria-label="Of this agent">
      ${TABS.map((name) => html`<a href=${name === 'timeline' ? `/app/s/${id}` : `/app/s/${id}/${name}`} aria-current=${tab === name ? 'page' : undefined}>${name[0]!.toUpperCase()}${name.slice(1)}</a>`)}
    </nav>
    ${tab === 'files' && html`<${Files} session=${session} />`}
    ${tab === 'result' && html`<${Result} session=${session} />`}
    ${tab === 'usage' && html`<${SessionUsage} session=${session} />`}
    ${tab === 'timeline' && html`<${TimelineTab} session=${session} stream=${stream} />`}
  </section>`;
}

const LINKS = {
  connecting: 'connecting',
  live: 'live',
  away: 'connection lost, trying again',
  over: 'ended',
  resting: 'resting',
};

function Head({ session, link }: { session: Session; link: SessionStream['link'] }) {
  const at = useStateNow();
  const state = stateOf(session, at);
  const heading = useRef<HTMLHeadingElement>(null);
  const [isCut, setIsCut] = useState(false);
  // Of the width that the page has now.
  useLayoutEffect(() => setIsCut(heading.current!.scrollHeight > heading.current!.clientHeight + 1));
  const cap = session.max_cost_microdollars === null ? '' : ` of at most ${money(session.max_cost_microdollars)}`;
  return html`<h1 dir="auto" ref=${heading}>${session.goal}</h1>
    ${(isCut || session.goal.includes('\n')) && html`<details><summary>The whole goal</summary><p class="text" dir="auto">${session.goal}</p></details>`}
    <p class="facts">
      <${Chip} state=${state}><${Reason} session=${session} now=${at} /><//>
      <span class=${`live ${link === 'live' ? 'on' : link}`} role="status">${LINKS[link]}</span>
    </p>
    <p class="facts">
      <span>${money(session.cost_microdollars)}${cap}</span>
      <span>${session.iteration_number} of ${session.max_iterations} steps</span>
      <span>${session.agent} · ${session.model}</span>
    </p>
    <${SessionActions} session=${session} state=${state} />`;
}

type Shown = Row | HereRow;
const keyOf = ({ key }: Shown) => key;

function TimelineTab({ session, stream }: { session: Session; stream: SessionStream }) {
  const [filter, setFilter] = useState<RowFilter>('all');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  useZone();
  const utc = isUtc();
  const rows = useMemo(() => withMidnights(filtered(stream.rows, filter)), [stream.rows, filter, utc]);
  const toggle = (key: string) =>
    setOpen((was) => {
      const next = new Set(was);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  // Another function only where a row was opened or closed: the rows themselves tell what else is to be drawn anew.
  const render = useMemo(() => (row: Shown) => rowOf(row, open, toggle), [open]);
  return html`<div class="filters" role="group" aria-label="Show">
      ${ROW_FILTERS.map((name) => html`<button type="button" aria-pressed=${filter === name} onClick=${() => setFilter(name)}>${name}</button>`)}
    </div>
    <${Failure} error=${stream.trouble} />
    ${rows.length === 0 ? html`<p class="empty">${stream.rows.length === 0 ? 'Nothing happened yet.' : 'Nothing of that kind happened.'}</p>` : html`<${LongList} rows=${rows} keyOf=${keyOf} guess=${41} sticks=${true} label="Timeline" render=${render} />`}
    ${stream.thought && !stream.draft && html`<div class="draft dim" aria-hidden="true">${stream.thought.slice(-2_000)}</div>`}
    ${stream.draft && html`<div class="draft" aria-label="Being written">${stream.draft.slice(-4_000)}</div>`}
    ${session.completed_at === null && html`<${Say} session=${session} />`}`;
}

function rowOf(row: Shown, open: ReadonlySet<string>, toggle: (key: string) => void) {
  if (row.kind === 'day') return html`<${DayLine} row=${row} />`;
  if (row.kind === 'here') return html`<${HereLine} row=${row} />`;
  if (row.kind === 'event') return html`<${EventLine} row=${row} />`;
  return html`<${StepLine} row=${row} open=${open.has(row.key)} toggle=${toggle} />`;
}

/** To a session that asks nothing: what it is told, it takes at its next safe point. */
function Say({ session }: { session: Session }) {
  const action = useAction();
  const [text, setText] = useState('');
  if (session.waiting?.kind === 'question') return null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const sent = await action.run(() => action.send('POST', `/v1/sessions/${session.id}/messages`, { content: text }));
    if (!sent) return;
    setText('');
    await refreshSession(session.id);
  };
  return html`<form onSubmit=${submit}>
    <label>Tell it something<span class="hint">${session.status === 'sleeping' ? 'It wakes for this if the day has room for a step.' : 'It takes it up at its next safe point.'}</span>
      <textarea rows="2" value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)} />
    </label>
    <${Failure} error=${action.error} />
    <p class="row"><button disabled=${action.busy || text.trim() === ''}>Send</button></p>
  </form>`;
}
