/**
 * Metrics: what the alarms and the dashboard of the deployment look at (lib/infra/alarms.ts), as numbers on a log line. On AWS the log adds
 * CloudWatch's embedded metric format to such a line, from which CloudWatch reads the numbers without a request of ours. No dimensions:
 * the namespace names the stage, so that a million sessions make no more time series than one.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import type { StoredState } from '../core/session.ts';

/** Every metric with its CloudWatch unit. */
export const METRICS = {
  /** Replies saved. */
  iterations: 'Count',
  /** Claims of a session whose last owner neither settled nor saved: its worker died. */
  repeated_claims: 'Count',
  /** Model calls charged at their whole hold, since it is not known what they were billed (G12); and what that came to. */
  unknown_outcomes: 'Count',
  unknown_microdollars: 'None',
  settled_microdollars: 'None',
  /** Spent and held of the user's day as a part of its hard ceiling, after a settlement. Above 100 only by a bill above its hold. */
  ceiling_percent: 'Percent',
  /** How late a sleeper was claimed after its hour, of sleeps that ran their time. */
  wake_lag_seconds: 'Seconds',
  /** Sessions that a sweep handed to the queue; and for how long the most overdue one has not moved. */
  hinted: 'Count',
  oldest_due_seconds: 'Seconds',
  /** Disagreements between ledger, days, holds, sessions and the provider's report that the daily reconciliation found, repaired or not. */
  drift: 'Count',
} as const;

export type Measures = Partial<Record<keyof typeof METRICS, number>>;

/** What a claim found: lateness and dead owners. `at`: the database's clock. */
export const measuresOfClaim = (state: StoredState, attempts: number, at: number): Measures => ({
  ...(attempts > 1 && { repeated_claims: 1 }),
  ...((state.state === 'sleeping' || state.state === 'exceeded') &&
    state.until <= at && { wake_lag_seconds: (at - state.until) / 1_000 }),
});

/** What a settlement came to. A late one, from an old owner, has no event and is not counted here. */
export function measuresOfSettlement(effect: Effect, event: Input | null): Measures {
  if (effect.type !== 'settle' || event?.type !== 'settled') return {};
  const { iterated, class: outcome, cost } = effect.settlement;
  const { spent, held, ceiling } = event.day;
  return {
    ...(iterated && { iterations: 1 }),
    ...(outcome === 'unknown' && { unknown_outcomes: 1, ...(cost !== null && { unknown_microdollars: Number(cost) }) }),
    ...(outcome === 'settled' && cost !== null && { settled_microdollars: Number(cost) }),
    ...(ceiling > 0n && { ceiling_percent: Number(((spent + held) * 10_000n) / ceiling) / 100 }),
  };
}

/** The members that make CloudWatch read `measures` off a log line that carries them at its top. */
export const embedded = (namespace: string, measures: Measures, timestamp: number): object => ({
  _aws: {
    Timestamp: timestamp,
    CloudWatchMetrics: [
      {
        Namespace: namespace,
        Dimensions: [[]],
        Metrics: Object.keys(measures).map((name) => ({ Name: name, Unit: METRICS[name as keyof Measures] })),
      },
    ],
  },
  ...measures,
});
