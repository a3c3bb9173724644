/** For the operator: all users with the money of today. It is shown to the operator's key alone, which is asked for here and kept nowhere. */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { html } from './html.ts';
import { money, plural } from './text.ts';
import type { ListedUser, Page } from './types.ts';

export function Users() {
  const action = useAction();
  const [rows, setRows] = useState<ListedUser[] | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const key = String(new FormData(event.target as HTMLFormElement).get('key') ?? '').trim();
    void action.run(async () => setRows(await usersOf(key)));
  };
  return html`<h1>Users</h1>
    <form class="card" onSubmit=${submit}>
      <label>Operator’s key<span class="hint">It belongs to no user, so it cannot open the rest of this page. It is kept nowhere.</span><input name="key" type="password" autocomplete="off" required /></label>
      <${Failure} error=${action.error} />
      <p class="row"><button class="primary" disabled=${action.busy}>Show the users</button></p>
    </form>
    ${
      rows &&
      html`<p>${plural(rows.length, 'user')}</p><div class="wide card" tabindex="0" role="region" aria-label="Users"><table>
      <thead><tr><th>User</th><th>Tier</th><th>Status</th><th class="num">Today</th><th class="num">Allowance</th><th class="num">Left of the cycle</th></tr></thead>
      <tbody>${rows.map(
        (user) => html`<tr>
        <td>${user.id}</td><td>${user.tier}</td><td>${user.status.replace('_', ' ')}</td>
        <td class="num">${money(user.today.spent_microdollars)}</td><td class="num">${money(user.today.daily_budget_microdollars)}</td>
        <td class="num">${user.subscription_left_microdollars === null ? '' : money(user.subscription_left_microdollars)}</td>
      </tr>`,
      )}</tbody>
    </table></div>`
    }`;
}

const MOST = 1_000;

async function usersOf(key: string): Promise<ListedUser[]> {
  const rows: ListedUser[] = [];
  for (let cursor: string | null = ''; cursor !== null && rows.length < MOST; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`/v1/admin/users?limit=100${more}`, { headers: { authorization: `Bearer ${key}` } });
    const body = (await answer.json()) as Page<ListedUser> & { detail?: string };
    if (!answer.ok) throw new Error(body.detail ?? `The answer was ${answer.status}.`);
    rows.push(...body.data);
    cursor = body.next_cursor;
  }
  return rows;
}
