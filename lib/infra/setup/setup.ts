/**
 * From an empty AWS account to a deployment that works: collects the answers, checks all of them before anything is made, deploys, makes the
 * first user and runs the smoke test. What an earlier run wrote is taken up, so that it can be repeated after any failure.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { smoke } from '../../ops/smoke.ts';
import { type Addresses, checkDeployment, type Given } from '../check.ts';
import { concurrencyOf } from '../concurrency.ts';
import { deployOptions } from '../options.ts';
import { lookAtAws } from './aws.ts';
import { readVariables, type Variables, writeVariables } from './env-file.ts';
import { firstUser } from './first-user.ts';
import {
  ANSWERS,
  type AnswerName,
  type Answers,
  answersIn,
  faultOf,
  impliedDatabases,
  type Question,
  questionsFor,
} from './questions.ts';
import { deploy, loadSecrets } from './sst.ts';
import { makeTrial, type TrialAddresses } from './trial.ts';

export type SetupDeps = {
  /** Where sst.config.ts is. */
  root: string;
  env: Record<string, string | undefined>;
  /** Answers that flags gave. */
  flags: Answers;
  /** Null: nobody is there to be asked. */
  ask: ((question: Question) => Promise<string>) | null;
  show: (line: string) => void;
  addresses: Addresses & TrialAddresses;
  now: () => Date;
  /** Milliseconds between two looks of the smoke test. */
  pollMs?: number;
};

/** Wrong answers in a row after which the person is left alone. */
const TRIES = 5;

/** Resolves to the URL. Throws a sentence. */
export async function setup(deps: SetupDeps): Promise<string> {
  const { env, show, root } = deps;
  const given = known(deps);
  const stage = await answered(deps, given, 'SST_STAGE');
  const file = join(root, `.env.${stage}`);
  const kept = readVariables(file);
  for (const name of ANSWERS) given[name] ??= kept[name];
  await complete(deps, given);
  const answers = given as Record<AnswerName, string>;
  const account = await checked(deps, given, stage);

  const databases = answers.SETUP_DATABASES;
  if (databases === 'trial') Object.assign(given, await trial(deps, given));
  const adminKey = env.ADMIN_API_KEY || kept.ADMIN_API_KEY || randomBytes(24).toString('base64url');
  const made = databases === 'keys';
  const variables: Variables = {
    DEPLOY_REGION: answers.DEPLOY_REGION,
    ...pick(
      given,
      made
        ? ['NEON_API_KEY', 'NEON_ORG_ID', 'UPSTASH_EMAIL', 'UPSTASH_API_KEY']
        : ['NEON_URL', 'UPSTASH_URL', 'UPSTASH_TOKEN'],
    ),
    ADMIN_API_KEY: adminKey,
    SETUP_USER: answers.SETUP_USER,
  };
  writeVariables(file, variables);
  show(`The keys are in .env.${stage}, for later deployments; git leaves that file out.`);

  const secrets = {
    ...{ AnthropicApiKey: answers.ANTHROPIC_API_KEY, AdminApiKey: adminKey },
    ...(!made && { NeonUrl: answers.NEON_URL, UpstashUrl: answers.UPSTASH_URL, UpstashToken: answers.UPSTASH_TOKEN }),
  };
  const { ANTHROPIC_API_KEY: _, ADMIN_API_KEY: __, ...others } = env;
  const run = {
    stage,
    root,
    env: {
      ...others,
      ...pick(
        variables,
        Object.keys(variables).filter((name) => name !== 'ADMIN_API_KEY'),
      ),
    },
  };
  await loadSecrets(secrets, run);
  show(`Deploying ${stage} to ${answers.DEPLOY_REGION} of account ${account}. This takes some minutes.`);
  const url = await deploy(run);
  const key = await firstUser(
    { url, adminKey, user: answers.SETUP_USER, dollars: Number(answers.SETUP_BUDGET_DOLLARS), today: deps.now(), show },
    kept.CIRCADIAN_API_KEY,
  );
  writeVariables(file, { CIRCADIAN_URL: url, CIRCADIAN_API_KEY: key });
  show(
    `User ${answers.SETUP_USER} has $${answers.SETUP_BUDGET_DOLLARS} a month. The API key is CIRCADIAN_API_KEY in .env.${stage}.`,
  );
  await smoke({ url, key, show, ...(deps.pollMs !== undefined && { pollMs: deps.pollMs }) });
  return url;
}

const pick = (from: Record<string, string | undefined>, names: string[]): Variables =>
  Object.fromEntries(names.flatMap((name) => (from[name] ? [[name, from[name]]] : [])));

