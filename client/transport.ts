/** How requests go out: with a key, for so long, again where that is safe, and with one Idempotency-Key over all tries. */
import { CircadianError, secondsOf } from './error.ts';

export type ClientOptions = {
  /** Of the deployment, as `npm start` and a deployment print it. */
  url: string;
  /** An API key or a token; a function is asked before each request, for tokens that expire. */
  key: string | (() => string | Promise<string>);
  /** The global one by default. */
  fetch?: typeof fetch;
  /** The longest silence: before an answer, and within one or a stream; 30 seconds by default. */
  timeoutMs?: number;
  /** Tries after the first; 3 by default. */
  retries?: number;
};

export type Transport = {
  url: string;
  /**
   * Once, with the key. It throws, and what it answers is read, with a `CircadianError` where the network fails (`unreachable`) or is silent
   * (`timeout`), and with the reason of a signal that was aborted.
   */
  send(request: Request): Promise<Response>;
  /** The same, again where that is safe. */
  ask(request: Request): Promise<Response>;
};

const PASSING = new Set([502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const REPEATABLE = /\/v1\/(sessions|budget|schedules|triggers|webhooks)(?!\w|.*\/(test|redeliver)$)/;
const FIRST_PAUSE_MS = 250;
/** A caller who is told to come back later than this is told so, and not kept waiting. */
const LONGEST_PAUSE_MS = 20_000;

export function transportOf({ url, key, fetch: given, timeoutMs = 30_000, retries = 3 }: ClientOptions): Transport {
  const fetch = given ?? globalThis.fetch;
  if (typeof key === 'string') proven(key);

  async function send(request: Request): Promise<Response> {
    const bearer = `Bearer ${typeof key === 'function' ? proven(await key()) : key}`;
    const quiet = new AbortController();
    const sent = new Request(request, {
      // Another address is none that the key was given for.
      ...{ redirect: 'manual', signal: AbortSignal.any([request.signal, quiet.signal]) },
    });
    sent.headers.set('authorization', bearer);

    async function within<T>(work: Promise<T>, begun: boolean): Promise<T> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          quiet.abort();
          reject(quiet.signal.reason);
        }, timeoutMs);
      });
      try {
        return await Promise.race([work, silence]);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        throw unanswered(request, { begun, timeoutMs: quiet.signal.aborted ? timeoutMs : null, cause: error });
      } finally {
        clearTimeout(timer);
      }
    }

    const response = await within(fetch(sent), false);
    refuseStrangers(request, response);
    if (!response.body) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            const { done, value } = await within(reader.read(), true);
            if (done) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            controller.error(error);
            void reader.cancel().catch(() => undefined);
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return remade(response, body);
  }

  /** One try. JSON is read whole, so that an answer that breaks off is a failure of this try. */
  async function attempt(request: Request): Promise<Response> {
    const response = await send(request);
    if (!response.body || !/json/.test(typeOf(response))) return response;
    return remade(response, await response.arrayBuffer());
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
        if (last || !repeatable || !isLost(error)) throw error;
        inDoubt = true;
      }
      await pause(pauseMs, request.signal);
    }
  }

  return { url, send, ask };
}

/** A key is never quoted: sentences end up in logs. */
function proven(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new TypeError('The key is empty, or has a space or a line end in it: give it without.');
}

const typeOf = ({ headers }: Response): string => headers.get('content-type') ?? '';

const remade = ({ status, statusText, headers }: Response, body: ReadableStream | ArrayBuffer): Response =>
  new Response(body, { status, statusText, headers });

/** Throws for what the API never answers: that something else is asked, and pages for people. */
function refuseStrangers({ url }: Request, response: Response): void {
  const { origin } = new URL(url);
  // Browsers tell nothing of where it leads.
  if (response.type === 'opaqueredirect' || REDIRECTS.has(response.status)) {
    const to = response.headers.get('location') ?? 'another address';
    const message = `${origin} sends on to ${to}. The key was not sent there: give that address if it is the API's.`;
    throw new CircadianError('unknown', message, response);
  }
  if (response.ok && /html/.test(typeOf(response)))
    throw new CircadianError('unknown', `What answers at ${origin} is no Circadian: look at the address.`, response);
}

/** Whether nobody answered, so that it may be otherwise the next time. */
export const isLost = (error: unknown): boolean =>
  error instanceof CircadianError && /^(unreachable|timeout)$/.test(error.code);

/**
 * Whether a request may be sent again when nobody knows what became of it. Changes of these nouns take an Idempotency-Key, or are idempotent by
 * themselves; a POST to others makes a second key, or tells an address twice. What names a version is refused the second time if it was done.
 */
function isRepeatable({ method, url, headers }: Request): boolean {
  if (method === 'POST') return REPEATABLE.test(new URL(url).pathname);
  return !(headers.has('if-match') || (method !== 'GET' && headers.has('if-none-match')));
}

type Loss = { begun: boolean; timeoutMs: number | null; cause: unknown };

function unanswered({ url, method }: Request, { begun, timeoutMs, cause }: Loss): CircadianError {
  const { origin } = new URL(url);
  const why = timeoutMs === null ? `(${reasonOf(cause)})` : `within ${timeoutMs / 1_000} s`;
  const what = begun ? 'broke off in the middle of an answer' : 'gave no answer';
  const doubt = method === 'GET' ? '' : ' Whether the change was made is not known.';
  const code = timeoutMs === null ? 'unreachable' : 'timeout';
  return Object.assign(new CircadianError(code, `${origin} ${what} ${why}. Sessions go on.${doubt}`), { cause });
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
