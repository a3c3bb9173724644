/** What the port Search promises, at each service: one form of results, and failures that say whether the search was billed. */
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { SEARCH_SERVICES } from '../../lib/adapters/search/index.ts';
import { QUERY, standFor } from '../contract/search-services.ts';

const FOUND = [
  { title: 'A', url: 'https://a.example/x?y=1', text: 'Tom & "Jerry"', date: '2026-01-02T03:04:05' },
  { title: 'B', url: 'https://b.example/', text: '', date: null },
  { title: 'C', url: 'https://c.example/', text: 'c', date: null },
];
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('{"error":"no"}');
const body = (text: string) => (response: ServerResponse) => response.end(text);
const never = () => new AbortController().signal;

describe.each(SEARCH_SERVICES)('%s', (service) => {
  const asking = { query: QUERY, count: 2 };

  it('gets the query as it was written, once, and gives as many results as were asked for', async () => {
    const { search, searches, refused } = await standFor(service, FOUND);
    expect(await search(asking, never())).toEqual({ results: FOUND.slice(0, 2) });
    expect([searches, refused]).toEqual([[QUERY], []]);
  });

  it('finds nothing without a failure, and passes over what is no result', async () => {
    const { search, answer } = await standFor(service, []);
    expect(await search(asking, never())).toEqual({ results: [] });
    const odd = [null, 1, { title: 'no address' }, { url: 7 }, { url: 'https://a.example/', title: 5 }];
    answer(body(JSON.stringify({ results: odd, web: { results: odd } })));
    expect(await search(asking, never())).toEqual({
      results: [{ title: '', url: 'https://a.example/', text: '', date: null }],
    });
  });

  it.each([
    [400, {}, { fault: 'refused', billed: false, retryAfter: null }],
    [401, {}, { fault: 'credentials', billed: false, retryAfter: null }],
    [403, {}, { fault: 'credentials', billed: false, retryAfter: null }],
    [404, {}, { fault: 'away', billed: false, retryAfter: null }],
    [422, {}, { fault: 'refused', billed: false, retryAfter: null }],
    [429, { 'retry-after': '7' }, { fault: 'slow', billed: false, retryAfter: 7 }],
    [429, {}, { fault: 'slow', billed: false, retryAfter: null }],
    [
      429,
      { 'x-ratelimit-remaining': '0, 900', 'x-ratelimit-reset': '1, 1419704' },
      { fault: 'slow', billed: false, retryAfter: 1 },
    ],
    [
      429,
      { 'x-ratelimit-remaining': '1, 0', 'x-ratelimit-reset': '1, 1419704' },
      { fault: 'quota', billed: false, retryAfter: 1_419_704 },
    ],
    [432, {}, { fault: 'quota', billed: false, retryAfter: null }],
    [433, {}, { fault: 'quota', billed: false, retryAfter: null }],
    [500, {}, { fault: 'away', billed: null, retryAfter: null }],
    [503, { 'retry-after': '30' }, { fault: 'away', billed: null, retryAfter: 30 }],
  ])('says of %i %o what it is, and whether it may be billed', async (code, headers, told) => {
    const { search, searches, answer } = await standFor(service, FOUND);
    answer(status(code, headers));
    expect(await search(asking, never())).toEqual({ ...told, why: `it answered ${code}` });
    expect(searches).toHaveLength(1);
  });

  it('takes no redirect for an answer, and carries its key nowhere else', async () => {
    const { search, searches, answer } = await standFor(service, FOUND);
    answer(status(302, { location: '/elsewhere' }));
    expect(await search(asking, never())).toMatchObject({ fault: 'away', billed: false });
    expect(searches).toHaveLength(1);
  });

  it.each([
    ['broken JSON', '{"results": [', 'it answered 200 with what is no list of results'],
    ['another form', '[]', 'it answered 200 with what is no list of results'],
    ['more than two megabytes', `{"results": "${'x'.repeat(2_000_001)}"}`, 'it sent more than 2000000 bytes'],
  ])('counts %s with 200 as billed', async (_, text, why) => {
    const { search, answer } = await standFor(service, FOUND);
    answer(body(text));
    expect(await search(asking, never())).toEqual({ fault: 'away', billed: true, retryAfter: null, why });
  });

  it('does not know whether an answer that broke off was billed', async () => {
    const { search, answer } = await standFor(service, FOUND);
    answer((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.destroy());
    });
    expect(await search(asking, never())).toMatchObject({ fault: 'away', billed: null });
  });

  it('ends with its signal, and throws its reason', async () => {
    const { search, searches, answer } = await standFor(service, FOUND);
    const stop = new AbortController();
    answer(() => stop.abort(new Error('the time is over')));
    await expect(search(asking, stop.signal)).rejects.toThrow('the time is over');
    expect(searches).toHaveLength(1);
  });
});
