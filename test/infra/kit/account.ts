/** The AWS account that the tests pretend to have, and what AWS and the other providers would answer for each resource. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** What a provider adds to a resource: names, ARNs and URLs in the shapes that components take apart. */
export type Outputs = Record<string, unknown>;

/** The one secret of the pretended account: with it SST encrypts what it links. */
export const KEY = Buffer.alloc(32, 1).toString('base64');

/** What the random provider makes for the front. */
export const FRONT_SECRET = 'made-at-random-of-forty-characters-000000';

/**
 * Values that only the test knows: where the local database and queue are, what the deployer may not do, and how many functions run at once
 * (null: nobody may know).
 */
export type Overrides = { databaseUrl?: string; queueUrl?: string; denied?: string[]; quota?: number | null };

const DEPLOYER = `arn:aws:iam::${ACCOUNT}:role/deployer`;
type Simulated = { policySourceArn: string; actionNames: string[]; resourceArns: string[] };

/** What IAM's simulator says of a deployer who may do all but what is denied. It knows users and roles only, and takes no patterns. */
const simulation = ({ policySourceArn, actionNames, resourceArns }: Simulated, denied: string[]): Outputs => {
  if (policySourceArn !== DEPLOYER) throw new Error(`InvalidInput: ${policySourceArn}`);
  for (const one of [...actionNames, ...resourceArns.filter((arn) => arn !== '*')])
    if (one.includes('*')) throw new Error(`InvalidInput: ${one}`);
  const results = actionNames.flatMap((actionName) =>
    resourceArns.map((resourceArn) => ({ actionName, resourceArn, allowed: !denied.includes(actionName) })),
  );
  return { allAllowed: results.every(({ allowed }) => allowed), results };
};

type Statement = {
  actions?: string[];
  resources?: string[];
  effect?: string;
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

/** A policy as AWS writes it, of the statements of aws.iam.getPolicyDocument. */
const policy = (statements: Statement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ actions, resources, effect = 'Allow', principals, conditions }) => ({
      ...{ Effect: effect, Action: actions, Resource: resources },
      ...(principals && { Principal: Object.fromEntries(principals.map((one) => [one.type, one.identifiers])) }),
      ...(conditions && {
        Condition: Object.fromEntries(conditions.map((one) => [one.test, { [one.variable]: one.values }])),
      }),
    })),
  });

/** The account as the providers see it, which were configured for this region. */
export function accountIn(region: string, given: Overrides) {
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`;

  const lambdaOutputs = (name: string): Outputs => ({
    ...{
      name,
      arn: arn('lambda', `function:${name}`),
      qualifiedArn: arn('lambda', `function:${name}:1`),
      version: '1',
    },
    invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn('lambda', `function:${name}`)}/invocations`,
  });

  const outputsOf = (type: string, name: string): Outputs => {
    switch (type) {
      case 'aws:sqs/queue:Queue':
        return { name, arn: arn('sqs', name), url: queueUrlOf(name) };
      case 'aws:lambda/function:Function':
        return lambdaOutputs(name);
      case 'aws:lambda/functionUrl:FunctionUrl':
        return { functionUrl: `https://${name.toLowerCase()}.lambda-url.${region}.on.aws/` };
      case 'aws:iam/role:Role':
        return { name, arn: `arn:aws:iam::${ACCOUNT}:role/${name}` };
      case 'aws:scheduler/scheduleGroup:ScheduleGroup':
        return { name, arn: arn('scheduler', `schedule-group/${name}`) };
      case 'random:index/randomBytes:RandomBytes':
        return { base64: KEY, hex: '01'.repeat(32) };
      case 'random:index/randomPassword:RandomPassword':
        return { result: FRONT_SECRET };
      case 'aws:sns/topicSubscription:TopicSubscription':
        return { arn: arn('sns', `${name}:1`), pendingConfirmation: true };
      case 'aws:acm/certificate:Certificate': {
        const option = {
          resourceRecordName: '_x.example.com.',
          resourceRecordType: 'CNAME',
          resourceRecordValue: '_y.aws.',
        };
        return { arn: arn('acm', 'certificate/1'), domainValidationOptions: [{ domainName: name, ...option }] };
      }
      case 'neon:index/project:Project':
        return { connectionUriPooler: given.databaseUrl ?? 'postgres://made:by@neon-pooler.example/db' };
      case 'upstash:index/redisDatabase:RedisDatabase':
        return { endpoint: 'made.upstash.example', restToken: 'made-by-upstash' };
      default:
        return { name, arn: arn('mock', `${type}/${name}`) };
    }
  };

  /** The queue that iterations feed is the one with a redrive policy; the test may have it elsewhere. */
  const queueUrlOf = (name: string): string =>
    given.queueUrl && !/letters/i.test(name)
      ? given.queueUrl
      : `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`;

  /** What a program asks providers without making anything. */
  const answerTo = (token: string, inputs: Record<string, unknown>): Outputs => {
    if (token.endsWith(':getServiceQuota')) {
      const { quota = 1_000 } = given;
      if (quota === null) throw new Error('AccessDeniedException: servicequotas:GetServiceQuota');
      return inputs.serviceCode === 'lambda' && inputs.quotaCode === 'L-B99A9384' ? { value: quota } : {};
    }
    if (token.endsWith(':getRegion')) return { region, name: region, id: region };
    if (token.endsWith(':getPartition')) return { partition: 'aws', dnsSuffix: 'amazonaws.com' };
    if (token.endsWith(':getCallerIdentity'))
      return { accountId: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ann` };
    if (token.endsWith(':getSessionContext')) return { issuerArn: DEPLOYER };
    if (token.endsWith(':getPrincipalPolicySimulation')) return simulation(inputs as Simulated, given.denied ?? []);
    if (token.endsWith(':getPolicyDocument')) {
      const statements = (inputs.statements ?? []) as Statement[];
      return { statements: statements.length > 0 ? statements : undefined, json: policy(statements) };
    }
    return inputs;
  };

  return { outputsOf, answerTo };
}
