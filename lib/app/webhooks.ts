/** Who is told what happens, and what was delivered. */
import { useState } from 'preact/hooks';
import { NOTICES } from '../core/notices.ts';
import { Failure, useAction } from './action.ts';
import { Confirm } from './dialog.ts';
import { html } from './html.ts';
import { useList } from './list-data.ts';
import { Once } from './once.ts';
import { useNow } from './store.ts';
import { ago, span } from './text.ts';
import { When } from './times.ts';
import { Triggers } from './triggers.ts';
import type { Delivery, Webhook } from './types.ts';

export function Webhooks() {
  const list = useList<Webhook>('/v1/webhooks');
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const onDone = (made: string) => {
    setMaking(false);
    setSecret(made);
    list.reload();
  };
  return html`<div class="head"><h1>Webhooks</h1><button type="button" class="primary" aria-expanded=${making} onClick=${() => setMaking(!making)}>New webhook</button></div>
    ${making && html`<${NewWebhook} onDone=${onDone} />`}
    ${secret && html`<${Once} title="The secret of the webhook" text="It signs every message. It is shown this once: keep it where the receiver can read it." lines=${[['Secret', secret]]} onClose=${() => setSecret(null)} />`}
    <${Failure} error=${list.error} />
    ${list.rows?.length === 0 && !making && html`<p class="empty">No webhook yet. One tells another system, or Slack, what happens to your agents and your budget.</p>`}
    <div class="things">${list.rows?.map((webhook) => html`<${One} key=${webhook.id} webhook=${webhook} reload=${list.reload} />`)}</div>
    <${Triggers} />`;
}

function One({ webhook, reload }: { webhook: Webhook; reload: () => void }) {
  const at = useNow();
  const action = useAction();
  const [open, setOpen] = useState<'log' | 'delete' | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const path = `/v1/webhooks/${webhook.id}`;
  const change = (enabled: boolean) => () =>
    action.run(async () => {
      await action.send('PATCH', path, { enabled });
      reload();
    });
  const remove = () =>
    action.run(async () => {
      await action.send('DELETE', path);
      reload();
    });
  const test = () =>
    action.run(async () => {
      await action.send('POST', `${path}/test`);
      setTold('A test message is on its way. The log says what became of it.');
    });
  const own = webhook.managed_by === 'user';
  return html`<article class="card stack thing">
    <h2>${webhook.description || webhook.url}</h2>
    <dl>
      <dt>Address</dt><dd>${webhook.url}</dd>
      <dt>Told of</dt><dd>${webhook.events?.join(', ') ?? 'everything'}</dd>
      <dt>State</dt><dd>${webhook.enabled ? (webhook.failing_since ? `Failing for ${span(at - Date.parse(webhook.failing_since))}` : 'In use') : `Disabled${webhook.disabled_reason ? `: ${webhook.disabled_reason}` : ''}`}</dd>
    </dl>
    ${told && html`<p class="note" role="status">${told}</p>`}
    <${Failure} error=${action.error} />
    <p class="row">
      <button type="button" disabled=${action.busy || !webhook.enabled} onClick=${test}>Send a test</button>
      <button type="button" aria-expanded=${open === 'log'} onClick=${() => setOpen(open === 'log' ? null : 'log')}>Log</button>
      ${
        own &&
        html`<button type="button" disabled=${action.busy} onClick=${change(!webhook.enabled)}>${webhook.enabled ? 'Disable' : 'Enable'}</button>
        <button type="button" class="danger" onClick=${() => setOpen('delete')}>Delete</button>`
      }
    </p>
    ${open === 'log' && html`<${Log} path=${path} />`}
    ${open === 'delete' && html`<${Confirm} title="Delete this webhook?" text="Nobody is told there any more, and its log is gone." word="Delete it" action=${action} onYes=${remove} onClose=${() => setOpen(null)} />`}
  </article>`;
}

function Log({ path }: { path: string }) {
  const at = useNow();
  const { rows, error, reload } = useList<Delivery>(`${path}/deliveries?limit=50`, 50);
  if (error) return html`<${Failure} error=${error} />`;
  if (!rows) return html`<p class="dim" role="status">Looking…</p>`;
  return html`<p class="row"><button type="button" onClick=${reload}>Look again</button></p>
    ${
      rows.length === 0
        ? html`<p class="dim">Nothing was to be delivered yet.</p>`
        : html`<div class="wide" tabindex="0" role="region" aria-label="Deliveries"><table>
      <thead><tr><th>When</th><th>What</th><th>Delivery</th></tr></thead>
      <tbody>${rows.map(
        (one) => html`<tr>
        <td><${When} at=${one.at} now=${at} /></td><td>${one.type}</td>
        <td>${one.status.replace('_', ' ')}${one.attempts > 0 ? `, ${one.attempts} attempts` : ''}${one.status_code ? `, answered ${one.status_code}` : ''}${one.error ? `: ${one.error}` : ''}${one.delivered_at ? `, ${ago(one.delivered_at, at)}` : ''}</td>
      </tr>`,
      )}</tbody>
    </table></div>`
    }`;
}

function NewWebhook({ onDone }: { onDone: (secret: string) => void }) {
  const action = useAction();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    let secret = '';
    const made = await action.run(async () => {
      const chosen = form.getAll('events').map(String);
      const body = {
        ...{ url: text('url'), format: text('format') },
        events: chosen.length === NOTICES.length ? null : chosen,
        ...(text('name') !== '' && { description: text('name') }),
      };
      ({ secret } = await action.send<{ secret: string }>('POST', '/v1/webhooks', body));
    });
    if (made) onDone(secret);
  };
  return html`<form class="card" onSubmit=${submit}>
    <div class="pair">
      <label>Address<input name="url" type="url" required placeholder="https://" /></label>
      <label>What it is for<input name="name" /></label>
      <label>Form<select name="format"><option value="standard">Standard Webhooks</option><option value="slack">Slack</option></select></label>
    </div>
    <fieldset><legend>Told of</legend>${NOTICES.map((name) => html`<label class="check"><input type="checkbox" name="events" value=${name} checked />${name}</label>`)}</fieldset>
    <${Failure} error=${action.error} />
    <p class="row"><button class="primary" disabled=${action.busy}>Make it</button></p>
  </form>`;
}
