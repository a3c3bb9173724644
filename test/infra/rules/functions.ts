import { expect } from 'vitest';
import { LONGEST_CALL_MS } from '../../../lib/adapters/anthropic/index.ts';
import { readEnv } from '../../../lib/config/env.ts';
import { SETTINGS, type Setting } from '../../../lib/config/settings.ts';
import { MARGIN_MS } from '../../../lib/engine/perform.ts';
import { ACCOUNT, REGION } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import {
  all,
  arnOf,
  type Deployed,
  FUNCTIONS,
  fn,
  inputs,
  letters,
  one,
  PACKAGES,
  queue,
  type Rule,
  remove,
  set,
  stageOf,
} from '../kit/deployed.ts';
import { SECRETS } from '../kit/project.ts';

/** Megabytes and seconds of each function. */
const SIZES = {
  ...{ Api: [512, 900], DeadLetter: [512, 60], Iterate: [1024, 900] },
  ...{ Migrate: [512, 300], Reconcile: [512, 300], Sandbox: [1769, 60], Wake: [512, 300] },
};

/** What each function is linked, to the letter. */
const linksOf = (d: Deployed) => {
  const all = {
    DATABASE_URL: 'postgres://made:by@neon-pooler.example/db',
    METRICS_NAMESPACE: `circadian/${stageOf(d)}`,
  };
  const live = {
    UPSTASH_REDIS_REST_URL: 'https://made.upstash.example',
    UPSTASH_REDIS_REST_TOKEN: 'made-by-upstash',
  };
  const feed = { QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${queue(d).name}` };
  const schedules = {
    SCHEDULE_GROUP: `circadian-${stageOf(d)}-wake`,
    SCHEDULE_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/circadian-${stageOf(d)}-Ringer`,
    WAKE_FUNCTION_ARN: arnOf.function(fn(d, 'Wake')),
  };
  return {
    Api: { ...all, ...live, ...feed, ADMIN_API_KEY: SECRETS.AdminApiKey },
    DeadLetter: all,
    Iterate: {
      ...{ ...all, ...live, ...feed, ...schedules, ANTHROPIC_API_KEY: SECRETS.AnthropicApiKey },
      SANDBOX_FUNCTION: fn(d, 'Sandbox').name,
    },
    Migrate: all,
    Reconcile: { ...all, ...live },
    Sandbox: {},
    Wake: { ...all, ...live, ...feed },
  };
};

const isSecret = (name: string): boolean => Boolean((SETTINGS as Record<string, Setting>)[name]?.secret);

