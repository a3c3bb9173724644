/**
 * What a deployment reads from the environment in which `sst deploy` runs, or from a file `.env.NAME`. An empty variable counts as none.
 * docs/configuration.md is made from these tables and from the table of settings.
 */
import { missingForSearch } from '../config/search.ts';
import { type FunctionName, SETTINGS, type Setting } from '../config/settings.ts';
import { toolSecretVariable } from '../config/tool-secrets.ts';

/** `least` and `most`: a whole number. `pattern`: all of the value is of this form, which `form` says in words. */
type Option = { description: string; default: string } & (
  | { least: number; most: number }
  | { pattern: RegExp; form: string }
);

/** Sizes that Neon sells. Source: https://neon.com/docs/introduction/plans (Compute; copy of 2026-11-12) */
const COMPUTE_UNITS = /^(0?\.25|0?\.5|[1-9]|[1-4]\d|5[0-6])$/;
const COMPUTE_FORM = 'a number of compute units: 0.25, 0.5, or 1 to 56';

/** Options of the deployment itself, which no function reads. */
export const DEPLOY_OPTIONS = {
  DOMAIN: {
    description: 'A domain of yours on Route 53. CloudFront and a firewall then stand before the API.',
    default: 'none',
    pattern: /^([a-z0-9-]+\.)+[a-z]{2,}$/i,
    form: 'a name like agents.example.com',
  },
  DEPLOY_REGION: {
    description:
      'The region of everything, chosen once: another one is another deployment. Neon and Upstash must offer it.',
    default: 'us-east-1',
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
    form: 'a region such as us-east-1',
  },
  ALARM_EMAIL: {
    description: 'Where alarms write to.',
    default: 'none',
    pattern: /^[^\s@]+@[^\s@]+$/,
    form: 'an e-mail address',
  },
  CHECK_RIGHTS: {
    description:
      'Whether AWS is asked first if the credentials may make everything: `0` or `1`. `0` is for a policy that names resources more narrowly than `lib/infra/deployer-policy.json`.',
    default: '1',
    least: 0,
    most: 1,
  },
  ALARMS: {
    description:
      'Whether ten alarms watch the stage: `0` or `1`. Ten cost $1.00 a month, unless they are the first of the account.',
    default: '0; in production, or with `ALARM_EMAIL`, 1',
    least: 0,
    most: 1,
  },
  DASHBOARD: {
    description:
      'Whether there is a dashboard: `0` or `1`. It costs $3.00 a month, unless it is one of the first three of the account.',
    default: '0, in production 1',
    least: 0,
    most: 1,
  },
  // The range is AWS's rule (ScalingConfig of an event source mapping). A new AWS account runs 10 functions at once in all. What is throttled
  // waits in the queue; the recovery cron finds what Lambda drops after the visibility timeout.
  ITERATIONS_AT_ONCE: {
    description:
      'Most iterations at once: the brake in front of the rate limits of the model. `npm run simulate` reckons it from them.',
    default: '5, in production 20; at most a third of a small quota',
    least: 2,
    most: 1_000,
  },
  NEON_MIN_CU: {
    description: 'Smallest compute of the database made at Neon, while it is awake. One unit has about 4 GB of memory.',
    default: '0.25',
    pattern: COMPUTE_UNITS,
    form: COMPUTE_FORM,
  },
  NEON_MAX_CU: {
    description:
      'Largest compute, at most 8 above the smallest. The Free plan ends at 2, and above 16 both must be the same.',
    default: '2, or NEON_MIN_CU',
    pattern: COMPUTE_UNITS,
    form: COMPUTE_FORM,
  },
  NEON_RESTORE_HOURS: {
    description:
      'Hours back to which the database can be restored. Plans end at 6 (Free), 168 (Launch) and 720 (Scale).',
    default: '6',
    least: 0,
    most: 720,
  },
  // Twenty iterations at once, day and night, cost $190 a month there (test/capacity/tables.ts). 20 is Upstash's own default.
  UPSTASH_BUDGET: {
    description:
      'Dollars a month that the database made at Upstash may cost. Then Upstash throttles it until the next month.',
    default: '20, in production 250',
    least: 1,
    most: 1_000_000,
  },
  API_AT_ONCE: {
    description:
      'Most API requests at once, open event streams included. They are reserved: 100 of the quota must be left.',
    default: '10 %, in production 40 % of the quota, as far as AWS lets it be reserved',
    least: 1,
    most: 10_000,
  },
} as const satisfies Record<string, Option>;

