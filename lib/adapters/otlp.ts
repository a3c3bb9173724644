/**
 * Posts spans to a receiver of OTLP/HTTP in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp (1.9). The operator named its address, so it may
 * stand in a private network or on this machine, and be asked by plain http. Redirects are not followed, because the headers are meant for it alone.
 */
import * as z from 'zod';
import type { SpanReceiver, SpansAnswer } from '../ports/index.ts';
import { ask, type Reach, RefusedError, TimeoutError } from '../ssrf/request.ts';

/** OpenTelemetry's own default for an export. */
const TIMEOUT_MS = 10_000;
/** An answer is a few bytes, or the sentence of why spans were rejected. */
const MOST_BYTES = 16_384;
const MOST_REASON = 200;

/** The bytes themselves are at fault: the same will never be taken. */
const REFUSED = new Set([400, 413, 422]);

export type ReceiverOptions = { url: string; headers: Record<string, string>; timeoutMs?: number; reach?: Reach };

/** What the specification calls for no retry after, 401 and 404 among it, is here `away`: the operator mends address or key, and nothing is lost meanwhile. */
export function otlpReceiver({ url, headers, timeoutMs = TIMEOUT_MS, reach }: ReceiverOptions): SpanReceiver {
  const { origin } = new URL(url);
  const sent = { ...headers, 'content-type': 'application/json', 'user-agent': 'Circadian' };
  return {
    async post(body): Promise<SpansAnswer> {
      try {
        const asking = { method: 'POST', headers: sent, body, timeoutMs, maxBytes: MOST_BYTES };
        const { status, headers: told, body: answer } = await ask(url, asking, { origin }, reach);
        const reason = `HTTP ${status}`;
        if (status >= 200 && status < 300) return partOf(Buffer.from(answer).toString());
        if (REFUSED.has(status)) return { type: 'refused', reason };
        return { type: 'away', reason, waitMs: waitOf(told['retry-after']) };
      } catch (error) {
        return { type: 'away', reason: causeOf(error), waitMs: null };
      }
    },
  };
}

/** 64-bit integers of protobuf's JSON are strings, and may be numbers. */
const Answer = z.object({
  partialSuccess: z.object({
    rejectedSpans: z.coerce.number().int().min(0).default(0),
    errorMessage: z.string().default(''),
  }),
});

/** Rejected spans are not sent again: the specification says so. An answer in other words than its own took everything. */
function partOf(text: string): SpansAnswer {
  const read = Answer.safeParse(parsed(text));
  if (!read.success) return { type: 'taken', rejected: 0, reason: null };
  const { rejectedSpans: rejected, errorMessage } = read.data.partialSuccess;
  return { type: 'taken', rejected, reason: errorMessage.slice(0, MOST_REASON) || null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function waitOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - Date.now());
}

/** Nothing of the address, whose path may be a secret. */
function causeOf(error: unknown): string {
  if (error instanceof RefusedError) return `not asked: the address ${error.message}`;
  if (error instanceof TimeoutError) return 'no answer in time';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? code : 'the connection failed';
}
