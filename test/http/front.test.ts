import { once } from 'node:events';
import { get } from 'node:http';
import { streamHandle } from 'hono/aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RateLimits } from '../../lib/http/deps.ts';
import { type Front, startFront } from '../../lib/local/front.ts';
import { installAwsLambda, isStreaming } from '../../lib/local/lambda/streaming.ts';
import { api, framesOf } from './kit.ts';

/** The API as a Function URL serves it: real events, real HTTP, response streaming. */
let front: Front | null = null;
afterEach(async () => {
  await front?.close();
  front = null;
});

async function served(limits: Partial<RateLimits> = {}) {
  const made = api(() => ({}), limits);
  installAwsLambda();
  const handler: unknown = streamHandle(made.hono);
  if (!isStreaming(handler)) throw new Error('not a streaming handler');
  front = await startFront({ port: 0, handler, local: async () => ({}) });
  const { url } = front;
  const key = await made.user('ada');
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  /** A stream of the session's events, up to its first chunk. */
  const watch = async (id: string) => {
    const headers = { authorization: `Bearer ${key}` };
    const request = get(`${url}/v1/sessions/${id}/events/stream`, { headers });
    const [response] = await once(request, 'response');
    const [chunk] = await once(response, 'data');
    response.on('error', () => {});
    return { chunk: String(chunk), hangUp: () => request.destroy() };
  };
  return { ...made, key, ask, watch, url };
}

describe('behind a Function URL', () => {
  it('takes and gives JSON, problems and nothing', async () => {
    const { ask, url } = await served();
    const created = await ask('/v1/sessions', { method: 'POST', body: JSON.stringify({ goal: 'Zähle die Monde 🌙' }) });
    const { id, goal } = (await created.json()) as { id: string; goal: string };
    expect([created.status, goal, created.headers.get('location')]).toEqual([
      ...[201, 'Zähle die Monde 🌙', `/v1/sessions/${id}`],
    ]);
    const broken = await ask('/v1/sessions', { method: 'POST', body: '{' });
    expect([broken.status, broken.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect((await ask('/v1/sessions', { method: 'POST', body: 'x'.repeat(2_000_000) })).status).toBe(413);
    expect((await fetch(`${url}/v1/sessions`)).status).toBe(401);
    const head = await ask(`/v1/sessions/${id}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const gone = await ask(`/v1/sessions/${id}`, { method: 'DELETE' });
    expect([gone.status, await gone.text()]).toEqual([204, '']);
  });

  it('gives files to the byte, by any name', async () => {
    const { ask, key, start, asleep, world } = await served();
    const id = await start(key);
    await asleep(id);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const path = '/bilder/größe 100%.bin';
    world.store.sessions.get(id)!.files.set(path, { path, content: bytes, mode: 420, updatedAt: 0 });
    const response = await ask(`/v1/sessions/${id}/files${path.split('/').map(encodeURIComponent).join('/')}`);
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  it('streams, and resumes after a hang-up', async () => {
    const { ask, key, watch, start, complete } = await served();
    const id = await start(key);
    const { chunk, hangUp } = await watch(id);
    expect(chunk).toContain('retry: 1000');
    hangUp();
    await complete(id);
    const headers = { 'last-event-id': '1' };
    const rest = framesOf(await (await ask(`/v1/sessions/${id}/events/stream`, { headers })).text());
    expect(rest.filter((frame) => frame.id).map(({ event }) => event)).toEqual(['agent.completed']);
  });

  it('stops asking once the client has hung up', async () => {
    const { key, watch, start, asleep, world } = await served({ streamMs: 1e12, stallMs: 20 });
    const id = await start(key);
    await asleep(id);
    const asked = vi.spyOn(world.live, 'watch');
    const { hangUp } = await watch(id);
    await vi.waitUntil(() => asked.mock.calls.length > 100);
    hangUp();
    let before = -1;
    const still = () => {
      const last = before;
      before = asked.mock.calls.length;
      return before === last;
    };
    await vi.waitUntil(still, { timeout: 5_000 });
    expect(world.store.sessions.get(id)?.desired).toBe('run');
  });
});
