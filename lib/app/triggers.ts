/** Addresses at which other systems start an agent, or speak to one, by signed messages. */
import { useState } from 'preact/hooks';
import { type Action, Failure, useAction } from './action.ts';
import { Confirm, Dialog } from './dialog.ts';
import { html } from './html.ts';
import { useList } from './list-data.ts';
import { Once } from './once.ts';
import { type Shared, useNow, useShared } from './store.ts';
import { brief, microdollars, money } from './text.ts';
import { When } from './times.ts';
import type { Session, Trigger, TriggerWithSecret } from './types.ts';

const sessionsOf = ({ sessions }: Shared) => sessions;
const addressOf = ({ url }: Trigger): string => new URL(url, location.origin).href;

export function Triggers() {
  const list = useList<Trigger>('/v1/triggers');
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<TriggerWithSecret | null>(null);
  const onMade = (trigger: TriggerWithSecret) => {
    setMaking(false);
    setMade(trigger);
    list.reload();
  };
  return html`<section class="stack" aria-labelledby="triggers">
    <div class="head"><h2 id="triggers">Inbound triggers</h2><button type="button" aria-expanded=${making} onClick=${() => setMaking(!making)}>New trigger</button></div>
    ${making && html`<${NewTrigger} onMade=${onMade} />`}
    ${made && html`<${Secret} trigger=${made} onClose=${() => setMade(null)} />`}
    <${Failure} error=${list.error} />
    ${list.rows?.length === 0 && !making && html`<p class="empty">No trigger yet. By one, another system starts an agent, or speaks to one, with a signed message.</p>`}
    <div class="things">${list.rows?.map((trigger) => html`<${One} key=${trigger.id} trigger=${trigger} reload=${list.reload} onSecret=${setMade} />`)}</div>
  </section>`;
}

/** An answer to a repeat has no secret: that was in the answer that was lost. */
const Secret = ({ trigger, onClose }: { trigger: TriggerWithSecret; onClose: () => void }) =>
  trigger.secret === undefined
    ? html`<p class="note" role="status">${trigger.name} is there already, but the answer with its secret was lost. Make another secret for it.</p>`
    : html`<${Once} title="Address and secret of the trigger" onClose=${onClose}
      text="The other system signs its messages with the secret, as Standard Webhooks describe it. The secret is shown this once."
      lines=${[['Address', addressOf(trigger)], ['Secret', trigger.secret]]} />`;

type OneProps = { trigger: Trigger; reload: () => void; onSecret: (trigger: TriggerWithSecret) => void };

function One({ trigger, reload, onSecret }: OneProps) {
  const at = useNow();
  const action = useAction();
  const [open, setOpen] = useState<'name' | 'rotate' | 'delete' | null>(null);
  const path = `/v1/triggers/${trigger.id}`;
  const rotate = () =>
    action.run(async () => {
      const after = await action.send<TriggerWithSecret>('POST', `${path}/rotate-secret`);
      setOpen(null);
      onSecret(after);
    });
  const remove = () =>
    action.run(async () => {
      await action.send('DELETE', path);
      reload();
    });
  const rename = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('name') ?? '').trim();
    return action.run(async () => {
      if (name !== trigger.name) await action.send('PATCH', path, { name });
      setOpen(null);
      reload();
    });
  };
  const close = () => setOpen(null);
  return html`<article class="card stack thing">
    <h3>${trigger.name}</h3>
    <dl>
      <dt>Address</dt><dd><code>${addressOf(trigger)}</code></dd>
      <dt>A message</dt><dd><${Does} trigger=${trigger} /></dd>
      <dt>Last one</dt><dd>${trigger.last_used_at ? html`<${When} at=${trigger.last_used_at} now=${at} />` : 'none yet'}</dd>
    </dl>
    ${open === null && html`<${Failure} error=${action.error} />`}
    <p class="row">
      <button type="button" onClick=${() => setOpen('name')}>Rename</button>
      <button type="button" onClick=${() => setOpen('rotate')}>New secret</button>
      <button type="button" class="danger" onClick=${() => setOpen('delete')}>Delete</button>
    </p>
    ${open === 'name' && html`<${Rename} name=${trigger.name} action=${action} onSubmit=${rename} onClose=${close} />`}
    ${open === 'rotate' && html`<${Confirm} title="Make another secret?" text="The one before counts for 24 hours more. Replace it in the other system within that time." word="Make another" action=${action} onYes=${rotate} onClose=${close} />`}
    ${open === 'delete' && html`<${Confirm} title="Delete this trigger?" text="Its messages are refused from now on. Agents that it started stay and go on." word="Delete it" action=${action} onYes=${remove} onClose=${close} />`}
  </article>`;
}

