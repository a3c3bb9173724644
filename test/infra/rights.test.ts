/** The policy for whoever deploys: it has what the resources of a deployment need, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import policy from '../../lib/infra/deployer-policy.json' with { type: 'json' };
import { type Diff, installed, type Project, SECRETS, startProject } from './kit/project.ts';

const crud = (service: string, noun: string, verbs = ['Create', 'Get', 'Update', 'Delete']) =>
  verbs.map((verb) => `${service}:${verb}${noun}`);
const tagged = (service: string) => [
  `${service}:ListTagsForResource`,
  `${service}:TagResource`,
  `${service}:UntagResource`,
];
const FUNCTION_TAGS = ['lambda:ListTags', 'lambda:TagResource', 'lambda:UntagResource'];

/**
 * What AWS's provider calls to make, read, change and remove a resource, by its type. Other vendors' resources need no right of AWS.
 * Source: hashicorp/terraform-provider-aws, internal/service; https://docs.aws.amazon.com/service-authorization/latest/reference.
 */
const NEEDS: Record<string, string[]> = {
  'aws:lambda/function:Function': [
    ...crud('lambda', 'Function', ['Create', 'Get', 'Delete']),
    ...['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'lambda:GetFunctionConfiguration'],
    ...['lambda:GetFunctionCodeSigningConfig', 'lambda:ListVersionsByFunction'],
    ...['lambda:PutFunctionConcurrency', 'lambda:DeleteFunctionConcurrency', 'iam:PassRole'],
    ...FUNCTION_TAGS,
  ],
  'aws:lambda/functionUrl:FunctionUrl': crud('lambda', 'FunctionUrlConfig'),
  'aws:lambda/permission:Permission': ['lambda:AddPermission', 'lambda:GetPolicy', 'lambda:RemovePermission'],
  'aws:lambda/invocation:Invocation': ['lambda:InvokeFunction'],
  'aws:lambda/eventSourceMapping:EventSourceMapping': [...crud('lambda', 'EventSourceMapping'), ...FUNCTION_TAGS],
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': crud('lambda', 'FunctionEventInvokeConfig', [
    ...['Put', 'Get', 'Delete'],
  ]),
  'aws:lambda/functionRecursionConfig:FunctionRecursionConfig': crud('lambda', 'FunctionRecursionConfig', [
    'Put',
    'Get',
  ]),
  'aws:sqs/queue:Queue': [
    ...['sqs:CreateQueue', 'sqs:GetQueueAttributes', 'sqs:SetQueueAttributes', 'sqs:DeleteQueue'],
    ...['sqs:ListQueueTags', 'sqs:TagQueue', 'sqs:UntagQueue'],
  ],
  'aws:scheduler/scheduleGroup:ScheduleGroup': [
    ...crud('scheduler', 'ScheduleGroup', ['Create', 'Get', 'Delete']),
    ...tagged('scheduler'),
  ],
  'aws:scheduler/schedule:Schedule': [...crud('scheduler', 'Schedule'), 'iam:PassRole'],
  'aws:iam/role:Role': [
    ...crud('iam', 'Role'),
    ...['iam:UpdateAssumeRolePolicy', 'iam:ListInstanceProfilesForRole', 'iam:TagRole', 'iam:UntagRole'],
    ...['iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy', 'iam:ListRolePolicies'],
    ...['iam:AttachRolePolicy', 'iam:DetachRolePolicy', 'iam:ListAttachedRolePolicies'],
  ],
  'aws:cloudwatch/logGroup:LogGroup': [
    ...['logs:CreateLogGroup', 'logs:DescribeLogGroups', 'logs:DeleteLogGroup'],
    ...['logs:PutRetentionPolicy', 'logs:DeleteRetentionPolicy', ...tagged('logs')],
  ],
  'aws:cloudwatch/metricAlarm:MetricAlarm': [
    ...['cloudwatch:PutMetricAlarm', 'cloudwatch:DescribeAlarms', 'cloudwatch:DeleteAlarms', ...tagged('cloudwatch')],
  ],
  'aws:cloudwatch/dashboard:Dashboard': [
    ...['cloudwatch:PutDashboard', 'cloudwatch:GetDashboard', 'cloudwatch:DeleteDashboards'],
  ],
  'aws:sns/topic:Topic': [
    ...['sns:CreateTopic', 'sns:GetTopicAttributes', 'sns:SetTopicAttributes', 'sns:DeleteTopic', ...tagged('sns')],
  ],
  'aws:sns/topicSubscription:TopicSubscription': [
    ...['sns:Subscribe', 'sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes', 'sns:Unsubscribe'],
  ],
  'aws:s3/bucketObjectv2:BucketObjectv2': [
    ...['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:GetObjectTagging', 's3:PutObjectTagging'],
  ],
  'aws:cloudfront/distribution:Distribution': [...crud('cloudfront', 'Distribution'), ...tagged('cloudfront')],
  'aws:cloudfront/function:Function': [
    ...crud('cloudfront', 'Function', ['Create', 'Get', 'Describe', 'Update', 'Publish', 'Delete']),
  ],
  'aws:cloudfront/cachePolicy:CachePolicy': crud('cloudfront', 'CachePolicy'),
  'aws:cloudfront/keyValueStore:KeyValueStore': [
    ...crud('cloudfront', 'KeyValueStore', ['Create', 'Describe', 'Update', 'Delete']),
  ],
  'aws:wafv2/webAcl:WebAcl': [...crud('wafv2', 'WebACL'), ...tagged('wafv2')],
  'aws:acm/certificate:Certificate': [
    ...crud('acm', 'Certificate', ['Request', 'Describe', 'Delete']),
    ...['acm:ListTagsForCertificate', 'acm:AddTagsToCertificate', 'acm:RemoveTagsFromCertificate'],
  ],
  'aws:acm/certificateValidation:CertificateValidation': ['acm:DescribeCertificate'],
  'aws:route53/record:Record': [
    ...[
      'route53:GetHostedZone',
      'route53:ChangeResourceRecordSets',
      'route53:ListResourceRecordSets',
      'route53:GetChange',
    ],
  ],
  'sst.aws.HostedZoneLookup': ['route53:ListHostedZones'],
  'sst.aws.DistributionDeploymentWaiter': ['cloudfront:GetDistribution'],
  ...Object.fromEntries(
    ['sst.aws.KvKeys', 'sst.aws.KvRoutesUpdate'].map((type) => [
      type,
      crud('cloudfront-keyvaluestore', '', [
        'DescribeKeyValueStore',
        'ListKeys',
        'GetKey',
        'PutKey',
        'DeleteKey',
        'UpdateKeys',
      ]),
    ]),
  ),
};

