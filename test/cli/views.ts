/** What the live view may know, for tests of its frames. */
import { painter } from '../../cli/text.ts';
import type { View } from '../../cli/view/frame.ts';
import type { Budget, Session } from '../../client/index.ts';

export const NOW = Date.parse('2026-11-10T17:48:00Z');

export const budget = {
  ...{
    date: '2026-11-10',
    daily_budget_microdollars: 1_670_000,
    spent_microdollars: 1_020_000,
    held_microdollars: 110_000,
  },
  ...{ remaining_microdollars: 540_000, percentage: 61, graceful_threshold_microdollars: 1_500_000 },
  ...{ hard_ceiling_microdollars: 1_830_000, resets_at: '2026-11-11T00:00:00.000Z', alerts: [] },
  subscription: {
    ...{
      budget_microdollars: 50_000_000,
      spent_microdollars: 14_200_000,
      remaining_microdollars: 35_800_000,
      days_left: 18,
    },
    ...{ carried_over_microdollars: 0, topped_up_left_microdollars: 0, renewal_date: '2026-11-28' },
  },
  forecast: {
    day_microdollars: 1_310_000,
    winds_down_at: null,
    cycle_microdollars: 41_700_000,
    unused_microdollars: 0,
  },
} satisfies Budget;

export const session = (change: Partial<Session>): Session =>
  ({
    ...{
      id: 'ses_01k9w3x8c2m4n6p8q0r2s4t6v8',
      goal: 'Field guide to owls',
      agent: 'assistant',
      model: 'claude-sonnet-5-5',
    },
    ...{
      status: 'working',
      iteration_number: 13,
      cost_microdollars: 80_000,
      max_cost_microdollars: 2_000_000,
      wake_at: null,
    },
    ...{ activity: null, sleep: null, sleep_reason: null, waiting: null, question: null, result: null, error: null },
    ...{ updated_at: '2026-11-10T17:47:50.000Z', completed_at: null },
    ...change,
  }) as Session;

export const thinking = session({
  activity: {
    state: 'thinking',
    since: '2026-11-10T17:47:48.000Z',
    due_at: null,
    heartbeat_at: null,
    attempts: 1,
    held_microdollars: 31_000,
  },
});
export const asleep = session({
  ...{ status: 'sleeping', wake_at: '2026-11-11T00:00:00.000Z', sleep_reason: 'allowance' },
  sleep: {
    limit: 'next_step',
    needed_microdollars: 31_000,
    available_microdollars: 11_000,
    top_up_to_wake_microdollars: 20_000,
  } as Session['sleep'],
});

export const view = (change: Partial<View> = {}): View => ({
  ...{
    budget,
    stop: null,
    sessions: [thinking],
    only: true,
    tail: [],
    draft: '',
    trouble: null,
    entry: null,
    note: null,
    seen: [],
  },
  ...change,
});
export const place = { columns: 100, rows: 16, now: NOW, paint: painter(false) };
