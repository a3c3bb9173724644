/** What tools ask the world through: each redirect is checked like the first address, and nothing that is meant for one origin reaches another. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

async function serving(answer: (request: Seen, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(seen.at(-1)!, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return { seen, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const resolve = async (host: string) => [{ address: host.startsWith('inner') ? '10.0.0.1' : '8.8.8.8', family: 4 }];
const http = guardedHttp({
  loopback: true,
  reach: { resolve: async (host) => (host === '127.0.0.1' ? [{ address: host, family: 4 }] : resolve(host)) },
});
const SECRETS = { Authorization: 'Bearer x', 'X-Api-Key': 'y', Cookie: 'a=b', Accept: 'text/plain' };

describe('a request of a tool', () => {
  it('is sent as it was written, but for headers that say how its bytes travel', async () => {
    const { seen, url } = await serving((_, response) => response.writeHead(201, { 'x-a': ['1', '2'] }).end('{"a":1}'));
    const answer = await http(`${url}/a?b=1`, {
      ...{ method: 'PUT', body: new TextEncoder().encode('{"ä":1}') },
      headers: { ...SECRETS, Host: 'inner', 'Content-Length': '1', 'Transfer-Encoding': 'chunked' },
    });
    expect(answer).toMatchObject({ status: 201, url: `${url}/a?b=1`, cut: false });
    expect([answer.text(), answer.json(), answer.headers['x-a']]).toEqual(['{"a":1}', { a: 1 }, '1, 2']);
    expect(seen).toMatchObject([{ method: 'PUT', url: '/a?b=1', body: '{"ä":1}' }]);
    const { headers } = seen[0]!;
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'x-api-key': 'y', host: new URL(url).host });
    expect([headers['content-length'], headers['transfer-encoding'], headers['user-agent']]).toEqual([
      '8',
      undefined,
      'Circadian',
    ]);
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ] as const)(
    'follows %i of a %s as a %s, with all of it where it stays at its origin',
    async (status, method, then) => {
      const { seen, url } = await serving(({ url: path }, response) =>
        path === '/' ? response.writeHead(status, { location: '/next' }).end() : response.end('there'),
      );
      const answer = await http(`${url}/`, { method, headers: SECRETS, body: 'text' });
      expect([answer.text(), answer.url]).toEqual(['there', `${url}/next`]);
      expect(seen[1]).toMatchObject({ method: then, body: then === 'GET' ? '' : 'text' });
      expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' });
    },
  );

  it('takes no secret and no body to another origin', async () => {
    const other = await serving((_, response) => response.end('other'));
    const { url } = await serving(({ url: path }, response) =>
      response.writeHead(path === '/keep' ? 307 : 302, { location: other.url }).end(),
    );
    expect((await http(url, { headers: SECRETS })).text()).toBe('other');
    await http(url, { method: 'POST', headers: SECRETS, body: 'text' });
    for (const { headers, body, method } of other.seen) {
      expect([method, body]).toEqual(['GET', '']);
      expect(Object.keys(headers).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
    }
    await expect(http(`${url}/keep`, { method: 'POST', body: 'text' })).rejects.toThrow(
      /redirects a POST to http.* not followed/,
    );
    expect(other.seen).toHaveLength(2);
  });

  it.each([
    ['metadata', 'https://169.254.169.254/latest'],
    ['a name that leads into a network behind', 'https://inner.example/'],
    ['plain http elsewhere', 'http://example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['a port', 'https://example.com:8443/'],
  ])('is refused where it is redirected to %s', async (_, location) => {
    const { url } = await serving((_, response) => response.writeHead(302, { location }).end());
    await expect(http(url)).rejects.toThrow(/was not asked: an address must/);
    await expect(http(location)).rejects.toThrow(/was not asked: an address must/);
  });

  it('ends after five redirects, with what was read, in time, and with its signal', async () => {
    const { url, seen } = await serving(({ url: path }, response) => {
      if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (path === '/long') response.end('x'.repeat(100));
    });
    await expect(http(`${url}/loop`)).rejects.toThrow(/redirects more than 5 times/);
    expect(seen).toHaveLength(6);
    expect(await http(`${url}/long`, { maxBytes: 10 })).toMatchObject({ cut: true, body: Buffer.from('x'.repeat(10)) });
    await expect(http(`${url}/silent`, { timeoutMs: 50 })).rejects.toThrow(
      /gave no whole answer within 0\.05 s\. The request may/,
    );
    const stop = new AbortController();
    const asked = http(`${url}/silent`, {}, stop.signal);
    stop.abort(new Error('the user asked to cancel'));
    await expect(asked).rejects.toThrow('the user asked to cancel');
    await expect(http(url, {}, stop.signal)).rejects.toThrow('the user asked to cancel');
  });

  it('says what was not sent: what cannot be connected to, unless a redirect led there, and what is no header', async () => {
    const closed = await serving(() => {});
    await closed.close();
    await expect(http(`${closed.url}/?key=secret`)).rejects.toThrow(
      `The connection to ${closed.url} failed: ECONNREFUSED. The request was not sent.`,
    );
    const { url } = await serving((_, response) => response.writeHead(303, { location: closed.url }).end());
    await expect(http(url, { method: 'POST', body: 'text' })).rejects.toThrow(/ECONNREFUSED\. The request may have/);
    await expect(http(url, { headers: { 'x-key': 'a\nb' } })).rejects.toThrow('Invalid character in header content');
  });

  it('says of a broken connection what it means, and no path', async () => {
    const { url } = await serving((_, response) => response.destroy());
    await expect(http(`${url}/?key=secret`)).rejects.toThrow(
      `The connection to ${url} failed: ECONNRESET. The request may have arrived.`,
    );
  });
});
