/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * Whether whoever deploys may make everything, asked of AWS before anything is made. deployer-policy.json has all the rights; AWS's own
 * simulator says which of them are missing.
 */
import { checkDeployment, givenBy, refuseFaults } from './check.ts';
import policy from './deployer-policy.json' with { type: 'json' };

type Place = { region: string; stage: string; domain: string | undefined };

/**
 * These SST has needed before its program runs, or needs for `sst dev` alone. Whoever may not simulate gets no answer at all, and whoever may not
 * read the quota does without.
 */
const NOT_ASKED = [
  'StateOfSst',
  'ParametersOfSst',
  'RepositoryOfSst',
  'SstDev',
  'CheckOfTheseRights',
  'QuotaOfFunctions',
];

/** Throws all that is wrong with the vendors' keys, the region and the rights, before anything is made. */
export async function refuseWhatCannotBe({ checkRights, ...place }: Place & { checkRights: boolean }): Promise<void> {
  const { faults, warnings } = await checkDeployment(givenBy(process.env, place.region));
  refuseFaults({ faults: [...faults, ...(checkRights ? await missingRights(place) : [])], warnings });
}

/**
 * The faults, as sentences; none where AWS does not answer: a policy may lack the right to simulate. It simulates resources of this stage's
 * names. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (the root user cannot be simulated).
 */
async function missingRights(place: Place): Promise<string[]> {
  const { accountId, arn } = await aws.getCallerIdentity();
  if (arn.endsWith(':root')) return [];
  const statements = policy.Statement.filter(
    ({ Sid }) => !NOT_ASKED.includes(Sid) && (Sid !== 'OnlyWithDomain' || place.domain !== undefined),
  );
  try {
    const { issuerArn } = await aws.iam.getSessionContext({ arn });
    const simulated = await Promise.all(
      statements.map(({ Action, Resource }) =>
        aws.iam.getPrincipalPolicySimulation({
          policySourceArn: issuerArn,
          actionNames: Action,
          resourceArns: Resource.map((resource) => ofThisStage(resource, accountId, place)),
        }),
      ),
    );
    const denied = simulated.flatMap(({ results }) => results.filter(({ allowed }) => !allowed));
    // One of several resources may be another statement's business: what counts is what is allowed for none.
    const granted = simulated.flatMap(({ results }) => results.filter(({ allowed }) => allowed)).map(nameOf);
    const missing = [...new Set(denied.map(nameOf))].filter((name) => !granted.includes(name));
    return missing.length === 0 ? [] : [sentence(issuerArn, missing)];
  } catch {
    return [];
  }
}

const nameOf = ({ actionName }: { actionName: string }): string => actionName;

const sentence = (who: string, missing: string[]): string =>
  `${who} may not deploy: ${missing.join(', ')} missing. Give it the policy in lib/infra/deployer-policy.json, or set CHECK_RIGHTS=0 if yours names its resources more narrowly.`;

/** A resource that the pattern means, with the names of this stage. */
function ofThisStage(pattern: string, account: string, { region, stage }: Place): string {
  if (pattern === '*') return pattern;
  const [arn, partition, service, where, whose, ...rest] = pattern.split(':');
  const name = rest.join(':').replaceAll('*', `${stage}-x`);
  return [arn, partition, service, where && region, whose && account, name].join(':');
}
