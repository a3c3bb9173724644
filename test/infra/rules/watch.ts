import { expect } from 'vitest';
import { METRICS } from '../../../lib/observe/metrics.ts';
import { all, type Deployed, type FunctionName, fn, inputs, letters, type Rule, remove, set } from '../kit/deployed.ts';

type Expected = { metric: string; above: number; minutes: [bad: number, of: number]; below?: true; by?: By };
type By = (d: Deployed) => { namespace: string; dimensions: object };

const ofFunction =
  (name: FunctionName): By =>
  (d) => ({ namespace: 'AWS/Lambda', dimensions: { FunctionName: fn(d, name).name } });
const ofLetters: By = (d) => ({ namespace: 'AWS/SQS', dimensions: { QueueName: letters(d).name } });
const ofSchedules: By = (d) => ({
  namespace: 'AWS/Scheduler',
  dimensions: { ScheduleGroup: inputs(d, 'scheduleGroup').name },
});

/** Every alarm with its metric and threshold. `by`: of AWS's own metrics, whose they are. */
const ALARMS: Record<string, Expected> = {
  Buried: { metric: 'NumberOfMessagesReceived', above: 0, minutes: [1, 1], by: ofLetters },
  DeadLettersWait: { metric: 'ApproximateNumberOfMessagesVisible', above: 0, minutes: [5, 5], by: ofLetters },
  RecursionDropped: { metric: 'RecursiveInvocationsDropped', above: 0, minutes: [1, 1], by: ofFunction('Iterate') },
  TooManyIterations: { metric: 'Invocations', above: 150, minutes: [10, 10], by: ofFunction('Iterate') },
  RecoverySilent: { metric: 'Invocations', above: 1, minutes: [5, 5], below: true, by: ofFunction('Wake') },
  WakeFails: { metric: 'Errors', above: 0, minutes: [3, 15], by: ofFunction('Wake') },
  SchedulesFail: { metric: 'TargetErrorCount', above: 0, minutes: [3, 15], by: ofSchedules },
  SchedulesDropped: { metric: 'InvocationDroppedCount', above: 0, minutes: [1, 1], by: ofSchedules },
  ApiFails: { metric: 'Errors', above: 0, minutes: [3, 15], by: ofFunction('Api') },
  ApiAnswers5xx: { metric: 'Url5xxCount', above: 0, minutes: [3, 15], by: ofFunction('Api') },
  ReconcileFails: { metric: 'Errors', above: 0, minutes: [3, 15], by: ofFunction('Reconcile') },
  SumsDiffer: { metric: 'drift', above: 0, minutes: [1, 1] },
  Overdue: { metric: 'oldest_due_seconds', above: 600, minutes: [5, 5] },
  UnknownOutcomes: { metric: 'unknown_outcomes', above: 0, minutes: [3, 15] },
  DeadWorkers: { metric: 'repeated_claims', above: 0, minutes: [3, 15] },
  AboveCeiling: { metric: 'ceiling_percent', above: 100, minutes: [1, 1] },
  WakeLag: { metric: 'wake_lag_seconds', above: 900, minutes: [10, 15] },
};

