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
