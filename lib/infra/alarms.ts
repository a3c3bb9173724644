/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * What tells an operator that something is wrong: alarms, one dashboard, and a topic for the e-mail if one is wanted. The numbers are AWS's
 * own or those of lib/observe/metrics.ts, which come with the log. Silence is no trouble, save of the recovery cron.
 *
 * CloudWatch asks $0.10 a month for each metric of an alarm, the first ten of an account free (price list of November 2026), so there are ten
 * alarms on one metric each. What another alarm would say a minute later has none: the dashboard shows it.
 */
import type { Measures } from '../observe/metrics.ts';

type Text = $util.Input<string>;
export type Watched = {
  /** CloudWatch's namespace of this stage's own metrics. */
  namespace: string;
  region: string;
  email: string | undefined;
  /** Names as AWS knows them. */
  iterate: Text;
  wake: Text;
  api: Text;
  reconcile: Text;
  /** Left out under `sst dev`. It writes no log, so its numbers are all that is known of it. */
  sandbox: Text | undefined;
  /** The group of the one-time schedules. */
  schedules: Text;
  queue: Text;
  letters: Text;
  /** Iterations under way at once, by the queue's limit. */
  atOnce: number;
  /** Whether there are alarms, and a dashboard. */
  alarms: boolean;
  dashboard: boolean;
};

/** A metric as an alarm and a widget both take it. */
type Metric = { namespace: string; name: string; dimensions?: Record<string, Text>; stat: string };
type Alarm = Metric & { says: string; above: number; minutes: number; of?: number; below?: boolean };

/**
 * Iterations a minute of one worker that never stops: the quickest models answer in about two seconds. Rounds in which nobody thinks make
 * five times as many, and leave no reply to be counted; so invocations are.
 */
const FASTEST_PER_MINUTE = 30;

const own = (namespace: string, name: keyof Measures, stat: string): Metric => ({ namespace, name, stat });
const lambda = (functionName: Text, name: string, stat = 'Sum'): Metric => ({
  ...{ namespace: 'AWS/Lambda', name, stat },
  dimensions: { FunctionName: functionName },
});
const sqs = (queueName: Text, name: string, stat: string): Metric => ({
  ...{ namespace: 'AWS/SQS', name, stat },
  dimensions: { QueueName: queueName },
});

/**
 * Of the schedules of one group. A schedule's target has taken an event when Lambda has queued it, so failures of the function itself are
 * not among these; what is dropped has failed until its retries were used up.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html (list of metrics; dimension ScheduleGroup)
 */
const scheduler = (group: Text, name: string): Metric => ({
  ...{ namespace: 'AWS/Scheduler', name, stat: 'Sum' },
  dimensions: { ScheduleGroup: group },
});

/** Lambda tries what fails three times within minutes, so this is one event that failed for good, or several that failed. */
const AGAIN_AND_AGAIN = { above: 0, minutes: 3, of: 15 };

/** `minutes` bad ones out of `of` raise the alarm. */
const alarmsOf = ({ namespace, iterate, wake, api, reconcile, letters, atOnce }: Watched): Record<string, Alarm> => ({
  Buried: {
    ...sqs(letters, 'NumberOfMessagesReceived', 'Sum'),
    ...{ above: 0, minutes: 1 },
    // A chain that AWS stops fails its message, which so comes here, too.
    says: 'A message was given up five times over, or AWS stopped a chain of iterations. The recovery cron moves its session; the log of Iterate says why.',
  },
  TooManyIterations: {
    ...lambda(iterate, 'Invocations'),
    ...{ above: atOnce * FASTEST_PER_MINUTE, minutes: 10 },
    says: 'Iterate runs more often than agents can think: chains go round without a reply. Stop all with: circadian admin stop REASON',
  },
  Overdue: {
    ...own(namespace, 'oldest_due_seconds', 'Maximum'),
    ...{ above: 600, minutes: 5 },
    says: 'A due session, a sleeper among them, has not moved for ten minutes. The queue, Iterate or the model cannot keep up, or the operator has stopped everything.',
  },
  UnknownOutcomes: {
    ...own(namespace, 'unknown_outcomes', 'Sum'),
    ...{ above: 0, minutes: 3, of: 15 },
    says: 'Model calls are charged at their whole hold, since nobody knows what they were billed: the model breaks off, or workers die.',
  },
  AboveCeiling: {
    ...own(namespace, 'ceiling_percent', 'Maximum'),
    ...{ above: 100, minutes: 1 },
    says: "A user's day passed its hard ceiling: a bill above its hold, or a plan lowered meanwhile. Their sessions stopped.",
  },
  RecoverySilent: {
    ...lambda(wake, 'Invocations'),
    ...{ above: 1, minutes: 5, below: true },
    says: 'The recovery cron has not run for five minutes: lost hints are not made up for.',
  },
  WakeFails: {
    ...lambda(wake, 'Errors'),
    ...AGAIN_AND_AGAIN,
    says: 'Wake fails; its log says why. With Redis away or UPSTASH_BUDGET spent, sleepers wake all the same, at the price of a Postgres that never sleeps. With Postgres or the queue away, or a setting missing, they stay asleep.',
  },
  ApiAnswers5xx: {
    ...lambda(api, 'Url5xxCount'),
    ...AGAIN_AND_AGAIN,
    says: 'Requests are answered with a 5xx: Postgres is away, a setting is missing, or there is a bug. The log of Api has the cause.',
  },
  SumsDiffer: {
    ...own(namespace, 'drift', 'Sum'),
    ...{ above: 0, minutes: 1 },
    says: 'The daily reconciliation found sums that disagree. Each is a line "drift" in the log of Reconcile, with its cause.',
  },
  ReconcileFails: {
    ...lambda(reconcile, 'Errors'),
    ...AGAIN_AND_AGAIN,
    says: 'The daily reconciliation could not compare everything: its log says which, and why.',
  },
});

