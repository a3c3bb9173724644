/**
 * What a deployment reads from the environment in which `sst deploy` runs, or from a file `.env.NAME`. An empty variable counts as none.
 * docs/configuration.md is made from these tables and from the table of settings.
 */
import { type FunctionName, SETTINGS, type Setting } from '../config/settings.ts';

/** `least` and `most`: a whole number. `pattern`: all of the value is of this form, which `form` says in words. */
type Option = { description: string; default: string } & (
  | { least: number; most: number }
  | { pattern: RegExp; form: string }
);

/** Options of the deployment itself, which no function reads. */
export const DEPLOY_OPTIONS = {
  DOMAIN: {
    description: 'A domain of yours on Route 53. CloudFront and a firewall then stand before the API.',
    default: 'none',
    pattern: /^([a-z0-9-]+\.)+[a-z]{2,}$/i,
    form: 'a name like agents.example.com',
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
      'Most iterations at once: the brake in front of the rate limit of the model. About its requests per minute ÷ 60 × 8.5.',
    default: '5, in production 20',
    least: 2,
    most: 1_000,
  },
  API_AT_ONCE: {
    description:
      'Most API requests at once, open event streams included. A new AWS account has 10 in all and lets none be reserved.',
    default: 'not reserved',
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

/** Settings that an operator may make as SST secrets: variable → name of the secret. */
export function optionalSecrets(): Record<string, string> {
  return Object.fromEntries(
    Object.entries<Setting>(SETTINGS).flatMap(([name, { requiredBy, sstSecret }]) =>
      sstSecret && !requiredBy ? [[name, sstSecret]] : [],
    ),
  );
}

/** Those of these values that this function reads. */
export function readBy(of: FunctionName, values: object): object {
  const rows: Record<string, Setting> = SETTINGS;
  return Object.fromEntries(Object.entries(values).filter(([name]) => rows[name]?.readBy?.includes(of)));
}

/** Throws one sentence, and so before anything is made. */
function refuse(name: string, what: string): never {
  throw new Error(`${name} is ${process.env[name]}: set it to ${what}, or not at all. Nothing has been changed.`);
}

type Numbers = 'ITERATIONS_AT_ONCE' | 'API_AT_ONCE' | 'ALARMS' | 'DASHBOARD' | 'CHECK_RIGHTS';
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

/** The options of this deployment. */
export function deployOptions(production: boolean) {
  const email = wordOf('ALARM_EMAIL');
  return {
    domain: wordOf('DOMAIN'),
    email,
    checkRights: numberOf('CHECK_RIGHTS', 1) === 1,
    alarms: numberOf('ALARMS', production || email !== undefined ? 1 : 0) === 1,
    dashboard: numberOf('DASHBOARD', production ? 1 : 0) === 1,
    atOnce: numberOf('ITERATIONS_AT_ONCE', production ? 20 : 5),
    apiAtOnce: numberOf('API_AT_ONCE', null),
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
