/// <reference path="../../.sst/platform/config.d.ts" />
/** Who wakes: the group of one-time schedules, one per wake minute, which iterations make; and the role by which they start the function `wake`. */

/** `prefix`: app and stage. The wake function's ARN is spelled out, because the role must name the function and the function's own settings name the role. */
export function makeSchedules(prefix: string, region: string) {
  const { accountId } = aws.getCallerIdentityOutput();
  const wakeName = `${prefix}-wake`;
  const wakeArn = $interpolate`arn:aws:lambda:${region}:${accountId}:function:${wakeName}`;
  const schedules = new aws.scheduler.ScheduleGroup('Schedules', { name: `${prefix}-wake` });
  /** Who may take a role of schedules. */
  const ownScheduler = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ['sts:AssumeRole'],
        principals: [{ type: 'Service', identifiers: ['scheduler.amazonaws.com'] }],
        conditions: [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] }],
      },
    ],
  }).json;
  // No dead letters: the rows of the sleepers say all that a lost schedule could, and the recovery cron reads them within a minute.
  const ringer = new aws.iam.Role('Ringer', {
    assumeRolePolicy: ownScheduler,
    inlinePolicies: [
      {
        name: 'wake',
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [{ actions: ['lambda:InvokeFunction'], resources: [wakeArn] }],
        }).json,
      },
    ],
  });
  return { accountId, wakeName, wakeArn, schedules, ownScheduler, ringer };
}

/** The crons, which need no row to say when. `functions`: their ARNs. */
export function makeCrons(
  functions: Record<'wake' | 'reconcile', $util.Input<string>>,
  ownScheduler: $util.Output<string>,
): void {
  const byOwnScheduler = { transform: { role: { assumeRolePolicy: ownScheduler } } };
  new sst.aws.CronV2('Midnight', {
    schedule: 'cron(0 0 * * ? *)',
    timezone: 'UTC',
    function: functions.wake,
    event: { cron: 'midnight' },
    retries: 3,
    ...byOwnScheduler,
  });
  // A minute that could not be delivered is made up for by the next.
  new sst.aws.CronV2('Recovery', {
    schedule: 'rate(1 minute)',
    function: functions.wake,
    event: { cron: 'recovery' },
    ...byOwnScheduler,
  });

  new sst.aws.CronV2('Daily', {
    schedule: 'cron(30 4 * * ? *)',
    timezone: 'UTC',
    function: functions.reconcile,
    retries: 3,
    ...byOwnScheduler,
  });

  // What the provider's report of the hours before proves is given back. Without an admin key it does nothing, and Postgres sleeps on.
  new sst.aws.CronV2('Hourly', {
    schedule: 'cron(20 * * * ? *)',
    timezone: 'UTC',
    function: functions.reconcile,
    event: { hourly: true },
    retries: 1,
    ...byOwnScheduler,
  });
}
