/**
 * Faults that once were made and that nobody noticed, planted into a copy of the sources all at once. Each is found by the rule that is named
 * beside it, in the line that speaks of it; so no fault hides behind another.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployed, Rule } from './kit/deployed.ts';
import { installed, type Project, SECRETS, startProject } from './kit/project.ts';
import { app } from './rules/app.ts';
import { functions } from './rules/functions.ts';
import { sandbox } from './rules/sandbox.ts';
import { wake } from './rules/wake.ts';
import { alarms } from './rules/watch.ts';

type Fault = { what: string; path: string; from: string; to: string; rule: string; says: RegExp };

const planted = (
  path: string,
  rule: string,
  faults: [what: string, from: string, to: string, says: RegExp][],
): Fault[] => faults.map(([what, from, to, says]) => ({ what, path, from, to, rule, says }));

const FAULTS: Fault[] = [
  ...planted('lib/infra/providers.ts', 'the app keeps what production has', [
    [
      'AWS’s provider in another region',
      '{ region: region() }',
      "{ region: 'eu-west-1' }",
      /^app\.providers\.aws\.region is eu-west-1/m,
    ],
  ]),
  ...planted('sst.config.ts', 'the app keeps what production has', [
    [
      'data of production that a removal takes along',
      "input?.stage === 'production' ? 'retain' : 'remove'",
      "'remove'",
      /^app\.removal is remove/m,
    ],
  ]),
  ...planted('lib/infra/deployment.ts', 'B16: each function is linked what it needs', [
    [
      'another target of schedules',
      'WAKE_FUNCTION_ARN: wakeArn',
      'WAKE_FUNCTION_ARN: schedules.arn',
      /^Iterate\.WAKE_FUNCTION_ARN/m,
    ],
    [
      'another group of schedules',
      'SCHEDULE_GROUP: schedules.name',
      "SCHEDULE_GROUP: 'default'",
      /^Iterate\.SCHEDULE_GROUP is default/m,
    ],
    [
      'the name of a role for its ARN',
      'SCHEDULE_ROLE_ARN: ringer.arn',
      'SCHEDULE_ROLE_ARN: ringer.name',
      /^Iterate\.SCHEDULE_ROLE_ARN/m,
    ],
  ]),
  ...planted('lib/infra/data.ts', 'each function starts with what it is linked', [
    [
      'an address without https',
      `https://\${redis.endpoint}`,
      `\${redis.endpoint}`,
      /UPSTASH_REDIS_REST_URL is not valid/,
    ],
  ]),
  ...planted('lib/infra/deployment.ts', 'B16: what is linked and secret is encrypted in the state', [
    ['a connection string in clear', '$util.secret(databaseUrl)', 'databaseUrl', /^\w+Env\.secret/m],
  ]),
  ...planted('lib/infra/data.ts', 'B14, B15: Postgres and Redis are made', [
    [
      'a history that Neon’s Free plan refuses',
      'size.restoreSeconds',
      '86_400',
      /^neon\.historyRetentionSeconds is 86400/m,
    ],
  ]),
  ...planted('lib/infra/schedules.ts', 'B14: only the data outlives its stage', [
    [
      'a group that stays and whose name is fixed',
      `{ name: \`\${prefix}-wake\` })`,
      `{ name: \`\${prefix}-wake\` }, { retainOnDelete: true })`,
      /^Schedules\.retainOnDelete is true/m,
    ],
  ]),
  ...planted('lib/infra/deployment.ts', 'an event that Wake could not take for five minutes is dropped', [
    ['a wake that is not tried again', 'retries: 2', 'retries: 0', /maximumRetryAttempts is 0/],
    [
      'a wake that is six hours late',
      'maximumEventAgeInSeconds: 300',
      'maximumEventAgeInSeconds: 21_600',
      /maximumEventAgeInSeconds is 21600/,
    ],
  ]),
  ...planted('lib/infra/sandbox.ts', 'the sandbox’s role may do nothing', [
    ['a right of the sandbox', '    logging: false,\n', '    logging: common.logging!,\n', /^SandboxRole\.managed/m],
  ]),
  ...planted('lib/infra/sandbox.ts', 'the sandbox has no variable', [
    ['the key of all links', 'function: (args) => void delete args.environment,', '', /variables/],
  ]),
  ...planted('lib/infra/alarms.ts', 'B1, B4, B9, B10, B11, B16: each of ten alarms', [
    [
      'alarms that act on nothing',
      'alarmDescription: alarm.says,',
      'alarmDescription: alarm.says, actionsEnabled: false,',
      /^Buried\.actionsEnabled is false/m,
    ],
    ['no word when it is over', '      okActions: topics,\n', '', /^Buried\.okActions is missing/m],
    [
      'an average of what is always 1',
      "lambda(iterate, 'Invocations')",
      "lambda(iterate, 'Invocations', 'Average')",
      /^TooManyIterations\.statistic is Average/m,
    ],
    [
      'a fresh session that hides an overdue one',
      "own(namespace, 'oldest_due_seconds', 'Maximum')",
      "own(namespace, 'oldest_due_seconds', 'Minimum')",
      /^Overdue\.statistic is Minimum/m,
    ],
  ]),
  ...planted('lib/infra/alarms.ts', 'one dashboard shows every metric', [
    [
      'lateness by the most punctual',
      "'wake_lag_seconds', 'p99'",
      "'wake_lag_seconds', 'p1'",
      /^widgets\.\d+\.metrics\.1\.2\.stat is p1/m,
    ],
    [
      'a dashboard of another region',
      'properties: { title, region,',
      "properties: { title, region: 'eu-west-1',",
      /^widgets\.0\.region is eu-west-1/m,
    ],
  ]),
];

const ruleNamed = (start: string): Rule => {
  const found = [...app, ...functions, ...wake, ...sandbox, ...alarms].filter(({ name }) => name.startsWith(start));
  if (found.length !== 1) throw new Error(`${found.length} rules begin with ${start}`);
  return found[0]!;
};

describe.skipIf(!installed)('a fault that was once overlooked', () => {
  let project: Project;
  let deployed: Deployed;
  beforeAll(async () => {
    project = await startProject(SECRETS, { code: false });
    for (const { path, from, to } of FAULTS) project.edit(path, from, to);
    const diff = await project.diff({ stage: 'production' });
    expect(diff.status, diff.output).toBe(0);
    deployed = { ...diff, production: true };
  }, 300_000);
  afterAll(() => project?.close());

  it.each(FAULTS)('$what is found by: $rule', ({ rule, says }) => {
    expect(() => ruleNamed(rule).holds(deployed)).toThrow(says);
  });
});
