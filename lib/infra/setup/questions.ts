/**
 * What setup must know, and where each answer comes from: a flag, the environment, the file `.env.NAME` of an earlier run, or a person at the
 * terminal. No secret has a flag, since command lines are visible to every user of the machine.
 */
import { UPSTASH_REGIONS } from '../check.ts';

/** `keys`: databases are made with the vendors' keys. `own`: they are there. `trial`: the vendors give them away for 72 hours. */
export type Databases = 'keys' | 'own' | 'trial';

/** Variables of the environment are the answers' names. */
export type Question = {
  name: AnswerName;
  message: string;
  flag?: string;
  secret?: true;
  default?: string;
  /** Choices and what they mean; without them any text. */
  choices?: Record<string, string>;
  /** Asked only with this choice of databases. */
  of?: Databases;
  optional?: true;
  /** What is wrong with an answer, as a part of a sentence, or null. */
  fault: (answer: string) => string | null;
};

export const ANSWERS = [
  'SST_STAGE',
  'DEPLOY_REGION',
  'ANTHROPIC_API_KEY',
  'SETUP_DATABASES',
  'NEON_API_KEY',
  'NEON_ORG_ID',
  'UPSTASH_EMAIL',
  'UPSTASH_API_KEY',
  'NEON_URL',
  'UPSTASH_URL',
  'UPSTASH_TOKEN',
  'SETUP_USER',
  'SETUP_BUDGET_DOLLARS',
] as const;
export type AnswerName = (typeof ANSWERS)[number];
export type Answers = Partial<Record<AnswerName, string>>;

const fine = (): null => null;
const like = (pattern: RegExp, otherwise: string) => (answer: string) => (pattern.test(answer) ? null : otherwise);
const printable = like(/^[\x21-\x7e]+$/, 'has a space or a line break, which no key has');
/** The smoke test needs 40 cents of a day's allowance, which is about a thirtieth. */
const LEAST_BUDGET = 15;

/** In the order in which they are asked. */
export const QUESTIONS: Question[] = [
  {
    ...{ name: 'SST_STAGE', flag: 'stage', message: 'Name of the stage', default: 'production' },
    // Function names end at 64 characters.
    fault: like(/^[a-z][a-z0-9-]{0,39}$/, 'is no name of up to 40 lower-case letters, digits and hyphens'),
  },
  {
    ...{ name: 'DEPLOY_REGION', flag: 'region', message: 'Region', default: 'us-east-1' },
    choices: Object.fromEntries(UPSTASH_REGIONS.map((region) => [region, ''])),
    fault: like(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is no region of AWS, such as us-east-1'),
  },
  {
    ...{ name: 'ANTHROPIC_API_KEY', message: 'Key of Anthropic, whose account pays for the model calls', secret: true },
    fault: printable,
  },
  {
    ...{
      name: 'SETUP_DATABASES',
      flag: 'databases',
      message: 'Postgres at Neon and Redis at Upstash',
      default: 'keys',
    },
    choices: {
      keys: 'made with my keys of Neon and Upstash',
      trial: 'given away by both vendors, without an account: deleted after 72 hours unless you claim them',
      own: 'there already: I have their addresses',
    },
    fault: like(/^(keys|own|trial)$/, 'is none of keys, own and trial'),
  },
  {
    name: 'NEON_API_KEY',
    message: "Key of Neon, best an organisation's own",
    secret: true,
    of: 'keys',
    fault: printable,
  },
  {
    ...{ name: 'NEON_ORG_ID', message: 'Organisation at Neon (only for a personal key)', of: 'keys', optional: true },
    fault: printable,
  },
  {
    ...{ name: 'UPSTASH_EMAIL', message: 'Account at Upstash (e-mail)', of: 'keys' },
    fault: like(/^[^\s@]+@[^\s@]+$/, 'is no e-mail address'),
  },
  { name: 'UPSTASH_API_KEY', message: 'Key of that account', secret: true, of: 'keys', fault: printable },
  {
    ...{ name: 'NEON_URL', message: 'Connection string of Postgres, pooled', secret: true, of: 'own' },
    fault: like(/^postgres(ql)?:\/\/\S+$/, 'is no connection string that begins with postgresql://'),
  },
  {
    ...{ name: 'UPSTASH_URL', message: 'REST address of Redis', of: 'own' },
    fault: like(/^https?:\/\/\S+$/, 'is no address that begins with https://'),
  },
  { name: 'UPSTASH_TOKEN', message: 'REST token of Redis', secret: true, of: 'own', fault: printable },
  {
    ...{ name: 'SETUP_USER', flag: 'user', message: 'Id of the first user', default: 'me' },
    fault: like(/^[\w.@-]{1,100}$/, 'is no id of letters, digits and . @ _ -'),
  },
  {
    ...{ name: 'SETUP_BUDGET_DOLLARS', flag: 'budget', message: 'Dollars a month of that user', default: '50' },
    fault: (answer) =>
      /^\d{1,6}$/.test(answer) && Number(answer) >= LEAST_BUDGET
        ? null
        : `is no whole number from ${LEAST_BUDGET}: the smoke test needs 40 cents of the first day`,
  },
];

/** Those that these answers leave open, known or not. */
export const questionsFor = (answers: Answers): Question[] =>
  QUESTIONS.filter(({ of }) => !of || of === answers.SETUP_DATABASES);

/** What was meant where nobody says it: vendors' keys or addresses that are all there. */
export function impliedDatabases(answers: Answers): Databases | null {
  if (answers.NEON_API_KEY && answers.UPSTASH_API_KEY && answers.UPSTASH_EMAIL) return 'keys';
  if (answers.NEON_URL && answers.UPSTASH_URL && answers.UPSTASH_TOKEN) return 'own';
  return null;
}

/** Which answers a sentence of lib/infra/check.ts speaks of. */
export function answersIn(fault: string): AnswerName[] {
  const named = ANSWERS.filter((name) => fault.includes(name));
  if (named.length > 0) return named;
  if (fault.includes('AnthropicApiKey')) return ['ANTHROPIC_API_KEY'];
  if (fault.includes('UpstashToken')) return ['UPSTASH_TOKEN'];
  return / has no (primary )?region /.test(fault) ? ['DEPLOY_REGION'] : [];
}

export const faultOf = ({ fault, optional }: Question, answer: string): string | null =>
  answer === '' ? (optional ? null : 'is empty') : (fault ?? fine)(answer);
