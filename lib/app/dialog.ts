/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Action, Failure } from './action.ts';
import { html } from './html.ts';

type Props = { title: string; onClose: () => void; children?: ComponentChildren };

export function Dialog({ title, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  return html`<dialog ref=${box} aria-labelledby="dialog" onCancel=${onClose} onClose=${onClose}>
    <div class="stack"><h2 id="dialog">${title}</h2>${children}</div>
  </dialog>`;
}

type Question = {
  title: string;
  text: string;
  word: string;
  look?: 'danger' | 'primary';
  action: Action;
  onYes: () => void;
  onClose: () => void;
};

/** Before what cannot be taken back, or costs money. */
export const Confirm = ({ title, text, word, look = 'danger', action, onYes, onClose }: Question) =>
  html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <${Failure} error=${action.error} />
    <p class="row">
      <button type="button" class=${look} disabled=${action.busy} onClick=${onYes}>${word}</button>
      <button type="button" onClick=${onClose}>Not now</button>
    </p>
  <//>`;
