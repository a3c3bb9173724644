/**
 * Files that an agent wrote. Nothing of them becomes a part of this page: documents are shown in a frame without scripts and without an origin, pictures as
 * pictures, and pages run only when a person says so, from an address whose answers have a sandbox of their own.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ask, send, textOf } from './api.ts';
import { html } from './html.ts';
import { documentOf, kindOf } from './preview-text.ts';
import type { File, Session } from './types.ts';

type Policy = { createHTML: (text: string) => unknown };
type Factory = { createPolicy: (name: string, rules: Policy) => Policy };
/** The one way from text to markup, by the name that the page's policy allows. */
const policy: Policy = ((globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('preview', {
  createHTML: (text) => text,
}) ?? { createHTML: (text: string) => text }) as Policy;

const styleOf = (): string => document.querySelector<HTMLMetaElement>('meta[name=preview-style]')?.content ?? '';

/** Markdown, CSV or text, rendered where nothing can run: no sanitizer has to be right. */
export function DocumentFrame({ name, text, title }: { name: string; text: string; title: string }) {
  const [source, setSource] = useState<unknown>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    setError(null);
    const made = documentOf(name, text).then((body) => {
      const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Preview</title><link rel="stylesheet" href="${styleOf()}"><body>${body}</body></html>`;
      if (!gone) setSource(policy.createHTML(page));
    });
    made.catch(
      () => gone || setError('It could not be rendered: load the page anew, or look at the file with the API.'),
    );
    return () => {
      gone = true;
    };
  }, [name, text]);
  if (error) return html`<${Failure} error=${error} />`;
  return source === null
    ? html`<p class="dim">Rendering…</p>`
    : html`<iframe sandbox="" title=${title} srcdoc=${source} />`;
}

export function Preview({ session, file }: { session: Session; file: File }) {
  const kind = kindOf(file);
  const path = `/v1/sessions/${session.id}/files${file.path.split('/').map(encodeURIComponent).join('/')}`;
  if (kind === 'image') return html`<${Picture} path=${path} name=${file.path} />`;
  if (kind === 'bytes') return html`<p class="empty">There is no preview of such a file.</p>`;
  return html`<${Text} path=${path} file=${file} session=${session} isPage=${kind === 'page'} />`;
}

function Text({ path, file, session, isPage }: { path: string; file: File; session: Session; isPage: boolean }) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [url, setUrl] = useState<string | null>(null);
  const action = useAction();
  useEffect(() => {
    const stop = new AbortController();
    setUrl(null);
    ask(path, { signal: stop.signal })
      .then((answer) => answer.text())
      .then(setText, (failure: unknown) => stop.signal.aborted || setError(textOf(failure)));
    return () => stop.abort();
  }, [path, file.updated_at]);
  const run = () =>
    action.run(async () => {
      const { url: folder } = await send<{ url: string }>('POST', `/v1/sessions/${session.id}/preview`);
      setUrl(folder + file.path.slice(1).split('/').map(encodeURIComponent).join('/'));
    });
  if (error) return html`<${Failure} error=${error} />`;
  if (text === null) return html`<p class="dim" role="status">Reading it…</p>`;
  return html`${
    isPage &&
    html`<p class="row">
        <button type="button" disabled=${action.busy} onClick=${url === null ? run : () => setUrl(null)}>${url === null ? 'Run page' : 'Show source'}</button>
        <span class="dim">${url === null ? 'Its scripts run in a sandbox without your key and without the network.' : 'In a sandbox, for ten minutes.'}</span>
      </p>
      <${Failure} error=${action.error} />`
  }
    ${url === null ? html`<${DocumentFrame} name=${file.path} text=${text} title=${`Preview of ${file.path}`} />` : html`<iframe sandbox="allow-scripts" title=${`Page ${file.path}`} src=${url} referrerpolicy="no-referrer" />`}`;
}

function Picture({ path, name }: { path: string; name: string }) {
  const [source, setSource] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const type = useMemo(() => (/\.svg$/i.test(name) ? 'image/svg+xml' : ''), [name]);
  useEffect(() => {
    let made: string | null = null;
    const stop = new AbortController();
    ask(path, { signal: stop.signal })
      .then((answer) => answer.blob())
      .then(
        (blob) => {
          made = URL.createObjectURL(type === '' ? blob : new Blob([blob], { type }));
          setSource(made);
        },
        (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
      );
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [path, type]);
  if (error) return html`<${Failure} error=${error} />`;
  return source && html`<img src=${source} alt=${`The picture ${name}`} />`;
}
