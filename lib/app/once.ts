/** What is shown once: nobody can read it again. */
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.ts';
import { html } from './html.ts';

/** `lines`: what each is, and its text. */
type Props = { title: string; text: string; lines: readonly (readonly [string, string])[]; onClose: () => void };

export function Once({ title, text, lines, onClose }: Props) {
  const [told, setTold] = useState('');
  const copy = (name: string, value: string) => async () => {
    try {
      await navigator.clipboard.writeText(value);
      setTold(`${name} copied.`);
    } catch {
      setTold('The browser does not allow it: mark the text, and copy it.');
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    ${lines.map(([name, value]) => html`<div class="stack"><p class="row"><b>${name}</b><button type="button" class="push" onClick=${copy(name, value)}>Copy</button></p><pre class="card" tabindex="0" aria-label=${name}>${value}</pre></div>`)}
    <p role="status">${told}</p>
    <p><button type="button" onClick=${onClose}>I have kept it</button></p>
  <//>`;
}
