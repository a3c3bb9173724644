/** A part of the usage, asked for and shown as bars. */
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { list, textOf } from './api.ts';
import { Bars } from './bars.ts';
import { html } from './html.ts';
import type { Usage } from './types.ts';

/** The API lists by key: only of all rows are the dearest known. */
const MOST = 50_000;

export function UsageBars({ path, nameOf }: { path: string; nameOf: (key: string) => string }) {
  const [rows, setRows] = useState<Usage[] | null>(null);
  const [isCut, setIsCut] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    list<Usage>(`${path}&limit=10000`, MOST, stop.signal).then(
      (found) => {
        setRows(found.rows);
        setIsCut(found.isCut);
      },
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [path]);
  if (error) return html`<${Failure} error=${error} />`;
  if (!rows) return html`<p class="dim" role="status">Adding it up…</p>`;
  return html`${isCut && html`<p class="note">Of the first ${MOST.toLocaleString('en')} entries; there are more, in the CSV.</p>`}
    <${Bars} rows=${rows.map(({ key, cost_microdollars, calls }) => ({ name: nameOf(key) || 'without a tool', cost: cost_microdollars, calls }))} />`;
}
