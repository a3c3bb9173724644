/** Around every screen: the ways to the others, the day's money, and what went wrong. */
import { useEffect, useState } from 'preact/hooks';
import { forgetKey, key } from './api.ts';
import { startData, stopData } from './data.ts';
import { html } from './html.ts';
import { Login } from './login.ts';
import { Brand } from './marks.ts';
import { Meter } from './meter.ts';
import { type Screen, useScreen } from './route.ts';
import { clear, type Shared, useShared } from './store.ts';

const NAV = [
  ['today', '/app', 'Today'],
  ['money', '/app/money', 'Money'],
  ['inbox', '/app/inbox', 'Inbox'],
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
    void startData(() => {
      forgetKey();
      clear();
      setWhy('This key opens nothing: it is not known here, or was revoked. Nothing was done.');
      setSignedIn(false);
    });
    return stopData;
  }, [signedIn]);
  if (!signedIn) return html`<${Login} why=${why} onKey=${() => setSignedIn(true)} />`;
  return html`<${Header} screen=${screen} /><${Trouble} />
    <main id="main"><${Meter} /></main>`;
}

function Header({ screen }: { screen: Screen }) {
  const waiting = useShared(waitingOf);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}Circadian`;
  }, [waiting]);
  return html`<a class="skip" href="#main">To the content</a>
    <header class="top">
      <a class="brand" href="/app"><${Brand} />Circadian</a>
      <nav aria-label="Main">
        ${NAV.map(([name, path, word]) => html`<a href=${path} aria-current=${screen.name === name ? 'page' : undefined}>${word}${name === 'inbox' && waiting > 0 && html` <b>${waiting}</b>`}</a>`)}
      </nav>
    </header>`;
}

function Trouble() {
  const trouble = useShared(troubleOf);
  return trouble && html`<p class="trouble" role="alert">${trouble}</p>`;
}
