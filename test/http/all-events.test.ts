/** GET /v1/events: the journals of all of a user's sessions as one stream, whoever watches and however often they come back. */
import { describe, expect, it } from 'vitest';
import type { EventType } from '../../lib/core/events.ts';
import { app } from '../../lib/http/app.ts';
import type { Deps, RateLimits } from '../../lib/http/deps.ts';
import { ADMIN, api, type Frame, framesOf } from './kit.ts';

const said = (n: number): [EventType, object] => ['agent.text', { text: `${n}` }];
const waits = { state: 'waiting', question: 'Which?' } as const;
const nameOf = ({ data }: Frame) => `${data!.session_id} ${data!.seq}`;
const entriesOf = (frames: Frame[]) => frames.filter(({ data }) => data);

/** A user, and counts of what those who watch cost. */
async function watched(limits: Partial<RateLimits> = {}, change: (deps: Deps) => Partial<Deps> = () => ({})) {
  const asked = { postgres: 0, live: 0 };
  const made = api((deps) => {
    const changed = { ...deps, ...change(deps) };
    return {
      ...changed,
      userSessions: {
        ...changed.userSessions,
        allEvents: (...args) => {
          asked.postgres += 1;
          return changed.userSessions.allEvents(...args);
        },
      },
      live: {
        ...changed.live,
        version: (id) => {
          asked.live += 1;
          return changed.live.version(id);
        },
      },
    };
  }, limits);
  const key = await made.user('ada');
  const watch = (query = '', headers: Record<string, string> = {}) =>
    made.call('GET', `/v1/events${query}`, { key, headers });
  /** Each is done once, when so much time has passed. */
  const at = (...steps: [number, () => unknown][]) => {
    const left = [...steps];
    made.state.onSleep = async (elapsed) => {
      while (left[0] && elapsed >= left[0][0]) await left.shift()![1]();
    };
  };
  const all = () =>
    [...made.world.store.sessions.values()].flatMap((row) => row.journal.map(({ seq }) => `${row.id} ${seq}`)).sort();
  return { ...made, key, watch, at, asked, all };
}

