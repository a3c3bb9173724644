/**
 * The guard against real servers: one on 127.0.0.2 that plays the public host, one on 127.0.0.1 that nobody may reach. Whoever gets there
 * has got into the network.
 */
import type { LookupAddress } from 'node:dns';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, type Reach, RefusedError, TimeoutError } from '../../lib/ssrf/request.ts';
import { certificateFor } from '../kit/certificate.ts';

const HOST = 'hooks.example';
const OUTSIDE = '127.0.0.2';
const INSIDE = '127.0.0.1';
const identity = certificateFor(HOST);
const QUICK = { timeoutMs: 5_000, maxBytes: 1_000 };

const addresses = (...list: string[]): LookupAddress[] =>
  list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

async function listen<S extends Server>(server: S, host: string, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

/** On one port that is free at both addresses: somebody else may have it at the second. */
async function listenTwice(outer: https.Server, inner: https.Server): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await listen(outer, OUTSIDE);
    try {
      await listen(inner, INSIDE, port);
      onTestFinished(() => {
        for (const server of [outer, inner]) server.closeAllConnections();
      });
      return port;
    } catch (error) {
      if (tries > 20) throw error;
      await new Promise((resolve) => outer.close(resolve));
    }
  }
}

/** The public host, and the inner one on the same port, which counts who came. */
async function network(serve: RequestListener = (_, response) => response.end('hello')) {
  let visits = 0;
  const inner = https.createServer(identity, (_, response) => response.end('secrets'));
  inner.on('connection', () => {
    visits += 1;
  });
  const port = await listenTwice(https.createServer(identity, serve), inner);
  const questions: string[] = [];
  const resolving = (...answers: LookupAddress[][]): Reach => ({
    ...{ port, ca: identity.cert, isAllowed: (address) => address === OUTSIDE },
    async resolve(host) {
      questions.push(host);
      return answers[Math.min(questions.length, answers.length) - 1] ?? [];
    },
  });
  return { resolving, questions, visits: () => visits, port };
}

