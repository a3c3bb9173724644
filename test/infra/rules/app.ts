/** What holds of the deployment as a whole: the app, its providers, the region, the data, and what outlives its stage. */
import { expect } from 'vitest';
import { REGION } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import { inputs, one, type Rule, set, stageOf, TYPES } from '../kit/deployed.ts';

const isData = (type: string): boolean => type === TYPES.neon || type === TYPES.upstash;

/** Regions in ARNs; those of global services have none. */
const regionsIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/arn:aws:[a-z0-9-]+:([a-z0-9-]+):/g)].map(([, region]) => region!);

export const app: Rule[] = [
  {
    name: 'the app keeps what production has, its providers are those that were tried, and AWS’s makes all of it in one region',
    holds: (d) => {
      same(
        d.app,
        {
          ...{ name: 'circadian', home: 'aws', protect: d.production, removal: d.production ? 'retain' : 'remove' },
          providers: {
            aws: { region: REGION },
            neon: { package: '@sst-provider/neon', version: '0.13.0' },
            upstash: { package: '@upstash/pulumi', version: '0.5.0' },
          },
        },
        'app',
      );
      const tags = { tags: { 'sst:app': 'circadian', 'sst:stage': stageOf(d) } };
      same(
        d.config,
        {
          ...{ 'aws:region': REGION, 'aws:defaultTags': JSON.stringify(tags) },
          ...{ 'neon:version': '0.13.0', 'upstash:version': '0.5.0' },
        },
        'config',
      );
      for (const part of [d.made, d.links]) expect([...new Set(regionsIn(part))]).toEqual([REGION]);
    },
    mutants: {
      'a provider of another region': (d) => set(d.config, { 'aws:region': 'eu-west-1' }),
      'a queue elsewhere': (d) => set(d.links.Iterate!, { WAKE_FUNCTION_ARN: 'arn:aws:lambda:eu-west-1:1:function:f' }),
      'a removal against its stage': (d) => set(d.app as object, { removal: d.production ? 'remove' : 'retain' }),
      'a stage that anybody may remove, or nobody': (d) => set(d.app as object, { protect: !d.production }),
      'another version of a provider': (d) => set(d.config, { 'neon:version': '0.14.0' }),
    },
  },
  {
    name: 'B14: only the data outlives its stage, and in production alone: a name that stays would stop the next deployment',
    holds: (d) => {
      for (const { type, name, protect, retainOnDelete } of d.made) {
        const kept = isData(type) && d.production;
        same({ protect, retainOnDelete }, { protect: kept, retainOnDelete: kept }, name);
      }
      expect(d.outputs._protect).toBe(d.production);
    },
    mutants: {
      'another protection': (d) => set(one(d, 'neon'), { protect: !d.production }),
      'data that goes or stays against its stage': (d) => set(one(d, 'upstash'), { retainOnDelete: !d.production }),
      'a group of schedules that stays': (d) => set(one(d, 'scheduleGroup'), { retainOnDelete: true }),
      'a stage that anybody may remove, or nobody': (d) => set(d.outputs, { _protect: !d.production }),
    },
  },
  {
    name: 'B14, B15: Postgres and Redis are made in the deployment’s region, as their vendors take them',
    holds: (d) => {
      same(inputs(d, 'neon'), { ...NEON, name: `circadian-${stageOf(d)}` }, 'neon');
      const budget = d.production ? 250 : 20;
      same(inputs(d, 'upstash'), { ...UPSTASH, budget, databaseName: `circadian-${stageOf(d)}` }, 'upstash');
    },
    mutants: {
      'an organisation that nobody named': (d) => set(inputs(d, 'neon'), { orgId: 'org-x' }),
      'another region': (d) => set(inputs(d, 'neon'), { regionId: 'aws-eu-central-1' }),
      'a history that Neon’s Free plan refuses': (d) => set(inputs(d, 'neon'), { historyRetentionSeconds: 86_400 }),
      'a compute that the Free plan does not have': (d) =>
        set(inputs(d, 'neon').defaultEndpointSettings, { autoscalingLimitMaxCu: 4 }),
      'sizes that Neon chooses': (d) => void delete inputs(d, 'neon').defaultEndpointSettings,
      'the budget of the provider, which throttles a working production': (d) =>
        void delete inputs(d, 'upstash').budget,
      'counters that Redis may drop': (d) => set(inputs(d, 'upstash'), { eviction: true }),
      'a Redis in clear': (d) => set(inputs(d, 'upstash'), { tls: false }),
    },
  },
];

/** What every plan of Neon has, the Free one among them. */
const NEON = {
  ...{ regionId: `aws-${REGION}`, pgVersion: 17, historyRetentionSeconds: 21_600 },
  defaultEndpointSettings: { autoscalingLimitMinCu: 0.25, autoscalingLimitMaxCu: 2 },
};
const UPSTASH = { region: 'global', primaryRegion: REGION, tls: true, eviction: false };
