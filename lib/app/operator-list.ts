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
type Shown = { query: Query; rows: readonly ListedUser[] | null; pages: number; next: string | null };

/** The pages so far. `version`: another one asks anew for as many as are shown. What an earlier query asked for ends with it. */
function useUsers(operator: Operator, query: Query, version: number) {
  const none: Shown = { query, rows: null, pages: 0, next: null };
  const [shown, setShown] = useState(none);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const stop = useRef(new AbortController());
  /** Up to so many pages in all. */
  const look = async (from: Shown, pages: number) => {
    const { signal } = stop.current;
    setBusy(true);
    try {
      let found = from;
      do {
        const filter = { limit: PAGE, id_prefix: query.prefix, status: query.status };
        const page = await usersOf(operator, filter, found.next, signal);
        signal.throwIfAborted();
        const rows = [...(found.rows ?? []), ...page.data];
        found = { query, rows, pages: found.pages + 1, next: page.next_cursor };
      } while (found.pages < pages && found.next !== null);
      setShown(found);
      setError(null);
    } catch (failure) {
      if (!signal.aborted) setError(textOf(failure));
    } finally {
      if (!signal.aborted) setBusy(false);
    }
  };
  const isOther = shown.query !== query;
  useEffect(() => {
    stop.current = new AbortController();
    void look(none, isOther ? 1 : shown.pages);
    return () => stop.current.abort();
  }, [operator, query, version]);
  const more = shown.next === null ? null : () => look(shown, shown.pages + 1);
  return { rows: shown.rows, error, busy: busy || isOther, more };
}

/**
 * Puts the focus back with each new `version`: on the row of the user who was looked at, else on the search field. The row may come with the answer
 * only, or be gone with it; a person who has gone elsewhere meanwhile stays there.
 */
function useReturn(version: number, seen: string | null, busy: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const known = useRef(version);
  /** Where the focus was put, until the answer is there. */
  const put = useRef<Element | null>(null);
  useEffect(() => {
    const isBack = known.current !== version;
    known.current = version;
    const at = document.activeElement;
    const isHere = put.current !== null && (at === put.current || at === document.body);
    put.current = isBack || isHere ? focusOn(box.current!, seen) : null;
    if (!isBack && !busy) put.current = null;
  }, [version, busy]);
  return box;
}

function focusOn(box: HTMLElement, seen: string | null): HTMLElement {
  const rows = [...box.querySelectorAll<HTMLElement>('[data-user]')];
  const goal = rows.find(({ dataset }) => dataset.user === seen) ?? box.querySelector<HTMLElement>('[type=search]')!;
  goal.focus();
  return goal;
}

/** `seen`: who was looked at last. */
type Props = { operator: Operator; version: number; seen: string | null; onChoose: (id: string) => void };

export function UserList({ operator, version, seen, onChoose }: Props) {
  const [query, setQuery] = useState<Query>({ prefix: '', status: '' });
  const { rows, error, busy, more } = useUsers(operator, query, version);
  const box = useReturn(version, seen, busy);
  const find = (event: Event) => {
    event.preventDefault();
    const form = new FormData((event.currentTarget as HTMLElement).closest('form')!);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    setQuery({ prefix: text('prefix'), status: text('status') });
  };
  return html`<div class="stack" ref=${box}><form class="find" role="search" onSubmit=${find}>
      <input name="prefix" type="search" aria-label="Name of the user, from its beginning" placeholder="Name begins with" />
      <select name="status" aria-label="Status" onChange=${find}><option value="">every status</option>${STATUSES.map((status) => html`<option value=${status}>${word(status)}</option>`)}</select>
      <button>Find</button>
    </form>
    <${Failure} error=${error} />
    ${rows?.length === 0 && !more && html`<p class="empty">There is no such user.</p>`}
    ${rows && rows.length > 0 && html`<${Table} rows=${rows} onChoose=${onChoose} />`}
    ${more && html`<p><button type="button" aria-disabled=${busy} onClick=${() => busy || more()}>More users</button></p>`}</div>`;
}

const word = (status: ListedUser['status']): string => status.replace('_', ' ');

const Table = ({ rows, onChoose }: { rows: readonly ListedUser[]; onChoose: (id: string) => void }) =>
  html`<div class="wide card" tabindex="0" role="region" aria-label="Users"><table>
    <thead><tr><th>User</th><th>Tier</th><th>Status</th><th class="num">Today</th><th class="num">Allowance</th><th class="num">Left of the cycle</th></tr></thead>
    <tbody>${rows.map(
      (user) => html`<tr key=${user.id}>
      <td><button type="button" data-user=${user.id} onClick=${() => onChoose(user.id)}>${user.id}</button></td><td>${user.tier}</td><td>${word(user.status)}</td>
      <td class="num">${money(user.today.spent_microdollars)}</td><td class="num">${money(user.today.daily_budget_microdollars)}</td>
      <td class="num">${user.subscription_left_microdollars === null ? '' : money(user.subscription_left_microdollars)}</td>
    </tr>`,
    )}</tbody>
  </table></div>`;
