/** The first screen: the day's spending by the hour, what needs a person, and all agents. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, now } from './api.ts';
import { HourStrip, hoursOf } from './hour-strip.ts';
import { html } from './html.ts';
import { keysAreOn } from './keyboard.ts';
import { LongList } from './long-list.ts';
import { Chip, Line, Sentence } from './marks.ts';
import { go } from './route.ts';
import { askedFor, GROUPS, type Group, groupOf, stateOf } from './states.ts';
import { type Shared, useNow, useShared, useStateNow } from './store.ts';
import { money } from './text.ts';
import type { Page, Session, Usage } from './types.ts';

const sessionsOf = ({ sessions }: Shared) => sessions;
const budgetOf = ({ budget }: Shared) => budget;
const isCutOf = ({ isCut }: Shared) => isCut;
const MOST_NEEDS = 3;

export function Today() {
  const sessions = useShared(sessionsOf);
  const isCut = useShared(isCutOf);
  const [filter, setFilter] = useState<Group>('all');
  const [query, setQuery] = useState('');
  if (!sessions) return html`<h1 class="sr">Today</h1><p class="empty" role="status">Looking for your agents…</p>`;
  const needs = sessions.filter(({ status }) => status === 'waiting_for_input');
  return html`<h1 class="sr">Today</h1>
    <${Hours} />
    ${needs.length > 0 && html`<${Needs} sessions=${needs} />`}
    <section class="agents" aria-labelledby="agents">
      <div class="head">
        <h2 id="agents">Agents <b>${sessions.length}</b></h2>
        <div class="filters" role="group" aria-label="Show">
          ${GROUPS.map((group) => html`<button type="button" aria-pressed=${filter === group} onClick=${() => setFilter(group)}>${group}</button>`)}
          <input type="search" id="search" aria-label="Search goals" placeholder="Search" value=${query} onInput=${(event: InputEvent) => setQuery((event.target as HTMLInputElement).value)} />
          <a class="button primary" href="/app/new">New</a>
        </div>
      </div>
      ${isCut && html`<p class="note">These are the newest of your agents, and all that need you. Older ones are in the API’s list.</p>`}
      <${Agents} sessions=${sessions} filter=${filter} query=${query} />
    </section>`;
}

function Agents({ sessions, filter, query }: { sessions: readonly Session[]; filter: Group; query: string }) {
  const shown = useMemo(() => {
    const words = query.toLowerCase();
    return sessions.filter(
      (session) =>
        (filter === 'all' || groupOf(stateOf(session, now())) === filter) &&
        (words === '' || session.goal.toLowerCase().includes(words) || session.id.includes(words)),
    );
  }, [sessions, filter, query]);
  const box = useChosen(shown);
  if (sessions.length === 0) return html`<${Welcome} />`;
  if (shown.length === 0) return html`<p class="empty">None of your agents is there.</p>`;
  return html`<div ref=${box}>
    <div class="cols" aria-hidden="true"><span>goal</span><span>state</span><span class="num">cost</span><span class="num it">steps</span></div>
    <${LongList} rows=${shown} keyOf=${idOf} guess=${55} label="Agents" render=${AgentRow} />
  </div>`;
}

const idOf = ({ id }: Session) => id;

const AgentRow = (session: Session) => html`<${AgentLine} session=${session} />`;

function AgentLine({ session }: { session: Session }) {
  const at = useStateNow();
  const state = stateOf(session, at);
  return html`<a class=${`agent ${state}`} href=${`/app/s/${session.id}`}>
    <span class="goal" dir="auto">${session.goal}</span>
    <${Chip} state=${state}><${Line} session=${session} now=${at} /><//>
    <span class="num">${money(session.cost_microdollars)}</span>
    <span class="num dim it">${session.iteration_number}</span>
  </a>`;
}

/** j and k go from agent to agent, as they do in lists of mail. */
function useChosen(shown: readonly Session[]) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.key !== 'j' && event.key !== 'k') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!keysAreOn() || document.querySelector('dialog[open]')) return;
      if ((event.target as Element).matches('input, textarea, select')) return;
      const links = [...(box.current?.querySelectorAll<HTMLAnchorElement>('a.agent') ?? [])];
      const at = links.indexOf(document.activeElement as HTMLAnchorElement);
      links[at < 0 ? 0 : at + (event.key === 'j' ? 1 : -1)]?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [shown]);
  return box;
}

function Needs({ sessions }: { sessions: readonly Session[] }) {
  return html`<section class="needs" aria-labelledby="needs">
    <h2 id="needs">Needs you <b>${sessions.length}</b></h2>
    ${sessions.slice(0, MOST_NEEDS).map((session) => html`<${NeedsLine} key=${session.id} session=${session} />`)}
    ${sessions.length > MOST_NEEDS && html`<a href="/app/inbox">All ${sessions.length} in the inbox</a>`}
  </section>`;
}

function NeedsLine({ session }: { session: Session }) {
  const at = useStateNow();
  return html`<a class="ask" href="/app/inbox">
    <${Chip} state="waiting">${askedFor(session, at)}<//>
    <span class="what" dir="auto"><${Sentence} session=${session} now=${at} /></span>
    <span class="of" dir="auto">${session.goal}</span>
  </a>`;
}

const SAMPLES = [
  'Ask me before you begin: which of three subjects should the guide be about? Then write it into guide.md.',
  'Write a field guide to the owls of northern forests, as a small website in site/.',
];

function Welcome() {
  const start = (goal: string) => () => {
    sessionStorage.setItem('circadian.goal', goal);
    go('/app/new');
  };
  return html`<div class="card stack">
    <h3>No agent yet</h3>
    <p>An agent works on a goal for as long as it takes. Each day has an allowance, and no call is made that would pass its ceiling. When the day's money is used, the agent sleeps, and the next day wakes it.</p>
    <p class="row">${SAMPLES.map((goal) => html`<button type="button" onClick=${start(goal)}>${goal}</button>`)}</p>
  </div>`;
}

/** Asked anew when the budget has changed. */
function Hours() {
  const budget = useShared(budgetOf);
  const at = useNow();
  const [rows, setRows] = useState<Usage[]>([]);
  const spent = budget?.spent_microdollars;
  const date = budget?.date;
  useEffect(() => {
    if (!date) return;
    const stop = new AbortController();
    get<Page<Usage>>(`/v1/usage?group_by=hour&from=${date}&to=${date}`, stop.signal).then(
      ({ data }) => setRows(data),
      () => undefined,
    );
    return () => stop.abort();
  }, [spent, date]);
  return html`<${HourStrip} hours=${hoursOf(rows)} now=${at} />`;
}