describe('a guarded request', () => {
  it('goes to the address that was checked, under the name that was asked for', async () => {
    const seen: unknown[] = [];
    const { resolving, questions } = await network((request, response) => {
      const { method, url, headers } = request;
      request.setEncoding('utf8').on('data', (text) => seen.push({ method, url, host: headers.host, text }));
      request.on('end', () => response.writeHead(201, { 'x-answer': 'yes' }).end('hello'));
    });
    const url = `https://${HOST}/path?query=1#fragment`;
    const answer = await ask(url, { ...QUICK, method: 'POST', body: '{"a":"ä"}' }, {}, resolving(addresses(OUTSIDE)));
    expect(answer).toMatchObject({ status: 201, cut: false, headers: { 'x-answer': 'yes' } });
    expect(Buffer.from(answer.body).toString()).toBe('hello');
    expect(seen).toEqual([
      { method: 'POST', url: '/path?query=1', host: expect.stringContaining(HOST), text: '{"a":"ä"}' },
    ]);
    expect(questions).toEqual([HOST]);
  });

  it.each([
    ['this machine', [INSIDE]],
    ['metadata', ['169.254.169.254']],
    ['a private network', ['10.0.0.5', '192.168.1.1']],
    ['this machine, by IPv6', ['::1']],
    ['this machine, mapped', ['::ffff:127.0.0.1']],
    ['one public address and one that is not', [OUTSIDE, INSIDE]],
    ['nothing', []],
  ])('is refused where the name leads to %s', async (_, found) => {
    const { resolving, visits } = await network();
    await expect(ask(`https://${HOST}/`, QUICK, {}, resolving(addresses(...found)))).rejects.toThrow(RefusedError);
    expect(visits()).toBe(0);
  });

  it('is refused for the real loopback by the rules that stand outside of tests', async () => {
    const { port, visits } = await network();
    const reach = { port, ca: identity.cert };
    for (const host of ['127.0.0.1', '[::1]', '2130706433', 'localhost']) {
      await expect(ask(`https://${host}/`, QUICK, {}, reach), host).rejects.toThrow(RefusedError);
    }
    const resolve = async () => addresses(INSIDE);
    await expect(ask('https://inner.example/', QUICK, {}, { ...reach, resolve })).rejects.toThrow(RefusedError);
    expect(visits()).toBe(0);
  });

  it('asks once, so that a name which changes its mind leads nowhere else', async () => {
    const { resolving, questions, visits } = await network();
    const reach = resolving(addresses(OUTSIDE), addresses(INSIDE));
    expect((await ask(`https://${HOST}/`, QUICK, {}, reach)).status).toBe(200);
    expect(questions).toHaveLength(1);
    expect(visits()).toBe(0);
    await expect(ask(`https://${HOST}/`, QUICK, {}, reach)).rejects.toThrow(RefusedError);
    expect(visits()).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const { resolving, visits, port } = await network((_, response) =>
      response.writeHead(status, { location: `https://${INSIDE}:${port}/secrets` }).end(),
    );
    expect(await ask(`https://${HOST}/`, QUICK, {}, resolving(addresses(OUTSIDE)))).toMatchObject({ status });
    expect(visits()).toBe(0);
  });

  it('reads no more than it was told to', async () => {
    const closed = Promise.withResolvers<void>();
    const { resolving } = await network((_, response) => {
      const flood = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.once('close', () => {
        clearInterval(flood);
        closed.resolve();
      });
    });
    const reach = resolving(addresses(OUTSIDE));
    const answer = await ask(`https://${HOST}/`, { ...QUICK, maxBytes: 25_000 }, {}, reach);
    expect([answer.body.length, answer.cut]).toEqual([25_000, true]);
    await closed.promise;
    expect(await ask(`https://${HOST}/`, { ...QUICK, maxBytes: 0 }, {}, reach)).toMatchObject({
      status: 200,
      cut: true,
    });
  });

  it('has an end in time: for silence, for a trickle, for a name that nobody answers', async () => {
    const drops = new Set<NodeJS.Timeout>();
    onTestFinished(() => drops.forEach(clearInterval));
    const { resolving } = await network((request, response) => {
      if (request.url === '/trickle') drops.add(setInterval(() => response.write('x'), 5));
    });
    const short = { timeoutMs: 150, maxBytes: 1_000_000 };
    const reach = resolving(addresses(OUTSIDE));
    await expect(ask(`https://${HOST}/`, short, {}, reach)).rejects.toThrow(TimeoutError);
    await expect(ask(`https://${HOST}/trickle`, short, {}, reach)).rejects.toThrow(TimeoutError);
    const never = { ...reach, resolve: () => new Promise<LookupAddress[]>(() => {}) };
    await expect(ask(`https://${HOST}/`, short, {}, never)).rejects.toThrow(TimeoutError);
  });

  it('trusts no certificate of another name, and none that nobody signed', async () => {
    const { resolving } = await network();
    const reach = resolving(addresses(OUTSIDE));
    await expect(ask('https://other.example/', QUICK, {}, reach)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const { ca: _, ...unknown } = reach;
    await expect(ask(`https://${HOST}/`, QUICK, {}, unknown)).rejects.toMatchObject({ code: /SELF_SIGNED/ });
  });

  it('reaches this machine by plain http where that is set, and by that rule nothing else', async () => {
    const server = http.createServer((_, response) => response.end('local'));
    const port = await listen(server, INSIDE);
    const url = `http://localhost:${port}/`;
    const local = { resolve: async () => addresses(INSIDE) };
    expect((await ask(url, QUICK, { loopback: true }, local)).status).toBe(200);
    await expect(ask(url, QUICK, {}, local)).rejects.toThrow(RefusedError);
    const elsewhere = { resolve: async () => addresses('10.0.0.1') };
    await expect(ask(url, QUICK, { loopback: true }, elsewhere)).rejects.toThrow(RefusedError);
  });
});
