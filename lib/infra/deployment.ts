/// <reference path="../../.sst/platform/config.d.ts" />
/** All of the cloud, for the repository's own deployment and for projects with the package alike (lib/infra/sst.ts). */
import { type Config, secretNames } from '../agents/config.ts';
import { REQUIRED_ENV } from '../config/required.ts';
import type { FunctionName } from '../config/settings.ts';
import { watch } from './alarms.ts';
import { concurrencyOf } from './concurrency.ts';
import { broughtAs, data } from './data.ts';
import { makeFront } from './front.ts';
import { statements } from './migration-files.ts';
import { deployOptions, optionalSecrets, passedSettings, readBy, toolSecrets } from './options.ts';
import { quota } from './quota.ts';
import { refuseWhatCannotBe } from './rights.ts';
import { makeSandbox, sandboxFiles } from './sandbox.ts';
import { makeCrons, makeSchedules } from './schedules.ts';

const MINUTE = 60;
/** The longest model call and the tools after it; leases are short, so a dead invocation holds nobody up for that long. */
const ITERATION_MINUTES = 15;

/** `handlers`: the folder of the functions below the project's root. */
type Wanted = { region: string; handlers: string; definitions: Config };

/** Makes all resources of this stage. Throws sentences for what cannot be deployed, before anything is made. */
export async function deployment({ region: REGION, handlers, definitions }: Wanted) {
  const production = $app.stage === 'production';
  const prefix = `${$app.name}-${$app.stage}`;
  const metrics = `${$app.name}/${$app.stage}`;
  const {
    domain,
    email,
    atOnce: chosenAtOnce,
    apiAtOnce,
    alarms,
    dashboard,
    neon,
    upstashBudget,
    checkRights,
  } = deployOptions(production);
  await refuseWhatCannotBe({ region: REGION, stage: $app.stage, domain, checkRights });
  const concurrency = concurrencyOf(await quota(), production, { atOnce: chosenAtOnce, apiAtOnce });
  const { atOnce } = concurrency;
  const { databaseUrl, redis } = data({ prefix, region: REGION, production, neon, upstashBudget });

  // Queue: standard, not FIFO, whose deduplication swallows what is sent again and whose groups a dead message blocks: order and
  // exclusivity are the fence's in Postgres. Messages carry ids only, and their group is the user (lib/adapters/aws/queue.ts): fair to all.
  const letters = new sst.aws.Queue('DeadLetters', {
    visibilityTimeout: '2 minutes',
    transform: { queue: { messageRetentionSeconds: 14 * 86_400 } },
  });
  const queue = new sst.aws.Queue('Queue', {
    // Lambda refuses less than the timeout. Six times that, as AWS advises, is for batches and throttling, and would freeze for 90 minutes.
    visibilityTimeout: `${ITERATION_MINUTES * MINUTE + MINUTE} seconds`,
    dlq: { queue: letters.arn, retry: 5 },
    // A hint may be lost, and what is due is hinted again: hints that an overload piled up are not paid for days later.
    transform: { queue: { messageRetentionSeconds: 6 * 3_600 } },
  });

  const { accountId, wakeName, wakeArn, schedules, ownScheduler, ringer } = makeSchedules(prefix, REGION);

  const common = {
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    logging: { retention: production ? '3 months' : '1 week', format: 'json' },
    // Split, so that what is loaded lazily is a file of its own and costs a cold start nothing. Each map would be one more S3 object.
    nodejs: { minify: true, splitting: true, esbuild: { sourcemap: false } },
  } satisfies Partial<sst.aws.FunctionArgs>;

  const ofSandbox = await sandboxFiles();
  // Under `sst dev` functions run on your machine, and so do their scripts.
  const sandbox = $dev ? null : makeSandbox({ ...common, handler: `${handlers}/sandbox.handler` }, ofSandbox);

  // What functions read (lib/config/settings.ts): properties are named as the variables are. Linked, so encrypted in the bundle and not to
  // be seen among the functions' environment variables; and to each function only what it reads. A cold start decrypts them, without a
  // request; a changed one comes with the next deployment, which replaces every environment that has the old one.
  const values = {
    DATABASE_URL: $util.secret(databaseUrl),
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: $util.secret(redis.token),
    QUEUE_URL: queue.url,
    SCHEDULE_GROUP: schedules.name,
    SCHEDULE_ROLE_ARN: ringer.arn,
    WAKE_FUNCTION_ARN: wakeArn,
    ANTHROPIC_API_KEY: new sst.Secret('AnthropicApiKey').value,
    ADMIN_API_KEY: new sst.Secret('AdminApiKey').value,
  };
  const front = domain ? await makeFront(domain) : null;
  const brought = {
    ...broughtAs(optionalSecrets()),
    ...(front && { FRONT_SECRET: front.secret }),
    ...(sandbox && { SANDBOX_FUNCTION: sandbox.name }),
  };
  const ofTools = broughtAs(toolSecrets(secretNames(definitions)));
  const linked = (name: string, of: FunctionName) => ({
    link: [
      new sst.Linkable(`${name}Env`, {
        properties: {
          ...Object.fromEntries(REQUIRED_ENV[of].map((variable) => [variable, values[variable]])),
          METRICS_NAMESPACE: metrics,
          ...passedSettings(of),
          ...readBy(of, brought),
          // One function runs tools, and so one alone has their secrets.
          ...(of === 'iterate' && ofTools),
        },
      }),
    ],
  });

  const send = { actions: ['sqs:SendMessage'], resources: [queue.arn] };
  const take = (from: sst.aws.Queue) => ({
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    resources: [from.arn],
  });
  const askSandbox = sandbox ? [{ actions: ['lambda:InvokeFunction'], resources: [sandbox.arn] }] : [];
  const schedule = {
    actions: ['scheduler:CreateSchedule'],
    resources: [$interpolate`arn:aws:scheduler:${REGION}:${accountId}:schedule/${schedules.name}/*`],
  };
  const passRinger = {
    actions: ['iam:PassRole'],
    resources: [ringer.arn],
    conditions: [{ test: 'StringEquals', variable: 'iam:PassedToService', values: ['scheduler.amazonaws.com'] }],
  };

  // Migrations run before any new code serves, and a failed one fails the deployment; and so do settings that are wrong, which is why they
  // are handed on to it, too. `sst dev` leaves them to `sst deploy`.
  const migrate = new sst.aws.Function('Migrate', {
    ...common,
    ...linked('Migrate', 'migrate'),
    handler: `${handlers}/migrate.handler`,
    memory: '512 MB',
    timeout: '5 minutes',
    copyFiles: statements(),
  });
  const migrated = $dev
    ? []
    : [
        new aws.lambda.Invocation('Migrated', {
          functionName: migrate.name,
          input: '{}',
          triggers: { at: `${Date.now()}` },
        }),
      ];
  const after = { dependsOn: migrated };

  const iterate = new sst.aws.Function(
    'Iterate',
    {
      ...common,
      ...linked('Iterate', 'iterate'),
      handler: `${handlers}/iterate.handler`,
      memory: '1024 MB',
      timeout: `${ITERATION_MINUTES} minutes`,
      permissions: [send, take(queue), schedule, passRinger, ...askSandbox],
      // For the jobs that do not fit an invocation.
      copyFiles: ofSandbox,
    },
    after,
  );
  queue.subscribe(iterate.arn, {
    batch: { size: 1, partialResponses: true },
    transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: atOnce } } },
  });
  // An agent is a loop from Lambda to SQS to the same Lambda, which AWS stops after about 16 rounds unless told that it is meant. The
  // guard that is gone here: caps on iterations (lib/core/guard.ts), the ceiling, and the operator's limits that every claim reads (schema/tables/operator-limits.ts).
  new aws.lambda.FunctionRecursionConfig('IterateRecursion', { functionName: iterate.name, recursiveLoop: 'Allow' });

  const deadLetter = new sst.aws.Function(
    'DeadLetter',
    {
      ...common,
      ...linked('DeadLetter', 'deadLetter'),
      handler: `${handlers}/dead-letter.handler`,
      memory: '512 MB',
      timeout: '1 minute',
      permissions: [take(letters)],
    },
    after,
  );
  letters.subscribe(deadLetter.arn, { batch: { size: 1, partialResponses: true } });

  const wake = new sst.aws.Function(
    'Wake',
    {
      ...common,
      ...linked('Wake', 'wake'),
      name: wakeName,
      handler: `${handlers}/wake.handler`,
      memory: '512 MB',
      timeout: '5 minutes',
      // So that streams and iterations, which hold their places for minutes, leave it its own.
      ...(concurrency.wake !== null && { concurrency: { reserved: concurrency.wake } }),
      permissions: [send],
      // Lambda takes the crons' events in at once and keeps what it cannot run for six hours: a throttled account would wake 360 times in a
      // row. Five minutes leave room for both of its retries, and what is dropped the next minute makes up for.
      retries: 2,
      transform: { eventInvokeConfig: { maximumEventAgeInSeconds: 300 } },
    },
    after,
  );
  // Hours after midnight, when its rush is over and the provider's report of the day before is complete.
  const reconcile = new sst.aws.Function(
    'Reconcile',
    {
      ...common,
      ...linked('Reconcile', 'reconcile'),
      handler: `${handlers}/reconcile.handler`,
      memory: '512 MB',
      timeout: '5 minutes',
    },
    after,
  );
  makeCrons({ wake: wake.arn, reconcile: reconcile.arn }, ownScheduler);

  const api = new sst.aws.Function(
    'Api',
    {
      ...common,
      ...linked('Api', 'api'),
      handler: `${handlers}/api.handler`,
      memory: '512 MB',
      // Event streams end by themselves a minute earlier, and clients come back with their last id. Lambda does not notice that a
      // client has gone and bills on, so streams stop when nobody takes what they write (lib/http/deps.ts), and API_AT_ONCE caps them all.
      timeout: '15 minutes',
      streaming: true,
      ...(concurrency.api !== null && { concurrency: { reserved: concurrency.api } }),
      url: {
        authorization: 'none',
        // The API itself answers browsers of other origins, alike on localhost (CORS_ORIGINS).
        cors: false,
        // A silent stream speaks every 15 s.
        ...(front && { router: { instance: front.router, readTimeout: '60 seconds' } }),
      },
      permissions: [send],
    },
    after,
  );

  const alarmed = watch({
    ...{ namespace: metrics, region: REGION, email, atOnce, alarms, dashboard },
    ...{
      iterate: iterate.name,
      wake: wake.name,
      api: api.name,
      reconcile: reconcile.name,
      sandbox: sandbox?.name,
      schedules: schedules.name,
    },
    ...{ queue: queue.nodes.queue.name, letters: letters.nodes.queue.name },
  });

  // As people write it, so that a path can follow.
  const end = { alarms: alarmed, concurrency: concurrency.says };
  return { url: api.url.apply((url) => url.replace(/\/$/, '')), ...end };
}
