/** Sessions that start by themselves: when next, what became of each run, and what that cost. */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { Confirm } from './dialog.ts';
import { html } from './html.ts';
import { useList } from './list-data.ts';
import { useNow } from './store.ts';
import { brief, microdollars, money, span } from './text.ts';
import { When } from './times.ts';
import type { Run, Schedule } from './types.ts';

export function Schedules() {
  const list = useList<Schedule>('/v1/schedules');
  const [making, setMaking] = useState(false);
  const onDone = () => {
    setMaking(false);
    list.reload();
  };
  return html`<div class="head"><h1>Schedules</h1><button type="button" class="primary" aria-expanded=${making} onClick=${() => setMaking(!making)}>New schedule</button></div>
    ${making && html`<${NewSchedule} onDone=${onDone} />`}
    <${Failure} error=${list.error} />
    ${list.rows?.length === 0 && !making && html`<p class="empty">No schedule yet. One starts an agent from a template, again and again, each time with a limit of cost.</p>`}
    <div class="things">${list.rows?.map((schedule) => html`<${One} key=${schedule.id} schedule=${schedule} reload=${list.reload} />`)}</div>`;
}

function One({ schedule, reload }: { schedule: Schedule; reload: () => void }) {
  const at = useNow();
  const action = useAction();
  const [open, setOpen] = useState<'runs' | 'delete' | null>(null);
  const act = (method: string, path: string) => () =>
    action.run(async () => {
      await action.send(method, `/v1/schedules/${schedule.id}${path}`);
      setOpen(null);
      reload();
    });
  const next = schedule.next_run_at;
  return html`<article class="card stack thing">
    <h2>${schedule.name}</h2>
    <dl>
      <dt>When</dt><dd><code>${schedule.cron}</code> in ${schedule.time_zone}</dd>
      <dt>Next</dt><dd>${next ? html`<${When} at=${next} now=${at} />, in ${span(Date.parse(next) - at)}` : 'Paused: nothing comes next'}</dd>
      <dt>Each run</dt><dd>at most ${money(schedule.max_cost_microdollars)}; while the last one goes on: ${schedule.overlap}</dd>
      <dt>Goal</dt><dd dir="auto">${brief(String(schedule.template.goal ?? ''), 300)}</dd>
    </dl>
    <${Failure} error=${action.error} />
    <p class="row">
      <button type="button" disabled=${action.busy} onClick=${act('POST', '/run')}>Run now</button>
      <button type="button" disabled=${action.busy} onClick=${act('POST', schedule.enabled ? '/pause' : '/resume')}>${schedule.enabled ? 'Pause' : 'Resume'}</button>
      <button type="button" aria-expanded=${open === 'runs'} onClick=${() => setOpen(open === 'runs' ? null : 'runs')}>Runs</button>
      <button type="button" class="danger" onClick=${() => setOpen('delete')}>Delete</button>
    </p>
    ${open === 'runs' && html`<${Runs} id=${schedule.id} />`}
    ${open === 'delete' && html`<${Confirm} title="Delete this schedule?" text="Nothing is started any more, and the list of its runs is gone. Its agents stay and go on." word="Delete it" action=${action} onYes=${act('DELETE', '')} onClose=${() => setOpen(null)} />`}
  </article>`;
}

function Runs({ id }: { id: string }) {
  const at = useNow();
  const { rows, error } = useList<Run>(`/v1/schedules/${id}/runs?limit=50`, 50);
  if (error) return html`<${Failure} error=${error} />`;
  if (!rows) return html`<p class="dim" role="status">Looking…</p>`;
  if (rows.length === 0) return html`<p class="dim">It has not run yet.</p>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Runs"><table>
    <thead><tr><th>Due</th><th>What became of it</th><th class="num">Cost</th></tr></thead>
    <tbody>${rows.map(
      (run) => html`<tr>
      <td><${When} at=${run.due_at} now=${at} /></td>
      <td>${run.session_id ? html`<a href=${`/app/s/${run.session_id}`}>${run.session_status ?? run.status}</a>` : run.status}${run.reason ? `: ${run.reason}` : ''}</td>
      <td class="num">${money(run.cost_microdollars)}</td>
    </tr>`,
    )}</tbody>
  </table></div>`;
}

function NewSchedule({ onDone }: { onDone: () => void }) {
  const action = useAction();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const cost = microdollars(text('cost'));
    const made = await action.run(async () => {
      if (cost === null)
        throw new Error('The limit of each run is an amount in dollars, such as 0.50. Nothing was made.');
      await action.send('POST', '/v1/schedules', {
        ...{ name: text('name'), cron: text('cron'), time_zone: text('zone'), overlap: text('overlap') },
        ...{ max_cost_microdollars: cost, template: { goal: text('goal') } },
      });
    });
    if (made) onDone();
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  return html`<form class="card" onSubmit=${submit}>
    <div class="pair">
      <label>Name<input name="name" required /></label>
      <label>When<span class="hint">Minute, hour, day, month, weekday; or @daily.</span><input name="cron" required placeholder="30 8 * * 1-5" /></label>
      <label>Time zone<input name="zone" required defaultValue=${zone} /></label>
      <label>Each run at most, in dollars<input name="cost" inputmode="decimal" required placeholder="0.50" /></label>
      <label>While the last one goes on<select name="overlap"><option value="skip">start nothing</option><option value="queue">let one wait</option></select></label>
    </div>
    <label>Goal of each run<textarea name="goal" dir="auto" rows="3" required /></label>
    <${Failure} error=${action.error} />
    <p class="row"><button class="primary" disabled=${action.busy}>Make it</button></p>
  </form>`;
}
