/** What holds where DOMAIN is set: as much protection as without it, and a firewall. */
import { expect } from 'vitest';
import { FRONT_HEADERS } from '../../../lib/http/front-headers.ts';
import { FRONT_SECRET } from '../kit/account.ts';
import { same } from '../kit/compare.ts';
import { type Deployed, FUNCTIONS, inputs, one, type Rule, remove, set } from '../kit/deployed.ts';

const edge = (d: Deployed) => inputs(d, 'edge', 'FrontCloudfrontFunctionRequest');
/** CloudFront's function, run as CloudFront runs it on a request from this address, as far as the router's own part. */
const carried = (d: Deployed, headers: Record<string, { value: string }>, ip: string) => {
  const code = String(edge(d).code);
  const own = code.slice(
    code.indexOf('{', code.indexOf('async function handler')) + 1,
    code.indexOf('if (event.request.headers.host'),
  );
  const event = { request: { headers }, viewer: { ip } };
  new Function('event', own)(event);
  return Object.fromEntries(Object.entries(event.request.headers).map(([name, { value }]) => [name, value]));
};

export const front: Rule[] = [
  {
    name: 'a firewall stands before CloudFront and blocks who asks more than three keys may; it judges no agent’s words',
    holds: (d) => {
      const waf = inputs(d, 'waf');
      expect(waf).toMatchObject({ scope: 'CLOUDFRONT', defaultAction: { allow: {} } });
      const limit = { rateBasedStatement: { aggregateKeyType: 'IP', limit: 10_000 } };
      const rules = waf.rules.map(({ visibilityConfig: _, ...rule }: { visibilityConfig: object }) => rule);
      same(rules, [{ name: 'RateLimitPerIP', priority: 0, action: { block: {} }, statement: limit }], 'rules');
      expect(inputs(d, 'distribution').webAclId).toMatch(new RegExp(`/${waf.name}$`));
    },
    mutants: {
      'no firewall': (d) => remove(d, 'waf'),
      'a firewall before nothing': (d) => set(inputs(d, 'distribution'), { webAclId: undefined }),
      'a firewall that only counts': (d) => set(inputs(d, 'waf').rules[0], { action: { count: {} } }),
      'one that stops goals with SQL in them': (d) =>
        void inputs(d, 'waf').rules.push({ name: 'AWSManagedRulesSQLiRuleSet' }),
    },
  },
  {
    name: 'CloudFront says who it is and who asks, over what a client says of itself; and the API alone is told how to know it',
    holds: (d) => {
      const forged = { [FRONT_HEADERS.secret]: { value: 'forged' }, [FRONT_HEADERS.address]: { value: '192.0.2.9' } };
      const said = { [FRONT_HEADERS.secret]: FRONT_SECRET, [FRONT_HEADERS.address]: '198.51.100.1' };
      same(carried(d, {}, '198.51.100.1'), said);
      same(carried(d, forged, '198.51.100.1'), said);
      for (const name of FUNCTIONS) expect(d.links[name]!.FRONT_SECRET).toBe(name === 'Api' ? FRONT_SECRET : undefined);
      expect(one(d, 'linkRef', 'ApiEnvLinkRef').secret).toContain('FRONT_SECRET');
      const [{ eventType }] = inputs(d, 'distribution').defaultCacheBehavior.functionAssociations;
      expect(eventType).toBe('viewer-request');
    },
    mutants: {
      'an origin that everybody may use': (d) => void delete d.links.Api!.FRONT_SECRET,
      'a secret that the worker knows': (d) => set(d.links.Iterate!, { FRONT_SECRET }),
      'another secret': (d) => set(edge(d), { code: edge(d).code.replace(FRONT_SECRET, 'another') }),
      'a client that says its own address': (d) =>
        set(edge(d), { code: edge(d).code.replace('= { value: event.viewer.ip }', '||= { value: event.viewer.ip }') }),
    },
  },
  {
    name: 'failed keys are limited as they are without a domain, by the setting’s own default',
    holds: (d) => expect(d.links.Api).not.toHaveProperty('FAILED_KEYS_PER_MINUTE'),
    mutants: { 'no limit': (d) => set(d.links.Api!, { FAILED_KEYS_PER_MINUTE: '0' }) },
  },
];
