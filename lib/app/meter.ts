/** The day's money on every screen: what is spent, what is held, what is left for work, and when it begins anew. */
import { html } from './html.ts';
import { isOld, isUsedUp, meterOf, paceOf } from './meter-bar.ts';
import { type Shared, useNow, useShared } from './store.ts';
import { firstOf, money, plural, resets } from './text.ts';
import { Time } from './times.ts';
import type { Budget } from './types.ts';

const HEIGHT = 26;

const ofMeter = ({ budget }: Shared) => budget;
const ofAge = ({ asOf }: Shared) => asOf;
const isHeard = ({ link }: Shared) => link === 'live' || link === 'connecting';
const isAway = ({ link }: Shared) => link === 'away';
const working = ({ sessions }: Shared) => sessions?.some(({ status }) => status === 'working') ?? false;

export function Meter() {
  const budget = useShared(ofMeter);
  const asOf = useShared(ofAge);
  const heard = useShared(isHeard);
  const away = useShared(isAway);
  const isWorking = useShared(working);
  const now = useNow();
  if (!budget)
    return html`<section class="meter" aria-label="Today's allowance" aria-busy="true"><p class="dim">Looking at the day…</p></section>`;
  const bar = meterOf(budget, now);
  if (bar.tone === 'none') return isUsedUp(budget) ? html`<${UsedUp} budget=${budget} />` : html`<${NoBudget} />`;
  const pace = paceOf(budget, isWorking);
  return html`<section class=${`meter ${bar.tone}${away ? ' away' : ''}`} aria-label="Today's allowance">
    <p class="figures">
      <span><strong>${money(budget.spent_microdollars)}</strong> <i>of ${money(budget.daily_budget_microdollars)} today</i></span>
      <span class="mid"><strong>${money(bar.left)}</strong> <i>left for work</i></span>
      <span class="reset"><i>resets in</i> <strong>${bar.resetsIn}</strong> <i>· <${Time} at=${budget.resets_at} as=${resets} /></i></span>
    </p>
    <${Bar} budget=${budget} bar=${bar} />
    <p class="legend">
      <span><b class="key spent" />spent ${money(budget.spent_microdollars)}</span>
      ${budget.held_microdollars > 0 && html`<span><b class="key held" />held ${money(budget.held_microdollars)}</span>`}
      <span><b class="key tick" />winds down ${money(budget.graceful_threshold_microdollars)}</span>
      <span><b class="key beyond" />ceiling ${money(budget.hard_ceiling_microdollars)}</span>
      ${pace && html`<span>${pace}</span>`}
      ${isOld(budget, asOf, heard, now) && html`<span class="stale">as of <${Time} at=${asOf} /></span>`}
      <span class="push">cycle ${money(budget.subscription.spent_microdollars)} of ${money(budget.subscription.budget_microdollars)} · ${plural(budget.subscription.days_left, 'day')} left</span>
    </p>
  </section>`;
}

const NoBudget = () => html`<section class="meter none" aria-label="Today's allowance">
  <p><b>There is no budget.</b> Nothing can be started and nothing can be spent. The operator of this deployment gives one, or you add money under <a href="/app/money">Money</a>.</p>
</section>`;

const UsedUp = ({
  budget: { subscription },
}: {
  budget: Budget;
}) => html`<section class="meter none" aria-label="Today's allowance">
  <p><b>This cycle’s money is used up:</b> ${money(subscription.spent_microdollars)} of ${money(subscription.budget_microdollars)}. Nothing is lost, and nothing can be spent until ${subscription.renewal_date ? `${firstOf(subscription.renewal_date)}, when it is renewed, or until ` : ''}you add money under <a href="/app/money">Money</a>.</p>
</section>`;

/** Solid, hatched and dotted as well as coloured. */
function Bar({ budget, bar }: { budget: Budget; bar: ReturnType<typeof meterOf> }) {
  const tick = (at: number, label: string) =>
    html`<g><line class="tick" x1=${at} x2=${at} y1="0" y2=${HEIGHT} /><title>${label}</title></g>`;
  return html`<svg
    viewBox=${`0 0 1000 ${HEIGHT}`}
    preserveAspectRatio="none"
    role="meter"
    aria-label="Spent today"
    aria-valuemin="0"
    aria-valuemax=${budget.daily_budget_microdollars}
    aria-valuenow=${Math.min(budget.spent_microdollars, budget.daily_budget_microdollars)}
    aria-valuetext=${bar.aloud}
  >
    <defs>
      <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="7" /></pattern>
      <clipPath id="round"><rect width="1000" height=${HEIGHT} rx="5" /></clipPath>
    </defs>
    <g clip-path="url(#round)">
      <rect class="track" width="1000" height=${HEIGHT} />
      <rect class="beyond" x=${bar.allowance} width=${1_000 - bar.allowance} height=${HEIGHT} />
      <rect class="spent" width=${bar.spent} height=${HEIGHT} />
      <rect class="held" x=${bar.spent} width=${bar.held} height=${HEIGHT} fill="url(#hatch)" />
    </g>
    ${tick(bar.graceful, `winds down at ${money(budget.graceful_threshold_microdollars)}`)}
    ${tick(bar.allowance, `allowance ${money(budget.daily_budget_microdollars)}`)}
  </svg>`;
}