export const functions: Rule[] = [
  {
    name: 'every function runs Node 24 on arm64, with the memory and the time it was given',
    holds: (d) => {
      expect(
        all(d, 'function')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(PACKAGES.map((name) => `${name}Function`).sort());
      for (const name of PACKAGES) {
        expect(fn(d, name)).toMatchObject({ runtime: 'nodejs24.x', architectures: ['arm64'] });
        expect([fn(d, name).memorySize, fn(d, name).timeout]).toEqual(SIZES[name]);
      }
    },
    mutants: {
      'another runtime': (d) => set(fn(d, 'Wake'), { runtime: 'nodejs22.x' }),
      'another processor': (d) => set(fn(d, 'Api'), { architectures: ['x86_64'] }),
      'less memory': (d) => set(fn(d, 'Iterate'), { memorySize: 128 }),
      'the default timeout': (d) => set(fn(d, 'Iterate'), { timeout: 20 }),
      'a function that is not there': (d) => remove(d, 'function', 'DeadLetterFunction'),
    },
  },
  {
    name: 'B16: logs are JSON and kept for a week, in production for three months',
    holds: (d) => {
      expect(all(d, 'logs')).toHaveLength(FUNCTIONS.length);
      for (const { inputs: group } of all(d, 'logs')) expect(group.retentionInDays).toBe(d.production ? 90 : 7);
      for (const name of FUNCTIONS) expect(fn(d, name).loggingConfig.logFormat).toBe('JSON');
    },
    mutants: {
      'logs for ever': (d) => set(inputs(d, 'logs', 'ApiLogGroup'), { retentionInDays: 0 }),
      'logs as text': (d) => set(fn(d, 'Iterate').loggingConfig, { logFormat: 'Text' }),
      'a function without a group of its own': (d) => remove(d, 'logs', 'WakeLogGroup'),
    },
  },
  {
    name: 'B16: no secret stands in the environment of a function, and what it needs comes encrypted with its code',
    holds: (d) => {
      for (const name of FUNCTIONS) {
        const { variables } = fn(d, name).environment;
        expect(Object.keys(variables).sort()).toEqual(['SST_KEY', 'SST_KEY_FILE', 'SST_RESOURCE_App']);
        for (const secret of [...Object.values(SECRETS), 'made:by', 'made-by-upstash']) {
          expect(JSON.stringify(variables)).not.toContain(secret);
        }
      }
    },
    mutants: {
      'a key in clear': (d) =>
        set(fn(d, 'Iterate').environment.variables, { ANTHROPIC_API_KEY: SECRETS.AnthropicApiKey }),
      'a connection string in clear': (d) =>
        set(fn(d, 'Api').environment.variables, { SST_KEY: 'postgres://made:by@host' }),
    },
  },
  {
    name: 'B16: each function is linked what it needs, with the value that it needs, and nothing that it has no need of',
    holds: (d) => same(d.links, linksOf(d)),
    mutants: {
      'a wake that could call the model': (d) => set(d.links.Wake!, { ANTHROPIC_API_KEY: 'x' }),
      'an iterate that could play the operator': (d) => set(d.links.Iterate!, { ADMIN_API_KEY: 'x' }),
      'a migrate that knows more than the database': (d) => set(d.links.Migrate!, { UPSTASH_REDIS_REST_TOKEN: 'x' }),
      'a reconcile that was not given the provider’s report': (d) =>
        set(d.links.Reconcile!, { ANTHROPIC_ADMIN_KEY: 'x' }),
      'an API without its key': (d) => void delete d.links.Api!.ADMIN_API_KEY,
      'another key than the one that was set': (d) => set(d.links.Iterate!, { ANTHROPIC_API_KEY: 'x' }),
      'the dead letters in place of the queue': (d) =>
        set(d.links.Wake!, { QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${letters(d).name}` }),
      'another stage’s metrics': (d) => set(d.links.Reconcile!, { METRICS_NAMESPACE: 'circadian/else' }),
    },
  },
  {
    name: 'each function starts with what it is linked',
    holds: (d) => {
      for (const name of FUNCTIONS) {
        const of = `${name[0]!.toLowerCase()}${name.slice(1)}` as Uncapitalize<(typeof FUNCTIONS)[number]>;
        readEnv(d.links[name] as Record<string, string>, of);
      }
    },
    mutants: {
      'an address without its scheme': (d) => set(d.links.Wake!, { UPSTASH_REDIS_REST_URL: 'made.upstash.example' }),
      'a function that was given too little': (d) => void delete d.links.DeadLetter!.DATABASE_URL,
    },
  },
  {
    name: 'B16: what is linked and secret is encrypted in the state of the deployment, too',
    holds: (d) => {
      for (const name of FUNCTIONS) {
        const secrets = Object.keys(d.links[name]!).filter(isSecret);
        expect(secrets.length).toBeGreaterThan(0);
        same([...one(d, 'linkRef', `${name}EnvLinkRef`).secret].sort(), secrets.sort(), `${name}Env.secret`);
      }
    },
    mutants: {
      'a connection string in clear': (d) => set(one(d, 'linkRef', 'DeadLetterEnvLinkRef'), { secret: [] }),
    },
  },
  {
    name: 'B8: an iteration outlives the longest model call by what it takes to settle and save, a lost reply included',
    holds: (d) => {
      expect(MARGIN_MS).toBeGreaterThanOrEqual(20_000);
      expect(fn(d, 'Iterate').timeout * 1_000).toBeGreaterThanOrEqual(LONGEST_CALL_MS + MARGIN_MS);
    },
    mutants: {
      'a timeout in which the call fits, and what comes after it does not': (d) =>
        set(fn(d, 'Iterate'), { timeout: LONGEST_CALL_MS / 1_000 + 10 }),
      'a timeout shorter than the call': (d) => set(fn(d, 'Iterate'), { timeout: 600 }),
    },
  },
  {
    name: 'B12: the API streams its answers through a URL of its own, without CORS',
    holds: (d) => {
      const url = inputs(d, 'url');
      expect(url).toMatchObject({ invokeMode: 'RESPONSE_STREAM', authorizationType: 'NONE' });
      expect(url.functionName).toBe(fn(d, 'Api').name);
      expect(url.cors).toBeUndefined();
    },
    mutants: {
      'answers in one piece': (d) => set(inputs(d, 'url'), { invokeMode: 'BUFFERED' }),
      'CORS for everybody': (d) => set(inputs(d, 'url'), { cors: { allowOrigins: ['*'] } }),
      'the URL of another function': (d) => set(inputs(d, 'url'), { functionName: fn(d, 'Wake').name }),
      'a URL that asks for IAM': (d) => set(inputs(d, 'url'), { authorizationType: 'AWS_IAM' }),
    },
  },
  {
    name: 'everybody may ask the API, for which AWS wants two permissions since 2025, and no other function',
    holds: (d) => {
      const granted = all(d, 'permission').map(({ inputs: permission }) => permission);
      const everybody = { function: fn(d, 'Api').name, principal: '*' };
      expect(granted).toHaveLength(2);
      expect(granted).toContainEqual({
        ...everybody,
        ...{ action: 'lambda:InvokeFunctionUrl', functionUrlAuthType: 'NONE' },
      });
      expect(granted).toContainEqual({ ...everybody, action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true });
    },
    mutants: {
      'one of them alone': (d) => remove(d, 'permission', 'ApiInvokeFunction'),
      'leave past the URL': (d) => void delete inputs(d, 'permission', 'ApiInvokeFunction').invokedViaFunctionUrl,
      'another function': (d) =>
        set(inputs(d, 'permission', 'ApiPublicFunctionUrlAccess'), { function: fn(d, 'Migrate').name }),
    },
  },
  {
    name: 'the URL that a deployment prints can be followed by a path',
    holds: (d) => expect(d.outputs.url).toMatch(/^https:\/\/[^/]+$/),
    mutants: {
      'a slash at its end': (d) => set(d.outputs, { url: `${d.outputs.url}/` }),
      none: (d) => set(d.outputs, { url: undefined }),
    },
  },
  {
    name: 'B14: migrations run in every deployment, before the code that needs them',
    holds: (d) => {
      expect(inputs(d, 'invocation').functionName).toBe(fn(d, 'Migrate').name);
      expect(Number(inputs(d, 'invocation').triggers.at)).toBeGreaterThan(Date.now() - 600_000);
      for (const name of ['Api', 'DeadLetter', 'Iterate', 'Reconcile', 'Wake']) {
        expect(one(d, 'component', name).dependsOn).toContain('Migrated');
      }
    },
    mutants: {
      'migrations that never run': (d) => remove(d, 'invocation', 'Migrated'),
      'migrations that run once for all': (d) => set(inputs(d, 'invocation'), { triggers: {} }),
      'code that does not wait': (d: Deployed) => set(one(d, 'component', 'Iterate'), { dependsOn: [] }),
    },
  },
];
