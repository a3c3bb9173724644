/** The API keys of one user: made, shown once, and revoked. */
import { useEffect, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ApiError, textOf } from './api.ts';
import { Confirm } from './dialog.ts';
import { html } from './html.ts';
import { Once } from './once.ts';
import { type Operator, pathOf } from './operator.ts';
import { useNow } from './store.ts';
import { ago } from './text.ts';
import { Time, When } from './times.ts';
import type { KeyView, Page } from './types.ts';

export function Keys({ operator, id }: { operator: Operator; id: string }) {
  const path = `${pathOf(id)}/api-keys`;
  const [rows, setRows] = useState<readonly KeyView[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<KeyView | null>(null);
  const action = useAction();
  const reload = () => setVersion((n) => n + 1);
  useEffect(() => {
    const stop = new AbortController();
    operator.get<Page<KeyView>>(path, stop.signal).then(
      ({ data }) => {
        setRows(data);
        setError(null);
      },
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [operator, path, version]);
  const revoke = () =>
    action.run(async () => {
      await operator.send('DELETE', `${path}/${revoking!.id}`);
      setRevoking(null);
      reload();
    });
  const onMade = (key: string) => {
    setMade(key);
    reload();
  };
  return html`<section class="card stack" aria-labelledby="keys">
    <h3 id="keys">API keys</h3>
    <${Failure} error=${error} />
    ${rows?.length === 0 && html`<p class="dim">No key yet: this user can do nothing.</p>`}
    ${rows && rows.length > 0 && html`<${Table} rows=${rows} onRevoke=${setRevoking} />`}
    <${NewKey} operator=${operator} path=${path} onMade=${onMade} onFailed=${reload} />
    ${made && html`<${Once} title="The new key" text=${`It opens all that ${id} has. It is shown this once.`} lines=${[['Key', made]]} onClose=${() => setMade(null)} />`}
    ${
      revoking &&
      html`<${Confirm} title="Revoke this key?" word="Revoke it" action=${action} onYes=${revoke} onClose=${() => setRevoking(null)}
      text=${`Requests with ${nameOf(revoking)} are refused from now on, for good. Agents that were started with it go on.`} />`
    }
  </section>`;
}

const nameOf = ({ name, prefix }: KeyView): string => name ?? `${prefix}…`;

function Table({ rows, onRevoke }: { rows: readonly KeyView[]; onRevoke: (key: KeyView) => void }) {
  const at = useNow();
  return html`<div class="wide" tabindex="0" role="region" aria-label="List of keys"><table>
    <thead><tr><th>Name</th><th>Revoked</th><th>Last used</th><th>Made</th><th>Begins with</th></tr></thead>
    <tbody>${rows.map(
      (key) => html`<tr key=${key.id}>
      <td>${key.name ?? ''}</td>
      <td>${key.revoked_at ? html`<${When} at=${key.revoked_at} now=${at} />` : html`<button type="button" class="danger" aria-label=${`Revoke ${nameOf(key)}`} onClick=${() => onRevoke(key)}>Revoke</button>`}</td>
      <td>${key.last_used_at ? html`<${Time} at=${key.last_used_at} as=${(of: string | number) => ago(of, at)} />` : 'never'}</td><td><${When} at=${key.created_at} now=${at} /></td><td><code>${key.prefix}</code></td>
    </tr>`,
    )}</tbody>
  </table></div>`;
}

type NewProps = { operator: Operator; path: string; onMade: (key: string) => void; onFailed: () => void };

/** A refusal made no key. After any other failure there may be one, which nobody has seen. */
const isRefusal = (failure: unknown): boolean =>
  failure instanceof ApiError && failure.status >= 400 && failure.status < 500;
const UNSEEN = 'A key may have been made: look at the list, and revoke what you do not know.';

function NewKey({ operator, path, onMade, onFailed }: NewProps) {
  const action = useAction();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get('name') ?? '').trim();
    let key = '';
    const made = await action.run(async () => {
      const answer = operator.send<{ key: string }>('POST', path, { name: name === '' ? null : name });
      ({ key } = await answer.catch((failure: unknown) => {
        throw isRefusal(failure) ? failure : new Error(UNSEEN);
      }));
    });
    if (!made) return onFailed();
    form.reset();
    onMade(key);
  };
  return html`<form onSubmit=${submit} aria-label="New key">
    <label>Name of a new key<span class="hint">What it is for: so that it can be told from others when it is to be revoked.</span><input name="name" maxlength="200" placeholder="laptop" /></label>
    <${Failure} error=${action.error} />
    <p class="row"><button disabled=${action.busy}>Make a key</button></p>
  </form>`;
}