/** Of those resources whose names the policy knows. */
const ARNS: Record<string, string> = {
  'aws:lambda/function:Function': 'arn:aws:lambda:us-east-1:123456789012:function:NAME',
  'aws:iam/role:Role': 'arn:aws:iam::123456789012:role/NAME',
  'aws:sqs/queue:Queue': 'arn:aws:sqs:us-east-1:123456789012:NAME',
  'aws:scheduler/scheduleGroup:ScheduleGroup': 'arn:aws:scheduler:us-east-1:123456789012:schedule-group/NAME',
  'aws:scheduler/schedule:Schedule': 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/NAME',
  'aws:cloudwatch/logGroup:LogGroup': 'arn:aws:logs:us-east-1:123456789012:log-group:NAME',
};

/** What the command itself asks of AWS. Source: anomalyco/sst, pkg/project/provider/aws.go. */
const OF_SST = [
  ...['CreateBucket', 'PutBucketNotification', 'PutBucketVersioning', 'PutBucketPolicy', 'ListBucket'].map(
    (one) => `s3:${one}`,
  ),
  ...[
    'ssm:GetParameter',
    'ssm:PutParameter',
    'ssm:DeleteParameter',
    'ecr:CreateRepository',
    'ecr:DescribeRepositories',
  ],
  ...['ListApis', 'GetApi', 'CreateApi', 'CreateChannelNamespace'].map((one) => `appsync:${one}`),
  ...['EventConnect', 'EventPublish', 'EventSubscribe'].map((one) => `appsync:${one}`),
];

/** What a deployment only reads, and `npm run setup` before it. */
const READ = [
  'iam:SimulatePrincipalPolicy',
  'iam:GetRole',
  'servicequotas:GetServiceQuota',
  'lambda:GetAccountSettings',
];

/** SST's own resources, which say in their names what they are. */
const typeOf = ({ type, name }: Diff['made'][number]): string =>
  type === 'pulumi-nodejs:dynamic:Resource' ? name.slice(name.indexOf('.') + 1) : type;
const isOfAws = (type: string): boolean => type.startsWith('aws:') || type.startsWith('sst.aws.');

describe.skipIf(!installed)('the policy for whoever deploys', () => {
  let project: Project;
  let diff: Diff;
  beforeAll(async () => {
    project = await startProject(SECRETS, { code: false });
    const env = { DOMAIN: 'agents.example.com', ALARM_EMAIL: 'ops@example.com' };
    // Whoever may not deploy, and says that this need not be looked at.
    const overrides = { denied: ['lambda:CreateFunction'] };
    diff = await project.diff({ stage: 'production', overrides, env: { ...env, CHECK_RIGHTS: '0' } });
    expect(diff.status, diff.output).toBe(0);
  }, 300_000);
  afterAll(() => project?.close());

  it('has the rights that the resources of the fullest deployment need, and no others', () => {
    const types = [...new Set(diff.made.map(typeOf).filter(isOfAws))];
    expect(types.filter((type) => !NEEDS[type])).toEqual([]);
    const needed = new Set([...types.flatMap((type) => NEEDS[type]!), ...OF_SST, ...READ]);
    const given = new Set(policy.Statement.flatMap(({ Action }) => Action));
    expect([...given].sort()).toEqual([...needed].sort());
  });

  it('names the resources as they are named', () => {
    const patterns = policy.Statement.flatMap(({ Resource }) => Resource).filter((one) => one !== '*');
    const fits = (arn: string) => patterns.some((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`).test(arn));
    const resources = diff.made.filter(({ type }) => ARNS[type]);
    expect(resources.length).toBeGreaterThan(25);
    for (const { type, name, inputs } of resources) {
      // What is given no name gets its resource's with a dash and digits.
      const arn = ARNS[type]!.replace('NAME', String(inputs.name ?? `${name}-1a2b3c4`));
      expect(fits(arn), arn).toBe(true);
      const ofAnother = arn.replace(/circadian-|Ringer-/, 'another-');
      expect(fits(ofAnother), ofAnother).toBe(false);
    }
  });

  it('is missed in a sentence, before anything is made, where AWS says that rights are missing', async () => {
    const overrides = { denied: ['lambda:CreateFunction', 'wafv2:CreateWebACL'] };
    const { status, output, made } = await project.diff({ overrides });
    expect(status).not.toBe(0);
    expect(output).toContain(
      'arn:aws:iam::123456789012:role/deployer may not deploy: lambda:CreateFunction missing. Give it the policy in',
    );
    expect(made).toEqual([]);
  }, 300_000);
});
