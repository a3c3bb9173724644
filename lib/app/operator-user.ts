/** One user, for the operator. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { textOf } from './api.ts';
import { html } from './html.ts';
import { type Operator, usersOf } from './operator.ts';
import { Keys } from './operator-keys.ts';
import { PlanForm } from './operator-plan.ts';
import { useNow } from './store.ts';
import { firstOf, money, plural } from './text.ts';
import { When } from './times.ts';
import type { ListedUser } from './types.ts';

/** Of the list, which alone has the money: the first one whose name begins with this whole name is the user. */
async function userOf(operator: Operator, id: string, signal: AbortSignal): Promise<ListedUser> {
  const { data } = await usersOf(operator, { limit: '1', id_prefix: id }, null, signal);
  const found = data.find((user) => user.id === id);
  if (!found) throw new Error(`There is no user ${id}.`);
  return found;
}

export function OneUser({ operator, id, onBack }: { operator: Operator; id: string; onBack: () => void }) {
  const [user, setUser] = useState<ListedUser | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    const stop = new AbortController();
    userOf(operator, id, stop.signal).then(
      (found) => {
        setUser(found);
        setError(null);
      },
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [operator, id, version]);
  return html`<section class="stack" aria-labelledby="one-user">
    <p><button type="button" onClick=${onBack}>All users</button></p>
    <h2 id="one-user" tabindex="-1" ref=${heading}>${id}</h2>
    <${Failure} error=${error} />
    ${user && html`<${Standing} user=${user} />`}
    <${Keys} operator=${operator} id=${id} />
    ${user && html`<${PlanForm} operator=${operator} id=${id} was=${user} onDone=${() => setVersion((n) => n + 1)} />`}
  </section>`;
}

function Standing({ user }: { user: ListedUser }) {
  const at = useNow();
  const { today, subscription_left_microdollars: left, days_left: days, subscription_renewal_date: renewal } = user;
  return html`<div class="card thing"><dl>
    <dt>Status</dt><dd>${user.status.replace('_', ' ')}, tier ${user.tier}</dd>
    <dt>Today</dt><dd>${money(today.spent_microdollars)} of ${money(today.daily_budget_microdollars)} spent${today.held_microdollars > 0 ? `, ${money(today.held_microdollars)} held` : ''}</dd>
    <dt>Cycle</dt><dd>${money(user.subscription_budget_microdollars)}${left === null ? '' : `, ${money(left)} left`}${days === null ? '' : ` for ${plural(days, 'day')}`}</dd>
    <dt>Renewed</dt><dd>${renewal ? firstOf(renewal) : 'never'}</dd>
    <dt>Known since</dt><dd><${When} at=${user.created_at} now=${at} /></dd>
  </dl></div>`;
}
