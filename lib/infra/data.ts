/// <reference path="../../.sst/platform/config.d.ts" />
/** Postgres and Redis: made with the rest at Neon and Upstash, or brought along by secrets. */

/** A secret that may be left out. */
export const brought = (name: string) => (process.env[`SST_SECRET_${name}`] ? new sst.Secret(name).value : null);

type Given = { prefix: string; region: string; production: boolean };

/** `databaseUrl`: pooled. */
export const data = ({ prefix, region, production }: Given) => {
  // `removal` does not reach providers other than AWS's.
  const keep = { protect: production, retainOnDelete: production };
  // A personal key of a Neon account that belongs to an organisation must name it; an organisation's own key need not.
  const organisation = process.env.NEON_ORG_ID ? { orgId: process.env.NEON_ORG_ID } : {};
  const makeDatabase = () =>
    new neon.Project(
      'Neon',
      { name: prefix, regionId: `aws-${region}`, pgVersion: 17, historyRetentionSeconds: 21_600, ...organisation },
      keep,
    ).connectionUriPooler;
  const makeRedis = () => {
    const database = { databaseName: prefix, region: 'global', primaryRegion: region, tls: true, eviction: false };
    const redis = new upstash.RedisDatabase('Upstash', database, keep);
    return { url: $interpolate`https://${redis.endpoint}`, token: redis.restToken };
  };
  const upstashUrl = brought('UpstashUrl');
  return {
    databaseUrl: brought('NeonUrl') ?? makeDatabase(),
    redis: upstashUrl ? { url: upstashUrl, token: new sst.Secret('UpstashToken').value } : makeRedis(),
  };
};
