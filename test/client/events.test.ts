/** The events of a session over connections that break. */
import { describe, expect, it, vi } from 'vitest';
import { CircadianError, type SessionEvent } from '../../client/index.ts';
import type { EventType } from '../../lib/core/events.ts';
import { api } from '../http/kit.ts';
import { all, served } from './kit.ts';

const QUICK = { retryMs: 1 };
const end = { state: 'ended', outcome: 'completed', result: 'x', error: null } as const;
const texts = (n: number): [EventType, object][] =>
  Array.from({ length: n }, (_, i) => ['agent.text', { text: `${i} – 🌙\n\nid: 7\r\ndata: "x"` }]);
const seqs = (events: SessionEvent[]) => events.flatMap((event) => ('seq' in event ? [event.seq] : []));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const isStream = ({ url }: Request) => url.endsWith('/events/stream');

const streamed = (body: ReadableStream | string) =>
  new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });

/** Numbers that look like chance and are the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The first `bytes` of an answer, and then an error, or an end as if nothing more came. */
function cut(response: Response, bytes: number, how: 'breaks' | 'ends'): Response {
  let left = bytes;
  const body = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (left > 0) controller.enqueue(chunk.slice(0, left));
        left -= chunk.length;
        if (left > 0) return;
        if (how === 'breaks') controller.error(new TypeError('terminated'));
        else controller.terminate();
      },
    }),
  );
  return new Response(body, { headers: response.headers });
}

