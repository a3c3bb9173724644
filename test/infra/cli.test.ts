/** What the real `sst` command says to what is missing, wrong or wished for otherwise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type Deployed, FUNCTIONS, fn, inputs } from './kit/deployed.ts';
import { type Diff, installed, type Project, SECRETS, startProject } from './kit/project.ts';
import { ACCOUNTS } from './kit/vendors.ts';
import { front } from './rules/front.ts';
import { functions } from './rules/functions.ts';
import { queues } from './rules/queue.ts';
import { wake } from './rules/wake.ts';

const PATIENCE = 300_000;

describe.skipIf(!installed)('a diff that cannot be', () => {
  it(
    'names a secret that is missing',
    async () => {
      const { AdminApiKey } = SECRETS;
      await using project = await startProject({ AdminApiKey }, { code: false });
      const { status, output } = await project.diff();
      expect(status).not.toBe(0);
      expect(output).toContain('Set a value for AnthropicApiKey with `sst secret set AnthropicApiKey <value>`');
      expect(output).not.toContain(AdminApiKey);
    },
    PATIENCE,
  );

  it(
    'names a handler that is not there',
    async () => {
      await using project = await startProject(SECRETS, { code: false });
      project.edit('lib/infra/deployment.ts', '/migrate.handler', '/immigrate.handler');
      const { status, output } = await project.diff();
      expect(status).not.toBe(0);
      expect(output).toMatch(/[Hh]andler not found.*functions\/immigrate\.handler/);
    },
    PATIENCE,
  );
});

describe.skipIf(!installed)('an environment that cannot be', () => {
  it.each([
    ['ITERATIONS_AT_ONCE', 'abc', 'ITERATIONS_AT_ONCE is abc: set it to a whole number from 2 to 1000, or not at all.'],
    ['UPSTASH_EMAIL', '', 'UPSTASH_EMAIL missing: set what Upstash gave you, or bring your own by'],
    ['NEON_API_KEY', 'napi_of_nobody', 'NEON_API_KEY is wrong: Neon does not know it. Nothing has been changed.'],
  ])(
    'is refused in one sentence, before anything is made: %s=%s',
    async (name, value, says) => {
      await using project = await startProject(SECRETS, { code: false });
      const { status, output, made } = await project.diff({ env: { [name]: value } });
      expect(status).not.toBe(0);
      expect(output).toContain(says);
      expect(made).toEqual([]);
    },
    PATIENCE,
  );
});

describe.skipIf(!installed)('an account that runs ten functions at once', () => {
  const reserved = ({ made }: Diff) =>
    made.flatMap(({ type, inputs: one }) =>
      type === 'aws:lambda/function:Function' ? [one.reservedConcurrentExecutions ?? -1] : [],
    );

  it.each([
    [10, 3],
    [null, 5],
  ])(
    'of %j gets %d for iterations and none reserved; null: nobody may read it',
    async (quota, atOnce) => {
      await using project = await startProject(SECRETS, { code: false });
      const diff = await project.diff({ stage: 'production', overrides: { quota } });
      expect(diff.status, diff.output).toBe(0);
      const limits = all({ ...diff, production: true }, 'mapping').flatMap(
        ({ inputs: one }) => one.scalingConfig ?? [],
      );
      expect(limits).toEqual([{ maximumConcurrency: atOnce }]);
      expect(new Set(reserved(diff))).toEqual(new Set([-1]));
    },
    PATIENCE,
  );

  it(
    'is refused more, before anything is made',
    async () => {
      await using project = await startProject(SECRETS, { code: false });
      const asked = await project.diff({ overrides: { quota: 10 }, env: { ITERATIONS_AT_ONCE: '20' } });
      expect(asked.status).not.toBe(0);
      expect(asked.output).toContain('ITERATIONS_AT_ONCE is 20, but this account runs 10 functions at once');
      expect(asked.made).toEqual([]);
    },
    PATIENCE,
  );
});

describe.skipIf(!installed)('faults in the configuration itself', () => {
  let project: Project;
  let deployed: Deployed;
  beforeAll(async () => {
    project = await startProject(SECRETS, { code: false });
    for (const [from, to] of [
      ['streaming: true', 'streaming: false'],
      ["recursiveLoop: 'Allow'", "recursiveLoop: 'Terminate'"],
      ['retry: 5 }', 'retry: 1 }'],
      ["architecture: 'arm64'", "architecture: 'x86_64'"],
      ['partialResponses: true', 'partialResponses: false'],
    ] as const) {
      project.edit('lib/infra/deployment.ts', from, to);
    }
    project.edit('lib/infra/schedules.ts', "'cron(0 0 * * ? *)'", "'cron(0 1 * * ? *)'");
    // With a variable that is no fault, and one that is as good as none.
    const env = { NEON_ORG_ID: ACCOUNTS.neon.organisation, API_AT_ONCE: '' };
    deployed = { ...(await project.diff({ env })), production: false };
  }, PATIENCE);
  afterAll(() => project?.close());

  it.each(
    [...functions, ...queues, ...wake].filter(({ name }) =>
      /^(every function runs|B1:|B4, B9|B5, B7|B10: midnight|B12)/.test(name),
    ),
  )('are noticed by: $name', ({ holds }) => expect(() => holds(deployed)).toThrow());
  it('are beside a variable that counts: the organisation that a personal key of Neon must name', () => {
    expect(inputs(deployed, 'neon').orgId).toBe('org-of-mine');
  });
  it('are all that is noticed', () => {
    const others = [...functions, ...queues, ...wake].filter(({ name }) => /^(B2|B3|B6|B14|B16)/.test(name));
    expect(others).toHaveLength(8);
    for (const { holds } of others) holds(deployed);
  });
});

describe.skipIf(!installed)('a stage in which sst dev runs the functions live', () => {
  let project: Project;
  let diff: Diff;
  beforeAll(async () => {
    project = await startProject(SECRETS, { code: false });
    diff = await project.diff({ dev: true });
  }, PATIENCE);
  afterAll(() => project?.close());
  const deployed = (): Deployed => ({ ...diff, production: false });

  it('has all of them as stand-ins that ask that machine', () => {
    expect(diff.status, diff.output).toBe(0);
    for (const name of FUNCTIONS) {
      expect(fn(deployed(), name).environment.variables).toMatchObject({ SST_FUNCTION_ID: name, SST_STAGE: 'dev' });
    }
  });

  it('has no sandbox of its own: that machine runs what iterations ask for', () => {
    expect(all(deployed(), 'function')).toHaveLength(FUNCTIONS.length);
  });

  it('leaves migrations to deployments, and wakes and queues as every stage does', () => {
    expect(all(deployed(), 'invocation')).toEqual([]);
    expect(all(deployed(), 'schedule')).toHaveLength(4);
    expect(all(deployed(), 'mapping')).toHaveLength(2);
    expect(all(deployed(), 'alarm')).toEqual([]);
  });
});

const SETTINGS = {
  ...{
    PRICES: '{"claude-opus-5-5":{"prices":[]}}',
    TIER_MODELS: 'economy=claude-haiku-5-5',
    MAX_OUTPUT_TOKENS: '4000',
  },
  ...{ LEAST_OUTPUT_TOKENS: '500', COMPACT_AT_TOKENS: '50000', COMPACTION: '0', REPETITION_GUARD: '0' },
  ...{ COUNT_TOKENS: 'always', WAKE_WINDOW_MS: '60000', REQUESTS_PER_MINUTE: '60', STREAMS_PER_USER: '2' },
  KEEP_ENDED_DAYS: '90',
};

describe.skipIf(!installed)('what a deployment may be told', () => {
  let project: Project;
  let diff: Diff;
  beforeAll(async () => {
    project = await startProject(
      {
        ...SECRETS,
        ...{
          NeonUrl: 'postgres://own:secret@own-pooler.example/db',
          UpstashUrl: 'https://own.example',
          UpstashToken: 'own',
          AnthropicAdminKey: 'sk-ant-admin-own',
          AnthropicWorkspaceId: 'wrkspc_own',
          ...{ UserDatabaseUrl: 'postgres://users:secret@own-pooler.example/db', StripeWebhookSecret: 'whsec_own' },
        },
      },
      { code: false },
    );
    const env = {
      DOMAIN: 'agents.example.com',
      ...{ ALARM_EMAIL: 'ops@example.com', ITERATIONS_AT_ONCE: '50', API_AT_ONCE: '30' },
      // One's own need no keys of the vendors.
      ...{ NEON_API_KEY: '', UPSTASH_API_KEY: '', UPSTASH_EMAIL: '' },
      ...SETTINGS,
    };
    diff = await project.diff({ stage: 'production', env });
  }, PATIENCE);
  afterAll(() => project?.close());
  const deployed = (): Deployed => ({ ...diff, production: true });

  it('is to use a database and a Redis of one’s own', () => {
    expect(diff.status, diff.output).toBe(0);
    expect(all(deployed(), 'neon')).toEqual([]);
    expect(all(deployed(), 'upstash')).toEqual([]);
  });

  it('is how to see the provider’s own report, which reconcile alone may', () => {
    const report = { ANTHROPIC_ADMIN_KEY: 'sk-ant-admin-own', ANTHROPIC_WORKSPACE_ID: 'wrkspc_own' };
    expect(diff.links.Reconcile).toMatchObject(report);
    for (const name of FUNCTIONS.filter((one) => one !== 'Reconcile'))
      for (const secret of Object.keys(report)) expect(diff.links[name]).not.toHaveProperty(secret);
  });

  it('is a login for users’ requests and the secret of payments, which the API alone may know', () => {
    const ofTheApi = {
      USER_DATABASE_URL: 'postgres://users:secret@own-pooler.example/db',
      STRIPE_WEBHOOK_SECRET: 'whsec_own',
    };
    expect(diff.links.Api).toMatchObject(ofTheApi);
    for (const name of FUNCTIONS.filter((one) => one !== 'Api'))
      for (const secret of Object.keys(ofTheApi)) expect(diff.links[name]).not.toHaveProperty(secret);
  });

  it('is every setting, which goes to those that work by it and to the one that is the first to refuse it', () => {
    for (const name of ['Api', 'Iterate', 'Migrate', 'Wake']) expect(diff.links[name]).toMatchObject(SETTINGS);
    const few: Record<string, string[]> = { DeadLetter: [], Reconcile: ['PRICES'] };
    for (const [name, told] of Object.entries(few))
      expect(Object.keys(SETTINGS).filter((setting) => setting in diff.links[name]!)).toEqual(told);
  });

  it('is to stand behind CloudFront at a domain of one’s own, which waits longer than streams are silent', () => {
    const types = diff.made.map(({ type }) => type);
    expect(types).toContain('aws:cloudfront/distribution:Distribution');
    const distribution = diff.made.find(({ type }) => type === 'aws:cloudfront/distribution:Distribution');
    expect(distribution?.inputs.aliases).toEqual(['agents.example.com']);
    expect(diff.made.filter((made) => /readTimeout\W+60\b/.test(JSON.stringify(made.inputs)))).toHaveLength(1);
  });

  describe.each(front)('at that domain, $name', ({ holds, mutants }) => {
    it('holds', () => holds(deployed()));
    it.each(Object.entries(mutants))('notices %s', (_, mutate) => {
      const mutant = { ...structuredClone({ ...diff, output: '' }), production: true };
      mutate(mutant);
      expect(() => holds(mutant)).toThrow();
    });
  });

  it('is whom to write to, when an alarm goes off and when it is over; and it says that AWS waits for a click', () => {
    const { topic, ...subscription } = inputs(deployed(), 'subscription');
    expect(subscription).toEqual({ protocol: 'email', endpoint: 'ops@example.com' });
    expect(all(deployed(), 'alarm')).toHaveLength(10);
    for (const { inputs: alarm } of all(deployed(), 'alarm'))
      expect([alarm.alarmActions, alarm.okActions, alarm.actionsEnabled]).toEqual([[topic], [topic], undefined]);
    expect(diff.outputs.alarms).toMatch(
      /^AWS has asked ops@example\.com .* before "Confirm subscription" .* is clicked/,
    );
  });

  it('is how much may run at once', () => {
    const limits = all(deployed(), 'mapping').flatMap(({ inputs: mapping }) => mapping.scalingConfig ?? []);
    expect(limits).toEqual([{ maximumConcurrency: 50 }]);
    expect(fn(deployed(), 'Api').reservedConcurrentExecutions).toBe(30);
  });
});
