/** The money of the cycle: each day against its allowance, what it went into, and more of it. */
import { useEffect, useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { ask, get, textOf } from './api.ts';
import { html } from './html.ts';
import { columnsOf, Month } from './month.ts';
import { type Shared, useShared } from './store.ts';
import { day as dayWord, firstOf, money, plural, timed, utcDay } from './text.ts';
import { Time, useZone } from './times.ts';
import { TopUpDialog } from './top-up.ts';
import type { Budget, Day, Page, Session, TopUp } from './types.ts';
import { UsageBars } from './usage-bars.ts';

const budgetOf = ({ budget }: Shared) => budget;
const sessionsOf = ({ sessions }: Shared) => sessions;
const GROUPS = ['session', 'model', 'tool', 'hour'] as const;

type Lists = { days: Day[]; topUps: TopUp[] };

/** What each alert of the day says: docs/money.md. */
const ALERTS: Record<Budget['alerts'][number]['threshold'], string> = {
  pace: 'Half is spent, and at this pace the day’s money is gone before 18:00 UTC',
  graceful: '90 % is spent: agents wind down',
  ceiling: 'All is spent, or what is left does not cover the next call',
  breaker: 'A bill passed the ceiling, or the operator stopped all agents',
};

export function Money() {
  const budget = useShared(budgetOf);
  const [lists, setLists] = useState<Lists | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const spent = budget?.spent_microdollars;
  const allowance = budget?.daily_budget_microdollars;
  useEffect(() => {
    Promise.all([get<Page<Day>>('/v1/budget/days?limit=31'), get<Page<TopUp>>('/v1/budget/top-ups?limit=100')]).then(
      ([days, topUps]) => setLists({ days: days.data, topUps: topUps.data }),
      (failure: unknown) => setError(textOf(failure)),
    );
  }, [spent, allowance]);
  const date = chosen ?? budget?.date ?? '';
  return html`<h1>Money</h1>
    <${Failure} error=${error} />
    ${budget && html`<${Cycle} budget=${budget} onAdd=${() => setAdding(true)} />`}
    ${
      budget &&
      lists &&
      html`<section class="card stack" aria-label="The month">
      <${Month} columns=${columnsOf(lists.days, lists.topUps, budget)} forecast=${budget.forecast.day_microdollars} chosen=${date} onChoose=${setChosen} />
      <${Table} lists=${lists} budget=${budget} chosen=${date} onChoose=${setChosen} />
    </section>`
    }
    ${date && html`<${DayOf} date=${date} />`}
    ${budget && budget.alerts.length > 0 && html`<section class="card stack"><h2>Alerts today</h2><ul>${budget.alerts.map(({ threshold, at }) => html`<li><${Time} at=${at} /> · ${ALERTS[threshold]}</li>`)}</ul></section>`}
    ${adding && html`<${TopUpDialog} onClose=${() => setAdding(false)} />`}`;
}

function Cycle({ budget, onAdd }: { budget: Budget; onAdd: () => void }) {
  const { subscription, forecast } = budget;
  const course =
    forecast.cycle_microdollars === null
      ? ''
      : ` · on course to use ${money(forecast.cycle_microdollars)}${forecast.unused_microdollars ? `, ${money(forecast.unused_microdollars)} unused` : ''}`;
  return html`<section class="card row" aria-label="The cycle">
    <p><b>${money(subscription.spent_microdollars)}</b> of ${money(subscription.budget_microdollars)} spent in this cycle
      <span class="dim"> · ${plural(subscription.days_left, 'day')} left${subscription.renewal_date ? `, until ${firstOf(subscription.renewal_date)}` : ''}${course}</span></p>
    <button type="button" class="primary push" onClick=${onAdd}>Top up</button>
  </section>`;
}

function Table({
  lists,
  budget,
  chosen,
  onChoose,
}: {
  lists: Lists;
  budget: Budget;
  chosen: string;
  onChoose: (date: string) => void;
}) {
  const rows = columnsOf(lists.days, lists.topUps, budget)
    .filter(({ allowance, spent, topUps }) => allowance + spent + topUps > 0)
    .reverse();
  return html`<details><summary>As a table</summary><div class="wide" tabindex="0" role="region" aria-label="Days"><table>
    <thead><tr><th>Day (UTC)</th><th class="num">Spent</th><th class="num">Allowance</th><th class="num">Topped up</th></tr></thead>
    <tbody>${rows.map(
      ({ date, spent, allowance, topUps }) => html`<tr>
      <td><button type="button" aria-pressed=${date === chosen} onClick=${() => onChoose(date)}>${dayWord(date)}</button></td>
      <td class="num">${money(spent)}</td><td class="num">${money(allowance)}</td><td class="num">${topUps > 0 ? money(topUps) : ''}</td>
    </tr>`,
    )}</tbody>
  </table></div></details>`;
}

function DayOf({ date }: { date: string }) {
  const sessions = useShared(sessionsOf);
  const [group, setGroup] = useState<(typeof GROUPS)[number]>('session');
  const action = useAction();
  useZone();
  const nameOf = (key: string) => (group === 'session' ? goalOf(sessions, key) : group === 'hour' ? timed(key) : key);
  const download = () =>
    action.run(async () => {
      const answer = await ask(`/v1/usage?group_by=${group}&from=${date}&to=${date}`, { accept: 'text/csv' });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await answer.blob());
      link.download = `usage-${date}-${group}.csv`;
      link.click();
    });
  return html`<section class="stack" aria-labelledby="day-of">
    <div class="head">
      <h2 id="day-of">${utcDay(date)}</h2>
      <div class="filters" role="group" aria-label="Sum up by">
        ${GROUPS.map((name) => html`<button type="button" aria-pressed=${group === name} onClick=${() => setGroup(name)}>by ${name}</button>`)}
        <button type="button" onClick=${download}>CSV</button>
      </div>
    </div>
    <${Failure} error=${action.error} />
    <${UsageBars} path=${`/v1/usage?group_by=${group}&from=${date}&to=${date}`} nameOf=${nameOf} />
  </section>`;
}

const goalOf = (sessions: readonly Session[] | null, id: string): string =>
  sessions?.find((one) => one.id === id)?.goal ?? id;
