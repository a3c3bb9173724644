/// <reference path="./.sst/platform/config.d.ts" />
/**
 * The whole infrastructure. `npx sst deploy --stage NAME` makes all of it, database and Redis included (NEON_API_KEY, UPSTASH_API_KEY
 * and UPSTASH_EMAIL in the environment), or uses your own: `sst secret set NeonUrl …` (the pooled connection string), and
 * `sst secret set UpstashUrl …` with `sst secret set UpstashToken …`. A stage called `production` is protected and its data is kept.
 * Read from the environment, or from a file `.env.NAME` beside this one: DOMAIN, CORS_ORIGINS, ALARM_EMAIL, ITERATIONS_AT_ONCE, API_AT_ONCE.
 *
 *   api ─▶ queue ─▶ iterate ⟲ queue         queue ─▶ dead letters ─▶ bury
 *   iterate ─▶ one-time schedules ─▶ wake ─▶ queue         midnight and every minute ─▶ wake
 */

/** The one region of everything, chosen once: another one is another deployment. Neon and Upstash call it by the same name and must offer it. */
const REGION = 'us-east-1';
const MINUTE = 60;
const CORS_HEADERS = ['authorization', 'content-type', 'idempotency-key', 'last-event-id'];
/** The longest model call and the tools after it; leases are short, so a dead invocation holds nobody up for that long. */
const ITERATION_MINUTES = 15;

/** Settings of lib/env.ts that are handed on if they are set where `sst deploy` runs. */
const SETTINGS = [
  ...['PRICES', 'TIER_MODELS', 'MAX_OUTPUT_TOKENS', 'LEAST_OUTPUT_TOKENS', 'COMPACT_AT_TOKENS', 'COMPACTION'],
  ...['REPETITION_GUARD', 'COUNT_TOKENS', 'WAKE_WINDOW_MS'],
];