export const watches: Rule[] = [
  {
    name: 'B1, B4, B9, B10, B11, B16: an alarm stands behind each thing that must not go on unseen, on a metric that is really sent',
    holds: (d) => {
      expect(
        all(d, 'alarm')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(Object.keys(ALARMS).sort());
      for (const [name, { metric, above, minutes, below, by }] of Object.entries(ALARMS)) {
        const alarm = inputs(d, 'alarm', name);
        const factor = name === 'TooManyIterations' && d.production ? 4 : 1;
        expect(alarm).toMatchObject({ metricName: metric, threshold: above * factor, period: 60 });
        expect(alarm.comparisonOperator).toBe(below ? 'LessThanThreshold' : 'GreaterThanThreshold');
        expect(alarm.treatMissingData).toBe(below ? 'breaching' : 'notBreaching');
        expect(alarm.alarmDescription).toMatch(/\w{3}/);
        expect([alarm.datapointsToAlarm, alarm.evaluationPeriods]).toEqual(minutes);
        const whose = by?.(d) ?? { namespace: namespace(d), dimensions: undefined };
        expect([alarm.namespace, alarm.dimensions]).toEqual([whose.namespace, whose.dimensions]);
        if (!by) expect(METRICS).toHaveProperty(metric);
      }
    },
    mutants: {
      'one less': (d) => remove(d, 'alarm', 'DeadLettersWait'),
      'the wrong queue': (d) => set(inputs(d, 'alarm', 'Buried').dimensions, { QueueName: 'another' }),
      'a metric that nobody sends': (d) => set(inputs(d, 'alarm', 'Overdue'), { metricName: 'oldest' }),
      'another stage’s metrics': (d) => set(inputs(d, 'alarm', 'WakeLag'), { namespace: 'circadian/else' }),
      'a dimension per session': (d) => set(inputs(d, 'alarm', 'AboveCeiling'), { dimensions: { session: 'x' } }),
      'silence that is taken for health': (d) =>
        set(inputs(d, 'alarm', 'RecoverySilent'), { treatMissingData: 'notBreaching' }),
      'a wake that fails unseen, since it still runs': (d) => remove(d, 'alarm', 'WakeFails'),
      'an API that fails unseen': (d) => remove(d, 'alarm', 'ApiFails'),
      'rounds that are not counted, since nobody thinks in them': (d) =>
        set(inputs(d, 'alarm', 'TooManyIterations'), {
          metricName: 'iterations',
          namespace: namespace(d),
          dimensions: undefined,
        }),
      'the errors of another function': (d) =>
        set(inputs(d, 'alarm', 'WakeFails'), { dimensions: inputs(d, 'alarm', 'ApiFails').dimensions }),
      'answers that count as errors only when the function dies': (d) =>
        set(inputs(d, 'alarm', 'ApiAnswers5xx'), { metricName: 'Errors' }),
      'schedules that are dropped unseen': (d) => remove(d, 'alarm', 'SchedulesDropped'),
      'everybody’s schedules': (d) => set(inputs(d, 'alarm', 'SchedulesFail').dimensions, { ScheduleGroup: 'default' }),
      'sums that differ unseen': (d) => remove(d, 'alarm', 'SumsDiffer'),
      'an alarm at the first failure': (d) => set(inputs(d, 'alarm', 'ReconcileFails'), { datapointsToAlarm: 1 }),
      'a threshold out of reach': (d) => set(inputs(d, 'alarm', 'AboveCeiling'), { threshold: 1_000 }),
    },
  },
  {
    name: 'one dashboard shows what the alarms look at',
    holds: (d) => {
      const { widgets } = JSON.parse(inputs(d, 'dashboard').dashboardBody);
      const shown = (widgets as { properties: { metrics: unknown[][] } }[]).flatMap(({ properties }) =>
        properties.metrics.map(([from, metric]) => `${from} ${metric}`),
      );
      for (const name of Object.keys(METRICS)) expect(shown).toContain(`${namespace(d)} ${name}`);
      expect(shown).toContain('AWS/SQS ApproximateNumberOfMessagesVisible');
      expect(shown).toContain('AWS/Lambda ConcurrentExecutions');
      expect(shown.filter((metric) => metric === 'AWS/Lambda Errors')).toHaveLength(4);
      expect(shown).toContain('AWS/Scheduler InvocationDroppedCount');
    },
    mutants: {
      'an empty one': (d) => set(inputs(d, 'dashboard'), { dashboardBody: '{"widgets":[]}' }),
      none: (d) => remove(d, 'dashboard'),
    },
  },
];

const namespace = (d: Deployed): string => (d.production ? 'circadian/production' : 'circadian/dev');
