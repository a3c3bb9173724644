/** A part of the usage, asked for and shown as bars. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { get, textOf } from './api.ts';
import { Bars } from './bars.ts';
import { html } from './html.ts';
import type { Page, Usage } from './types.ts';

export function UsageBars({ path, nameOf }: { path: string; nameOf: (key: string) => string }) {
  const [rows, setRows] = useState<Usage[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Page<Usage>>(path, stop.signal).then(
      ({ data }) => setRows(data),
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [path]);
  if (error) return html`<${Failure} error=${error} />`;
  if (!rows) return html`<p class="dim" role="status">Adding it up…</p>`;
  return html`<${Bars} rows=${rows.map(({ key, cost_microdollars, calls }) => ({ name: nameOf(key) || 'without a tool', cost: cost_microdollars, calls }))} />`;
}
