/** The Http port on the guard of lib/ssrf: each redirect is a request of its own, checked like the first. */
import {
  type Http,
  type HttpAnswer,
  type HttpMethod,
  type HttpRequest,
  isRedirect,
  MOST_REDIRECTS,
  NoAnswer,
} from '../ports/index.ts';
import { ask, type Reach, RefusedError, type SafeResponse, TimeoutError } from '../ssrf/request.ts';
import type { UrlRules } from '../ssrf/url.ts';

const TIMEOUT_MS = { usual: 30_000, most: 300_000 };
const BYTES = { usual: 5_000_000, most: 20_000_000 };

/** They say how the bytes travel and where to: a caller's own would lead past what was checked. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer']);
/** All others may hold a secret that is meant for the first origin alone. */
const FOR_ANYBODY = new Set(['accept', 'accept-language', 'user-agent']);

export type HttpOptions = UrlRules & { reach?: Reach };

type Asking = { url: string; method: HttpMethod; headers: Record<string, string>; body?: string | Uint8Array };

export function guardedHttp({ reach, ...rules }: HttpOptions = {}): Http {
  return async (url, request = {}, signal) => {
    const timeoutMs = bounded(request.timeoutMs, TIMEOUT_MS);
    const maxBytes = bounded(request.maxBytes, BYTES);
    const { enough } = request;
    const ends = performance.now() + timeoutMs;
    let asking: Asking = { url, ...firstOf(request) };
    for (let redirects = 0; ; redirects += 1) {
      const headers = { ...asking.headers, ...request.judge?.(asking.url, asking.method) };
      const answer = await told(asking.url, { timeoutMs, isFirst: redirects === 0 }, () => {
        const left = Math.max(1, Math.ceil(ends - performance.now()));
        return ask(
          asking.url,
          { ...asking, headers, timeoutMs: left, maxBytes, signal, ...(enough && { enough }) },
          rules,
          reach,
        );
      });
      const to = request.redirect === 'manual' ? null : redirectOf(answer, asking.url);
      if (to === null) return answerOf(asking.url, answer);
      if (redirects === MOST_REDIRECTS)
        throw new Error(`${originOf(url)} redirects more than ${MOST_REDIRECTS} times, so there is no answer.`);
      asking = redirected(asking, answer.status, to);
    }
  };
}

const bounded = (asked: number | undefined, { usual, most }: { usual: number; most: number }): number =>
  Math.min(Math.max(asked ?? usual, 1), most);

function firstOf({ method = 'GET', headers = {}, body }: HttpRequest): Omit<Asking, 'url'> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const own = Object.fromEntries(named.filter(([name]) => !OWN_HEADERS.has(name)));
  return { method, headers: { 'user-agent': 'Circadian', ...own }, ...(body !== undefined && { body }) };
}

/** Absolute; null: it is no redirect. */
function redirectOf({ status, headers }: SafeResponse, from: string): string | null {
  const { location } = headers;
  return isRedirect(status) && location && URL.canParse(location, from) ? new URL(location, from).href : null;
}

/** As fetch does it, but nothing of the request goes to another origin: https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected({ url, method, headers, body }: Asking, status: number, to: string): Asking {
  const becomesGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  const kept = becomesGet ? without(headers, /^content-/) : headers;
  const next = { url: to, method: becomesGet ? ('GET' as const) : method };
  if (originOf(url) === originOf(to))
    return { ...next, headers: kept, ...(!becomesGet && body !== undefined && { body }) };
  if (!['GET', 'HEAD'].includes(next.method))
    throw new Error(
      `${originOf(url)} redirects a ${method} to ${originOf(to)}. It was not followed, since what it carries was meant for the first.`,
    );
  return { ...next, headers: Object.fromEntries(Object.entries(kept).filter(([name]) => FOR_ANYBODY.has(name))) };
}

const without = (headers: Record<string, string>, pattern: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !pattern.test(name)));

/** Of an address that may be none. Never its path, which may hold a secret. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'The address');

function answerOf(url: string, { status, headers, body, cut }: SafeResponse): HttpAnswer {
  const text = (): string => new TextDecoder().decode(body);
  const single = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return {
    ...{ status, url, body, cut, text },
    headers: Object.fromEntries(single) as Record<string, string>,
    json: () => JSON.parse(text()) as unknown,
  };
}

/** No connection was made, so nothing was sent over one. Source: https://nodejs.org/api/errors.html#common-system-errors */
const UNSENT = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/** What went wrong, as a sentence. The reason of a signal stays what it is, and so does what Node says of a header that it cannot send. */
async function told(
  url: string,
  { timeoutMs, isFirst }: { timeoutMs: number; isFirst: boolean },
  asking: () => Promise<SafeResponse>,
): Promise<SafeResponse> {
  try {
    return await asking();
  } catch (error) {
    const to = originOf(url);
    if (error instanceof RefusedError) throw new NoAnswer(`${to} was not asked: an address ${error.message}.`, false);
    if (error instanceof TimeoutError)
      throw new NoAnswer(
        `${to} gave no whole answer within ${timeoutMs / 1_000} s. The request may have arrived.`,
        null,
      );
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !/^(?!ABORT_ERR|ERR_(HTTP_)?INVALID)[A-Z_0-9]{1,60}$/.test(code)) throw error;
    const unsent = isFirst && UNSENT.has(code);
    const arrived = unsent ? 'The request was not sent.' : 'The request may have arrived.';
    throw new NoAnswer(`The connection to ${to} failed: ${code}. ${arrived}`, unsent ? false : null);
  }
}