/** Says whom the alarms tell, for the end of the deployment. */
export function watch(watched: Watched): Text {
  if (watched.dashboard)
    new aws.cloudwatch.Dashboard('Dashboard', {
      dashboardName: watched.namespace.replace('/', '-'),
      dashboardBody: $jsonStringify({ widgets: widgetsOf(watched) }),
    });
  if (!watched.alarms) return 'none: ALARMS=1 makes them';
  const mail = watched.email ? mailTo(watched.email) : null;
  makeAlarms(watched, mail ? [mail.topic] : []);
  return mail?.says ?? 'they tell nobody: set ALARM_EMAIL, and deploy again';
}

function makeAlarms(watched: Watched, topics: Text[]): void {
  for (const [name, alarm] of Object.entries(alarmsOf(watched))) {
    new aws.cloudwatch.MetricAlarm(name, {
      alarmDescription: alarm.says,
      namespace: alarm.namespace,
      metricName: alarm.name,
      dimensions: alarm.dimensions,
      ...(alarm.stat.startsWith('p') ? { extendedStatistic: alarm.stat } : { statistic: alarm.stat }),
      period: 60,
      comparisonOperator: alarm.below ? 'LessThanThreshold' : 'GreaterThanThreshold',
      threshold: alarm.above,
      datapointsToAlarm: alarm.minutes,
      evaluationPeriods: alarm.of ?? alarm.minutes,
      treatMissingData: alarm.below ? 'breaching' : 'notBreaching',
      alarmActions: topics,
      okActions: topics,
    });
  }
}

/** AWS sends nothing to an address before its owner has agreed to it, and says nowhere else that it waits for that. */
function mailTo(email: string) {
  const topic = new aws.sns.Topic('Alarms').arn;
  const { pendingConfirmation } = new aws.sns.TopicSubscription('AlarmsByMail', {
    ...{ topic, protocol: 'email', endpoint: email },
  });
  const says = pendingConfirmation.apply((pending) =>
    pending
      ? `AWS has asked ${email} for a confirmation. No alarm is mailed before "Confirm subscription" in that mail is clicked; \`sst refresh\` looks again.`
      : `mailed to ${email}`,
  );
  return { topic, says };
}

function widgetsOf({ namespace, region, ...names }: Watched) {
  const rows: [string, Metric[]][] = [
    ['Iterations a minute', [own(namespace, 'iterations', 'Sum'), lambda(names.iterate, 'Invocations')]],
    ['Under way at once', [lambda(names.iterate, 'ConcurrentExecutions', 'Maximum')]],
    ['Queue', [sqs(names.queue, 'ApproximateNumberOfMessagesVisible', 'Maximum'), own(namespace, 'hinted', 'Sum')]],
    ['Dead letters', [sqs(names.letters, 'ApproximateNumberOfMessagesVisible', 'Maximum')]],
    ['Overdue, s', [own(namespace, 'oldest_due_seconds', 'Maximum')]],
    ['Wake lag, s', [own(namespace, 'wake_lag_seconds', 'p50'), own(namespace, 'wake_lag_seconds', 'p99')]],
    ['Part of the ceiling that is gone, %', [own(namespace, 'ceiling_percent', 'Maximum')]],
    [
      'Microdollars a minute',
      [own(namespace, 'settled_microdollars', 'Sum'), own(namespace, 'unknown_microdollars', 'Sum')],
    ],
    [
      'Unknown outcomes, dead workers',
      [own(namespace, 'unknown_outcomes', 'Sum'), own(namespace, 'repeated_claims', 'Sum')],
    ],
    [
      'Failures',
      [names.iterate, names.wake, names.api, names.reconcile, names.sandbox]
        .filter((name) => name !== undefined)
        .map((name) => lambda(name, 'Errors'))
        .concat(lambda(names.api, 'Url5xxCount'), lambda(names.iterate, 'RecursiveInvocationsDropped')),
    ],
    [
      'Schedules that did not wake',
      [scheduler(names.schedules, 'TargetErrorCount'), scheduler(names.schedules, 'InvocationDroppedCount')],
    ],
    ['Sums that differ', [own(namespace, 'drift', 'Sum')]],
  ];
  return rows.map(([title, metrics], i) => ({
    ...{ type: 'metric', width: 8, height: 6, x: (i % 3) * 8, y: Math.floor(i / 3) * 6 },
    properties: { title, region, period: 60, view: 'timeSeries', metrics: metrics.map(widgetMetric) },
  }));
}

const widgetMetric = ({ namespace, name, dimensions = {}, stat }: Metric) => [
  namespace,
  name,
  ...Object.entries(dimensions).flat(),
  { stat },
];
