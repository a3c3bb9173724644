/** A new agent: its goal, and what it may use and spend. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { get, mint, send } from './api.ts';
import { html } from './html.ts';
import { beginningOf, meterOf } from './meter-bar.ts';
import { go } from './route.ts';
import { type Shared, take, useNow, useShared } from './store.ts';
import { microdollars } from './text.ts';
import type { Agent, Model, Session } from './types.ts';

const budgetOf = ({ budget }: Shared) => budget;
const KEPT = 'circadian.goal';

type Choices = { agents: Agent[]; models: Model[] };

function useChoices(): Choices {
  const [choices, setChoices] = useState<Choices>({ agents: [], models: [] });
  useEffect(() => {
    Promise.all([get<{ data: Agent[] }>('/v1/agents'), get<{ data: Model[] }>('/v1/models')]).then(
      ([agents, models]) => setChoices({ agents: agents.data, models: models.data }),
      () => undefined,
    );
  }, []);
  return choices;
}

export function New() {
  const { agents, models } = useChoices();
  const action = useAction();
  const once = useMemo(mint, []);
  const [goal, setGoal] = useState(() => sessionStorage.getItem(KEPT) ?? '');
  const [agent, setAgent] = useState('assistant');
  const about = agents.find(({ name }) => name === agent);
  const keep = (text: string) => {
    sessionStorage.setItem(KEPT, text);
    setGoal(text);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const wanted = wantedOf(goal, agent, form);
    let made: Session | null = null;
    const started = await action.run(async () => {
      if (typeof wanted === 'string') throw new Error(wanted);
      // A changed order is another one: its key is of what is asked for.
      made = await send<Session>('POST', '/v1/sessions', wanted, `${once}-${await digest(JSON.stringify(wanted))}`);
    });
    if (!started || !made) return;
    sessionStorage.removeItem(KEPT);
    take([made]);
    go(`/app/s/${(made as Session).id}`);
  };
  return html`<h1>New agent</h1>
    <form class="card" onSubmit=${submit}>
      <label>Goal<span class="hint">What should be there when it has finished? It works on its own, for hours or weeks.</span>
        <textarea name="goal" dir="auto" rows="4" required autofocus value=${goal} onInput=${(event: InputEvent) => keep((event.target as HTMLTextAreaElement).value)} />
      </label>
      <div class="pair">
        <label>Agent
          <select name="agent" value=${agent} onChange=${(event: Event) => setAgent((event.target as HTMLSelectElement).value)}>${(agents.length > 0 ? agents : [{ name: 'assistant' }]).map(({ name }) => html`<option value=${name}>${name}</option>`)}</select>
          <span class="hint">${about?.description ?? ''}</span>
        </label>
        <label>Model
          <select name="model"><option value="">${about?.default_model ? `${about.default_model} (its own)` : 'its own'}</option>${models.map(({ id }) => html`<option value=${id}>${id}</option>`)}</select>
        </label>
        <label>At most, in dollars<span class="hint">For its whole life. Empty: the day’s allowance alone is its limit.</span><input name="cap" inputmode="decimal" placeholder="2.00" /></label>
      </div>
      <details><summary>More</summary><${More} /></details>
      <${Affords} />
      <${Failure} error=${action.error} />
      <p class="row"><button class="primary" disabled=${action.busy || goal.trim() === ''}>Start</button></p>
    </form>`;
}

const More = () => html`<div class="pair">
  <label>Most of a day, in per cent<span class="hint">The rest is left to your other agents.</span><input name="share" inputmode="numeric" placeholder="100" /></label>
  <label>Most steps<input name="steps" inputmode="numeric" placeholder="150" /></label>
  <label>Shared memory<span class="hint">A name; agents that share it remember together.</span><input name="memory" placeholder="team" /></label>
  <label>Ask before these tools run<span class="hint">Names, with commas between.</span><input name="approvals" placeholder="bash, git_push" /></label>
  <label class="check"><input type="checkbox" name="wait" />When it has nothing more to do, it waits for me</label>
  <label class="check"><input type="checkbox" name="choices" />Its questions may offer answers to choose from</label>
</div>`;

function Affords() {
  const budget = useShared(budgetOf);
  const now = useNow();
  if (!budget) return null;
  return html`<p class=${meterOf(budget, now).left > 0 ? 'dim' : 'note'}>${beginningOf(budget, now)}</p>`;
}

/** The order, or what is wrong with it as a sentence. */
function wantedOf(goal: string, agent: string, form: FormData): Record<string, unknown> | string {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const whole = (name: string) => (/^\d+$/.test(text(name)) ? Number(text(name)) : null);
  const cap = text('cap') === '' ? undefined : microdollars(text('cap'));
  if (cap === null) return 'The most that it may cost is an amount in dollars, such as 2.50. Nothing was started.';
  for (const name of ['share', 'steps'])
    if (text(name) !== '' && whole(name) === null) return `Per cent and steps are whole numbers. Nothing was started.`;
  const approvals = text('approvals')
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    ...{ goal, agent },
    ...(text('model') !== '' && { model: text('model') }),
    ...(cap !== undefined && { max_cost_microdollars: cap }),
    ...(whole('share') !== null && { daily_share_percent: whole('share') }),
    ...(whole('steps') !== null && { max_iterations: whole('steps') }),
    ...(text('memory') !== '' && { memory: text('memory') }),
    ...(approvals.length > 0 && { approvals }),
    ...(form.has('wait') && { on_end_turn: 'wait' }),
    ...(form.has('choices') && { offer_choices: true }),
  };
}

/** Short, since it is only for this page. */
async function digest(text: string): Promise<string> {
  if (!crypto.subtle) return String(text.length);
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
