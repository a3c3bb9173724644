/** What came of a session, and what it cost by model, tool and step. */
import { useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { html } from './html.ts';
import { DocumentFrame } from './preview.ts';
import type { Session } from './types.ts';
import { UsageBars } from './usage-bars.ts';

export function Result({ session }: { session: Session }) {
  const { result, result_json, error, outcome } = session;
  if (result === null && result_json === null && error === null)
    return html`<p class="empty">${session.completed_at === null ? 'It has not finished yet.' : `It ended without a result (${outcome ?? session.status}).`}</p>`;
  return html`<div class="stack">
    <${Failure} error=${error?.message ?? null} />
    ${result_json !== null && html`<pre class="card" tabindex="0" aria-label="Result as data">${JSON.stringify(result_json, null, 2)}</pre>`}
    ${result !== null && result_json === null && html`<div class="preview"><${DocumentFrame} name="result.md" text=${result} title="Result" /></div>`}
  </div>`;
}

const GROUPS = ['model', 'tool', 'iteration', 'day'] as const;

export function SessionUsage({ session }: { session: Session }) {
  const [group, setGroup] = useState<(typeof GROUPS)[number]>('model');
  return html`<div class="stack">
    <div class="filters" role="group" aria-label="Sum up by">
      ${GROUPS.map((name) => html`<button type="button" aria-pressed=${group === name} onClick=${() => setGroup(name)}>by ${name}</button>`)}
    </div>
    <${UsageBars} path=${`/v1/usage?group_by=${group}&session_id=${session.id}`} nameOf=${stripped} />
  </div>`;
}

const stripped = (key: string): string => key.replace(/^ses_\w+:/, 'step ');
