/** What a deployment would make, and words to look into it. */
import { ACCOUNT, REGION } from './account.ts';
import type { Links } from './links.ts';
import type { Made, Synthesis } from './pulumi.ts';

export type Deployed = Synthesis & { links: Links; app: unknown; production: boolean };

/** Its name as part of others. */
export const stageOf = ({ production }: Deployed): string => (production ? 'production' : 'dev');

/** A named promise of the deployment. `mutants` each break it: a rule that does not notice them would be no rule. */
export type Rule = {
  name: string;
  holds: (deployed: Deployed) => void;
  mutants: Record<string, (deployed: Deployed) => void>;
};

// biome-ignore lint/suspicious/noExplicitAny: inputs of resources have every shape
export type Inputs = Record<string, any>;

export const TYPES = {
  function: 'aws:lambda/function:Function',
  url: 'aws:lambda/functionUrl:FunctionUrl',
  permission: 'aws:lambda/permission:Permission',
  role: 'aws:iam/role:Role',
  queue: 'aws:sqs/queue:Queue',
  mapping: 'aws:lambda/eventSourceMapping:EventSourceMapping',
  recursion: 'aws:lambda/functionRecursionConfig:FunctionRecursionConfig',
  logs: 'aws:cloudwatch/logGroup:LogGroup',
  alarm: 'aws:cloudwatch/metricAlarm:MetricAlarm',
  dashboard: 'aws:cloudwatch/dashboard:Dashboard',
  schedule: 'aws:scheduler/schedule:Schedule',
  scheduleGroup: 'aws:scheduler/scheduleGroup:ScheduleGroup',
  invocation: 'aws:lambda/invocation:Invocation',
  neon: 'neon:index/project:Project',
  upstash: 'upstash:index/redisDatabase:RedisDatabase',
  eventInvoke: 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
  topic: 'aws:sns/topic:Topic',
  subscription: 'aws:sns/topicSubscription:TopicSubscription',
  linkRef: 'sst:sst:LinkRef',
  distribution: 'aws:cloudfront/distribution:Distribution',
  edge: 'aws:cloudfront/function:Function',
  waf: 'aws:wafv2/webAcl:WebAcl',
  component: 'sst:aws:Function',
} as const;
export type Kind = keyof typeof TYPES;

export const FUNCTIONS = ['Api', 'DeadLetter', 'Iterate', 'Migrate', 'Reconcile', 'Wake'] as const;
/** Those, and the one that is given nothing. */
export const PACKAGES = [...FUNCTIONS, 'Sandbox'] as const;
export type FunctionName = (typeof PACKAGES)[number];

export const all = ({ made }: Deployed, kind: Kind): Made[] => made.filter(({ type }) => type === TYPES[kind]);

/** The one resource of this kind and name (of its kind, without a name). */
export const one = (deployed: Deployed, kind: Kind, name?: string): Made => {
  const found = all(deployed, kind).filter((made) => name === undefined || made.name === name);
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
  return found[0]!;
};
export const inputs = (deployed: Deployed, kind: Kind, name?: string): Inputs => one(deployed, kind, name).inputs;

export const fn = (deployed: Deployed, name: FunctionName): Inputs => inputs(deployed, 'function', `${name}Function`);
export const queue = (deployed: Deployed): Inputs => inputs(deployed, 'queue', 'QueueQueue');
export const letters = (deployed: Deployed): Inputs => inputs(deployed, 'queue', 'DeadLettersQueue');
/** The mapping from a queue to a function, by the queue's name. */
export const mapping = (deployed: Deployed, from: Inputs): Inputs => {
  const found = all(deployed, 'mapping').filter((made) => String(made.inputs.eventSourceArn).endsWith(`:${from.name}`));
  if (found.length !== 1) throw new Error(`${found.length} mappings of ${from.name}`);
  return found[0]!.inputs;
};

export type Statement = { Effect: string; Action: string[]; Resource: string[]; Condition?: object };
/** The statements of a role's own policies, as one list. */
export const statements = (deployed: Deployed, role: string): Statement[] =>
  (inputs(deployed, 'role', role).inlinePolicies as { policy: string }[]).flatMap(
    ({ policy }) => JSON.parse(policy).Statement,
  );
/** Changes a role's own statements. */
export const rewrite = (deployed: Deployed, role: string, change: (statements: Statement[]) => Statement[]): void => {
  const changed = change(statements(deployed, role));
  inputs(deployed, 'role', role).inlinePolicies = [{ name: 'x', policy: JSON.stringify({ Statement: changed }) }];
};

export const arnOf = {
  queue: ({ name }: Inputs) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
  function: ({ name }: Inputs) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
};

export const remove = (deployed: Deployed, kind: Kind, name?: string): void => {
  const gone = one(deployed, kind, name);
  deployed.made = deployed.made.filter((made) => made !== gone);
};

/** Changes some of the inputs. */
export const set = (of: object, changes: object): void => void Object.assign(of, changes);
