/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * The account's functions at once in this region, as AWS has them now: 1,000 by default and 10 in a new account. Null where they cannot be
 * read, such as without the right `servicequotas:GetServiceQuota`, which must not keep anybody from deploying.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (Concurrent executions, L-B99A9384)
 */
export async function quota(): Promise<number | null> {
  const { value } = await aws.servicequotas
    .getServiceQuota({ serviceCode: 'lambda', quotaCode: 'L-B99A9384' })
    .catch(() => ({ value: null }));
  return typeof value === 'number' && value > 0 ? value : null;
}
