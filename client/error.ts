import type { components } from './contract.ts';

type Problem = components['schemas']['Problem'];
type Told = Partial<Problem>;
type From = { status: number; headers: Headers };

/** A code of the API, or what kept a request from being answered: `unreachable`, `timeout`; `unknown`: an answer that is none of the API's. */
export type ErrorCode = Problem['code'] | 'unreachable' | 'timeout' | 'unknown';

/**
 * What a request failed with. `message` and `detail` are sentences for people: what happened, what it means for money and work, what to do.
 * Branch on `code`.
 */
export class CircadianError extends Error {
  override name = 'CircadianError';
  readonly code: ErrorCode;
  /** Of the answer; 0: there was none. */
  readonly status: number;
  readonly detail: string;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;
  /** Whole seconds until another try makes sense. */
  readonly retryAfter: number | null;
  /** Of `invalid_request`: the fields that were refused. */
  readonly errors: { path: string; message: string }[];

  constructor(code: ErrorCode, detail: string, from?: From, errors: Problem['errors'] = []) {
    super(detail);
    this.code = code;
    this.detail = detail;
    this.status = from?.status ?? 0;
    this.requestId = from?.headers.get('x-request-id') ?? null;
    this.retryAfter = secondsOf(from?.headers.get('retry-after'));
    this.errors = errors;
  }
}

/** What an answer says that is no success. `body`: as parsed from JSON, or the text of a machine in between. */
export function errorOf(body: unknown, response: From): CircadianError {
  const told: Told = typeof body === 'object' && body !== null ? body : {};
  const detail = told.detail ?? told.title ?? `The server answered HTTP ${response.status} without saying why.`;
  return new CircadianError(told.code ?? 'unknown', detail, response, told.errors);
}

/** Whole seconds of a `Retry-After`; null where there is none, or a date. */
export function secondsOf(header: string | null | undefined): number | null {
  return header && /^\d+$/.test(header) ? Number(header) : null;
}
