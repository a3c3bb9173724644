/** All users with the money of today, a page at a time. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './action.ts';
import { textOf } from './api.ts';
import { html } from './html.ts';
import { type Operator, usersOf } from './operator.ts';
import { money } from './text.ts';
import type { ListedUser } from './types.ts';

const STATUSES: readonly ListedUser['status'][] = ['active', 'idle', 'no_budget'];
/** Asked for as one page. */
const PAGE = '100';

type Query = { prefix: string; status: string };

/** `next`: where the pages of this query go on; null: nowhere. */
type Shown = { query: Query; rows: readonly ListedUser[] | null; next: string | null };

/** The pages so far. `version`: another one asks anew for the first. What an earlier query asked for ends with it. */
function useUsers(operator: Operator, query: Query, version: number) {
  const [shown, setShown] = useState<Shown>({ query, rows: null, next: null });
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const stop = useRef(new AbortController());
  const look = async (cursor: string | null, before: readonly ListedUser[]) => {
    const { signal } = stop.current;
    setBusy(true);
    try {
      const filter = { limit: PAGE, id_prefix: query.prefix, status: query.status };
      const page = await usersOf(operator, filter, cursor, signal);
      signal.throwIfAborted();
      setShown({ query, rows: [...before, ...page.data], next: page.next_cursor });
      setError(null);
    } catch (failure) {
      if (!signal.aborted) setError(textOf(failure));
    } finally {
      if (!signal.aborted) setBusy(false);
    }
  };
  useEffect(() => {
    stop.current = new AbortController();
    void look(null, []);
    return () => stop.current.abort();
  }, [operator, query, version]);
  const { rows, next } = shown;
  const isOther = shown.query !== query;
  return { rows, error, busy: busy || isOther, more: next === null ? null : () => look(next, rows ?? []) };
}

type Props = { operator: Operator; version: number; onChoose: (id: string) => void };

export function UserList({ operator, version, onChoose }: Props) {
  const [query, setQuery] = useState<Query>({ prefix: '', status: '' });
  const { rows, error, busy, more } = useUsers(operator, query, version);
  const find = (event: Event) => {
    event.preventDefault();
    const form = new FormData((event.currentTarget as HTMLElement).closest('form')!);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    setQuery({ prefix: text('prefix'), status: text('status') });
  };
  return html`<form class="find" role="search" onSubmit=${find}>
      <input name="prefix" type="search" aria-label="Name of the user, from its beginning" placeholder="Name begins with" />
      <select name="status" aria-label="Status" onChange=${find}><option value="">every status</option>${STATUSES.map((status) => html`<option value=${status}>${word(status)}</option>`)}</select>
      <button>Find</button>
    </form>
    <${Failure} error=${error} />
    ${rows?.length === 0 && !more && html`<p class="empty">There is no such user.</p>`}
    ${rows && rows.length > 0 && html`<${Table} rows=${rows} onChoose=${onChoose} />`}
    ${more && html`<p><button type="button" disabled=${busy} onClick=${more}>More users</button></p>`}`;
}

const word = (status: ListedUser['status']): string => status.replace('_', ' ');

const Table = ({ rows, onChoose }: { rows: readonly ListedUser[]; onChoose: (id: string) => void }) =>
  html`<div class="wide card" tabindex="0" role="region" aria-label="Users"><table>
    <thead><tr><th>User</th><th>Tier</th><th>Status</th><th class="num">Today</th><th class="num">Allowance</th><th class="num">Left of the cycle</th></tr></thead>
    <tbody>${rows.map(
      (user) => html`<tr key=${user.id}>
      <td><button type="button" onClick=${() => onChoose(user.id)}>${user.id}</button></td><td>${user.tier}</td><td>${word(user.status)}</td>
      <td class="num">${money(user.today.spent_microdollars)}</td><td class="num">${money(user.today.daily_budget_microdollars)}</td>
      <td class="num">${user.subscription_left_microdollars === null ? '' : money(user.subscription_left_microdollars)}</td>
    </tr>`,
    )}</tbody>
  </table></div>`;
