/** The packages of a deployment, as SST made them, run as Lambda functions against the cloud on localhost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, CREDENTIALS, startCloud } from '../../../lib/local/cloud.ts';
import { type Invoker, startInvoker } from '../../../lib/local/lambda/invoker.ts';
import type { Player } from '../../../lib/local/model/answer.ts';
import { startModelServer } from '../../../lib/local/model/server.ts';
import { startPoller } from '../../../lib/local/poller.ts';
import { startScheduler } from '../../../lib/local/scheduler.ts';
import { startLambdaApi } from '../../kit/lambda-api.ts';
import { type Deployed, type FunctionName, fn, PACKAGES } from './deployed.ts';
import { type Diff, type Project, SECRETS, startProject } from './project.ts';
import { readZip, writeAll } from './zip.ts';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** Deploys to a stage whose database, Redis, queue and model are on loopback. All that a function knows is what Lambda would give it. */
export const startStage = async (player: Player) => {
  await using stack = new AsyncDisposableStack();
  const cloud = await startCloud({ dataDir: null }, stack);
  const model = await startModelServer({ player });
  stack.defer(() => model.close());
  const scheduler = await startScheduler({ now: Date.now, deliver: async () => {} });
  stack.defer(() => scheduler.close());
  const project = await deploy(cloud, stack);
  const diff = await project.diff({ overrides: { queueUrl: cloud.env.QUEUE_URL } });
  if (diff.status !== 0) throw new Error(diff.output);

  const lines: string[] = [];
  // By the name that the deployment gave it.
  const lambda = await startLambdaApi((name, event) =>
    invoker.invoke(name === fn(deployedOf(diff), 'Sandbox').name ? 'Sandbox' : name, event),
  );
  stack.defer(() => lambda.close());
  const surroundings = {
    ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' },
    ...{
      AWS_ENDPOINT_URL_SQS: cloud.sqs.endpoint,
      AWS_ENDPOINT_URL_SCHEDULER: scheduler.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      ANTHROPIC_BASE_URL: model.url,
    },
  };
  // Not within the project, whose packages would stand in for those that were not sent along.
  const tasks = mkdtempSync(join(tmpdir(), 'circadian-task-'));
  stack.defer(() => rmSync(tasks, { recursive: true, force: true }));
  const packages = unpack(project, diff, tasks);
  const invoker = startInvoker({
    functions: PACKAGES.map((name) => ({
      ...{ name, root: packages[name].folder, handler: 'bundle.handler', concurrency: 1, initTimeoutMs: 30_000 },
      ...{ timeoutMs: fn(deployedOf(diff), name).timeout * 1_000, memoryMb: fn(deployedOf(diff), name).memorySize },
      env: { ...fn(deployedOf(diff), name).environment?.variables, ...(name !== 'Sandbox' && surroundings) },
    })),
    onOutput: (_name, output) => lines.push(...output.split('\n')),
  });
  stack.defer(() => invoker.close());
  const running = stack.move();
  return {
    ...{ cloud, diff, invoker, lambda, lines, packages },
    database: cloud.pool,
    invoke: (name: FunctionName, event: unknown) => invoker.invoke(name, event),
    request: (...request: Parameters<typeof urlEvent>) => ask(invoker, urlEvent(...request)),
    hints: () => peek(cloud),
    /** From now on the queues feed their functions. */
    poll() {
      for (const poller of pollers(cloud, invoker)) running.defer(() => poller.close());
    },
    close: () => running.disposeAsync(),
  };
};

const deployedOf = (diff: Diff): Deployed => ({ ...diff, production: false });

const deploy = async ({ env }: Cloud, stack: AsyncDisposableStack): Promise<Project> => {
  const project = await startProject({
    ...SECRETS,
    NeonUrl: env.DATABASE_URL!,
    ...{ UpstashUrl: env.UPSTASH_REDIS_REST_URL!, UpstashToken: env.UPSTASH_REDIS_REST_TOKEN! },
  });
  stack.defer(() => project.close());
  return project;
};

type Package = { folder: string; files: Map<string, Buffer> };

const unpack = ({ folder: root }: Project, diff: Diff, tasks: string): Record<FunctionName, Package> =>
  Object.fromEntries(
    PACKAGES.map((name) => {
      if (!diff.made.some((made) => made.name === `${name}Code`)) throw new Error(`${name} has no code`);
      const files = readZip(join(root, '.sst/artifacts', name, 'code.zip'));
      const folder = join(tasks, name);
      writeAll(files, folder);
      return [name, { folder, files }];
    }),
  ) as Record<FunctionName, Package>;

/** What waits in the queue, which is left as it was. */
const peek = async ({ sqs }: Cloud): Promise<unknown[]> => {
  const credentials = {
    accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  };
  const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region, credentials });
  try {
    const ask = { QueueUrl: sqs.queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(ask));
    return Messages.map(({ Body }) => JSON.parse(Body!));
  } finally {
    client.destroy();
  }
};

const pollers = ({ sqs }: Cloud, invoker: Invoker) => {
  const deliverTo = (name: FunctionName) => async (event: unknown) => {
    const answer = await invoker.invoke(name, event);
    return answer.type === 'buffered' ? answer.payload : null;
  };
  const { endpoint, region } = sqs;
  const work = { queueUrl: sqs.queueUrl, queueArn: sqs.queueArn, timeoutMs: 900_000, deliver: deliverTo('Iterate') };
  const dead = {
    queueUrl: sqs.deadLetterUrl,
    queueArn: sqs.deadLetterArn,
    timeoutMs: 60_000,
    deliver: deliverTo('DeadLetter'),
  };
  return [work, dead].map((one) => startPoller({ endpoint, region, maxConcurrency: 1, ...one }));
};

/** What a Function URL makes of a request (payload format 2.0). */
const urlEvent = (method: string, path: string, key: string | null, body?: object) => ({
  ...{ version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', isBase64Encoded: false },
  headers: {
    ...{ host: 'abc.lambda-url.us-east-1.on.aws', 'x-forwarded-proto': 'https' },
    ...(key && { authorization: `Bearer ${key}` }),
    ...(body && { 'content-type': 'application/json' }),
  },
  requestContext: {
    ...{ accountId: 'anonymous', apiId: 'abc', domainName: 'abc.lambda-url.us-east-1.on.aws', domainPrefix: 'abc' },
    ...{ requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599', routeKey: '$default', stage: '$default' },
    ...{ time: '10/Nov/2026:08:00:00 +0000', timeEpoch: 1_794_297_600_000 },
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
  },
  ...(body && { body: JSON.stringify(body) }),
});

const ask = async (invoker: Invoker, event: object) => {
  const answer = await invoker.invoke('Api', event);
  if (answer.type !== 'streamed') throw new Error('the API must stream');
  const body = await text(answer.body);
  return {
    status: answer.prelude?.statusCode,
    json: (body === '' ? null : JSON.parse(body)) as Record<string, unknown>,
  };
};
