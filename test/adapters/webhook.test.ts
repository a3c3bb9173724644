/** What a receiver of alerts gets, and what is said of one that does not take them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webhook } from '../../lib/adapters/webhook.ts';

const AT = Date.parse('2026-11-10T08:00:00.700Z');

async function receiver(serve: RequestListener = (_, response) => response.end()) {
  const got: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({ headers: request.headers, body: Buffer.concat(chunks) });
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const posting = (url: string, over: object = {}) => ({
  ...{
    url,
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    id: 'alr_1',
    at: AT,
    body: '{"type":"budget.pace","ä":"€"}',
  },
  ...over,
});

/** As a receiver checks it, by the words of the specification: any one of the signatures must be right. */
function isGenuine({ headers, body }: { headers: IncomingHttpHeaders; body: Buffer }, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), body]);
  const expected = createHmac('sha256', key).update(signed).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((one) => {
      const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
      return one.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected);
    });
}

describe('a webhook', () => {
  it('is signed as in the example of Standard Webhooks', async () => {
    const { got, url } = await receiver();
    const example = {
      ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' },
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    };
    expect(await webhook({ loopback: true }).post(posting(url, example))).toMatchObject({ status: 200, error: null });
    expect(got[0]?.headers).toMatchObject({
      'webhook-id': example.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      'content-type': 'application/json',
    });
    expect(got[0]?.body.toString()).toBe(example.body);
  });

  it('can be checked by its receiver, to the last byte and with the right secret only', async () => {
    const { got, url } = await receiver();
    const sent = posting(url);
    await webhook({ loopback: true }).post(sent);
    const [message] = got;
    expect(message?.headers['webhook-timestamp']).toBe('1794297600');
    expect(isGenuine(message!, sent.secrets[0]!)).toBe(true);
    expect(isGenuine(message!, 'whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(false);
    expect(isGenuine({ ...message!, body: Buffer.from(`${sent.body} `) }, sent.secrets[0]!)).toBe(false);
    const headers = { ...message!.headers, 'webhook-timestamp': '1794297601' };
    expect(isGenuine({ ...message!, headers }, sent.secrets[0]!)).toBe(false);
  });

  it.each([
    [200, null],
    [204, null],
    [302, 'HTTP 302: redirects are not followed'],
    [400, 'HTTP 400'],
    [410, 'HTTP 410'],
    [503, 'HTTP 503'],
  ])('that is answered with %i: %s', async (status, error) => {
    const headers = { location: 'http://127.0.0.1:1/', 'x-secret': 'of the receiver' };
    const { url } = await receiver((_, response) => response.writeHead(status, headers).end('its own words'));
    expect(await webhook({ loopback: true }).post(posting(url))).toEqual({ status, error });
  });

  it('fails with a word, never by throwing', async () => {
    const silent = await receiver(() => {});
    const broken = await receiver((request) => request.socket.destroy());
    const errorFor = async (url: string, options = {}) =>
      (await webhook({ loopback: true, timeoutMs: 150, ...options }).post(posting(url))).error;
    expect(await errorFor(silent.url)).toBe('no answer in time');
    expect(await errorFor(broken.url)).toBe('no connection: ECONNRESET');
    expect(await errorFor(silent.url, { loopback: false })).toBe('the address must be an https address');
    expect(await errorFor('https://169.254.169.254/')).toBe('the address must name a public host');
    const reach = { resolve: async () => [{ address: '10.0.0.1', family: 4 }] };
    expect(await errorFor('https://hooks.example/', { reach })).toBe('the address must name a public host');
    const none = { resolve: () => Promise.reject(Object.assign(new Error('secret.host'), { code: 'ENOTFOUND' })) };
    expect(await errorFor('https://hooks.example/', { reach: none })).toBe('no connection: ENOTFOUND');
    expect(await errorFor('not an address')).toBe('the address must be an https address');
  });

  it('is not kept waiting by a receiver that answers without end', async () => {
    const { url } = await receiver((_, response) => void response.write('and so on'));
    expect(await webhook({ loopback: true, timeoutMs: 2_000 }).post(posting(url))).toEqual({
      status: 200,
      error: null,
    });
  });
});