type RenameProps = { name: string; action: Action; onSubmit: (event: SubmitEvent) => void; onClose: () => void };

/** Address and secret stay as they are. */
const Rename = ({ name, action, onSubmit, onClose }: RenameProps) =>
  html`<${Dialog} title="Rename this trigger" onClose=${onClose}>
    <form onSubmit=${onSubmit}>
      <label>Name<input name="name" required autofocus maxlength="200" defaultValue=${name} /></label>
      <p class="dim">The agent is told it beside each message from now on. Address and secret stay.</p>
      <${Failure} error=${action.error} />
      <p class="row"><button class="primary" disabled=${action.busy}>Rename</button><button type="button" onClick=${onClose}>Not now</button></p>
    </form>
  <//>`;

function Does({ trigger }: { trigger: Trigger }) {
  const sessions = useShared(sessionsOf);
  const { session_id: id, template, max_cost_microdollars: cost } = trigger;
  if (id === null)
    return html`starts an agent, for at most ${money(cost ?? 0)}: ${brief(String(template?.goal ?? ''), 300)}`;
  const goal = sessions?.find((one) => one.id === id)?.goal ?? id;
  return html`is told to <a href=${`/app/s/${id}`}>${brief(goal, 160)}</a>`;
}

function NewTrigger({ onMade }: { onMade: (trigger: TriggerWithSecret) => void }) {
  const action = useAction();
  const [speaks, setSpeaks] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = wantedOf(new FormData(event.target as HTMLFormElement), speaks);
    void action.run(async () => {
      if (typeof wanted === 'string') throw new Error(wanted);
      onMade(await action.send<TriggerWithSecret>('POST', '/v1/triggers', wanted));
    });
  };
  const choice = (value: boolean, word: string) =>
    html`<label class="check"><input type="radio" name="does" checked=${speaks === value} onChange=${() => setSpeaks(value)} />${word}</label>`;
  return html`<form class="card" onSubmit=${submit} aria-label="New trigger">
    <label>Name<span class="hint">The agent is told it beside the message.</span><input name="name" required maxlength="200" placeholder="Mail" /></label>
    <fieldset><legend>A message</legend>${choice(false, 'starts an agent')}${choice(true, 'is told to one that is there')}</fieldset>
    ${
      speaks
        ? html`<${Listeners} />`
        : html`<label>Goal<span class="hint">The message follows it, marked as written by others.</span><textarea name="goal" rows="3" required /></label>
      <label>Each agent at most, in dollars<input name="cost" inputmode="decimal" required placeholder="0.50" /></label>`
    }
    <${Failure} error=${action.error} />
    <p class="row"><button class="primary" disabled=${action.busy}>Make it</button></p>
  </form>`;
}

function Listeners() {
  const sessions = useShared(sessionsOf);
  const live = sessions?.filter(({ completed_at }: Session) => completed_at === null) ?? [];
  return live.length === 0
    ? html`<p class="note">No agent is there that could be told. Start one first.</p>`
    : html`<label>Agent<select name="session" required>${live.map(({ id, goal }) => html`<option value=${id}>${brief(goal, 120)}</option>`)}</select></label>`;
}

/** The order, or what is wrong with it as a sentence. */
function wantedOf(form: FormData, speaks: boolean): object | string {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  if (speaks)
    return form.has('session')
      ? { name: text('name'), session_id: text('session') }
      : 'Choose an agent. Nothing was made.';
  const cost = microdollars(text('cost'));
  if (cost === null) return 'The limit of each agent is an amount in dollars, such as 0.50. Nothing was made.';
  return { name: text('name'), template: { goal: text('goal') }, max_cost_microdollars: cost };
}
