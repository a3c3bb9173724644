/** Where the page has no key, or one that opens nothing. */
import { useState } from 'preact/hooks';
import { keepKey } from './api.ts';
import { html } from './html.ts';

export function Login({ why, onKey }: { why: string | null; onKey: () => void }) {
  const [remember, setRemember] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = String(new FormData(event.target as HTMLFormElement).get('key') ?? '').trim();
    if (given === '') return;
    keepKey(given, remember);
    onKey();
  };
  return html`<main class="login">
    <h1>Circadian</h1>
    <p class="dim">Agents that live on a daily allowance. Paste an API key, or open the link that <code>npm start</code> prints.</p>
    ${why && html`<p class="trouble" role="alert">${why}</p>`}
    <form onSubmit=${submit}>
      <label>API key<input name="key" type="password" autocomplete="off" required placeholder="ck_…" /></label>
      <label class="check"><input type="checkbox" checked=${remember} onChange=${() => setRemember(!remember)} />Remember it on this device</label>
      <button class="primary">Open</button>
    </form>
    <p class="dim">For the operator: <a href="/app/users">Users</a></p>
  </main>`;
}
