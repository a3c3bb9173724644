/** The day's 24 hours: what was spent in each, and where nothing was because all slept. */
import { html } from './html.ts';
import { clock, DAY, money, timed } from './text.ts';
import type { Usage } from './types.ts';
import { isUtc } from './zone.ts';

const HOURS = 24;
const HOUR = DAY / HOURS;
const WIDTH = 40;
const FLOOR = 50;

/** Microdollars of each hour of the day. */
export function hoursOf(rows: readonly Pick<Usage, 'key' | 'cost_microdollars'>[]): number[] {
  const hours = new Array<number>(HOURS).fill(0);
  for (const { key, cost_microdollars } of rows) hours[new Date(key).getUTCHours()]! += cost_microdollars;
  return hours;
}

export function HourStrip({ hours, now }: { hours: readonly number[]; now: number }) {
  const most = Math.max(1, ...hours);
  const start = now - (now % DAY);
  const at = ((now - start) / DAY) * HOURS * WIDTH;
  const total = hours.reduce((sum, cost) => sum + cost, 0);
  const busiest = hours.indexOf(Math.max(...hours));
  const label =
    total > 0
      ? `Spending over the day: ${money(total)} in all, most in the hour from ${timed(start + busiest * HOUR)}`
      : 'Nothing was spent today';
  const bar = (cost: number, i: number) => {
    const height = Math.max(3, (FLOOR * cost) / most);
    return html`<rect class="cell" x=${i * WIDTH + 2} y=${FLOOR - height} width=${WIDTH - 4} height=${height} rx="2" />`;
  };
  const rest = (i: number) => html`<circle class="rest" cx=${i * WIDTH + WIDTH / 2} cy=${FLOOR - 2} r="2" />`;
  return html`<figure class="strip">
    <svg viewBox=${`0 0 ${HOURS * WIDTH} 54`} preserveAspectRatio="none" role="img" aria-label=${label}>
      ${[0, 6, 12, 18].map((hour) => html`<line class="hour" x1=${hour * WIDTH} x2=${hour * WIDTH} y1="0" y2="54" />`)}
      ${hours.map((cost, i) => (cost > 0 ? bar(cost, i) : (i + 1) * WIDTH <= at ? rest(i) : null))}
      <line class="nowline" x1=${at} x2=${at} y1="0" y2="54" />
    </svg>
    <figcaption>${isUtc() ? html`<span>00</span><span>06</span><span>12</span><span>18</span><span>24 UTC</span>` : [0, 6, 12, 18, 24].map((hour) => html`<span>${clock(start + hour * HOUR)}</span>`)}</figcaption>
  </figure>`;
}
