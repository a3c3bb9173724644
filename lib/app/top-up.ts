/** More money, with its effect shown before it is added. The key is made once a dialog, so that no second click adds it twice. */
import { useMemo, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { mint, now, send } from './api.ts';
import { refresh } from './data.ts';
import { Dialog } from './dialog.ts';
import { html } from './html.ts';
import { afterTopUp } from './meter-bar.ts';
import { change, type Shared, useShared } from './store.ts';
import { microdollars, money, plural } from './text.ts';
import type { Budget } from './types.ts';

const budgetOf = ({ budget }: Shared) => budget;
const sleepersOf = ({ sessions }: Shared) =>
  sessions?.filter(({ sleep_reason }) => sleep_reason === 'allowance').length ?? 0;

/** `wanted`: microdollars to begin with. */
export function TopUpDialog({ wanted, onClose }: { wanted?: number | null; onClose: () => void }) {
  const budget = useShared(budgetOf);
  const sleepers = useShared(sleepersOf);
  const action = useAction();
  const once = useMemo(mint, []);
  const [text, setText] = useState(((wanted ?? 1_000_000) / 1_000_000).toString());
  const [spread, setSpread] = useState<'today' | 'cycle'>('today');
  const amount = microdollars(text);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (amount === null) return;
    const added = await action.run(async () => {
      const body = { amount_microdollars: amount, spread };
      change({
        budget: await send<Budget>('POST', '/v1/budget/top-ups', body, `${once}-${amount}-${spread}`),
        asOf: now(),
      });
    });
    if (!added) return;
    onClose();
    await refresh();
  };
  const choice = (value: 'today' | 'cycle', word: string) =>
    html`<label class="check"><input type="radio" name="spread" checked=${spread === value} onChange=${() => setSpread(value)} />${word}</label>`;
  return html`<${Dialog} title="Top up" onClose=${onClose}>
    <form onSubmit=${submit}>
      <label>Dollars<input name="amount" inputmode="decimal" autofocus value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} /></label>
      <fieldset><legend class="sr">When it may be spent</legend>${choice('today', 'All of it today')}${choice('cycle', 'Shared out over the days to the renewal')}</fieldset>
      ${budget && html`<${Effect} budget=${budget} amount=${amount} spread=${spread} sleepers=${sleepers} />`}
      <${Failure} error=${action.error} />
      <p class="row">
        <button class="primary" disabled=${amount === null || action.busy}>Add ${amount === null ? '' : money(amount)}</button>
        <button type="button" onClick=${onClose}>Cancel</button>
      </p>
    </form>
  <//>`;
}

type Shown = { budget: Budget; amount: number | null; spread: 'today' | 'cycle'; sleepers: number };

function Effect({ budget, amount, spread, sleepers }: Shown) {
  if (amount === null) return html`<p class="note">An amount in dollars, such as 0.50 or 20.</p>`;
  const { allowance } = afterTopUp(budget, amount, spread);
  return html`<p class="effect" aria-live="polite">
    Today’s allowance becomes about <b>${money(allowance)}</b>, now it is ${money(budget.daily_budget_microdollars)}.
    ${sleepers > 0 && html` ${plural(sleepers, 'agent')} that sleep${sleepers === 1 ? 's' : ''} for want of money wake${sleepers === 1 ? 's' : ''} where it is enough.`}
  </p>`;
}
