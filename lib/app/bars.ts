/** Costs beside each other, the dearest first. */
import { html } from './html.ts';
import { money, plural } from './text.ts';

export type BarRow = { name: string; cost: number; calls: number };

const MOST = 200;

export function Bars({ rows }: { rows: readonly BarRow[] }) {
  if (rows.length === 0) return html`<p class="empty">Nothing was spent.</p>`;
  const most = Math.max(1, ...rows.map(({ cost }) => cost));
  const sorted = [...rows].sort((a, b) => b.cost - a.cost);
  const rest = sorted.splice(MOST);
  return html`<div class="bars card">
    ${sorted.map(({ name, cost, calls }) => html`<span title=${name}>${name}</span><div class="bar" style=${{ width: `${(100 * cost) / most}%` }} /><span class="num">${money(cost)} <i>${plural(calls, 'call')}</i></span>`)}
  </div>
  ${rest.length > 0 && html`<p class="dim">And ${plural(rest.length, 'more entry', 'more entries')}, together ${money(rest.reduce((sum, { cost }) => sum + cost, 0))}.</p>`}`;
}