const known = ({ env, flags }: SetupDeps): Answers =>
  Object.fromEntries(ANSWERS.map((name) => [name, flags[name] ?? (env[name]?.trim() || undefined)]));

/** One answer, which the others need first. */
async function answered({ ask }: SetupDeps, given: Answers, name: AnswerName): Promise<string> {
  const question = questionsFor(given).find((one) => one.name === name)!;
  given[name] ??= ask ? await ask(question) : question.default;
  const fault = faultOf(question, given[name] ?? '');
  if (fault) throw new Error(`${name} ${fault}. Nothing has been changed.`);
  return given[name]!;
}

/** Asks for what is open, or names all of it at once. */
async function complete({ ask }: SetupDeps, given: Answers): Promise<void> {
  given.SETUP_DATABASES ??= impliedDatabases(given) ?? undefined;
  const missing: string[] = [];
  for (const name of ANSWERS) {
    const question = questionsFor(given).find((one) => one.name === name);
    if (!question || (question.optional && !ask)) continue;
    if (given[name] === undefined && ask) given[name] = await ask(question);
    else given[name] ??= name === 'SETUP_DATABASES' ? undefined : question.default;
    const fault = given[name] === undefined ? null : faultOf(question, given[name]);
    if (fault) throw new Error(`${name} ${fault}. Nothing has been changed.`);
    if (given[name] === undefined) missing.push(name === 'SETUP_DATABASES' ? DATABASES_MISSING : name);
  }
  if (missing.length > 0)
    throw new Error(
      `Missing: ${missing.join(', ')}. Set them in the environment, or run this in a terminal to be asked. Nothing has been changed.`,
    );
}

const DATABASES_MISSING =
  'SETUP_DATABASES (trial: databases for 72 hours), or NEON_API_KEY with UPSTASH_EMAIL and UPSTASH_API_KEY, or NEON_URL with UPSTASH_URL and UPSTASH_TOKEN';

/** Asks AWS and the vendors. At a terminal what is wrong is asked again. Returns the account. */
async function checked(deps: SetupDeps, given: Answers, stage: string): Promise<string> {
  const { ask, show, addresses } = deps;
  for (let tries = 1; ; tries += 1) {
    const region = given.DEPLOY_REGION!;
    const { id, quota } = await lookAtAws(region);
    const { atOnce, apiAtOnce } = deployOptions(stage === 'production');
    const { says } = concurrencyOf(quota, stage === 'production', { atOnce, apiAtOnce });
    const { faults, warnings } = await checkDeployment(givenBy(given, region), addresses);
    for (const sentence of warnings) show(sentence);
    if (faults.length === 0) {
      show(`AWS account ${id}. ${says}`);
      return id;
    }
    const again = questionsFor(given).filter(({ name }) => faults.flatMap(answersIn).includes(name));
    if (!ask || again.length === 0 || tries === TRIES) throw new Error(`${faults.join(' ')} Nothing has been changed.`);
    for (const sentence of faults) show(sentence);
    for (const question of again) given[question.name] = await ask(question);
  }
}

function givenBy(given: Answers, region: string): Given {
  const {
    NEON_API_KEY: neon,
    NEON_URL: postgres,
    UPSTASH_API_KEY: upstash,
    UPSTASH_EMAIL: email,
    UPSTASH_URL: url,
    UPSTASH_TOKEN: token,
  } = given;
  const databases = given.SETUP_DATABASES;
  return {
    region,
    neon: databases === 'keys' && neon ? { key: neon, organisation: given.NEON_ORG_ID || undefined } : null,
    postgres: databases === 'own' && postgres ? { url: postgres } : null,
    upstash: databases === 'keys' && upstash && email ? { key: upstash, email } : null,
    redis: databases === 'own' && url && token ? { url, token } : null,
    anthropic: given.ANTHROPIC_API_KEY ? { key: given.ANTHROPIC_API_KEY } : null,
  };
}

/** Those of an earlier run are kept: to lose them would lose their data. */
async function trial(
  { show, addresses }: SetupDeps,
  { NEON_URL, UPSTASH_URL, UPSTASH_TOKEN }: Answers,
): Promise<Answers> {
  if (NEON_URL && UPSTASH_URL && UPSTASH_TOKEN) return {};
  const { neonUrl, upstashUrl, upstashToken, claims } = await makeTrial(addresses);
  show('The trial databases are deleted after 72 hours, with all that agents did. To keep them, claim them here:');
  for (const claim of claims) show(`  ${claim}`);
  return { NEON_URL: neonUrl, UPSTASH_URL: upstashUrl, UPSTASH_TOKEN: upstashToken };
}
