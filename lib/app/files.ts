/** The workspace of an agent: its files by path, one of them shown. */
import { useEffect, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { all, textOf } from './api.ts';
import { html } from './html.ts';
import { Preview } from './preview.ts';
import { saved } from './session-actions.ts';
import { bytes } from './text.ts';
import type { File, Session } from './types.ts';

export function Files({ session }: { session: Session }) {
  const [files, setFiles] = useState<File[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const action = useAction();
  useEffect(() => {
    const stop = new AbortController();
    all<File>(`/v1/sessions/${session.id}/files`, 5_000, stop.signal).then(
      (found) => setFiles(found),
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [session.id, session.last_checkpoint_at]);
  if (error) return html`<${Failure} error=${error} />`;
  if (!files) return html`<p class="empty" role="status">Looking into its workspace…</p>`;
  if (files.length === 0) return html`<p class="empty">Its workspace is empty.</p>`;
  const file = files.find(({ path }) => path === chosen) ?? null;
  return html`<${Failure} error=${action.error} />
    <div class="files">
      <div class="stack">
        <ul class="tree card" aria-label="Files">
          ${files.map(({ path, bytes: size }) => html`<li key=${path}><button type="button" aria-current=${path === chosen ? 'true' : undefined} onClick=${() => setChosen(path)}><span>${path.slice(1)}</span><small>${bytes(size)}</small></button></li>`)}
        </ul>
        <button type="button" disabled=${action.busy} onClick=${() => action.run(() => saved(`/v1/sessions/${session.id}/files:archive`, `${session.id}.tar.gz`))}>Download all (.tar.gz)</button>
      </div>
      <div class="preview">
        ${file ? html`<${Shown} session=${session} file=${file} />` : html`<p class="empty">Choose a file.</p>`}
      </div>
    </div>`;
}

function Shown({ session, file }: { session: Session; file: File }) {
  const action = useAction();
  const name = file.path.split('/').at(-1)!;
  const path = `/v1/sessions/${session.id}/files${file.path.split('/').map(encodeURIComponent).join('/')}`;
  return html`<h2>${file.path.slice(1)}</h2>
    <p class="row dim">${bytes(file.bytes)} <button type="button" onClick=${() => action.run(() => saved(path, name))}>Download</button></p>
    <${Failure} error=${action.error} />
    <${Preview} key=${file.path} session=${session} file=${file} />`;
}
