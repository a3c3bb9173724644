/** The emergency stop. It holds every agent of every user, so each way asks for a typed word. */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { textOf } from './api.ts';
import { Dialog } from './dialog.ts';
import { html } from './html.ts';
import type { Operator } from './operator.ts';
import { useLook } from './operator-look.ts';
import type { Stop } from './types.ts';

const PATH = '/v1/admin/emergency-stop';

/**
 * The state, read again whenever somebody comes back to the page, and with each new `version`: another operator may have changed it. The newest
 * answer counts, and one that was asked for before a change of this page does not.
 */
function useStop(operator: Operator, first: Stop, version: number) {
  const [now, setNow] = useState(first);
  const [error, setError] = useState<string | null>(null);
  const { again: read, end } = useLook(
    (signal) => {
      operator.get<Stop>(PATH, signal).then(
        (stop) => signal.aborted || show(stop),
        (failure: unknown) => signal.aborted || setError(`This may not be so any more. ${textOf(failure)}`),
      );
    },
    [operator, version],
  );
  const show = (stop: Stop) => {
    setNow(stop);
    setError(null);
  };
  const take = (stop: Stop) => {
    end();
    show(stop);
  };
  return { now, error, take, read };
}

type StopProps = { operator: Operator; stop: Stop; version: number };

export function EmergencyStop({ operator, stop, version }: StopProps) {
  const { now, error, take, read } = useStop(operator, stop, version);
  const [asking, setAsking] = useState(false);
  const ask = () => {
    read();
    setAsking(true);
  };
  const done = (after: Stop) => {
    take(after);
    setAsking(false);
  };
  return html`<section class=${now.stopped ? 'trouble row' : 'card row'} aria-label="Emergency stop">
    <p class="text" role="status">${
      now.stopped
        ? html`<b>All agents are held.</b> None is taken up or woken. ${now.reason ?? 'No reason was given.'}`
        : html`<b>No emergency stop.</b> <span class="dim">Agents of all users may work.</span>`
    }</p>
    <button type="button" class=${now.stopped ? 'push' : 'danger push'} onClick=${ask}>${now.stopped ? 'Let all agents go on' : 'Stop all agents'}</button>
    <${Failure} error=${error} />
    ${asking && html`<${Typed} operator=${operator} stopped=${now.stopped} onDone=${done} onClose=${() => setAsking(false)} />`}
  </section>`;
}

type Props = { operator: Operator; stopped: boolean; onDone: (after: Stop) => void; onClose: () => void };

function Typed({ operator, stopped, onDone, onClose }: Props) {
  const action = useAction();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const asked = stopped ? 'go on' : 'stop';
  const isSure = typed.trim().toLowerCase() === asked && (stopped || reason.trim() !== '');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isSure) return;
    void action.run(async () => {
      onDone(await (stopped ? operator.send<Stop>('DELETE', PATH) : operator.send<Stop>('PUT', PATH, { reason })));
    });
  };
  const text = (set: (value: string) => void) => (event: InputEvent) => set((event.target as HTMLInputElement).value);
  return html`<${Dialog} title=${stopped ? 'Let all agents go on?' : 'Stop all agents of all users?'} onClose=${onClose}>
    <p>${
      stopped
        ? 'What is due moves within a minute, and spends again.'
        : 'From now on none is taken up or woken. A call under way is paid for and saved. Nothing is lost. Users whose agents would move are alerted, without the reason.'
    }</p>
    <form onSubmit=${submit}>
      ${!stopped && html`<label>Reason, for other operators<textarea rows="2" maxlength="500" value=${reason} onInput=${text(setReason)} /></label>`}
      <label>Type “${asked}”<input autocomplete="off" value=${typed} onInput=${text(setTyped)} /></label>
      <${Failure} error=${action.error} />
      <p class="row">
        <button class=${stopped ? 'primary' : 'danger'} disabled=${!isSure || action.busy}>${stopped ? 'Let them go on' : 'Stop them all'}</button>
        <button type="button" onClick=${onClose}>Not now</button>
      </p>
    </form>
  <//>`;
}
