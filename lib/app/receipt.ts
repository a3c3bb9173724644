/** The sleep receipt: why an agent went to sleep, in amounts, what it did before, and what would wake it. */
import { SLEEP_WORDS, wakeWords } from './states.ts';
import { money, plural } from './text.ts';
import type { DaySums } from './timeline.ts';
import type { EventOf } from './types.ts';

export type ReceiptLine = { name: string; amount: number; kind?: 'short' };
export type Receipt = { title: string; lines: ReceiptLine[]; wakes: string; done: string; note: string | null };

const WHY: Record<NonNullable<EventOf<'agent.sleeping'>['limit']>, string> = {
  cycle: 'the cycle has no money left, or none is paid for it',
  wind_down: '90 % of the day’s allowance is spent',
  next_step: 'the next step does not fit in what is free',
  share: 'its own share of the day is used up',
};
function whyOf({ reason, limit, needed_microdollars: needed }: EventOf<'agent.sleeping'>): string {
  if (limit === undefined) return SLEEP_WORDS[reason];
  if (limit === 'next_step' && needed === undefined)
    return 'a step did not fit beside what is held or kept for hand-offs';
  return WHY[limit];
}

type Known = { event: EventOf<'agent.sleeping'>; budget: EventOf<'agent.budget_updated'> | null; sums: DaySums };

/** Of what the journal says, so that it is true of that moment, whatever happened since. `now` only names the day of the waking. */
export function receiptOf({ event, budget, sums }: Known, now: number): Receipt {
  const { needed_microdollars: needed, available_microdollars: available } = event;
  const lines: ReceiptLine[] = [];
  if (budget) {
    lines.push({ name: 'Day’s allowance', amount: budget.daily_budget_microdollars });
    lines.push({ name: 'Spent of it', amount: budget.spent_microdollars });
  }
  if (needed !== undefined) lines.push({ name: 'Next step, worst case', amount: needed });
  if (available !== undefined)
    lines.push({ name: event.limit === 'share' ? 'Free in its share' : 'Free for this session', amount: available });
  if (needed !== undefined && available !== undefined && needed > available)
    lines.push({ name: 'Short by', amount: needed - available, kind: 'short' });
  if (event.resume_cost_microdollars !== undefined)
    lines.push({ name: 'To read its context anew', amount: event.resume_cost_microdollars });
  return {
    title: `Asleep: ${whyOf(event)}`,
    lines,
    wakes: event.wake_at ? `Wakes ${wakeWords(event.wake_at, event.reason, now)}` : 'Sleeps until a person wakes it',
    done: `${plural(sums.iterations, 'iteration')} · ${plural(sums.tools, 'tool call')} · ${money(sums.cost)}`,
    note: event.note ?? null,
  };
}
