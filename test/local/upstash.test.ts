/** The local Upstash: what its REST API promises to the client, whatever the client. */
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash, type UpstashRequest } from '../../lib/local/upstash.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const engines = [
  { name: 'the embedded engine', present: true, start: () => startRedis() },
  { name: 'a real Redis', present: hasRedis, start: async () => startRedis({ url: (await realRedis())! }) },
];

for (const { name, present, start } of engines) {
  describe.skipIf(!present)(`Upstash's REST API over ${name}`, () => {
    let redis: LocalRedis;
    let upstash: LocalUpstash;
    let seen: UpstashRequest[] = [];
    beforeAll(async () => {
      redis = await start();
      upstash = await startUpstash({
        redisUrl: redis.url,
        token: 'secret',
        onRequest: (request) => seen.push(request),
      });
    });
    afterAll(async () => {
      await upstash.close();
      await redis.close();
    });
    const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(upstash.url + path, {
        method: 'POST',
        headers: { authorization: 'Bearer secret', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as { result: string[] } };
    };

    it('answers one command', async () => {
      expect(await post('/', ['SET', 'greeting', 'grüezi'])).toEqual({ status: 200, body: { result: 'OK' } });
      expect(await post('/', ['get', 'greeting'])).toEqual({ status: 200, body: { result: 'grüezi' } });
      expect(await post('/', ['GET', 'nothing'])).toEqual({ status: 200, body: { result: null } });
      expect(await post('/', ['INCRBY', 'count', 5])).toEqual({ status: 200, body: { result: 5 } });
    });

    it('encodes strings in base64 on demand, in lists too', async () => {
      const base64 = { 'upstash-encoding': 'base64' };
      expect((await post('/', ['RPUSH', 'list', 'ä', 'OK'], base64)).body).toEqual({ result: 2 });
      const { result } = (await post('/', ['LRANGE', 'list', 0, -1], base64)).body;
      expect(Buffer.from(result[0]!, 'base64').toString()).toBe('ä');
      expect((await post('/', ['SET', 'x', 'y'], base64)).body).toEqual({ result: 'OK' });
    });

    it('tells each failure of a pipeline apart, and goes on', async () => {
      await post('/', ['SET', 'word', 'abc']);
      const { status, body } = await post('/pipeline', [
        ['INCR', 'word'],
        ['GET', 'word'],
        ['STRLEN', 'word'],
      ]);
      expect(status).toBe(200);
      expect(body).toEqual([{ error: expect.stringContaining('not an integer') }, { result: 'abc' }, { result: 3 }]);
    });

    it('runs a transaction as one', async () => {
      const { body } = await post('/multi-exec', [
        ['SET', 'a', '1'],
        ['INCR', 'a'],
        ['GET', 'a'],
      ]);
      expect(body).toEqual([{ result: 'OK' }, { result: 2 }, { result: '2' }]);
    });

    it('runs scripts, also those with a flag that only Upstash knows, by text and by hash', async () => {
      const client = new Redis({ url: upstash.url, token: 'secret', enableTelemetry: false });
      const script = client.createScript<[string, string]>(
        '#!lua flags=allow-key-locking\nredis.call("SET", KEYS[1], ARGV[1]); return { KEYS[1], redis.call("GET", KEYS[1]) }',
      );
      expect(await script.exec(['scripted'], ['one'])).toEqual(['scripted', 'one']);
      seen = [];
      expect(await script.exec(['scripted'], ['two'])).toEqual(['scripted', 'two']);
      expect(seen).toEqual([{ path: '/pipeline', commands: ['EVALSHA'] }]);
    });

    it('serves the client as it comes out of the box', async () => {
      const client = new Redis({ url: upstash.url, token: 'secret', enableTelemetry: false });
      await client.set('object', { deep: ['ü', 1, null] });
      expect(await client.get('object')).toEqual({ deep: ['ü', 1, null] });
      await client.hset('hash', { one: 1, two: 'zwei' });
      expect(await client.hgetall('hash')).toEqual({ one: 1, two: 'zwei' });
      const multi = await client.multi().set('m', 1).incr('m').exec();
      expect(multi).toEqual(['OK', 2]);
    });

    it('counts requests and their commands', async () => {
      seen = [];
      await post('/pipeline', [['PING'], ['ping']]);
      await post('/', ['PING']);
      expect(seen).toEqual([
        { path: '/pipeline', commands: ['PING', 'PING'] },
        { path: '/', commands: ['PING'] },
      ]);
    });

    it.each([
      ['a wrong token', '/', ['PING'], { authorization: 'Bearer wrong' }, 401],
      ['no JSON', '/', 'PING', {}, 400],
      ['no command', '/', {}, {}, 400],
      ['an empty command', '/', [], {}, 400],
      ['an unknown command', '/', ['NONSENSE'], {}, 400],
      ['a pipeline that is none', '/pipeline', { a: 1 }, {}, 400],
      ['a command that would wait', '/', ['BLPOP', 'list', 0], {}, 400],
      ['a stream read that would wait', '/', ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'], {}, 400],
      ['an unknown path', '/elsewhere', ['PING'], {}, 404],
    ] as const)('refuses %s', async (_, path, body, headers, status) => {
      const answer = await post(path, body, headers);
      expect(answer).toEqual({ status, body: { error: expect.any(String) } });
    });
  });
}

describe('a Redis that is away', () => {
  it('is an error of the server, and the endpoint lives on', async () => {
    const redis = await startRedis();
    const upstash = await startUpstash({ redisUrl: redis.url });
    await redis.close();
    const ping = () =>
      fetch(upstash.url, { method: 'POST', headers: { authorization: 'Bearer local' }, body: '["PING"]' });
    expect((await ping()).status).toBe(500);
    expect((await ping()).status).toBe(500);
    await upstash.close();
  });
});
