import { expect } from 'vitest';
import { ACCOUNT, REGION } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import { all, arnOf, FUNCTIONS, fn, inputs, type Rule, remove, rewrite, set, statements } from '../kit/deployed.ts';

const CRONS = [
  ['Midnight', 'Wake'],
  ['Recovery', 'Wake'],
  ['Daily', 'Reconcile'],
  ['Hourly', 'Reconcile'],
] as const;

/** Who may take a role of schedules. */
const OWN_SCHEDULER = {
  ...{ Effect: 'Allow', Action: ['sts:AssumeRole'], Principal: { Service: ['scheduler.amazonaws.com'] } },
  Condition: { StringEquals: { 'aws:SourceAccount': [ACCOUNT] } },
};

export const wake: Rule[] = [
  {
    name: 'B10: midnight UTC wakes, and is tried again when it fails',
    holds: (d) => {
      const midnight = inputs(d, 'schedule', 'MidnightSchedule');
      expect(midnight).toMatchObject({
        scheduleExpression: 'cron(0 0 * * ? *)',
        scheduleExpressionTimezone: 'UTC',
        state: 'ENABLED',
      });
      expect(midnight.target.arn).toBe(arnOf.function(fn(d, 'Wake')));
      expect(JSON.parse(midnight.target.input)).toEqual({ cron: 'midnight' });
      expect(midnight.target.retryPolicy.maximumRetryAttempts).toBe(3);
    },
    mutants: {
      'another hour': (d) =>
        set(inputs(d, 'schedule', 'MidnightSchedule'), { scheduleExpression: 'cron(0 1 * * ? *)' }),
      'another zone': (d) =>
        set(inputs(d, 'schedule', 'MidnightSchedule'), { scheduleExpressionTimezone: 'Europe/Berlin' }),
      'one try': (d) => set(inputs(d, 'schedule', 'MidnightSchedule').target.retryPolicy, { maximumRetryAttempts: 0 }),
      'another event': (d) => set(inputs(d, 'schedule', 'MidnightSchedule').target, { input: '{}' }),
      'switched off': (d) => set(inputs(d, 'schedule', 'MidnightSchedule'), { state: 'DISABLED' }),
    },
  },
  {
    name: 'B7, B9, B10: every minute what was lost is looked for',
    holds: (d) => {
      const recovery = inputs(d, 'schedule', 'RecoverySchedule');
      expect(recovery).toMatchObject({ scheduleExpression: 'rate(1 minute)', state: 'ENABLED' });
      expect(recovery.target.arn).toBe(arnOf.function(fn(d, 'Wake')));
      expect(JSON.parse(recovery.target.input)).toEqual({ cron: 'recovery' });
      expect(recovery.target.retryPolicy.maximumRetryAttempts).toBe(0);
      expect(all(d, 'schedule')).toHaveLength(4);
    },
    mutants: {
      'once a day': (d) => set(inputs(d, 'schedule', 'RecoverySchedule'), { scheduleExpression: 'rate(1 day)' }),
      never: (d) => remove(d, 'schedule', 'RecoverySchedule'),
      'another function': (d) =>
        set(inputs(d, 'schedule', 'RecoverySchedule').target, { arn: arnOf.function(fn(d, 'Api')) }),
      'minutes that pile up in an outage': (d) =>
        set(inputs(d, 'schedule', 'RecoverySchedule').target.retryPolicy, { maximumRetryAttempts: 185 }),
      'without a word': (d) => set(inputs(d, 'schedule', 'RecoverySchedule').target, { input: '{"cron":"midnight"}' }),
    },
  },
  {
    name: 'once a day, long after midnight, the books are compared, by a function of its own that delays no wake-up',
    holds: (d) => {
      const daily = inputs(d, 'schedule', 'DailySchedule');
      expect(daily).toMatchObject({
        scheduleExpression: 'cron(30 4 * * ? *)',
        scheduleExpressionTimezone: 'UTC',
        state: 'ENABLED',
      });
      expect(daily.target.arn).toBe(arnOf.function(fn(d, 'Reconcile')));
      expect(daily.target.retryPolicy.maximumRetryAttempts).toBe(3);
    },
    mutants: {
      'at midnight': (d) => set(inputs(d, 'schedule', 'DailySchedule'), { scheduleExpression: 'cron(0 0 * * ? *)' }),
      'by the function that wakes': (d) =>
        set(inputs(d, 'schedule', 'DailySchedule').target, { arn: arnOf.function(fn(d, 'Wake')) }),
      never: (d) => remove(d, 'schedule', 'DailySchedule'),
    },
  },
  {
    name: 'every hour, by the same function, what the provider’s report proves is given back',
    holds: (d) => {
      const hourly = inputs(d, 'schedule', 'HourlySchedule');
      expect(hourly).toMatchObject({ scheduleExpression: 'cron(20 * * * ? *)', state: 'ENABLED' });
      expect(hourly.target.arn).toBe(arnOf.function(fn(d, 'Reconcile')));
      expect(JSON.parse(hourly.target.input)).toEqual({ hourly: true });
    },
    mutants: {
      'as the daily one': (d) => set(inputs(d, 'schedule', 'HourlySchedule').target, { input: '{}' }),
      never: (d) => remove(d, 'schedule', 'HourlySchedule'),
    },
  },
  {
    name: 'B10: a cron’s role may invoke the one function of that cron, and only the scheduler of this account takes it',
    holds: (d) => {
      for (const [cron, name] of CRONS) {
        const role = inputs(d, 'role', `${cron}Role`);
        expect(statements(d, `${cron}Role`)).toEqual([
          { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arnOf.function(fn(d, name))] },
        ]);
        expect(role.managedPolicyArns).toBeUndefined();
        expect(JSON.parse(role.assumeRolePolicy).Statement).toEqual([OWN_SCHEDULER]);
        expect(inputs(d, 'schedule', `${cron}Schedule`).target.roleArn).toBe(
          `arn:aws:iam::${ACCOUNT}:role/${role.name}`,
        );
      }
    },
    mutants: {
      'a midnight that may invoke everything': (d) =>
        rewrite(d, 'MidnightRole', ([one]) => [{ ...one!, Resource: ['*'] }]),
      'a recovery that may invoke the API, too': (d) =>
        rewrite(d, 'RecoveryRole', (s) => [...s, { ...s[0]!, Resource: [arnOf.function(fn(d, 'Api'))] }]),
      'a recovery that may invoke nothing': (d) => rewrite(d, 'RecoveryRole', () => []),
      'a daily that may do more than invoke': (d) =>
        rewrite(d, 'DailyRole', ([one]) => [{ ...one!, Action: ['lambda:*'] }]),
      'anybody’s scheduler': (d) => {
        const role = inputs(d, 'role', 'MidnightRole');
        role.assumeRolePolicy = role.assumeRolePolicy.replace(/,"Condition":\{.*?\}\}\}/, '}');
      },
      'another cron’s role': (d) =>
        set(inputs(d, 'schedule', 'RecoverySchedule').target, {
          roleArn: inputs(d, 'schedule', 'DailySchedule').target.roleArn,
        }),
    },
  },
  {
    name: 'an event that Wake could not take for five minutes is dropped, since the next minute asks for the same; one that failed is tried again',
    holds: (d) => {
      const told = { functionName: fn(d, 'Wake').name, maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 };
      same(
        all(d, 'eventInvoke').map(({ inputs: config }) => config),
        [told],
        'eventInvoke',
      );
    },
    mutants: {
      'six hours of minutes at once': (d) => set(inputs(d, 'eventInvoke'), { maximumEventAgeInSeconds: undefined }),
      'no second try': (d) => set(inputs(d, 'eventInvoke'), { maximumRetryAttempts: 0 }),
      'another function’s events': (d) => set(inputs(d, 'eventInvoke'), { functionName: fn(d, 'Api').name }),
    },
  },
  {
    name: 'B10: one-time schedules live in a group of their own, and the scheduler may do nothing for them but wake',
    holds: (d) => {
      expect(inputs(d, 'scheduleGroup').name).toMatch(/^circadian-\w+-wake$/);
      const trust = JSON.parse(inputs(d, 'role', 'Ringer').assumeRolePolicy).Statement;
      expect(trust).toEqual([OWN_SCHEDULER]);
      expect(statements(d, 'Ringer')).toEqual([
        { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arnOf.function(fn(d, 'Wake'))] },
      ]);
    },
    mutants: {
      'anybody’s scheduler': (d) => {
        const role = inputs(d, 'role', 'Ringer');
        role.assumeRolePolicy = role.assumeRolePolicy.replace(/,"Condition":\{.*?\}\}\}/, '}');
      },
      'another service': (d) => {
        const role = inputs(d, 'role', 'Ringer');
        role.assumeRolePolicy = role.assumeRolePolicy.replace('scheduler.amazonaws.com', 'lambda.amazonaws.com');
      },
      'every function': (d) => rewrite(d, 'Ringer', ([first]) => [{ ...first!, Resource: ['*'] }]),
      'no group': (d) => remove(d, 'scheduleGroup'),
    },
  },
];

