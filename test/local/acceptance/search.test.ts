/** Searches through the whole local system: at a SearXNG in a private network, paid for, counted, and offered only where there is one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { call, reply } from '../../../lib/local/model/answer.ts';
import { stage } from './stage.ts';

const asked: string[] = [];
const service = createServer((request, response) => {
  asked.push(request.url!);
  const found = [{ title: 'Found', url: 'https://found.example/page', content: 'An excerpt.' }];
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ results: found }));
});
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  service.closeAllConnections();
  return new Promise((resolve) => service.close(resolve));
});

const local = stage({
  env: {
    SEARCH_SERVICE: 'searxng',
    SEARXNG_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/own`,
    SEARCH_PRICE: '4000',
  },
});

it('are asked at the configured address, charged and counted, and their results are shown as of the web', async () => {
  const ann = await local.person();
  const { id, requests } = await ann.start(
    [reply(call('web_search', { query: 'moons' }), call('web_search', { query: 'rings' })), 'Done.'],
    { web: { searches_per_day: 1 } },
  );
  const done = await ann.until(id, { status: 'completed' });
  expect(asked).toEqual(['/own/search?q=moons&format=json']);
  expect([done.web.searches_per_day, done.searches_left_today]).toEqual([1, 0]);
  expect(requests[0]?.tools?.map(({ name }) => name)).toContain('web_search');
  const told = JSON.stringify(requests.at(-1));
  expect(told).toMatch(/\[from the web \w{16}\] 1 search result,.*1\. Found.*https:\/\/found\.example\/page/);
  expect(told).toContain(
    'may search the web once a day, and has done so. It can search again from 2026-11-11 00:00 UTC',
  );
  const usage = (await ann.call('GET', '/usage?from=2026-11-01&to=2026-11-30&group_by=model')).json;
  expect(usage.data).toContainEqual(expect.objectContaining({ key: 'web_search', cost_microdollars: 4_000 }));
  expect((await ann.call('GET', '/tools')).json.data.map(({ name }: { name: string }) => name)).toContain('web_search');
  expect(local.failures).toEqual([]);
});
