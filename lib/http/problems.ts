import { z } from '@hono/zod-openapi';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { UnknownCursor } from '../ports/index.ts';
import { CODES, type Code, type FieldError, Problem, typeOf } from '../problem.ts';
import type { HttpEnv, Ready } from './deps.ts';

export const ProblemJson = z
  .object({
    type: z
      .string()
      .openapi({ description: 'Where this deployment says what the `code` means.', example: typeOf('not_found') }),
    title: z.string().openapi({ description: 'What the `code` means: the same for all such problems.' }),
    status: z.int().openapi({ description: 'The status of the answer.', example: 404 }),
    code: z.enum(Object.keys(CODES) as [Code, ...Code[]]),
    detail: z.string().openapi({ description: 'What happened, what it means for money and work, and what to do.' }),
    instance: z.string().openapi({ description: 'Names this request in the logs.' }),
    errors: z
      .array(
        z.object({
          path: z.string().openapi({ description: 'As in `metadata.a.0`; empty: the whole body.' }),
          message: z.string().openapi({ description: 'What must be.' }),
        }),
      )
      .optional()
      .openapi({ description: 'Of `invalid_request`: the fields that were refused, the first 20 of them.' }),
  })
  .openapi('Problem', { description: 'RFC 9457. Branch on `code`; it is stable.' });

/** More than a reader mends at once. */
const MOST_FAULTS = 20;

/** Every problem that any keyed route can answer with. */
const ALWAYS: Code[] = [
  'unauthorized',
  'forbidden',
  'invalid_request',
  'rate_limited',
  'internal_error',
  'unavailable',
];
/** And those of routes that take a body. */
export const OF_BODIES: Code[] = ['invalid_json', 'payload_too_large', 'invalid_request'];

/**
 * The problem responses of a route, for its contract. The type says nothing on purpose: handlers throw problems, they do not return them,
 * so their return type is that of success alone.
 */
export const problems = (...codes: Code[]): Record<never, never> => described(...codes, ...ALWAYS);

/** The same with no others than these. */
export function described(...codes: Code[]): Record<never, never> {
  const byStatus = Object.groupBy(new Set(codes), (code) => CODES[code][0]);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, list = []]) => [
      status,
      {
        description: list.map((code) => `\`${code}\`: ${CODES[code][1]}`).join('; '),
        content: { 'application/problem+json': { schema: ProblemJson } },
      },
    ]),
  );
}

/** For `defaultHook`: a failed validation names its fields. A path that cannot name anything is simply not found. */
export function refuseInvalid(
  result: { success: boolean; target: string; error?: z.ZodError },
  c?: { req: { path: string } },
): void {
  if (result.success || !result.error) return;
  const { issues } = result.error;
  if (result.target === 'param' && !issues.some((issue) => issue.path[0] === 'user_id'))
    throw notFound(nounOf(c?.req.path ?? ''));
  throw invalid(issues.slice(0, MOST_FAULTS).flatMap(fieldsOf));
}

const NOUNS = { schedules: 'schedule', triggers: 'trigger', webhooks: 'webhook', memories: 'memory' };

/** What an address is of, as `notFound` calls it. */
const nounOf = (path: string): string => NOUNS[path.split('/')[2] as keyof typeof NOUNS] ?? 'session';

const fieldsOf = (issue: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys
        .slice(0, MOST_FAULTS)
        .map((key) => ({ path: [...issue.path, key].join('.').slice(0, 200), message: 'Unknown field' }))
    : [{ path: issue.path.join('.').slice(0, 200), message: sentenceOf(issue) }];

const ARTICLES: Record<string, string> = { array: 'a list', int: 'a whole number', object: 'an object' };

/** What must be, in the words of the field. What a schema says of its own accord stays. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  const most = (value: number | bigint, unit: string) => `Must be at most ${value}${unit}`;
  const least = (value: number | bigint, unit: string) => `Must be at least ${value}${unit}`;
  if (!/^(?:Invalid (?:input|option)|Too (?:big|small)): /.test(message)) return message;
  if (issue.code === 'invalid_type')
    return / received undefined$/.test(message)
      ? 'Is required'
      : `Must be ${ARTICLES[issue.expected] ?? `a ${issue.expected}`}`;
  if (issue.code === 'invalid_value') return `Must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'too_big') return most(issue.maximum, unitOf(issue.origin));
  if (issue.code === 'too_small') return least(issue.minimum, unitOf(issue.origin));
  return message;
}

const unitOf = (origin: string): string => ({ string: ' characters', array: ' items' })[origin] ?? '';

export function invalid(errors: FieldError[]): Problem {
  const list = errors.slice(0, MOST_FAULTS);
  const fields = list.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return new Problem(
    'invalid_request',
    `Not valid: ${fields}. Nothing was done and nothing was spent; correct it and send it again.`,
    { errors: list },
  );
}

export const notFound = (what = 'session'): Problem =>
  new Problem(
    'not_found',
    `There is no such ${what} for you. Nothing was done and nothing was spent; check the address.`,
  );

/** Problems as they are; all else is logged with its cause and answered without it. */
export const onError =
  (deps: Ready): ErrorHandler<HttpEnv> =>
  (error, c) => {
    if (error instanceof Problem) return respond(c, error);
    if (error instanceof UnknownCursor)
      return respond(c, invalid([{ path: 'cursor', message: 'Must be a `next_cursor` of this list' }]));
    if (error instanceof HTTPException && error.status < 500) {
      return respond(c, new Problem('invalid_request', `${error.message}. Nothing was done.`));
    }
    deps.log({ level: 'error', message: 'request failed', request: c.get('requestId'), error: String(error.stack) });
    return respond(
      c,
      new Problem(
        'internal_error',
        'Something unexpected happened. What was already saved is kept, and running sessions go on; repeat the request with the same Idempotency-Key, and tell the operator the `instance` if it stays.',
      ),
    );
  };

export function respond(c: Context<HttpEnv>, problem: Problem): Response {
  const { code, status, title, detail, extra } = problem;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="circadian"';
  if (extra.retryAfter) headers['retry-after'] = String(extra.retryAfter);
  if (extra.allow) headers.allow = extra.allow.join(', ');
  const instance = `urn:circadian:request:${c.get('requestId')}`;
  const body = { type: typeOf(code), title, status, code, detail, instance, errors: extra.errors };
  return c.body(JSON.stringify(body), status, headers);
}
