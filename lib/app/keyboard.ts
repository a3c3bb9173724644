/**
 * Single keys, for people who want them: they can be switched off, and do nothing while somebody writes. None spends or destroys anything: where a
 * key is for that, it opens what asks first.
 */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Dialog } from './dialog.ts';
import { html } from './html.ts';
import { go } from './route.ts';
import { TopUpDialog } from './top-up.ts';

const OFF = 'circadian.keys';
const GOES: Record<string, string> = {
  t: '/app',
  m: '/app/money',
  i: '/app/inbox',
  s: '/app/schedules',
  w: '/app/webhooks',
};
const HELP: readonly [string, string][] = [
  ['g t', 'Today'],
  ['g m', 'Money'],
  ['g i', 'Inbox'],
  ['g s', 'Schedules'],
  ['g w', 'Webhooks'],
  ['n', 'New agent'],
  ['j k', 'Next and last agent of the list'],
  ['/', 'Search'],
  ['a', 'To the answer'],
  ['p', 'On an agent’s page: pause it; or let it go on, which asks first'],
  ['t', 'Top up: opens the dialog'],
  ['?', 'This list'],
];

/** Whether single keys do anything. */
export const keysAreOn = (): boolean => localStorage.getItem(OFF) !== 'off';

/** What keys do on the screen that is there. */
const ofScreen = new Map<string, () => void>();

/** While the component is there. `act`: null where the key has nothing to do. */
export function useKey(key: string, act: (() => void) | null): void {
  useLayoutEffect(() => {
    if (!act) return;
    ofScreen.set(key, act);
    return () => void ofScreen.delete(key);
  });
}

/** The button is there for those who have switched them off, too. */
export function Keyboard() {
  const [help, setHelp] = useState(false);
  const [on, setOn] = useState(keysAreOn);
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    if (!on) return;
    let isGoing = false;
    const onKey = (event: KeyboardEvent) => {
      const writes = (event.target as Element).matches('input, textarea, select');
      if (
        writes ||
        event.repeat ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        document.querySelector('dialog[open]')
      )
        return;
      const goes = isGoing ? GOES[event.key] : undefined;
      isGoing = event.key === 'g';
      const act = goes ? () => go(goes) : (ofScreen.get(event.key) ?? ACTS[event.key]);
      if (event.key === '?') setHelp(true);
      else if (!act && event.key === 't') setAdding(true);
      else if (act) {
        event.preventDefault();
        act();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [on]);
  const toggle = () => {
    localStorage.setItem(OFF, on ? 'off' : 'on');
    setOn(!on);
  };
  return html`<button type="button" class="plain keys" onClick=${() => setHelp(true)}>Keyboard</button>
    ${adding && html`<${TopUpDialog} onClose=${() => setAdding(false)} />`}
    ${
      help &&
      html`<${Dialog} title="Keyboard" onClose=${() => setHelp(false)}>
    <table><tbody>${HELP.map(([keys, word]) => html`<tr><td>${keys.split(' ').map((one) => html`<kbd>${one}</kbd> `)}</td><td>${word}</td></tr>`)}</tbody></table>
    <label class="check"><input type="checkbox" checked=${on} onChange=${toggle} />Single keys do this</label>
    <p><button type="button" onClick=${() => setHelp(false)}>Close</button></p>
  <//>`
    }`;
}

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();
const ACTS: Record<string, () => void> = {
  n: () => go('/app/new'),
  '/': () => focus('#search'),
  a: () => focus('[data-answer]'),
};
