import { once } from 'node:events';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Front, type FrontOptions, startFront } from '../../lib/local/front.ts';
import type { FunctionUrlEvent } from '../../lib/local/front-event.ts';
import { LocalProblem } from '../../lib/local/front-problem.ts';
import { installAwsLambda, type StreamingHandler } from '../../lib/local/lambda/streaming.ts';
import { Problem } from '../../lib/problem.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
beforeAll(installAwsLambda);

const start = async (handler: StreamingHandler, change: Partial<FrontOptions> = {}): Promise<Front> => {
  const local = async () => Promise.reject(new Problem('not_found', 'There is no such route.'));
  const front = await startFront({ port: 0, handler, local, ...change });
  closers.push(() => front.close());
  return front;
};

/** A handler that answers with the event it got. */
const mirror: StreamingHandler = (event, stream) => {
  stream.write(JSON.stringify(event));
};
const eventOf = async (response: Response): Promise<FunctionUrlEvent> => (await response.json()) as FunctionUrlEvent;
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
const asHandler = (app: Hono) => streamHandle(app) as unknown as StreamingHandler;

describe('the event', () => {
  it('has path, query, headers and cookies as a Function URL gives them', async () => {
    const { url, port } = await start(mirror);
    const headers = { Authorization: 'Bearer k', Cookie: 'a=1; b=2', 'X-Up': 'Ü'.normalize('NFKD').slice(0, 1) };
    const event = await eventOf(await fetch(`${url}/v1/ses%20sions?a=1&a=2&b=%26`, { headers }));
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/v1/ses%20sions',
      rawQueryString: 'a=1&a=2&b=%26',
      queryStringParameters: { a: '1,2', b: '&' },
      cookies: ['a=1', 'b=2'],
      headers: { authorization: 'Bearer k', 'x-up': 'U' },
      requestContext: {
        domainName: `127.0.0.1:${port}`,
        http: { method: 'GET', path: '/v1/ses%20sions', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  it.each([
    ['application/json', Buffer.from('{"a":"ü"}'), false],
    ['text/plain; charset=utf-8', Buffer.from('ü'), false],
    ['application/problem+json', Buffer.from('{}'), false],
    ['application/x-www-form-urlencoded', Buffer.from('{}'), true],
    ['application/json', Buffer.from([0xff, 0xfe]), true],
    ['image/png', Buffer.from([1, 2, 3]), true],
  ])('has a %s body that decodes to the same bytes', async (type, bytes, encoded) => {
    const { url } = await start(mirror);
    const headers = { 'content-type': type };
    const event = await eventOf(await fetch(url, { method: 'POST', headers, body: bytes }));
    expect(event.isBase64Encoded).toBe(encoded);
    expect(Buffer.from(event.body ?? '', encoded ? 'base64' : 'utf8')).toEqual(bytes);
  });
});

describe('the response', () => {
  it('of a Hono app behind streamHandle arrives as the app made it', async () => {
    const app = new Hono();
    app.post('/echo', async (c) => {
      c.header('set-cookie', 'a=1');
      return c.json({ got: await c.req.json(), query: c.req.query('q') }, 201);
    });
    app.delete('/gone', (c) => c.body(null, 204));
    const { url } = await start(asHandler(app));
    const response = await fetch(`${url}/echo?q=1`, { method: 'POST', body: '{"x":1}' });
    expect([response.status, response.headers.get('content-type'), response.headers.getSetCookie()]).toEqual([
      201,
      'application/json',
      ['a=1'],
    ]);
    expect(await response.json()).toEqual({ got: { x: 1 }, query: '1' });
    expect((await fetch(`${url}/gone`, { method: 'DELETE' })).status).toBe(204);
    const head = await fetch(`${url}/echo`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([404, '']);
  });

  it('is passed on chunk by chunk', async () => {
    const next = Promise.withResolvers<void>();
    const { url } = await start(async (_event, stream) => {
      stream.write('first');
      await next.promise;
      stream.write('second');
    });
    const reader = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first');
    next.resolve();
    expect((await reader?.read())?.value).toBe('second');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('is destroyed when the client hangs up', async () => {
    const closed = Promise.withResolvers<void>();
    const { url } = await start(async (_event, stream) => {
      stream.on('close', closed.resolve);
      stream.write('tick');
      await closed.promise;
    });
    const hangUp = new AbortController();
    const response = await fetch(url, { signal: hangUp.signal });
    await response.body?.getReader().read();
    hangUp.abort();
    await closed.promise;
  });

  it('of a handler that throws is a 500 problem, and a broken stream once it has begun', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const { url } = await start(
      async (event, stream) => {
        if ((event as FunctionUrlEvent).rawPath === '/late') stream.write('half');
        throw new Error('secret');
      },
      { onError },
    );
    const response = await fetch(`${url}/early`);
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(await response.text()).not.toContain('secret');
    await expect(fetch(`${url}/late`).then((late) => late.text())).rejects.toThrow();
    expect(errors).toHaveLength(2);
  });

  it('of a handler that destroys its stream is an answer all the same', async () => {
    const { url } = await start(async (_event, stream) => void stream.destroy(new Error('broken')));
    expect((await fetch(url)).status).toBe(500);
  });
});

describe('the front', () => {
  it('takes 6 MB and refuses more with a problem, whether or not the length was told', async () => {
    const { url } = await start((event, stream) => {
      stream.write(String((event as FunctionUrlEvent).body?.length));
    });
    const limit = 6 * 1024 * 1024;
    const headers = { 'content-type': 'text/plain' };
    const post = (body: RequestInit['body']) =>
      fetch(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect(await (await post('x'.repeat(limit))).text()).toBe(String(limit));
    const told = await post('x'.repeat(limit + 1));
    expect([told.status, await codeOf(told)]).toEqual([413, 'payload_too_large']);
    const untold = await post(new Blob(['x'.repeat(limit + 1)]).stream());
    expect([untold.status, untold.headers.get('content-type')]).toEqual([413, 'application/problem+json']);
  });

  it('serves /local itself, problems included, and nothing that only looks like it', async () => {
    const seen: string[] = [];
    const local = async (method: string, path: string, body: Buffer) => {
      seen.push(`${method} ${path} ${body}`);
      if (path === '/local/conflict') throw new LocalProblem(409, 'clock_backwards', 'Backwards', 'No.');
      if (path !== '/local/clock') throw new Problem('not_found', 'There is no such route.');
      return { now: 'then' };
    };
    const { url } = await start(mirror, { local });
    const clock = await fetch(`${url}/local/clock?x=1`, { method: 'POST', body: '{"advance_ms":1}' });
    expect([clock.status, await clock.json()]).toEqual([200, { now: 'then' }]);
    expect(seen).toEqual(['POST /local/clock {"advance_ms":1}']);
    const conflict = await fetch(`${url}/local/conflict`);
    expect([conflict.status, await codeOf(conflict)]).toEqual([409, 'clock_backwards']);
    expect(await codeOf(await fetch(`${url}/local`))).toBe('not_found');
    expect((await eventOf(await fetch(`${url}/locality`))).rawPath).toBe('/locality');
  });

  it('makes nothing of the Host header and of an absolute request target', async () => {
    const { port } = await start(mirror);
    const socket = connect(port, '127.0.0.1');
    socket.end('GET http://elsewhere.example/v1/x?y=1 HTTP/1.1\r\nHost: \\\\evil\r\nConnection: close\r\n\r\n');
    let raw = '';
    socket.setEncoding('utf8').on('data', (text) => {
      raw += text;
    });
    await once(socket, 'close');
    expect(raw).toContain('"rawPath":"/v1/x"');
    expect(raw).toContain('"rawQueryString":"y=1"');
    expect(raw).toContain(`"domainName":"127.0.0.1:${port}"`);
  });

  it('refuses what no handler can be asked, and a port that is taken', async () => {
    const { port } = await start(mirror);
    const socket = connect(port, '127.0.0.1');
    socket.end('TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [first] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
    expect(first).toMatch(/^HTTP\/1.1 405 /);
    await expect(start(mirror, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
