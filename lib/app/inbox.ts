/** All that waits for a person: questions and approvals, answered where they stand. */
import { useState } from 'preact/hooks';
import { type Action, Failure, useAction } from './action.ts';
import { refreshSession } from './data.ts';
import { html } from './html.ts';
import { Chip, Reason } from './marks.ts';
import { stateOf } from './states.ts';
import { type Shared, take, useShared, useStateNow } from './store.ts';
import { brief, money } from './text.ts';
import { When } from './times.ts';
import type { Approval, Session } from './types.ts';

const sessionsOf = ({ sessions }: Shared) => sessions;

export function Inbox() {
  const sessions = useShared(sessionsOf);
  const waiting = sessions?.filter(({ status }) => status === 'waiting_for_input') ?? [];
  const stopped =
    sessions?.filter(({ status, error }) => status === 'budget_exceeded' || (status === 'paused' && error)) ?? [];
  return html`<h1>Inbox</h1>
    ${sessions && waiting.length + stopped.length === 0 && html`<p class="empty">Nothing waits for you.</p>`}
    <div class="things">
      ${waiting.map((session) => html`<article class="needs" key=${session.id}><${Of} session=${session} /><${Waiting} session=${session} /></article>`)}
      ${stopped.map((session) => html`<article class="card stack" key=${session.id}><${Of} session=${session} /></article>`)}
    </div>`;
}

function Of({ session }: { session: Session }) {
  const at = useStateNow();
  const state = stateOf(session, at);
  return html`<h2 dir="auto"><a href=${`/app/s/${session.id}`}>${brief(session.goal, 160)}</a></h2>
    <p class="facts"><${Chip} state=${state}><${Reason} session=${session} now=${at} /><//><span>${money(session.cost_microdollars)} so far</span></p>`;
}

/** What one session asks, with the ways to answer. */
export function Waiting({ session }: { session: Session }) {
  const action = useAction();
  const { waiting } = session;
  if (!waiting) return null;
  const done = async (act: () => Promise<Session>) => {
    if (await action.run(async () => take([await act()]))) await refreshSession(session.id);
  };
  return html`<div class="stack">
    ${waiting.kind === 'question' ? html`<${Question} session=${session} action=${action} done=${done} />` : waiting.approvals.map((asked) => html`<${Decide} key=${asked.call_id} session=${session} asked=${asked} action=${action} done=${done} />`)}
    ${waiting.resume_cost_microdollars !== null && html`<p class="dim">To read its context anew costs about ${money(waiting.resume_cost_microdollars)}.</p>`}
    <${Failure} error=${action.error} />
  </div>`;
}

type Asked = { session: Session; action: Action; done: (act: () => Promise<Session>) => Promise<void> };

function Question({ session, action, done }: Asked) {
  const [text, setText] = useState('');
  const answer = (content: string) =>
    done(() => action.send<Session>('POST', `/v1/sessions/${session.id}/messages`, { content }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() !== '') void answer(text);
  };
  return html`<form onSubmit=${submit}>
    <p class="text" dir="auto"><b>${session.waiting?.question ?? 'It waits for your word.'}</b></p>
    ${session.waiting?.choices && html`<p class="row">${session.waiting.choices.map((choice) => html`<button type="button" disabled=${action.busy} onClick=${() => answer(choice)}>${choice}</button>`)}</p>`}
    <label>Your answer<textarea rows="2" dir="auto" data-answer value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)} /></label>
    <p class="row"><button class="primary" disabled=${action.busy || text.trim() === ''}>Answer</button></p>
  </form>`;
}

function Decide({ session, asked, action, done }: Asked & { asked: Approval }) {
  const [mode, setMode] = useState<'ask' | 'deny' | 'edit'>('ask');
  const shown = asked.input ? JSON.stringify(asked.input, null, 2) : (asked.input_preview ?? '');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const decide = (decision: string, more: object = {}) =>
    done(() =>
      action.send<Session>('POST', `/v1/sessions/${session.id}/approvals/${asked.call_id}`, {
        ...{ decision, args_sha: asked.args_sha, tool_sha: asked.tool_sha },
        ...more,
      }),
    );
  const edit = () => {
    try {
      setFault(null);
      return decide('edit', { input: JSON.parse(text) });
    } catch {
      setFault('These arguments are no JSON. Nothing was sent.');
    }
  };
  const open = (next: 'deny' | 'edit') => () => {
    setText(next === 'edit' ? shown : '');
    setMode(next);
  };
  const label = mode === 'deny' ? 'Why not (the agent is told)' : 'The arguments to run it with';
  return html`<section class="stack" aria-label=${`Approval of ${asked.tool}`}>
    <p><b>May it run <code>${asked.tool}</code>?</b> <span class="dim">Until <${When} at=${asked.expires_at} now=${Date.parse(asked.asked_at)} />; after that it does not run.</span></p>
    ${asked.edited && html`<p class="note">The arguments are yours, of an approval before a deployment changed the tool.</p>`}
    ${mode !== 'edit' && html`<pre class="card" tabindex="0" aria-label="Arguments">${shown}</pre>`}
    ${mode !== 'ask' && html`<label>${label}<textarea rows=${mode === 'edit' ? 8 : 2} value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)} /></label>`}
    <${Failure} error=${fault} />
    <p class="row">
      ${
        mode === 'ask' &&
        html`<button type="button" class="primary" disabled=${action.busy || !asked.input} onClick=${() => decide('approve')}>Approve</button>
        <button type="button" onClick=${open('edit')} disabled=${!asked.input}>Edit</button>
        <button type="button" class="danger" onClick=${open('deny')}>Deny</button>`
      }
      ${mode === 'edit' && html`<button type="button" class="primary" disabled=${action.busy} onClick=${edit}>Run with these</button>`}
      ${mode === 'deny' && html`<button type="button" class="danger" disabled=${action.busy} onClick=${() => decide('deny', text.trim() === '' ? {} : { reason: text })}>Deny it</button>`}
      ${mode !== 'ask' && html`<button type="button" onClick=${() => setMode('ask')}>Back</button>`}
      ${!asked.input && html`<a href=${`/app/s/${session.id}`}>Its arguments are long: see them whole, and decide there</a>`}
    </p>
  </section>`;
}
