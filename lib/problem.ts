/**
 * The one error that callers over HTTP may see, as RFC 9457 describes it. Its `detail` is one or two sentences that say what happened,
 * what it means for money and work, and what to do. Whatever else is thrown answers as `internal_error`, without a word of its cause.
 */

/** Stable: programs branch on these. */
export const CODES = {
  invalid_json: [400, 'The body is not JSON'],
  unauthorized: [401, 'No valid key'],
  bad_signature: [401, 'The signature does not fit'],
  forbidden: [403, 'The key may not do this'],
  no_budget: [403, 'No budget is set'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  allowance_used: [409, 'The allowance of today is used'],
  session_ended: [409, 'The session has ended'],
  too_many_sessions: [409, 'Too many sessions'],
  too_many_webhooks: [409, 'Too many webhooks'],
  webhook_disabled: [409, 'The webhook is disabled'],
  too_many_schedules: [409, 'Too many schedules or triggers'],
  inbox_full: [409, 'Too many messages wait'],
  approval_closed: [409, 'The question is closed'],
  approval_changed: [409, 'The question is about something else'],
  file_clash: [409, 'A file is in the way'],
  workspace_full: [409, 'The workspace is full'],
  memory_full: [409, 'The memory is full'],
  idempotency_conflict: [409, 'The idempotency key belongs to another request'],
  precondition_failed: [412, 'The file has changed'],
  payload_too_large: [413, 'The body is too large'],
  invalid_archive: [422, 'The archive cannot be taken'],
  invalid_request: [422, 'The request is not valid'],
  unknown_model: [422, 'Unknown model'],
  retired_model: [422, 'The model is retired'],
  unknown_tier: [422, 'Unknown tier'],
  unknown_agent: [422, 'Unknown agent'],
  rate_limited: [429, 'Too many requests'],
  internal_error: [500, 'Something broke on our side'],
  unavailable: [503, 'A part of the system is away'],
} as const satisfies Record<string, readonly [number, string]>;

export type Code = keyof typeof CODES;

/** `type` of a problem: where /docs says what the code means. Relative to the deployment that answers, as RFC 9457 allows. */
export const typeOf = (code: string): string => `/docs/errors#${code}`;

export type ProblemStatus = (typeof CODES)[Code][0];

/** A field that was refused: `path` as in `metadata.a.0`, empty for the whole body. */
export type FieldError = { path: string; message: string };

/** Extra members and headers of the answer. `retryAfter`: whole seconds. */
export type Extra = { errors?: FieldError[]; retryAfter?: number; allow?: string[] };

export class Problem extends Error {
  override name = 'Problem';
  readonly code: Code;
  readonly status: ProblemStatus;
  readonly title: string;
  readonly detail: string;
  readonly extra: Extra;

  constructor(code: Code, detail: string, extra: Extra = {}) {
    super(`${code}: ${detail}`);
    this.code = code;
    [this.status, this.title] = CODES[code];
    this.detail = detail;
    this.extra = extra;
  }
}