/** What the providers of the vendors read. `instead`: the SST secret that names a database of one's own, which needs no key. */
export const VENDOR_KEYS = {
  NEON_API_KEY: {
    description: "Key of Neon, best an organisation's own. The deployment makes a Postgres database with it.",
    instead: 'NeonUrl',
  },
  NEON_ORG_ID: { description: 'The organisation at Neon that a personal key must name.', instead: null },
  UPSTASH_API_KEY: {
    description: 'Key of Upstash. The deployment makes a Redis database with it.',
    instead: 'UpstashUrl',
  },
  UPSTASH_EMAIL: { description: 'The account at Upstash that the key belongs to.', instead: 'UpstashUrl' },
} as const;

/** The settings that the environment sets and that this function reads. */
export function passedSettings(of: FunctionName): Record<string, string> {
  const names = Object.entries<Setting>(SETTINGS)
    .filter(([, { readBy, passedBy }]) => readBy?.includes(of) && passedBy?.includes('deploy'))
    .map(([name]) => name);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** Settings that an operator may make as SST secrets: variable → name of the secret. Refuses a deployment that chose what needs one, without it. */
export function optionalSecrets(): Record<string, string> {
  if (process.env.RUN_CODE === 'e2b' && !process.env.SST_SECRET_E2bApiKey)
    throw new Error(
      'RUN_CODE is e2b, and the key is missing: set it by `sst secret set E2bApiKey …`, or leave RUN_CODE out. Nothing has been changed.',
    );
  return Object.fromEntries(
    Object.entries<Setting>(SETTINGS).flatMap(([name, { requiredBy, sstSecret }]) =>
      sstSecret && !requiredBy ? [[name, sstSecret]] : [],
    ),
  );
}

/**
 * The secrets of the tools of circadian.config.ts: variable → name of the SST secret that sets it, such as `ToolSecretGithubToken` for
 * GITHUB_TOKEN. Refuses a deployment without a value for one.
 */
export function toolSecrets(names: readonly string[]): Record<string, string> {
  const secrets = Object.fromEntries(names.map((name) => [toolSecretVariable(name), `ToolSecret${pascal(name)}`]));
  const missing = Object.values(secrets).filter((secret) => !process.env[`SST_SECRET_${secret}`]);
  if (missing.length === 0) return secrets;
  throw new Error(
    `The tools of circadian.config.ts need ${missing.join(' and ')}: set each by \`sst secret set ${missing[0]} …\`. Nothing has been changed.`,
  );
}

const pascal = (name: string): string =>
  name
    .split('_')
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('');

/** Those of these values that this function reads. */
export function readBy(of: FunctionName, values: object): object {
  const rows: Record<string, Setting> = SETTINGS;
  return Object.fromEntries(Object.entries(values).filter(([name]) => rows[name]?.readBy?.includes(of)));
}

/** Throws one sentence, and so before anything is made. */
function refuse(name: string, what: string): never {
  throw new Error(`${name} is ${process.env[name]}: set it to ${what}, or not at all. Nothing has been changed.`);
}

type Numbers =
  | 'ITERATIONS_AT_ONCE'
  | 'API_AT_ONCE'
  | 'NEON_RESTORE_HOURS'
  | 'UPSTASH_BUDGET'
  | 'ALARMS'
  | 'DASHBOARD'
  | 'CHECK_RIGHTS';
type Words = Exclude<keyof typeof DEPLOY_OPTIONS, Numbers>;

/** Refused unless it is a whole number in the range of the option. */
function numberOf<T>(name: Numbers, otherwise: T): number | T {
  const { least, most } = DEPLOY_OPTIONS[name];
  const text = process.env[name]?.trim();
  if (!text) return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  return refuse(name, `a whole number from ${least} to ${most}`);
}

/** Refused unless it has the form of the option. */
function wordOf(name: Words): string | undefined {
  const { pattern, form } = DEPLOY_OPTIONS[name];
  const text = process.env[name]?.trim();
  if (!text) return undefined;
  return pattern.test(text) ? text : refuse(name, form);
}

/** Neon widens a compute by 8 units at most, and by itself up to 16; larger ones are of a fixed size. */
const WIDEST_CU = 8;
const LARGEST_SCALED_CU = 16;
/** The most that every plan of Neon allows. */
const FREE_CU = 2;

/**
 * Sizes of Neon's compute in units, and the seconds of history it keeps. Refused if Neon would refuse them half way through a deployment.
 * Sources: https://neon.com/docs/guides/autoscaling-guide (range), https://neon.com/docs/introduction/plans (sizes, restore window)
 */
function neonOptions() {
  const minCu = Number(wordOf('NEON_MIN_CU') ?? 0.25);
  const maxCu = Number(wordOf('NEON_MAX_CU') ?? Math.max(FREE_CU, minCu));
  if (maxCu < minCu) refuse('NEON_MAX_CU', `at least NEON_MIN_CU (${minCu})`);
  if (maxCu > LARGEST_SCALED_CU && maxCu !== minCu)
    refuse(
      'NEON_MAX_CU',
      `${LARGEST_SCALED_CU} at most, or to what NEON_MIN_CU is: Neon sells larger computes in fixed sizes`,
    );
  if (maxCu - minCu > WIDEST_CU)
    refuse(
      'NEON_MAX_CU',
      `${minCu + WIDEST_CU} at most: Neon widens a compute by ${WIDEST_CU} units, from NEON_MIN_CU (${minCu})`,
    );
  return { minCu, maxCu, restoreSeconds: numberOf('NEON_RESTORE_HOURS', 6) * 3_600 };
}

/** Refuses a search service without its key or address. */
function requireSearch(): void {
  const { SEARCH_SERVICE, SEARXNG_URL, SST_SECRET_SearchApiKey: SEARCH_API_KEY } = process.env;
  const missing = missingForSearch({ SEARCH_SERVICE, SEARXNG_URL, SEARCH_API_KEY }, { runsTools: true });
  if (missing === null) return;
  const how = missing === 'SEARCH_API_KEY' ? '`sst secret set SearchApiKey …`' : 'SEARXNG_URL';
  throw new Error(
    `SEARCH_SERVICE is ${SEARCH_SERVICE}, which needs more: set it by ${how}, or leave SEARCH_SERVICE out. Nothing has been changed.`,
  );
}

/** The options of this deployment. */
export function deployOptions(production: boolean) {
  wordOf('DEPLOY_REGION');
  requireSearch();
  const email = wordOf('ALARM_EMAIL');
  return {
    domain: wordOf('DOMAIN'),
    email,
    checkRights: numberOf('CHECK_RIGHTS', 1) === 1,
    alarms: numberOf('ALARMS', production || email !== undefined ? 1 : 0) === 1,
    dashboard: numberOf('DASHBOARD', production ? 1 : 0) === 1,
    atOnce: numberOf('ITERATIONS_AT_ONCE', null),
    apiAtOnce: numberOf('API_AT_ONCE', null),
    neon: neonOptions(),
    upstashBudget: numberOf('UPSTASH_BUDGET', production ? 250 : 20),
  };
}

/** Refuses a deployment that lacks a vendor's keys: the vendor's own provider says in riddles what is missing. */
export function requireVendorKeys(vendor: string, instead: 'NeonUrl' | 'UpstashUrl'): void {
  const keys = Object.entries(VENDOR_KEYS).filter(([, key]) => key.instead === instead);
  const missing = keys.map(([name]) => name).filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  throw new Error(
    `${missing.join(' and ')} missing: set what ${vendor} gave you, or bring your own by \`sst secret set ${instead} …\`. Nothing has been changed.`,
  );
}
