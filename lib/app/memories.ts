/** What agents remember together: the entries of each shared memory, to be read and removed. */
import { useEffect, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ask, textOf } from './api.ts';
import { Confirm } from './dialog.ts';
import { html } from './html.ts';
import { useList } from './list-data.ts';
import { DocumentFrame } from './preview.ts';
import { bytes, plural } from './text.ts';
import type { Memory, MemoryEntry } from './types.ts';

export function Memories() {
  const { rows, error, reload } = useList<Memory>('/v1/memories');
  return html`<h1>Memory</h1>
    <p class="dim">What agents that were started with the same memory know together.</p>
    <${Failure} error=${error} />
    ${rows?.length === 0 && html`<p class="empty">No memory yet. Name one when you start an agent.</p>`}
    <div class="things">${rows?.map((memory) => html`<${One} key=${memory.name} memory=${memory} reload=${reload} />`)}</div>`;
}

function One({ memory, reload }: { memory: Memory; reload: () => void }) {
  const action = useAction();
  const [open, setOpen] = useState<'entries' | 'delete' | null>(null);
  const path = `/v1/memories/${encodeURIComponent(memory.name)}`;
  const forget = () =>
    action.run(async () => {
      await action.send('DELETE', path);
      reload();
    });
  return html`<article class="card stack thing">
    <h2>${memory.name}</h2>
    <p class="dim">${plural(memory.entries, 'entry', 'entries')}, ${bytes(memory.bytes)}</p>
    <p class="row">
      <button type="button" aria-expanded=${open === 'entries'} onClick=${() => setOpen(open === 'entries' ? null : 'entries')}>Entries</button>
      <button type="button" class="danger" onClick=${() => setOpen('delete')}>Forget all</button>
    </p>
    ${open === 'entries' && html`<${Entries} path=${path} reload=${reload} />`}
    ${open === 'delete' && html`<${Confirm} title="Forget this memory?" text="All its entries are gone for good. Agents that name it go on with an empty one." word="Forget it" action=${action} onYes=${forget} onClose=${() => setOpen(null)} />`}
  </article>`;
}

function Entries({ path, reload }: { path: string; reload: () => void }) {
  const list = useList<MemoryEntry>(`${path}/entries`);
  const [chosen, setChosen] = useState<string | null>(null);
  const action = useAction();
  const at = (entry: string) => `${path}/entries/${entry.split('/').map(encodeURIComponent).join('/')}`;
  const remove = (entry: string) => () =>
    action.run(async () => {
      await action.send('DELETE', at(entry));
      list.reload();
      reload();
    });
  return html`<${Failure} error=${list.error ?? action.error} />
    <div class="files">
      <ul class="tree" aria-label="Entries">${list.rows?.map((entry) => html`<li key=${entry.path}><button type="button" aria-current=${entry.path === chosen ? 'true' : undefined} onClick=${() => setChosen(entry.path)}><span>${entry.path}</span><small>${entry.source === 'untrusted' ? 'untrusted' : bytes(entry.bytes)}</small></button></li>`)}</ul>
      <div class="preview">${chosen === null ? html`<p class="empty">Choose an entry.</p>` : html`<p class="row"><b>${chosen}</b><button type="button" class="danger" disabled=${action.busy} onClick=${remove(chosen)}>Remove</button></p><${Entry} key=${chosen} path=${at(chosen)} name=${chosen} />`}</div>
    </div>`;
}

function Entry({ path, name }: { path: string; name: string }) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    ask(path)
      .then((answer) => answer.text())
      .then(setText, (failure: unknown) => setError(textOf(failure)));
  }, [path]);
  if (error) return html`<${Failure} error=${error} />`;
  return text !== null && html`<${DocumentFrame} name=${name} text=${text} title=${`Entry ${name}`} />`;
}
