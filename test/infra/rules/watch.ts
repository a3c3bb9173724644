import { expect } from 'vitest';
import { METRICS } from '../../../lib/observe/metrics.ts';
import { REGION } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import {
  all,
  type Deployed,
  type FunctionName,
  fn,
  inputs,
  letters,
  queue,
  type Rule,
  remove,
  set,
  stageOf,
  TYPES,
} from '../kit/deployed.ts';

/** A metric: its namespace, its name, whose it is, and how a minute of it is summed up. */
type Metric = [namespace: string, name: string, dimensions: Record<string, string>, stat: string];
type Alarm = { metric: Metric; above: number; minutes: [bad: number, of: number]; below?: true; says: RegExp };

const ofFunction = (d: Deployed, name: FunctionName, metric: string, stat = 'Sum'): Metric => [
  ...(['AWS/Lambda', metric, { FunctionName: fn(d, name).name }, stat] as const),
];
const ofQueue = ({ name }: { name?: string }, metric: string, stat: string): Metric => [
  ...(['AWS/SQS', metric, { QueueName: name ?? '' }, stat] as const),
];
const own = (d: Deployed, metric: keyof typeof METRICS, stat: string): Metric => [
  ...([`circadian/${stageOf(d)}`, metric, {}, stat] as const),
];
const ofSchedules = (d: Deployed, metric: string): Metric => [
  ...(['AWS/Scheduler', metric, { ScheduleGroup: inputs(d, 'scheduleGroup').name }, 'Sum'] as const),
];

/** Every alarm of production. AWS asks for each after the tenth of an account. */
const alarmsOf = (d: Deployed): Record<string, Alarm> => ({
  Buried: {
    ...{ metric: ofQueue(letters(d), 'NumberOfMessagesReceived', 'Sum'), above: 0, minutes: [1, 1] },
    says: /given up five times/,
  },
  TooManyIterations: {
    ...{ metric: ofFunction(d, 'Iterate', 'Invocations'), above: 600, minutes: [10, 10] },
    says: /circadian admin stop/,
  },
  RecoverySilent: {
    ...{ metric: ofFunction(d, 'Wake', 'Invocations'), above: 1, below: true, minutes: [5, 5] },
    says: /has not run for five minutes/,
  },
  WakeFails: {
    metric: ofFunction(d, 'Wake', 'Errors'),
    above: 0,
    minutes: [3, 15],
    says: /UPSTASH_BUDGET spent, sleepers wake all the same/,
  },
  ApiAnswers5xx: { metric: ofFunction(d, 'Api', 'Url5xxCount'), above: 0, minutes: [3, 15], says: /with a 5xx/ },
  ReconcileFails: {
    ...{ metric: ofFunction(d, 'Reconcile', 'Errors'), above: 0, minutes: [3, 15] },
    says: /could not compare/,
  },
  SumsDiffer: { metric: own(d, 'drift', 'Sum'), above: 0, minutes: [1, 1], says: /sums that disagree/ },
  Overdue: {
    ...{ metric: own(d, 'oldest_due_seconds', 'Maximum'), above: 600, minutes: [5, 5] },
    says: /has not moved for ten minutes/,
  },
  UnknownOutcomes: {
    ...{ metric: own(d, 'unknown_outcomes', 'Sum'), above: 0, minutes: [3, 15] },
    says: /charged at their whole hold/,
  },
  AboveCeiling: {
    ...{ metric: own(d, 'ceiling_percent', 'Maximum'), above: 100, minutes: [1, 1] },
    says: /passed its hard ceiling/,
  },
});

/** All that AWS is told of an alarm. Nobody named an address, so it tells nobody. */
const toldAws = ({ metric, above, minutes, below, says }: Alarm) => {
  const [namespace, metricName, dimensions, statistic] = metric;
  return {
    ...{ namespace, metricName, statistic, period: 60, threshold: above, alarmDescription: says },
    ...(Object.keys(dimensions).length > 0 && { dimensions }),
    comparisonOperator: below ? 'LessThanThreshold' : 'GreaterThanThreshold',
    ...{ datapointsToAlarm: minutes[0], evaluationPeriods: minutes[1] },
    treatMissingData: below ? 'breaching' : 'notBreaching',
    ...{ alarmActions: [], okActions: [] },
  };
};

const widgetsOf = (d: Deployed): Record<string, Metric[]> => ({
  'Iterations a minute': [own(d, 'iterations', 'Sum'), ofFunction(d, 'Iterate', 'Invocations')],
  'Under way at once': [ofFunction(d, 'Iterate', 'ConcurrentExecutions', 'Maximum')],
  Queue: [ofQueue(queue(d), 'ApproximateNumberOfMessagesVisible', 'Maximum'), own(d, 'hinted', 'Sum')],
  'Dead letters': [ofQueue(letters(d), 'ApproximateNumberOfMessagesVisible', 'Maximum')],
  'Overdue, s': [own(d, 'oldest_due_seconds', 'Maximum')],
  'Wake lag, s': [own(d, 'wake_lag_seconds', 'p50'), own(d, 'wake_lag_seconds', 'p99')],
  'Part of the ceiling that is gone, %': [own(d, 'ceiling_percent', 'Maximum')],
  'Microdollars a minute': [own(d, 'settled_microdollars', 'Sum'), own(d, 'unknown_microdollars', 'Sum')],
  'Unknown outcomes, dead workers': [own(d, 'unknown_outcomes', 'Sum'), own(d, 'repeated_claims', 'Sum')],
  Failures: [
    ...(['Iterate', 'Wake', 'Api', 'Reconcile', 'Sandbox'] as const).map((name) => ofFunction(d, name, 'Errors')),
    ...[ofFunction(d, 'Api', 'Url5xxCount'), ofFunction(d, 'Iterate', 'RecursiveInvocationsDropped')],
  ],
  'Schedules that did not wake': [ofSchedules(d, 'TargetErrorCount'), ofSchedules(d, 'InvocationDroppedCount')],
  'Sums that differ': [own(d, 'drift', 'Sum')],
});