export default $config({
  app: (input) => ({
    name: 'circadian',
    home: 'aws',
    removal: input?.stage === 'production' ? 'retain' : 'remove',
    protect: input?.stage === 'production',
    providers: {
      aws: { region: REGION },
      neon: { package: '@sst-provider/neon', version: '0.13.0' },
      upstash: { package: '@upstash/pulumi', version: '0.5.0' },
    },
  }),

  async run() {
    const { sandboxFiles } = await import('./lib/infra/sandbox.ts');
    const { watch } = await import('./lib/infra/watch.ts');
    const production = $app.stage === 'production';
    const prefix = `${$app.name}-${$app.stage}`;
    const metrics = `${$app.name}/${$app.stage}`;
    const { DOMAIN, CORS_ORIGINS, ALARM_EMAIL, API_AT_ONCE } = process.env;
    // Iterations under way at once: the brake in front of the model's rate limit. At least 2, by SQS's rule. A new AWS account runs 10
    // functions at once in all; what is throttled waits in the queue, and what Lambda drops after the visibility the recovery cron finds.
    const atOnce = Number(process.env.ITERATIONS_AT_ONCE ?? (production ? 20 : 5));
    // `removal` does not reach providers other than AWS's.
    const keep = { protect: production, retainOnDelete: production };
    const brought = (name: string) => (process.env[`SST_SECRET_${name}`] ? new sst.Secret(name).value : null);

    // Data
    // A personal key of a Neon account that belongs to an organisation must name it; an organisation's own key need not.
    const organisation = process.env.NEON_ORG_ID ? { orgId: process.env.NEON_ORG_ID } : {};
    const makeDatabase = () =>
      new neon.Project(
        'Neon',
        { name: prefix, regionId: `aws-${REGION}`, pgVersion: 17, historyRetentionSeconds: 21_600, ...organisation },
        keep,
      ).connectionUriPooler;
    const makeRedis = () => {
      const database = { databaseName: prefix, region: 'global', primaryRegion: REGION, tls: true, eviction: false };
      const redis = new upstash.RedisDatabase('Upstash', database, keep);
      return { url: $interpolate`https://${redis.endpoint}`, token: redis.restToken };
    };
    const databaseUrl = brought('NeonUrl') ?? makeDatabase();
    const upstashUrl = brought('UpstashUrl');
    const redis = upstashUrl ? { url: upstashUrl, token: new sst.Secret('UpstashToken').value } : makeRedis();

    // Queue: standard, not FIFO, whose deduplication swallows what is sent again and whose groups a dead message blocks: order and
    // exclusivity are the fence's in Postgres. Messages carry ids only, and their group is the user (lib/adapters/sqs.ts): fair to all.
    const letters = new sst.aws.Queue('DeadLetters', {
      visibilityTimeout: '2 minutes',
      transform: { queue: { messageRetentionSeconds: 14 * 86_400 } },
    });
    const queue = new sst.aws.Queue('Queue', {
      // Lambda refuses less than the timeout. Six times that, as AWS advises, is for batches and throttling, and would freeze for 90 minutes.
      visibilityTimeout: `${ITERATION_MINUTES * MINUTE + MINUTE} seconds`,
      dlq: { queue: letters.arn, retry: 5 },
    });

    // Schedules: one per wake minute, made by iterations. The wake function's ARN is spelled out, because the role must name the
    // function and the function's own settings name the role.
    const { accountId } = aws.getCallerIdentityOutput();
    const wakeName = `${prefix}-wake`;
    const wakeArn = $interpolate`arn:aws:lambda:${REGION}:${accountId}:function:${wakeName}`;
    const schedules = new aws.scheduler.ScheduleGroup('Schedules', { name: `${prefix}-wake` });
    const ringer = new aws.iam.Role('Ringer', {
      assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
        statements: [
          {
            actions: ['sts:AssumeRole'],
            principals: [{ type: 'Service', identifiers: ['scheduler.amazonaws.com'] }],
            conditions: [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] }],
          },
        ],
      }).json,
      inlinePolicies: [
        {
          name: 'wake',
          policy: aws.iam.getPolicyDocumentOutput({
            statements: [{ actions: ['lambda:InvokeFunction'], resources: [wakeArn] }],
          }).json,
        },
      ],
    });

    // What every function reads (lib/env.ts): properties are named as the variables are. Linked, so encrypted in the bundle, and not
    // to be seen among the functions' environment variables.
    const env = new sst.Linkable('Env', {
      properties: {
        DATABASE_URL: $util.secret(databaseUrl),
        UPSTASH_REDIS_REST_URL: redis.url,
        UPSTASH_REDIS_REST_TOKEN: $util.secret(redis.token),
        QUEUE_URL: queue.url,
        SCHEDULE_GROUP: schedules.name,
        SCHEDULE_ROLE_ARN: ringer.arn,
        WAKE_FUNCTION_ARN: wakeArn,
        ANTHROPIC_API_KEY: new sst.Secret('AnthropicApiKey').value,
        ADMIN_API_KEY: new sst.Secret('AdminApiKey').value,
        METRICS_NAMESPACE: metrics,
        ...Object.fromEntries(SETTINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
      },
    });

    const send = { actions: ['sqs:SendMessage'], resources: [queue.arn] };
    const take = (from: sst.aws.Queue) => ({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      resources: [from.arn],
    });
    const schedule = {
      actions: ['scheduler:CreateSchedule'],
      resources: [$interpolate`arn:aws:scheduler:${REGION}:${accountId}:schedule/${schedules.name}/*`],
    };
    const passRinger = { actions: ['iam:PassRole'], resources: [ringer.arn] };

    const common = {
      runtime: 'nodejs24.x',
      architecture: 'arm64',
      logging: { retention: production ? '3 months' : '1 week', format: 'json' },
      // Split, so that what is loaded lazily is a file of its own and costs a cold start nothing. Each map would be one more S3 object.
      nodejs: { minify: true, splitting: true, esbuild: { sourcemap: false } },
      link: [env],
    } satisfies Partial<sst.aws.FunctionArgs>;

    // Migrations run before any new code serves, and a failed one fails the deployment. `sst dev` leaves them to `sst deploy`.
    const migrate = new sst.aws.Function('Migrate', {
      ...common,
      handler: 'functions/migrate.handler',
      memory: '512 MB',
      timeout: '5 minutes',
      copyFiles: [{ from: 'migrations' }],
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
        handler: 'functions/iterate.handler',
        memory: '1024 MB',
        timeout: `${ITERATION_MINUTES} minutes`,
        permissions: [send, take(queue), schedule, passRinger],
        copyFiles: await sandboxFiles(),
      },
      after,
    );
    queue.subscribe(iterate.arn, {
      batch: { size: 1, partialResponses: true },
      transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: atOnce } } },
    });
    // An agent is a loop from Lambda to SQS to the same Lambda, which AWS stops after about 16 rounds unless told that it is meant. The
    // guard that is gone here: caps on iterations (lib/core/guard.ts), the ceiling, and the brakes that every claim reads (schema/brakes.ts).
    new aws.lambda.FunctionRecursionConfig('IterateRecursion', { functionName: iterate.name, recursiveLoop: 'Allow' });

    const bury = new sst.aws.Function(
      'Bury',
      {
        ...common,
        handler: 'functions/bury.handler',
        memory: '512 MB',
        timeout: '1 minute',
        permissions: [take(letters)],
      },
      after,
    );
    letters.subscribe(bury.arn, { batch: { size: 1, partialResponses: true } });

    const wake = new sst.aws.Function(
      'Wake',
      {
        ...common,
        name: wakeName,
        handler: 'functions/wake.handler',
        memory: '512 MB',
        timeout: '5 minutes',
        permissions: [send],
      },
      after,
    );
    new sst.aws.CronV2('Midnight', {
      schedule: 'cron(0 0 * * ? *)',
      timezone: 'UTC',
      function: wake.arn,
      event: { cron: 'midnight' },
      retries: 3,
    });
    // A missed minute is made up for by the next, so it is not tried again.
    new sst.aws.CronV2('Recovery', { schedule: 'rate(1 minute)', function: wake.arn, event: { cron: 'recovery' } });

    // Lambda's own URL limits nobody: a firewall goes before it as CloudFront's. Reading ahead of 60 s: a silent stream speaks every 15 s.
    const front = DOMAIN ? new sst.aws.Router('Front', { domain: DOMAIN }) : null;
    const api = new sst.aws.Function(
      'Api',
      {
        ...common,
        handler: 'functions/api.handler',
        memory: '512 MB',
        // Event streams end by themselves a minute earlier, and clients come back with their last id. Lambda does not notice that a
        // client has gone and bills on, so streams stop when nobody takes what they write (lib/http/deps.ts), and API_AT_ONCE caps them all.
        timeout: '15 minutes',
        streaming: true,
        ...(API_AT_ONCE && { concurrency: { reserved: Number(API_AT_ONCE) } }),
        url: {
          authorization: 'none',
          cors: CORS_ORIGINS
            ? { allowOrigins: CORS_ORIGINS.split(','), allowHeaders: CORS_HEADERS, allowMethods: ['*'] }
            : false,
          ...(front && { router: { instance: front, readTimeout: '60 seconds' } }),
        },
        permissions: [send],
      },
      after,
    );

    watch({
      ...{ namespace: metrics, region: REGION, email: ALARM_EMAIL, atOnce },
      ...{ iterate: iterate.name, wake: wake.name, api: api.name },
      ...{ queue: queue.nodes.queue.name, letters: letters.nodes.queue.name },
    });

    return { url: api.url };
  },
});
