/**
 * The forms that a setting's value can take, as zod schemas over the text of a variable. docs/configuration.md prints what a schema says of
 * itself: default, range and choices, and `form` or `unit` where zod has no word for them.
 */
import * as z from 'zod';
import { MODEL_COST_WEIGHTS, parsePrices, withPrices } from '../budget/index.ts';

/** For secrets that the operator chooses. A shorter one could be guessed, and would not be kept out of the log. */
const SHORTEST_SECRET = 16;

/** The algorithms with a public key: a shared secret would let every reader of the setting sign tokens. */
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ');

export const text = z.string().min(1);

export const ownSecret = z
  .string()
  .min(SHORTEST_SECRET, `must be at least ${SHORTEST_SECRET} characters`)
  .meta({ form: `at least ${SHORTEST_SECRET} characters` });

/** Several secrets are valid at once while one replaces another. */
export const ownSecrets = z
  .string()
  .refine(
    (list) => commaSeparated(list).every((secret) => secret.length >= SHORTEST_SECRET),
    `must be at least ${SHORTEST_SECRET} characters each`,
  )
  .meta({ form: `comma-separated, at least ${SHORTEST_SECRET} characters each` });

const list = z.string().transform((value) => commaSeparated(value));

/** `TIER=VALUE` for several tiers. lib/world.ts checks the values, because it knows models and efforts. */
export function tiers(value: string) {
  return list.meta({ form: `\`TIER=${value}\`, comma-separated` }).optional();
}

export function flag(byDefault: '0' | '1') {
  return z
    .enum(['0', '1'])
    .default(byDefault)
    .transform((value) => value === '1');
}

/** A whole number. */
export function whole(unit: string, least: number, most?: number) {
  const number = z.coerce.number().int().min(least);
  return (most === undefined ? number : number.max(most)).meta({ unit });
}

/** The price table with these prices in it. */
export const prices = z
  .string()
  .transform((json, check) => {
    try {
      return withPrices(MODEL_COST_WEIGHTS, parsePrices(json));
    } catch (error) {
      check.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  })
  .meta({ form: 'JSON, as `lib/budget/price-config.ts` describes it' });

const isPrivate = (url: string): boolean => /^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url);

export const privateUrl = z
  .url()
  .refine(isPrivate, 'must be https')
  .meta({ form: 'URL with https; http for this machine only' });

/** As a header can carry it. */
export const headerKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be printable characters without blanks')
  .meta({ form: 'text without blanks' });

/** Where a service of the operator's own answers, in whatever network. */
export const ownService = z
  .string()
  .refine(isService, 'must be an http or https address without user name, query and fragment')
  .meta({ form: 'URL, http or https' });

function isService(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}

export const algorithms = list
  .pipe(z.array(z.enum(ASYMMETRIC)).min(1))
  .meta({ form: `comma-separated: ${ASYMMETRIC.join(', ')}` });

/** Origins of web pages, as a browser names them; `*` is every origin. */
export const origins = list
  .pipe(z.array(z.string().regex(/^(?:\*|https?:\/\/[^\s,/]+)$/, 'must be origins like https://a.example')).min(1))
  .meta({ form: 'comma-separated origins like https://a.example, or `*`' });

/** The parts of a comma-separated list. */
export function commaSeparated(list: string): string[] {
  return list.split(',').map((part) => part.trim());
}
