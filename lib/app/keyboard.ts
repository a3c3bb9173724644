/** Single keys, for people who want them: they can be switched off, and do nothing while somebody writes. */
import { useEffect, useState } from 'preact/hooks';
import { Dialog } from './dialog.ts';
import { html } from './html.ts';
import { go } from './route.ts';

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
  ['?', 'This list'],
];

/** Whether single keys do anything. */
export const keysAreOn = (): boolean => localStorage.getItem(OFF) !== 'off';

/** The button is there for those who have switched them off, too. */
export function Keyboard() {
  const [help, setHelp] = useState(false);
  const [on, setOn] = useState(keysAreOn);
  useEffect(() => {
    if (!on) return;
    let isGoing = false;
    const onKey = (event: KeyboardEvent) => {
      const writes = (event.target as Element).matches('input, textarea, select');
      if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const goes = isGoing ? GOES[event.key] : undefined;
      isGoing = event.key === 'g';
      const act = goes ? () => go(goes) : ACTS[event.key];
      if (event.key === '?') setHelp(true);
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
  return html`<button type="button" class="plain keys" onClick=${() => setHelp(true)}>Keys</button>
    ${
      help &&
      html`<${Dialog} title="Keys" onClose=${() => setHelp(false)}>
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