const send = (arn: string) => ({ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: [arn] });
const take = (arn: string) => ({
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
  Resource: [arn],
});

/** Who may do what, to the letter; whatever is more or less is a fault. */
export const access: Rule[] = [
  {
    name: 'iterate may take and send messages of the one queue, make schedules in the one group, pass the one role, and ask the one sandbox',
    holds: (d) => {
      const queue = arnOf.queue(inputs(d, 'queue', 'QueueQueue'));
      expect(statements(d, 'IterateRole')).toEqual([
        send(queue),
        take(queue),
        {
          ...{ Effect: 'Allow', Action: ['scheduler:CreateSchedule'] },
          Resource: [`arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${inputs(d, 'scheduleGroup').name}/*`],
        },
        {
          Effect: 'Allow',
          Action: ['iam:PassRole'],
          Resource: [expect.stringMatching(/:role\/circadian-\w+-Ringer$/)],
          Condition: { StringEquals: { 'iam:PassedToService': ['scheduler.amazonaws.com'] } },
        },
        { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arnOf.function(fn(d, 'Sandbox'))] },
      ]);
    },
    mutants: {
      'any function': (d) =>
        rewrite(d, 'IterateRole', (s) =>
          s.map((one) => (one.Action[0] === 'lambda:InvokeFunction' ? { ...one, Resource: ['*'] } : one)),
        ),
      'any role': (d) =>
        rewrite(d, 'IterateRole', (s) =>
          s.map((one) => (one.Action[0] === 'iam:PassRole' ? { ...one, Resource: ['*'] } : one)),
        ),
      'the role passed to anything': (d) => rewrite(d, 'IterateRole', (s) => s.map(({ Condition: _, ...one }) => one)),
      'any schedule': (d) =>
        rewrite(d, 'IterateRole', (s) =>
          s.map((one) => (one.Action[0]!.startsWith('scheduler') ? { ...one, Resource: ['*'] } : one)),
        ),
      'all of the queue': (d) =>
        rewrite(d, 'IterateRole', ([first, ...rest]) => [{ ...first!, Action: ['sqs:*'] }, ...rest]),
      'no schedules': (d) => rewrite(d, 'IterateRole', (s) => s.slice(0, 2)),
      'more than that': (d) =>
        rewrite(d, 'IterateRole', (s) => [...s, { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] }]),
    },
  },
  {
    name: 'wake and api may send to the one queue, bury may take dead letters, migrate and reconcile may nothing',
    holds: (d) => {
      const queue = arnOf.queue(inputs(d, 'queue', 'QueueQueue'));
      expect(statements(d, 'WakeRole')).toEqual([send(queue)]);
      expect(statements(d, 'ApiRole')).toEqual([send(queue)]);
      expect(statements(d, 'DeadLetterRole')).toEqual([take(arnOf.queue(inputs(d, 'queue', 'DeadLettersQueue')))]);
      expect(statements(d, 'MigrateRole')).toEqual([]);
      expect(statements(d, 'ReconcileRole')).toEqual([]);
    },
    mutants: {
      'an API that takes messages': (d) => rewrite(d, 'ApiRole', (s) => [...s, take('*')]),
      'a wake that sends nothing': (d) => rewrite(d, 'WakeRole', () => []),
      'a bury that feeds the queue': (d) => rewrite(d, 'DeadLetterRole', (s) => [...s, send('*')]),
      'a migrate that does more': (d) => rewrite(d, 'MigrateRole', () => [send('*')]),
      'a reconcile that sends': (d) => rewrite(d, 'ReconcileRole', () => [send('*')]),
    },
  },
  {
    name: 'every function runs as a role of its own, with leave to write its log; only Lambda and this account take it',
    holds: (d) => {
      for (const name of FUNCTIONS) {
        const role = inputs(d, 'role', `${name}Role`);
        expect(fn(d, name).role).toBe(`arn:aws:iam::${ACCOUNT}:role/${role.name}`);
        expect(role.managedPolicyArns).toEqual(['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']);
        const [trust] = JSON.parse(role.assumeRolePolicy).Statement;
        // That the account's root may take it, too, is SST's doing.
        expect(trust.Principal).toEqual({ Service: ['lambda.amazonaws.com'], AWS: [`arn:aws:iam::${ACCOUNT}:root`] });
      }
    },
    mutants: {
      'a shared role': (d) => set(fn(d, 'Api'), { role: fn(d, 'Iterate').role }),
      'an administrator': (d) =>
        void inputs(d, 'role', 'ApiRole').managedPolicyArns.push('arn:aws:iam::aws:policy/AdministratorAccess'),
      'a role for everybody': (d) => {
        const role = inputs(d, 'role', 'WakeRole');
        role.assumeRolePolicy = role.assumeRolePolicy.replace(`arn:aws:iam::${ACCOUNT}:root`, '*');
      },
    },
  },
];
