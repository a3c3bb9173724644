/** How requests go out: with a key, for so long, again where that is safe, and with one Idempotency-Key over all tries. */
import { CircadianError, secondsOf } from './error.ts';

export type ClientOptions = {
  /** Of the deployment, as `npm start` and a deployment print it. */
  url: string;
  /** An API key or a token; a function is asked before each request, for tokens that expire. */
  key: string | (() => string | Promise<string>);
  /** The global one by default. */
  fetch?: typeof fetch;
  /** The longest that an answer, or a sign of life of a stream, may take; 30 seconds by default. */
  timeoutMs?: number;
  /** Tries after the first; 3 by default. */
  retries?: number;
};

export type Transport = {
  url: string;
  timeoutMs: number;
  /** Once, without a limit of time, with the key. */
  send(request: Request): Promise<Response>;
  /** With everything else. Throws `CircadianError` where no answer came, and the reason of a signal that was aborted. */
  ask(request: Request): Promise<Response>;
};

const PASSING = new Set([502, 503, 504]);
const FIRST_PAUSE_MS = 250;
/** A caller who is told to come back later than this is told so, and not kept waiting. */
const LONGEST_PAUSE_MS = 20_000;

export function transportOf({ url, key, fetch: given, timeoutMs = 30_000, retries = 3 }: ClientOptions): Transport {
  const fetch = given ?? globalThis.fetch;

  async function send(request: Request): Promise<Response> {
    request.headers.set('authorization', `Bearer ${typeof key === 'function' ? await key() : key}`);
    return await fetch(request);
  }

  /** One try. JSON is read whole, so that an answer that breaks off is a failure of this try. */
  async function attempt(request: Request): Promise<Response> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), timeoutMs);
    try {
      const response = await send(new Request(request, { signal: AbortSignal.any([request.signal, timer.signal]) }));
      if (response.status === 204 || !/json/.test(response.headers.get('content-type') ?? '')) return response;
      const { status, statusText, headers } = response;
      return new Response(await response.arrayBuffer(), { status, statusText, headers });
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      throw unanswered(request, timer.signal.aborted ? timeoutMs : null, error);
    } finally {
      clearTimeout(timeout);
    }
  }

  async function ask(request: Request): Promise<Response> {
    const repeatable = isRepeatable(request);
    if (/^(POST|PATCH)$/.test(request.method) && repeatable && !request.headers.has('idempotency-key'))
      request.headers.set('idempotency-key', crypto.randomUUID());
    let inDoubt = false;
    for (let failures = 0; ; failures++) {
      const last = failures >= retries;
      let pauseMs = FIRST_PAUSE_MS * 2 ** failures * (1 + Math.random());
      try {
        const response = await attempt(last ? request : request.clone());
        if (inDoubt && request.method === 'DELETE' && response.status === 404)
          return new Response(null, { status: 204 });
        const passing = PASSING.has(response.status);
        // A request that was one too many has done nothing.
        if (last || !(response.status === 429 || (repeatable && passing))) return response;
        inDoubt ||= passing;
        const seconds = secondsOf(response.headers.get('retry-after'));
        if (seconds !== null) pauseMs = seconds * 1_000;
        if (pauseMs > LONGEST_PAUSE_MS) return response;
      } catch (error) {
        if (last || !repeatable || !(error instanceof CircadianError)) throw error;
        inDoubt = true;
      }
      await pause(pauseMs, request.signal);
    }
  }

  return { url, timeoutMs, send, ask };
}

/**
 * Whether a request may be sent again when nobody knows what became of it. Changes of these nouns take an Idempotency-Key, or are idempotent by
 * themselves; a POST to others makes a second webhook, secret or key. What names a version is refused the second time if it was done.
 */
function isRepeatable({ method, url, headers }: Request): boolean {
  if (method === 'POST') return /\/v1\/(sessions|budget|schedules)(\/|$)/.test(new URL(url).pathname);
  return !(headers.has('if-match') || (method !== 'GET' && headers.has('if-none-match')));
}

function unanswered({ url, method }: Request, timeoutMs: number | null, cause: unknown): CircadianError {
  const why = timeoutMs === null ? `(${reasonOf(cause)})` : `within ${timeoutMs / 1_000} s`;
  const doubt = method === 'GET' ? '' : ' Whether the change was made is not known.';
  const message = `${new URL(url).origin} gave no answer ${why}. Sessions go on.${doubt}`;
  return Object.assign(new CircadianError(timeoutMs === null ? 'unreachable' : 'timeout', message), { cause });
}

/** Node says `fetch failed`, and why in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? (cause?.message || message || String(error));
}

/** Rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', stop);
    function done(): void {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      reject(signal.reason);
    }
  });
}
