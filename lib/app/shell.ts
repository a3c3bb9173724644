/** Around every screen: the ways to the others, the day's money, and what went wrong. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { forgetKey, isOvertaken, key, letGo } from './api.ts';
import { ClockBar } from './clock-bar.ts';
import { startData, stopData } from './data.ts';
import { html } from './html.ts';
import { Inbox } from './inbox.ts';
import { Keyboard } from './keyboard.ts';
import { later } from './later.ts';
import { Login } from './login.ts';
import { Brand, Mark } from './marks.ts';
import { Meter } from './meter.ts';
import { type Screen, useScreen } from './route.ts';
import { SessionScreen } from './session.ts';
import { clear, type Shared, useShared } from './store.ts';
import { timed } from './text.ts';
import { useZone, ZoneSwitch } from './times.ts';
import { Today } from './today.ts';

const Memories = later(() => import('./memories.ts').then((found) => found.Memories));
const Money = later(() => import('./money.ts').then((found) => found.Money));
const New = later(() => import('./new.ts').then((found) => found.New));
const Schedules = later(() => import('./schedules.ts').then((found) => found.Schedules));
const Users = later(() => import('./users.ts').then((found) => found.Users));
const Webhooks = later(() => import('./webhooks.ts').then((found) => found.Webhooks));

const NAV = [
  ['today', '/app', 'Today'],
  ['money', '/app/money', 'Money'],
  ['inbox', '/app/inbox', 'Inbox'],
  ['schedules', '/app/schedules', 'Schedules'],
  ['webhooks', '/app/webhooks', 'Webhooks'],
  ['memories', '/app/memories', 'Memory'],
] as const;

const waitingOf = ({ sessions }: Shared) =>
  sessions?.filter(({ status }) => status === 'waiting_for_input').length ?? 0;
const troubleOf = ({ trouble }: Shared) => trouble;

export function Shell() {
  const screen = useScreen();
  const [signedIn, setSignedIn] = useState(key() !== null);
  const [why, setWhy] = useState<string | null>(null);
  useEffect(() => {
    if (!signedIn) return;
    const leave = (reason: string) => {
      clear();
      setWhy(reason);
      setSignedIn(false);
    };
    void startData((reason) => {
      forgetKey();
      leave(reason);
    });
    const look = (event: StorageEvent) => {
      if (!isOvertaken(event)) return;
      letGo();
      leave('Another page of this browser has signed in or out. Sign in again here.');
    };
    addEventListener('storage', look);
    return () => {
      removeEventListener('storage', look);
      stopData();
    };
  }, [signedIn]);
  // It has a key of its own.
  if (!signedIn && screen.name === 'users')
    return html`<main id="main"><${Users} mark=${Mark} /><p><a href="/app">To the sign-in</a></p></main>`;
  if (!signedIn) return html`<${Login} why=${why} onKey=${() => setSignedIn(true)} />`;
  return html`<${Header} screen=${screen} /><${ClockBar} />
    <main id="main" tabindex="-1"><${Trouble} /><${Meter} /><${Content} screen=${screen} /></main>`;
}

const TITLES: Partial<Record<Screen['name'], string>> = {
  session: 'Agent',
  new: 'New agent',
  users: 'Users',
  missing: 'Not here',
};
const titleOf = ({ name }: Screen): string => TITLES[name] ?? NAV.find(([one]) => one === name)?.[2] ?? 'Today';

/** Another screen begins at its beginning, also for who cannot see that it is another one. A form takes the focus itself. */
function useFocusOn(screen: Screen): void {
  const isFirst = useRef(true);
  const place = screen.name === 'session' ? screen.id : screen.name;
  useEffect(() => {
    if (!isFirst.current && screen.name !== 'new') document.getElementById('main')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place]);
}

function Content({ screen }: { screen: Screen }) {
  switch (screen.name) {
    case 'today':
      return html`<${Today} />`;
    case 'session':
      return html`<${SessionScreen} key=${screen.id} id=${screen.id} tab=${screen.tab} />`;
    case 'money':
      return html`<${Money} />`;
    case 'inbox':
      return html`<${Inbox} />`;
    case 'new':
      return html`<${New} />`;
    case 'schedules':
      return html`<${Schedules} />`;
    case 'webhooks':
      return html`<${Webhooks} />`;
    case 'memories':
      return html`<${Memories} />`;
    case 'users':
      return html`<${Users} mark=${Mark} />`;
    default:
      return html`<h1>Not here</h1><p class="empty">There is no such screen. <a href="/app">To all agents</a></p>`;
  }
}

function Header({ screen }: { screen: Screen }) {
  const waiting = useShared(waitingOf);
  const title = titleOf(screen);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · Circadian`;
  }, [waiting, title]);
  useFocusOn(screen);
  const nav = useNavAt(screen.name);
  return html`<a class="skip" href="#main">To the content</a>
    <header class="top">
      <a class="brand" href="/app"><${Brand} />Circadian</a>
      <nav aria-label="Main" ref=${nav}>
        ${NAV.map(([name, path, word]) => html`<a href=${path} aria-current=${screen.name === name ? 'page' : undefined}>${word}${name === 'inbox' && waiting > 0 && html` <b>${waiting}</b>`}</a>`)}
      </nav>
      <${Link} /><${ZoneSwitch} /><a class="plain" href="/docs">Docs</a><${Keyboard} />
      <button type="button" class="plain" onClick=${signOut}>Sign out</button>
    </header>`;
}

/** Where not all screens fit beside each other, the one that is open is in the middle. */
function useNavAt(name: Screen['name']) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const chosen = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (!chosen || !nav.current) return;
    const { offsetLeft, clientWidth } = nav.current;
    nav.current.scrollLeft = chosen.offsetLeft - offsetLeft - (clientWidth - chosen.offsetWidth) / 2;
  }, [name]);
  return nav;
}

function Trouble() {
  const trouble = useShared(troubleOf);
  return html`<${Failure} error=${trouble} />`;
}

const linkOf = ({ link }: Shared) => link;
const asOfOf = ({ asOf }: Shared) => asOf;
const LINKS = { connecting: '', live: '', over: '', away: 'Connection lost, trying again', resting: 'Resting' };

/** Said where something is out of the ordinary. */
function Link() {
  const link = useShared(linkOf);
  const asOf = useShared(asOfOf);
  useZone();
  const since = link === 'away' && asOf > 0 ? `; all of it as of ${timed(asOf)}` : '';
  return html`<span class=${`link push ${link}`} role="status">${LINKS[link]}${since}</span>`;
}

function signOut(): void {
  forgetKey();
  location.assign('/app');
}