describe('the events of a session', () => {
  it.each(['breaks', 'ends'] as const)(
    'come once each, in order, over connections of which each %s somewhere',
    async (how) => {
      const roll = dice(7);
      const t = api(undefined, QUICK);
      const { client, key, sent } = await served({ t }, async (request) =>
        isStream(request) ? cut(await fetch(request), 20 + roll(9_000), how) : null,
      );
      const id = await t.start(key);
      await t.rest(id, end, [...texts(120), ['agent.completed', { result: 'x' }]]);
      const events = await all(client.sessions.events(id));
      expect(seqs(events)).toEqual(upTo(122));
      expect(events[1]).toMatchObject({ type: 'agent.text', text: '0 – 🌙\n\nid: 7\r\ndata: "x"' });
      const streams = sent.filter(({ path }) => path.endsWith('/stream'));
      expect(streams.length).toBeGreaterThan(4);
      expect(streams[0]!.lastEventId).toBe(null);
    },
  );

  it('come once each from a machine in between that begins anew', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t }, async (request, { length }) => {
      const { url, headers } = request;
      const answer = await fetch(url, { headers: { authorization: headers.get('authorization')! } });
      return length === 1 ? cut(answer, 900, 'breaks') : answer;
    });
    const id = await t.start(key);
    await t.rest(id, end, [...texts(20), ['agent.completed', { result: 'x' }]]);
    expect(seqs(await all(client.sessions.events(id)))).toEqual(upTo(22));
  });

  it('begin after any of them, or with the next', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t });
    const id = await t.start(key);
    t.state.onSleep = async () => {
      t.state.onSleep = () => undefined;
      await t.complete(id);
    };
    const places: number[] = [];
    const onCursor = (after: number) => void places.push(after);
    expect(await all(client.sessions.events(id, { after: 'now', onCursor }))).toMatchObject([
      { type: 'agent.completed', seq: 2 },
    ]);
    expect(places).toEqual([1, 2]);
    expect(seqs(await all(client.sessions.events(id, { after: 1 })))).toEqual([2]);
    expect(await all(client.sessions.events(id, { after: 2 }))).toEqual([]);
  });

  it('say where the journal ends that was restored', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t });
    const id = await t.start(key);
    await t.complete(id);
    expect(await all(client.sessions.events(id, { after: 40 }))).toEqual([
      { session_id: id, type: 'agent.resync', seq: 2, after: 40 },
    ]);
  });

  it('have the reply that is being written, put together', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t });
    const id = await t.start(key);
    const drafts = ['The', 'The moon', 'The moon is'];
    t.state.onSleep = async () => {
      const text = drafts.shift();
      if (text !== undefined) return await t.world.live.draft(id, { iteration: 1, text });
      t.state.onSleep = () => undefined;
      await t.complete(id);
    };
    const events = await all(client.sessions.events(id, { deltas: true }));
    const deltas = events.flatMap((event) => (event.type === 'agent.delta' ? [[event.offset, event.text]] : []));
    expect(deltas).toEqual([
      [0, 'The'],
      [3, 'The moon'],
      [8, 'The moon is'],
    ]);
    expect(seqs(events)).toEqual([1, 2]);
  });

  it('go on when a connection falls silent, and say that it did', async () => {
    const t = api(undefined, QUICK);
    const { client, key, sent } = await served({ t }, (request, { length }) =>
      isStream(request) && length === 1 ? streamed(new ReadableStream()) : null,
    );
    const id = await t.start(key);
    await t.complete(id);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const broken: unknown[] = [];
    const events = all(client.sessions.events(id, { onBreak: (error) => broken.push(error) }));
    // Its silence, and the pause before the next connection.
    while (sent.length < 2) await vi.advanceTimersByTimeAsync(15_000);
    vi.useRealTimers();
    expect(seqs(await events)).toEqual([1, 2]);
    expect(broken).toMatchObject([{ code: 'timeout' }]);
  });

  it('end with the signal, and with the loop, which hang up', async () => {
    const t = api(undefined, QUICK);
    const cancelled: string[] = [];
    const silent = new ReadableStream({
      start: (controller) =>
        controller.enqueue(
          new TextEncoder().encode('id: 1\nevent: agent.started\ndata: {"seq":1,"type":"agent.started"}\n\n'),
        ),
      cancel: () => void cancelled.push('hung up'),
    });
    const stop = new AbortController();
    const { client } = await served({ t }, () => streamed(silent));
    for await (const { type } of client.sessions.events('ses_1', { signal: stop.signal })) {
      expect(type).toBe('agent.started');
      break;
    }
    expect(cancelled).toEqual(['hung up']);
    stop.abort();
    expect(await all(client.sessions.events('ses_1', { signal: stop.signal }))).toEqual([]);
  });

  it.each([
    ['no stream', () => Response.json({})],
    ['no JSON', () => streamed('id: 1\nevent: agent.started\ndata: <html>\n\n')],
  ])('are not asked for again where the answer is %s', async (kind, answer) => {
    const { client, sent } = await served({}, answer);
    const broken: unknown[] = [];
    const failed = all(client.sessions.events('ses_1', { onBreak: (error) => broken.push(error) }));
    await expect(failed).rejects.toThrow(kind === 'no JSON' ? SyntaxError : CircadianError);
    expect([sent.length, broken.length]).toEqual([1, 0]);
  });

  it('are refused where asking again is in vain', async () => {
    const { client, sent } = await served();
    await expect(all(client.sessions.events('ses_none'))).rejects.toMatchObject({ code: 'not_found' });
    expect(sent).toHaveLength(1);
  });
});