describe('the stream of all events', () => {
  it('begins now where no place is named, says where that is, and brings what comes, of old and new sessions', async () => {
    const { watch, start, rest, key, at } = await watched({ streamMs: 30_000 });
    const old = await start(key);
    let fresh = '';
    at([2_000, () => rest(old, waits, [said(1)])], [5_000, async () => (fresh = await start(key))]);
    const { status, headers, text } = await watch();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const [retry, first, ...frames] = framesOf(text);
    expect(retry).toEqual({ retry: '1000' });
    expect(Object.keys(first!)).toEqual(['id']);
    expect(entriesOf(frames).map(({ event, data }) => [event, data!.session_id])).toEqual([
      ['agent.text', old],
      ['agent.started', fresh],
    ]);
  });

  it('resumed after any of its ids is exactly the rest, in whatever order sessions moved', async () => {
    const { watch, start, rest, key, world, at, all } = await watched({ streamMs: 20_000 });
    const { text: begun } = await watch();
    const [, { id: from }] = framesOf(begun) as [Frame, Frame];
    const ids = [await start(key), await start(key), await start(key)];
    for (const id of ids) await rest(id, waits, [said(1), said(2)]);
    world.advance(500_000);
    await start(key);
    at([0, () => undefined]);
    const frames = entriesOf(framesOf((await watch(`?after=${from}`)).text));
    expect(frames.map(nameOf).sort()).toEqual(all());
    for (const [i, { id }] of frames.entries()) {
      const again = entriesOf(framesOf((await watch('', { 'last-event-id': id! })).text));
      expect(again.map(nameOf)).toEqual(frames.slice(i + 1).map(nameOf));
    }
  });

  it('tells who comes back again and again where they are, so that no quiet day costs them their place', async () => {
    const { watch, start, key, world, at } = await watched({ streamMs: 1_000 });
    let last = framesOf((await watch()).text).at(-1)!.id!;
    for (let hour = 0; hour < 30; hour++) {
      world.advance(3_600_000);
      at([0, () => undefined]);
      const frames = framesOf((await watch('', { 'last-event-id': last })).text);
      expect(entriesOf(frames)).toEqual([]);
      last = frames.at(-1)!.id!;
    }
    await start(key);
    const frames = entriesOf(framesOf((await watch('', { 'last-event-id': last })).text));
    expect(frames.map(({ event }) => event)).toEqual(['agent.started']);
  });

  it('ends with its place, which may have moved without an entry', async () => {
    const { watch, start, rest, key, at } = await watched({ streamMs: 30_000 });
    const id = await start(key);
    at([2_000, () => rest(id, waits, [said(1)])]);
    const last = framesOf((await watch()).text).at(-1)!;
    expect(Object.keys(last)).toEqual(['id']);
    at([0, () => undefined]);
    expect(entriesOf(framesOf((await watch(`?after=${last.id}`)).text))).toEqual([]);
  });

  it('gives a hundred who watch each entry once, and asks Postgres about once for all of them with each change', async () => {
    const { hono, key, start, rest, at, state, all, asked } = await watched({ streamMs: 1_200_000 });
    const ids = [await start(key), await start(key)];
    const headers = { authorization: `Bearer ${key}` };
    const openings = await Promise.all(Array.from({ length: 100 }, () => hono.request('/v1/events', { headers })));
    const before = all();
    at(
      [100_000, () => rest(ids[0]!, waits, [said(1), said(2)])],
      [400_000, () => rest(ids[1]!, waits, [said(3)])],
      [800_000, () => start(key)],
    );
    state.elapsed = 0;
    const texts = await Promise.all(openings.map((one) => one.text()));
    const fresh = all().filter((name) => !before.includes(name));
    for (const text of texts) expect(entriesOf(framesOf(text)).map(nameOf).sort()).toEqual(fresh);
    expect(fresh).toHaveLength(4);
    // The test's time passes a hundred times as fast, since each of them waits for itself: some forty spans of half a minute.
    expect(asked.postgres).toBeLessThan(100);
  });

  it('gives a hundred who watch each entry once when the server stops and another one takes its place', async () => {
    const { hono, deps, key, start, rest, at, state, all } = await watched({ streamMs: 600_000 });
    const next = app({ ...deps, limits: { streamMs: 600_000 } });
    const [one, two] = [await start(key), await start(key)];
    const before = all();
    const headers = { authorization: `Bearer ${key}` };
    const seen = Array.from({ length: 100 }, () => ({ id: '', names: [] as string[] }));
    const watch = async (server: typeof hono, of: (typeof seen)[number]) => {
      const response = await server.request('/v1/events', {
        headers: { ...headers, ...(of.id && { 'last-event-id': of.id }) },
      });
      const frames = framesOf(await response.text());
      of.id = frames.findLast(({ id }) => id)?.id ?? of.id;
      of.names.push(...entriesOf(frames).map(nameOf));
    };
    state.elapsed = 0;
    at([200_000, () => rest(one, waits, [said(1), said(2)])]);
    await Promise.all(seen.map((of) => watch(hono, of)));
    // While nobody is there.
    await rest(two, waits, [said(3)]);
    at([state.elapsed + 200_000, () => start(key)]);
    await Promise.all(seen.map((of) => watch(next, of)));
    const fresh = all().filter((name) => !before.includes(name));
    expect(fresh).toHaveLength(4);
    for (const { names } of seen) expect(names.sort()).toEqual(fresh);
  });

  it('leaves Postgres asleep while all sessions rest, and shows signs of life', async () => {
    const { watch, start, asleep, key, asked, state } = await watched();
    await asleep(await start(key));
    const { text } = await watch();
    expect(state.elapsed).toBeGreaterThanOrEqual(14 * 60_000);
    // Where it begins, and what came since.
    expect(asked.postgres).toBe(2);
    expect(asked.live).toBeLessThan(1_000);
    expect(text.split(': still here\n\n').length).toBeGreaterThan(50);
  });

  it('asks Postgres where the live view is away, a tenth as often for those who rest', async () => {
    const away = ({ live }: Deps) => ({ live: { ...live, version: () => Promise.reject(new Error('away')) } });
    const { watch, start, asleep, key, asked, at } = await watched({ streamMs: 60_000 }, away);
    const id = await start(key);
    at([30_000, () => asleep(id)]);
    expect(entriesOf(framesOf((await watch()).text)).map(({ event }) => event)).toEqual(['agent.sleeping']);
    expect(asked.postgres).toBeGreaterThan(25);
    expect(asked.postgres).toBeLessThan(40);
  });

  it('finds within half a minute what no mark of a change told, while something works', async () => {
    const { watch, start, key, world, at } = await watched({ streamMs: 60_000 });
    const id = await start(key);
    at([
      3_000,
      () =>
        world.store.sessions
          .get(id)!
          .journal.push({ seq: 2, at: world.now(), iteration: 1, type: 'agent.text', data: { text: 'x' } }),
    ]);
    expect(entriesOf(framesOf((await watch()).text)).map(nameOf)).toEqual([`${id} 2`]);
  });

  it('shows nothing of other users, and ends within a minute of the key', async () => {
    const { watch, user, start, key, at, call, state } = await watched({ streamMs: 600_000 });
    const eve = await user('eve');
    await start(key);
    const id = key.split('_')[1];
    at(
      [1_000, () => start(eve)],
      [
        5_000,
        async () =>
          expect((await call('DELETE', `/v1/admin/users/ada/api-keys/${id}`, { key: ADMIN })).status).toBe(204),
      ],
    );
    expect(entriesOf(framesOf((await watch()).text))).toEqual([]);
    expect(state.elapsed).toBeLessThan(150_000);
  });

  it('begins at the end where a place lies more than a day back or is of another database, and says so', async () => {
    const { watch, start, rest, key, world, at, state } = await watched({ streamMs: 20_000 });
    const id = await start(key);
    await rest(id, waits, [said(1)]);
    world.advance(90_000_000);
    const places = [
      () => (world.now() - 86_460_000).toString(36),
      () => (world.now() + 60_000).toString(36),
      () => `${world.now().toString(36)}.${id}:zz`,
    ];
    for (const lost of places) {
      let fresh = '';
      at([state.elapsed + 5_000, async () => (fresh = await start(key))]);
      const [, first, ...frames] = framesOf((await watch(`?after=${lost()}`)).text);
      expect([first!.event, first!.data]).toEqual(['agent.resync', { type: 'agent.resync' }]);
      expect(entriesOf(frames).map(nameOf)).toEqual([`${fresh} 1`]);
      at();
      // From the id of that frame on it is exactly the rest.
      const again = entriesOf(framesOf((await watch(`?after=${first!.id}`)).text));
      expect(again.map(nameOf)).toEqual([`${fresh} 1`]);
      world.advance(300_000);
    }
  });

  it('reads no more of what was missed once the client has gone', async () => {
    const { hono, key, start, rest, asked, watch, at } = await watched({ streamMs: 20_000 });
    const [, { id: from }] = framesOf((await watch()).text) as [Frame, Frame];
    const many = Array.from({ length: 450 }, (_, n) => said(n));
    await rest(await start(key), waits, many);
    at();
    asked.postgres = 0;
    const gone = new AbortController();
    const response = await hono.request(`/v1/events?after=${from}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: gone.signal,
    });
    const reader = response.body!.getReader();
    await reader.read();
    gone.abort();
    await reader.cancel();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked.postgres).toBe(1);
  });

  it('answers with a problem, and no stream, where the first page cannot be read', async () => {
    const down = ({ userSessions }: Deps) => ({
      userSessions: { ...userSessions, allEvents: () => Promise.reject(new Error('down')) },
    });
    const { watch, world } = await watched({}, down);
    expect((await watch(`?after=${world.now().toString(36)}`)).status).toBe(500);
  });

  it('refuses a place that it never gave', async () => {
    const { watch } = await watched();
    for (const bad of ['zzzzzzzzzz', 'x y', '1.ses_1', '-4', "1.a:1'", `1${'.a:1'.repeat(9_000)}`])
      expect((await watch(`?after=${encodeURIComponent(bad)}`)).status, bad).toBe(422);
  });
});
