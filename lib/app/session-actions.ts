/** Pause, resume, wake, cancel, delete, more money: what cannot be taken back asks first. */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ask } from './api.ts';
import { refreshSession } from './data.ts';
import { Confirm } from './dialog.ts';
import { html } from './html.ts';
import { useKey } from './keyboard.ts';
import { go } from './route.ts';
import type { State } from './states.ts';
import { drop, take } from './store.ts';
import { money } from './text.ts';
import { TopUpDialog } from './top-up.ts';
import type { Session } from './types.ts';

type Open = 'resume' | 'cancel' | 'delete' | 'top-up' | null;

export function SessionActions({ session, state }: { session: Session; state: State }) {
  const [open, setOpen] = useState<Open>(null);
  const action = useAction();
  const close = () => setOpen(null);
  const command = (verb: string) => () =>
    action.run(async () => take([await action.send<Session>('POST', `/v1/sessions/${session.id}/${verb}`)]));
  const confirmed = async (act: () => Promise<unknown>) => {
    if (await action.run(act)) close();
  };
  const cancel = () =>
    confirmed(async () => take([await action.send<Session>('POST', `/v1/sessions/${session.id}/cancel`)]));
  const remove = () =>
    confirmed(async () => {
      await action.send('DELETE', `/v1/sessions/${session.id}`);
      drop(session.id);
      go('/app');
    });
  const resume = () =>
    confirmed(async () => take([await action.send<Session>('POST', `/v1/sessions/${session.id}/resume`)]));
  const ended = session.completed_at !== null;
  // Where only people wake agents, the next day's money does not.
  const waitsForPerson = state === 'over' && session.wake_at === null;
  useKey('t', () => setOpen('top-up'));
  useKey('p', ended || action.busy ? null : state === 'paused' ? () => setOpen('resume') : command('pause'));
  const wanted = session.sleep?.top_up_to_wake_microdollars ?? null;
  return html`<div class="row" role="group" aria-label="What you can do">
      ${!ended && state !== 'paused' && html`<button type="button" disabled=${action.busy} onClick=${command('pause')}>Pause</button>`}
      ${state === 'paused' && html`<button type="button" disabled=${action.busy} onClick=${command('resume')}>Resume</button>`}
      ${(state === 'asleep' || state === 'busy' || waitsForPerson) && html`<button type="button" disabled=${action.busy} onClick=${command('wake')}>Wake now</button>`}
      ${(state === 'asleep' || state === 'over') && html`<button type="button" onClick=${() => setOpen('top-up')}>Top up${wanted === null ? '' : ` ${money(wanted)}`}</button>`}
      ${!ended && html`<button type="button" class="danger" onClick=${() => setOpen('cancel')}>Cancel</button>`}
      <button type="button" onClick=${() => action.run(() => exported(session.id))}>Export</button>
      ${ended && html`<button type="button" class="danger" onClick=${() => setOpen('delete')}>Delete</button>`}
    </div>
    ${open === null && html`<${Failure} error=${action.error} />`}
    ${open === 'top-up' && html`<${TopUpDialog} wanted=${wanted} onClose=${close} />`}
    ${open === 'resume' && html`<${Confirm} title="Let this agent go on?" word="Go on" look="primary" action=${action} onYes=${resume} onClose=${close} text="It works again from where it stopped, and spends of the day’s allowance." />`}
    ${
      open === 'cancel' &&
      html`<${Confirm} title="Cancel this agent?" word="Cancel it for good" action=${action} onYes=${cancel} onClose=${close}
      text=${`It ends and cannot go on. It has cost ${money(session.cost_microdollars)}; a call under way is cut and charged. What it wrote stays readable.`} />`
    }
    ${
      open === 'delete' &&
      html`<${Confirm} title="Delete this agent?" word="Delete it" action=${action} onYes=${remove} onClose=${close}
      text="Its conversation and files are gone for good. What it cost stays in the usage." />`
    }`;
}

/** A click on a link could not send the key. */
export async function saved(path: string, name: string): Promise<void> {
  const blob = await (await ask(path)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function exported(id: string): Promise<void> {
  await saved(`/v1/sessions/${id}/export`, `${id}.json`);
  await refreshSession(id);
}
