/** Stand-ins for search services that take a request only as their documents say it. Each is real HTTP, reached through the guard. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { type SearchService, searchAt } from '../../lib/adapters/search/index.ts';
import type { Search } from '../../lib/ports/index.ts';
import { sites } from '../web/sites.ts';

export const KEY = 'key-of-the-search-service';
export const QUERY = 'was ist "schön" & gut?';

type Answer = (response: ServerResponse) => void;
/** `searches`: queries that were asked as they must be. `refused`: what was wrong with the others. */
export type SearchStand = {
  search: Search;
  searches: string[];
  refused: string[];
  answer: (how: Answer | null) => void;
};
type Found = { title: string; url: string; text: string; date: string | null };

/** One service with its form of request and of results. Null: the request is as it must be. */
type Form = {
  wrong(request: IncomingMessage, url: URL, body: string): string | null;
  query(url: URL, body: string): string;
  json(found: Found[], url: URL): unknown;
};

const expected = (pairs: [unknown, unknown][]): string | null => {
  const odd = pairs.find(([is, must]) => is !== must);
  return odd ? `${String(odd[0])} is not ${String(odd[1])}` : null;
};

export const FORMS: Record<SearchService, Form> = {
  brave: {
    wrong: ({ method, headers }, { pathname, searchParams }) =>
      expected([
        [method, 'GET'],
        [headers.host?.replace(/:\d+$/, ''), 'api.search.brave.com'],
        [headers['x-subscription-token'], KEY],
        [headers.accept, 'application/json'],
        [pathname, '/res/v1/web/search'],
        [[...searchParams.keys()].sort().join(), 'count,q,result_filter,text_decorations'],
        [Number(searchParams.get('count')) >= 1 && Number(searchParams.get('count')) <= 20, true],
        [[searchParams.get('text_decorations'), searchParams.get('result_filter')].join(), 'false,web'],
      ]),
    query: ({ searchParams }) => searchParams.get('q')!,
    json: (found) => ({
      type: 'search',
      ...(found.length > 0 && {
        web: {
          results: found.map(({ title, url, text, date }) => ({
            ...{ title, url, description: text.replaceAll('&', '&amp;').replaceAll('"', '&quot;') },
            ...{ ...(date && { page_age: date }), type: 'search_result' },
          })),
        },
      }),
    }),
  },
  tavily: {
    wrong: ({ method, headers }, { pathname, search }, body) => {
      const { query, max_results: most, search_depth: depth, ...more } = JSON.parse(body) as Record<string, unknown>;
      return expected([
        [method, 'POST'],
        [headers.host?.replace(/:\d+$/, ''), 'api.tavily.com'],
        [headers.authorization, `Bearer ${KEY}`],
        [headers['content-type'], 'application/json'],
        [pathname + search, '/search'],
        [typeof query, 'string'],
        [Number(most) >= 1 && Number(most) <= 20, true],
        [depth, 'basic'],
        [Object.keys(more).join(), ''],
      ]);
    },
    query: (_, body) => (JSON.parse(body) as { query: string }).query,
    json: (found) => ({
      query: QUERY,
      answer: null,
      results: found.map(({ title, url, text, date }) => ({
        ...{ title, url, content: text, score: 0.9, raw_content: null },
        ...(date && { published_date: date }),
      })),
    }),
  },
  searxng: {
    wrong: ({ method, headers }, { pathname, searchParams }) =>
      expected([
        [method, 'GET'],
        [headers.authorization ?? headers['x-subscription-token'], undefined],
        [pathname, '/own/search'],
        [[...searchParams.keys()].sort().join(), 'format,q'],
        [searchParams.get('format'), 'json'],
      ]),
    query: ({ searchParams }) => searchParams.get('q')!,
    json: (found) => ({
      results: found.map(({ title, url, text, date }) => ({
        title,
        url,
        content: text,
        publishedDate: date,
        engine: 'x',
      })),
      unresponsive_engines: [],
    }),
  },
};

/** It answers with `found`, unless told otherwise. */
export async function standFor(service: SearchService, found: Found[]): Promise<SearchStand> {
  const { wrong, query, json } = FORMS[service];
  const searches: string[] = [];
  const refused: string[] = [];
  let how: Answer | null = null;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const url = new URL(request.url!, 'https://service.test');
      const fault = wrong(request, url, body);
      if (fault) {
        refused.push(fault);
        response.writeHead(400).end();
        return;
      }
      searches.push(query(url, body));
      if (how) how(response);
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(json(found, url)));
    });
  };
  const search = service === 'searxng' ? await privately(serve) : await publicly(service, serve);
  return {
    ...{ search, searches, refused },
    answer(next) {
      how = next;
    },
  };
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

async function publicly(service: SearchService, serve: Serve): Promise<Search> {
  const { http } = await sites({ 'api.search.brave.com': serve, 'api.tavily.com': serve });
  return searchAt({ http, service, key: KEY });
}

/** By plain http at an address that nobody but an operator may name. */
async function privately(serve: Serve): Promise<Search> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return searchAt({ http: guardedHttp({ origin }), service: 'searxng', url: `${origin}/own/` });
}
