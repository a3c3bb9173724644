/// <reference path="../../.sst/platform/config.d.ts" />
/** Postgres and Redis: made with the rest at Neon and Upstash, or brought along by secrets. */
import { requireVendorKeys } from './options.ts';

/** A secret that may be left out. */
const brought = (name: string) => (process.env[`SST_SECRET_${name}`] ? new sst.Secret(name).value : null);

/** Variables of a function → secrets, of which those that were set count. */
export const broughtAs = (secrets: Record<string, string>): object =>
  Object.fromEntries(
    Object.entries(secrets).flatMap(([variable, name]) => {
      const value = brought(name);
      return value ? [[variable, value]] : [];
    }),
  );

type Given = {
  prefix: string;
  region: string;
  production: boolean;
  /** Units of Neon's compute, and seconds of its history. */
  neon: { minCu: number; maxCu: number; restoreSeconds: number };
  /** Dollars a month, after which Upstash throttles. */
  upstashBudget: number;
};

/** `databaseUrl`: pooled. */
export function data({ prefix, region, production, neon: size, upstashBudget }: Given) {
  // `removal` does not reach providers other than AWS's.
  const keep = { protect: production, retainOnDelete: production };
  // A personal key of a Neon account that belongs to an organisation must name it; an organisation's own key need not.
  const organisation = process.env.NEON_ORG_ID ? { orgId: process.env.NEON_ORG_ID } : {};
  const makeDatabase = () =>
    new neon.Project(
      'Neon',
      {
        ...{ name: prefix, regionId: `aws-${region}`, pgVersion: 17, historyRetentionSeconds: size.restoreSeconds },
        // What Neon gives a project without sizes depends on the account.
        defaultEndpointSettings: { autoscalingLimitMinCu: size.minCu, autoscalingLimitMaxCu: size.maxCu },
        ...organisation,
      },
      keep,
    ).connectionUriPooler;
  const makeRedis = () => {
    const database = {
      ...{ databaseName: prefix, region: 'global', primaryRegion: region, tls: true, eviction: false },
      budget: upstashBudget,
    };
    const redis = new upstash.RedisDatabase('Upstash', database, keep);
    return { url: $interpolate`https://${redis.endpoint}`, token: redis.restToken };
  };
  const neonUrl = brought('NeonUrl');
  const upstashUrl = brought('UpstashUrl');
  if (!neonUrl) requireVendorKeys('Neon', 'NeonUrl');
  if (!upstashUrl) requireVendorKeys('Upstash', 'UpstashUrl');
  return {
    databaseUrl: neonUrl ?? makeDatabase(),
    redis: upstashUrl ? { url: upstashUrl, token: new sst.Secret('UpstashToken').value } : makeRedis(),
  };
}
