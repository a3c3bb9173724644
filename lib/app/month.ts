/** The month of days as columns: spent against the allowance of each, top-ups, and how far today may go. */
import { html } from './html.ts';
import { DAY, money, utcDay } from './text.ts';
import { useZone } from './times.ts';
import type { Budget, Day, TopUp } from './types.ts';

export type Column = { date: string; spent: number; allowance: number; topUps: number; isToday: boolean };

const SHOWN = 31;

/** The last 31 days up to today, the oldest first: those without a row had nothing. */
export function columnsOf(days: readonly Day[], topUps: readonly TopUp[], budget: Budget): Column[] {
  const byDate = new Map(days.map((one) => [one.date, one]));
  const last = Date.parse(budget.date);
  return Array.from({ length: SHOWN }, (_, i) => {
    const date = new Date(last - (SHOWN - 1 - i) * DAY).toISOString().slice(0, 10);
    const isToday = date === budget.date;
    const row = byDate.get(date);
    const added = topUps.filter((one) => one.date === date).reduce((sum, one) => sum + one.amount_microdollars, 0);
    return {
      ...{ date, isToday, topUps: added },
      spent: isToday ? budget.spent_microdollars : (row?.spent_microdollars ?? 0),
      allowance: isToday ? budget.daily_budget_microdollars : (row?.daily_budget_microdollars ?? 0),
    };
  });
}

const WIDTH = 20;
const HEIGHT = 150;
const FLOOR = 140;

type Props = { columns: readonly Column[]; forecast: number; chosen: string; onChoose: (date: string) => void };

export function Month({ columns, forecast, chosen, onChoose }: Props) {
  useZone();
  const most = Math.max(1, ...columns.map(({ spent, allowance }) => Math.max(spent, allowance)));
  const high = (amount: number) => (FLOOR * amount) / most;
  const total = columns.reduce((sum, { spent }) => sum + spent, 0);
  const box = (amount: number, x: number, className: string) =>
    amount > 0 &&
    html`<rect class=${className} x=${x + 3} y=${FLOOR - high(amount)} width=${WIDTH - 6} height=${high(amount)} rx="1.5" />`;
  return html`<figure class="month">
    <svg viewBox=${`0 0 ${SHOWN * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${`The last ${SHOWN} days: ${money(total)} spent. The table below has each day.`}>
      <defs><pattern id="future" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6" /></pattern></defs>
      ${columns.map(({ date, spent, allowance, topUps, isToday }, i) => {
        const x = i * WIDTH;
        return html`<g>
          ${isToday && forecast > spent && box(forecast, x, 'fore')}
          ${box(spent, x, 'cell')}${box(allowance, x, 'allow')}
          ${topUps > 0 && html`<circle class="dot" cx=${x + WIDTH / 2} cy=${Math.max(4, FLOOR - high(allowance) - 5)} r="2.5" />`}
          <rect class=${`pick${date === chosen ? ' on' : ''}`} x=${x} width=${WIDTH} height=${HEIGHT} onClick=${() => onChoose(date)}><title>${utcDay(date)}: ${money(spent)} of ${money(allowance)}</title></rect>
        </g>`;
      })}
    </svg>
    <p class="labels"><span>${utcDay(columns[0]!.date)}</span><span>outline: allowance · hatched: today’s forecast · dot: top-up</span><span>today</span></p>
  </figure>`;
}
