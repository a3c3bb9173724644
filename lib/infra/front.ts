/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * What stands before the API at a domain of one's own: CloudFront with a firewall. Lambda's URL stays public, since CloudFront's own signature
 * would ask every client for a hash of its body; so the API answers there only who carries the secret that CloudFront adds.
 */
import { FRONT_HEADERS } from '../http/front-headers.ts';

/**
 * Most requests of one address in five minutes, the firewall's own window: three keys at their limits (REQUESTS_PER_MINUTE) and more.
 * Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
 */
const REQUESTS_PER_ADDRESS = 10_000;
const SECRET_LENGTH = 40;

/** `secret`: what the API must be given as FRONT_SECRET. It stays the same over deployments. */
export async function makeFront(domain: string) {
  const { RandomPassword } = await import('@pulumi/random');
  const secret = $util.secret(new RandomPassword('FrontSecret', { length: SECRET_LENGTH, special: false }).result);
  const router = new sst.aws.Router('Front', {
    domain,
    // AWS's managed rules look for SQL and scripts, of which the goals and files of agents are full.
    waf: {
      rateLimitPerIp: REQUESTS_PER_ADDRESS,
      managedRules: { coreRuleSet: false, knownBadInputs: false, sqlInjection: false },
    },
    edge: {
      viewerRequest: {
        injection: $interpolate`event.request.headers["${FRONT_HEADERS.secret}"] = { value: "${secret}" };
  event.request.headers["${FRONT_HEADERS.address}"] = { value: event.viewer.ip };`,
      },
    },
  });
  return { router, secret };
}
