/** Screens that are loaded when they are first opened, so that the first one is there sooner. */
import { type ComponentType, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { html } from './html.ts';

export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [failed, setFailed] = useState(false);
    const [, setReady] = useState(loaded !== null);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (found) => {
          loaded = found;
          setReady(true);
        },
        () => setFailed(true),
      );
    }, []);
    if (loaded) return h(loaded, props);
    if (failed)
      return html`<${Failure} error="A part of this page could not be loaded: it may be older than the server. Load the page anew." />`;
    return html`<p class="empty" role="status">Loading…</p>`;
  };
}
