/** The Search port at services of the web, through the guarded http. No redirect is followed: the key is meant for the service alone. */
import * as z from 'zod';
import {
  type Http,
  type HttpAnswer,
  type HttpRequest,
  NoAnswer,
  type Search,
  type SearchResult,
} from '../../ports/index.ts';
import { faultOf } from './faults.ts';

/** `brave`, `tavily`: with a key. `searxng`: at an address of one's own. */
export const SEARCH_SERVICES = ['brave', 'tavily', 'searxng'] as const;
export type SearchService = (typeof SEARCH_SERVICES)[number];

/**
 * What one search costs by the list, microdollars, as of November 2026. Brave: https://api-dashboard.search.brave.com/app/plans (Search, $5 for 1,000
 * requests). Tavily: https://docs.tavily.com/documentation/api-credits ($0.008 a credit when paid as used, one credit for a basic search).
 */
export const SEARCH_PRICES: Record<SearchService, bigint> = { brave: 5_000n, tavily: 8_000n, searxng: 0n };

type Asking = { query: string; count: number };
type Service = {
  request(asking: Asking): { url: string } & Pick<HttpRequest, 'method' | 'headers' | 'body'>;
  /** Throws for what has no such form. */
  read(json: unknown): SearchResult[];
};

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 2_000_000;

/** `key`: of Brave or Tavily. `url`: of the SearXNG, without the path `/search`. */
export type SearchOptions = { http: Http; service: SearchService; key?: string | undefined; url?: string | undefined };

export function searchAt({ http, service, key = '', url = '' }: SearchOptions): Search {
  const { request, read } = { brave: () => brave(key), tavily: () => tavily(key), searxng: () => searxng(url) }[
    service
  ]();
  return async (asking, signal) => {
    const { url: address, headers, ...more } = request(asking);
    const answer = await http(
      address,
      {
        ...more,
        headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
        ...{ timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES, redirect: 'manual' },
      },
      signal,
    ).catch((error: unknown) => {
      if (error instanceof NoAnswer) return error;
      throw error;
    });
    if (answer instanceof NoAnswer)
      return { fault: 'away', billed: answer.arrived, retryAfter: null, why: answer.message };
    if (answer.status !== 200) return faultOf(answer);
    return found(answer, read, asking.count);
  };
}

/** An answer with 200 is billed, whatever is in it. */
function found(answer: HttpAnswer, read: Service['read'], count: number): Awaited<ReturnType<Search>> {
  const unread = (why: string) => ({ fault: 'away' as const, billed: true, retryAfter: null, why });
  if (answer.cut) return unread(`it sent more than ${MOST_BYTES} bytes`);
  try {
    return { results: read(answer.json()).slice(0, count) };
  } catch {
    return unread('it answered 200 with what is no list of results');
  }
}

/** Of a list whose entries may be of any form, those that are results. */
const resultsOf = <T>(
  entries: readonly unknown[],
  form: z.ZodType<T>,
  of: (entry: T) => SearchResult,
): SearchResult[] =>
  entries.flatMap((entry) => {
    const { data } = form.safeParse(entry);
    return data === undefined ? [] : [of(data)];
  });

const text = z.string().nullish().catch(null);

const BraveAnswer = z.object({ web: z.object({ results: z.array(z.unknown()) }).nullish() });
const BraveResult = z.object({ title: text, url: z.string(), description: text, page_age: text });

/** Source: https://api-dashboard.search.brave.com/documentation/services/web-search. An answer without results has no `web`. */
const brave = (key: string): Service => ({
  request: ({ query, count }) => ({
    url: `https://api.search.brave.com/res/v1/web/search?${new URLSearchParams({ q: query, count: String(count), text_decorations: 'false', result_filter: 'web' })}`,
    headers: { 'x-subscription-token': key },
  }),
  read: (json) =>
    resultsOf(
      BraveAnswer.parse(json).web?.results ?? [],
      BraveResult,
      ({ title, url, description, page_age: age }) => ({
        ...{ title: unescaped(title ?? ''), url, text: unescaped(description ?? ''), date: age ?? null },
      }),
    ),
});

/** Brave's texts are HTML. */
const unescaped = (html: string): string =>
  html
    .replace(/<\/?(strong|b|em|i)>/g, '')
    .replace(/&(lt|gt|quot|#x27|#39|amp);/g, (_, name: string) => CHARACTERS[name] ?? '');
const CHARACTERS: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#x27': "'", '#39': "'", amp: '&' };

const Answer = z.object({ results: z.array(z.unknown()) });
const TavilyResult = z.object({ title: text, url: z.string(), content: text, published_date: text });

/** Source: https://docs.tavily.com/documentation/api-reference/endpoint/search. `basic` is one credit. */
const tavily = (key: string): Service => ({
  request: ({ query, count }) => ({
    url: 'https://api.tavily.com/search',
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, max_results: count, search_depth: 'basic' }),
  }),
  read: (json) =>
    resultsOf(Answer.parse(json).results, TavilyResult, ({ title, url, content, published_date: date }) => ({
      ...{ title: title ?? '', url, text: content ?? '', date: date ?? null },
    })),
});

const SearxngResult = z.object({ title: text, url: z.string(), content: text, publishedDate: text });

/** Source: https://docs.searxng.org/dev/search_api. It knows no count, and refuses JSON (403) unless its settings name it under `search.formats`. */
const searxng = (base: string): Service => ({
  request: ({ query }) => ({
    url: `${base.replace(/\/+$/, '')}/search?${new URLSearchParams({ q: query, format: 'json' })}`,
  }),
  read: (json) =>
    resultsOf(Answer.parse(json).results, SearxngResult, ({ title, url, content, publishedDate }) => ({
      ...{ title: title ?? '', url, text: content ?? '', date: publishedDate ?? null },
    })),
});