describe('waiting for a session', () => {
  it('lasts until it has ended', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t });
    const id = await t.start(key);
    t.state.onSleep = async () => {
      t.state.onSleep = () => undefined;
      await t.complete(id);
    };
    expect(await client.sessions.wait(id)).toMatchObject({ id, status: 'completed', result: '95' });
    expect(await client.sessions.wait(id)).toMatchObject({ status: 'completed' });
  });

  it('lasts until it has the status that is enough', async () => {
    const t = api(undefined, QUICK);
    const { client, key, sent } = await served({ t });
    const id = await t.start(key);
    t.state.onSleep = async () => {
      t.state.onSleep = () => undefined;
      await t.asleep(id);
    };
    expect(await client.sessions.wait(id, { until: ['sleeping'] })).toMatchObject({ status: 'sleeping' });
    expect(sent.filter(({ path }) => path.endsWith(id)).length).toBeLessThan(4);
  });

  it('ends with the signal', async () => {
    const stop = new AbortController();
    const { client, t, key } = await served();
    const id = await t.start(key);
    t.state.onSleep = () => stop.abort(new Error('enough'));
    await expect(client.sessions.wait(id, { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('the events of all sessions', () => {
  it.each(['breaks', 'ends'] as const)('come once each over connections of which each %s somewhere', async (how) => {
    const roll = dice(11);
    const t = api(undefined, QUICK);
    const { client, key, sent } = await served({ t }, async (request) =>
      request.url.endsWith('/v1/events') ? cut(await fetch(request), 120 + roll(4_000), how) : null,
    );
    const stop = new AbortController();
    const events = client.events({ signal: stop.signal });
    const ids = [await t.start(key), await t.start(key), await t.start(key)];
    const first = events.next();
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(1));
    for (const id of ids) await t.rest(id, end, texts(30));
    const got = [(await first).value!];
    while (got.length < 90) got.push((await events.next()).value!);
    stop.abort();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    for (const id of ids) {
      const own = got.flatMap((event) => (event.type !== 'agent.resync' && event.session_id === id ? [event.seq] : []));
      expect(own).toEqual(upTo(31).slice(1));
    }
    const [start, ...later] = sent.map(({ lastEventId }) => lastEventId);
    expect([start, later.length > 4, later.every(Boolean)]).toEqual([null, true, true]);
  });

  it('go on after where the stream began, before there was any', async () => {
    const t = api(undefined, QUICK);
    const { client, key } = await served({ t });
    const begun = Promise.withResolvers<string>();
    const stop = new AbortController();
    const none = all(client.events({ signal: stop.signal, onCursor: begun.resolve }));
    const after = await begun.promise;
    stop.abort();
    expect(await none).toEqual([]);
    const id = await t.start(key);
    const rest = client.events({ after });
    expect((await rest.next()).value).toMatchObject({ type: 'agent.started', session_id: id });
    await rest.return(undefined);
  });

  it('have a place, told once an event is done with, also where nothing else comes, wherever parts are cut', async () => {
    const entry = (seq: number) => `id: c${seq}\ndata: {"type":"agent.text","session_id":"s","seq":${seq}}\n\n`;
    const sent = `retry: 1\n\nid: c0\n\n${entry(1)}id: c1b\n\n: still here\n\n${entry(2)}id: c3\n\nid: c4\n\n`;
    for (const size of [1, 3, sent.length]) {
      const parts = sent.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      const stop = new AbortController();
      const asked: (string | null)[] = [];
      const { client } = await served({}, (request) => {
        asked.push(request.headers.get('last-event-id'));
        if (asked.length > 1) stop.abort();
        return streamed(ReadableStream.from(parts.map((part) => new TextEncoder().encode(part))) as ReadableStream);
      });
      const seen: string[] = [];
      const onCursor = (cursor: string) => void seen.push(cursor);
      for await (const event of client.events({ signal: stop.signal, onCursor }))
        if (event.type !== 'agent.resync') seen.push(`${event.seq}`);
      expect(seen.slice(0, 8)).toEqual(['c0', '1', 'c1', 'c1b', '2', 'c2', 'c3', 'c4']);
      expect(asked).toEqual([null, 'c4']);
    }
  });

  it('go on after the cursor of any of them', async () => {
    const t = api(undefined, QUICK);
    const begun = Promise.withResolvers<void>();
    const { client, key } = await served({ t }, async (request) => {
      const answer = await fetch(request);
      begun.resolve();
      return answer;
    });
    const first = client.events();
    const next = first.next();
    await begun.promise;
    const id = await t.start(key);
    const { cursor } = (await next).value!;
    await first.return(undefined);
    await t.rest(id, end, texts(3));
    const rest = client.events({ after: cursor });
    const got = [];
    while (got.length < 3) got.push((await rest.next()).value!);
    await rest.return(undefined);
    expect(seqs(got as SessionEvent[])).toEqual([2, 3, 4]);
  });
});
