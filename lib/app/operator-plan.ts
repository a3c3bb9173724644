/** What a user may spend, as fields: of one that is there, and of a new one. */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ApiError } from './api.ts';
import { html } from './html.ts';
import { type Operator, pathOf } from './operator.ts';
import { budgetText, changeOf, type Plan } from './operator-change.ts';
import type { ChangedUser } from './types.ts';

const givenIn = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

/** `was`: null for a user who is new. */
function Fields({ was }: { was: Plan | null }) {
  const budget = was === null ? '' : budgetText(was);
  const isManual = was?.wake_policy === 'manual';
  return html`<div class="pair">
      <label>Tier<input name="tier" required defaultValue=${was?.tier ?? 'standard'} /></label>
      <label>Budget of a cycle, in dollars<input name="budget" inputmode="decimal" defaultValue=${budget} placeholder=${was ? '' : 'that of the tier'} /></label>
      <label>Renewed on (UTC day)<input name="renewal" type="date" defaultValue=${was?.subscription_renewal_date ?? ''} /></label>
      <label>Sleeping agents wake<select name="wake"><option value="auto" selected=${!isManual}>by themselves</option><option value="manual" selected=${isManual}>by a person</option></select></label>
      <label>Most of one day, as a multiple of an even day<input name="multiple" inputmode="decimal" defaultValue=${was?.max_daily_multiple ?? ''} placeholder="no limit" /></label>
    </div>
    <p class="dim">Without a day of renewal, each day gets a thirtieth of what is left. A raise wakes agents that sleep for want of money.</p>`;
}

type ChangeProps = { operator: Operator; id: string; was: Plan; onDone: () => void };

/** Fields begin anew where what is so has changed, and only there. */
const planOf = ({
  tier,
  subscription_budget_microdollars,
  subscription_renewal_date,
  wake_policy,
  max_daily_multiple,
}: Plan) => [...[tier, subscription_budget_microdollars, subscription_renewal_date, wake_policy, max_daily_multiple]];

/** What a change means that may not be meant stays to be read. */
export function PlanForm({ operator, id, was, onDone }: ChangeProps) {
  const action = useAction();
  const [told, setTold] = useState<readonly string[]>([]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const change = changeOf(givenIn(event.target as HTMLFormElement), was);
    setTold([]);
    void action.run(async () => {
      if (typeof change === 'string') throw new Error(change);
      if (Object.keys(change).length === 0) throw new Error('Nothing here is different from what is so already.');
      const { warnings } = await operator.send<ChangedUser>('PUT', pathOf(id), change);
      setTold(['The plan is changed.', ...warnings]);
      onDone();
    });
  };
  return html`<form class="card" onSubmit=${submit} aria-label="Plan">
    <h3>Plan</h3>
    <${Fields} key=${JSON.stringify(planOf(was))} was=${was} />
    <${Failure} error=${action.error} />
    ${told.map((line) => html`<p class="note" role="status">${line}</p>`)}
    <p class="row"><button class="primary" disabled=${action.busy}>Change the plan</button></p>
  </form>`;
}

/** A name that is taken would be a change of that user, so it is looked for first. */
export function NewUser({ operator, onDone }: { operator: Operator; onDone: (id: string) => void }) {
  const action = useAction();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { id = '', ...given } = givenIn(event.target as HTMLFormElement);
    const change = changeOf(given, null);
    void action.run(async () => {
      if (typeof change === 'string') throw new Error(change);
      if (await isTaken(operator, id))
        throw new Error(`There is a user ${id} already. Nothing was changed: find them in the list.`);
      await operator.send('PUT', pathOf(id), change);
      onDone(id);
    });
  };
  return html`<form class="card" onSubmit=${submit} aria-label="New user">
    <label>Name of the user<span class="hint">Your own; it cannot be changed.</span><input name="id" required autofocus placeholder="ada" /></label>
    <${Fields} was=${null} />
    <${Failure} error=${action.error} />
    <p class="row"><button class="primary" disabled=${action.busy}>Make the user</button></p>
  </form>`;
}

async function isTaken(operator: Operator, id: string): Promise<boolean> {
  try {
    await operator.get(pathOf(id));
    return true;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 404) return false;
    throw failure;
  }
}
