/**
 * What a failed call proves about the provider's bill (R7). Only a clear refusal before the stream, or a connection that never came about,
 * proves that nothing was served; everything else may have been billed. Status 0 stands for a provider that could not be reached.
 */
import type { APIError } from '@anthropic-ai/sdk';
import type { Failure } from '../../core/input.ts';
import { FenceLost, Stopped } from '../../ports/index.ts';
import { BrokenStream, type Folded } from './stream.ts';

/** Client-side statuses that report a time-out or a hung-up caller: the work may have been done. */
const TIMEOUTS = new Set([408, 499]);
/** Errors of the system that come before a byte is sent: no such host, nobody listens. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND']);

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof BrokenStream ? `the reply could not be taken in: ${text}` : text;
}

/** Whatever a provider asks for, after a day it is tried again: a number from outside puts nobody to sleep for years. */
const LONGEST_WAIT_MS = 86_400_000;
const NUMBER = /^\s*\d+(\.\d+)?\s*$/;

const within = (ms: number): number | null =>
  Number.isNaN(ms) ? null : Math.ceil(Math.min(LONGEST_WAIT_MS, Math.max(0, ms)));

/**
 * `retry-after-ms`, else `retry-after` in seconds or as a date, as milliseconds from now: at least 0 and at most a day. Null when absent or
 * unreadable; a number below 0 is unreadable.
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | null {
  const exact = headers?.get('retry-after-ms') ?? '';
  if (NUMBER.test(exact)) return within(Number(exact));
  const text = headers?.get('retry-after') ?? '';
  if (NUMBER.test(text)) return within(Number(text) * 1_000);
  return /[a-z]/i.test(text) ? within(Date.parse(text) - now) : null;
}

/** True when every attempt to connect ended before a connection: an address may stand for several, of which one might have been reached. */
function neverReached(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverReached);
  if (UNREACHED.has(String((error as { code?: unknown }).code))) return true;
  return neverReached((error as { cause?: unknown }).cause);
}

const stoppedBy = (signal: AbortSignal): boolean =>
  signal.reason instanceof Stopped || signal.reason instanceof FenceLost;

/**
 * The failure of a call that ended with `error` (null: the stream just ended), of which `folded` had come (null: no message_start).
 * `ApiError` is the SDK's class of answers with a status.
 */
export function failureOf(
  error: unknown,
  folded: Folded | null,
  signal: AbortSignal,
  ApiError: typeof APIError,
): Failure {
  const aborted = signal.aborted ? `aborted: ${messageOf(signal.reason)}` : null;
  const message = aborted ?? (error === null ? 'the stream ended too early' : messageOf(error));
  const ours = aborted === null && error instanceof BrokenStream;
  const unusable = ours && { unusable: true as const };
  if (folded) {
    return {
      proof: 'cut',
      usage: folded.usage,
      model: folded.model,
      message,
      stopped: signal.aborted && stoppedBy(signal),
      ...unusable,
    };
  }
  if (ours) return { proof: 'unknown', status: null, message, ...unusable };
  if (neverReached(error)) return { proof: 'not_served', status: 0, code: 'unreachable', message, retryAfterMs: null };
  const status = error instanceof ApiError && typeof error.status === 'number' ? error.status : null;
  if (status === null || !(error instanceof ApiError)) return { proof: 'unknown', status: null, message };
  const refused = (status >= 400 && status < 500 && !TIMEOUTS.has(status)) || status === 529;
  if (!refused) return { proof: 'unknown', status, message };
  return {
    proof: 'not_served',
    status,
    code: error.errorCode ?? error.type ?? `http_${status}`,
    message: error.apiMessage ?? message,
    retryAfterMs: retryAfterMs(error.headers, Date.now()),
  };
}