type Widget = { type: string; properties: { title: string; metrics: unknown[][] } };
const body = (d: Deployed): { widgets: Widget[] } => JSON.parse(inputs(d, 'dashboard').dashboardBody);

export const watches: Rule[] = [
  {
    name: 'no stage is watched unless it is asked for, but production is',
    holds: (d) => {
      expect(all(d, 'alarm').length > 0).toBe(d.production);
      expect(all(d, 'dashboard')).toHaveLength(d.production ? 1 : 0);
      expect([...all(d, 'topic'), ...all(d, 'subscription')]).toEqual([]);
      expect(all(d, 'alarm').length).toBeLessThanOrEqual(10);
    },
    mutants: {
      'a stage with an alarm that costs, or a production with none': (d) => {
        const others = d.made.filter(({ type }) => type !== TYPES.alarm);
        d.made = d.production ? others : [...others, { ...d.made[0]!, type: TYPES.alarm }];
      },
    },
  },
];

/** Of a stage that is watched. */
export const alarms: Rule[] = [
  {
    name: 'B1, B4, B9, B10, B11, B16: each of ten alarms is told all that it must know, on a metric that is really sent',
    holds: (d) => {
      const made = Object.fromEntries(all(d, 'alarm').map(({ name, inputs: told }) => [name, told]));
      const expected = Object.entries(alarmsOf(d)).map(([name, alarm]) => [name, toldAws(alarm)]);
      same(made, Object.fromEntries(expected));
    },
    mutants: {
      'one less': (d) => remove(d, 'alarm', 'Buried'),
      'the wrong queue': (d) => set(inputs(d, 'alarm', 'Buried').dimensions, { QueueName: 'another' }),
      'a metric that nobody sends': (d) => set(inputs(d, 'alarm', 'Overdue'), { metricName: 'oldest' }),
      'another stage’s metrics': (d) => set(inputs(d, 'alarm', 'Overdue'), { namespace: 'circadian/else' }),
      'a dimension per session': (d) => set(inputs(d, 'alarm', 'AboveCeiling'), { dimensions: { session: 'x' } }),
      'silence that is taken for health': (d) =>
        set(inputs(d, 'alarm', 'RecoverySilent'), { treatMissingData: 'notBreaching' }),
      'rounds that are not counted, since nobody thinks in them': (d) =>
        set(inputs(d, 'alarm', 'TooManyIterations'), { metricName: 'iterations', dimensions: undefined }),
      'the errors of another function': (d) =>
        set(inputs(d, 'alarm', 'WakeFails'), { dimensions: inputs(d, 'alarm', 'ReconcileFails').dimensions }),
      'an alarm at the first failure': (d) => set(inputs(d, 'alarm', 'ReconcileFails'), { datapointsToAlarm: 1 }),
      'a threshold out of reach': (d) => set(inputs(d, 'alarm', 'AboveCeiling'), { threshold: 1_000 }),
      'an hour in place of a minute': (d) => set(inputs(d, 'alarm', 'SumsDiffer'), { period: 3_600 }),
      'an alarm that acts on nothing': (d) => set(inputs(d, 'alarm', 'Buried'), { actionsEnabled: false }),
      'an alarm without a word': (d) => set(inputs(d, 'alarm', 'Buried'), { alarmDescription: '' }),
    },
  },
  {
    name: 'one dashboard shows every metric of the log and of the alarms, in the region where they are',
    holds: (d) => {
      const shown = widgetsOf(d);
      const properties = Object.entries(shown).map(([title, metrics]) => ({
        ...{ title, region: REGION, period: 60, view: 'timeSeries' },
        metrics: metrics.map(([namespace, name, dimensions, stat]) => [
          ...[namespace, name, ...Object.entries(dimensions).flat()],
          { stat },
        ]),
      }));
      same(
        body(d).widgets.map((widget) => widget.properties),
        properties,
        'widgets',
      );
      expect(inputs(d, 'dashboard').dashboardName).toBe(`circadian-${stageOf(d)}`);
      const names = Object.values(shown).flatMap((metrics) => metrics.map(([, name]) => name));
      expect(names).toEqual(expect.arrayContaining(Object.keys(METRICS)));
    },
    mutants: {
      'an empty one': (d) => set(inputs(d, 'dashboard'), { dashboardBody: '{"widgets":[]}' }),
      none: (d) => remove(d, 'dashboard'),
      'one for another region': (d) =>
        set(inputs(d, 'dashboard'), { dashboardBody: JSON.stringify(body(d)).replaceAll(REGION, 'eu-west-1') }),
    },
  },
];
