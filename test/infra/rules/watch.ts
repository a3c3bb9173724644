import { expect } from 'vitest';
import { METRICS } from '../../../lib/metrics.ts';
import { all, type Deployed, fn, inputs, letters, type Rule, remove, set } from '../kit/deployed.ts';

type Expected = { metric: string; above: number; below?: true; by?: (d: Deployed) => string };

/** Every alarm with its metric and threshold. `by`: of AWS's own metrics, whose they are. */
const ALARMS: Record<string, Expected> = {
  Buried: { metric: 'NumberOfMessagesReceived', above: 0, by: (d) => letters(d).name },
  DeadLettersWait: { metric: 'ApproximateNumberOfMessagesVisible', above: 0, by: (d) => letters(d).name },
  RecursionDropped: { metric: 'RecursiveInvocationsDropped', above: 0, by: (d) => fn(d, 'Iterate').name },
  RecoverySilent: { metric: 'Invocations', above: 1, below: true, by: (d) => fn(d, 'Wake').name },
  TooManyIterations: { metric: 'iterations', above: 150 },
  Overdue: { metric: 'oldest_due_seconds', above: 600 },
  UnknownOutcomes: { metric: 'unknown_outcomes', above: 0 },
  DeadWorkers: { metric: 'repeated_claims', above: 0 },
  AboveCeiling: { metric: 'ceiling_percent', above: 100 },
  WakeLag: { metric: 'wake_lag_seconds', above: 900 },
};

export const watches: Rule[] = [
  {
    name: 'B1, B4, B11, B16: an alarm stands behind each thing that must not go on unseen, on a metric that is really sent',
    holds: (d) => {
      expect(
        all(d, 'alarm')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(Object.keys(ALARMS).sort());
      for (const [name, { metric, above, below, by }] of Object.entries(ALARMS)) {
        const alarm = inputs(d, 'alarm', name);
        const factor = name === 'TooManyIterations' && d.production ? 4 : 1;
        expect(alarm).toMatchObject({ metricName: metric, threshold: above * factor, period: 60 });
        expect(alarm.comparisonOperator).toBe(below ? 'LessThanThreshold' : 'GreaterThanThreshold');
        expect(alarm.treatMissingData).toBe(below ? 'breaching' : 'notBreaching');
        expect(alarm.alarmDescription).toMatch(/\w{3}/);
        if (by) expect(Object.values(alarm.dimensions)).toEqual([by(d)]);
        else expect([alarm.namespace, alarm.dimensions]).toEqual([namespace(d), undefined]);
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
    },
    mutants: {
      'an empty one': (d) => set(inputs(d, 'dashboard'), { dashboardBody: '{"widgets":[]}' }),
      none: (d) => remove(d, 'dashboard'),
    },
  },
];

const namespace = (d: Deployed): string => (d.production ? 'circadian/production' : 'circadian/dev');
