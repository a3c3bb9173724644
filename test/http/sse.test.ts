import { describe, expect, it, vi } from 'vitest';
import type { EventType } from '../../lib/core/events.ts';
import type { Deps, RateLimits } from '../../lib/http/deps.ts';
import { api, framesOf } from './kit.ts';

/** A session, and counts of what its viewers cost. */
async function viewed(change: (deps: Deps) => Partial<Deps> = () => ({}), limits: Partial<RateLimits> = {}) {
  const asked = { postgres: 0, live: 0 };
  const made = api((deps) => {
    const changed = { ...deps, ...change(deps) };
    const { userSessions, live } = changed;
    return {
      ...changed,
      userSessions: {
        ...userSessions,
        events: (...args) => {
          asked.postgres += 1;
          return userSessions.events(...args);
        },
      },
      live: {
        ...live,
        watch: (id) => {
          asked.live += 1;
          return live.watch(id);
        },
      },
    };
  }, limits);
  const key = await made.user('ada');
  const id = await made.start(key);
  const path = `/v1/sessions/${id}/events/stream`;
  const watch = (headers: Record<string, string> = {}, query = '') => made.call('GET', path + query, { key, headers });
  const journal = () => made.world.store.sessions.get(id)?.journal ?? [];
  /** Lets something happen once, when the stream has waited so long. */
  const at = (ms: number, act: () => unknown) => {
    const before = made.state.onSleep;
    let done = false;
    made.state.onSleep = async (elapsed) => {
      await before(elapsed);
      if (done || elapsed < ms) return;
      done = true;
      await act();
    };
  };
  return { ...made, key, id, path, watch, journal, asked, at };
}

const long = (n: number): [EventType, object][] =>
  Array.from({ length: n }, (_, i) => ['agent.text', { text: `${i}\n\nid: 7` }]);
const end = { state: 'ended', outcome: 'completed', result: 'x', error: null } as const;
const draft = (iteration: number, text: string) => ({ iteration, text });

describe('the stream of an ended session', () => {
  it('is written many entries at a time', async () => {
    const { hono, key, path, rest, id } = await viewed();
    await rest(id, end, long(450));
    const { body } = await hono.request(path, { headers: { authorization: `Bearer ${key}` } });
    const pieces: number[] = [];
    for await (const { length } of body!) pieces.push(length);
    expect([pieces.length < 20, Math.max(...pieces) < 40_000]).toEqual([true, true]);
  });

  it('is its whole journal with numbers as ids, and ends', async () => {
    const { watch, rest, id, journal } = await viewed();
    await rest(id, end, [...long(450), ['agent.completed', { result: 'x' }]]);
    const { status, headers, text } = await watch();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(headers.get('cache-control')).toContain('no-cache');
    const [first, ...frames] = framesOf(text);
    expect(first).toEqual({ retry: '1000' });
    expect(frames.pop()).toEqual({ retry: '3600000' });
    expect(frames.map(({ id }) => Number(id))).toEqual(journal().map(({ seq }) => seq));
    expect(frames.map(({ event }) => event)).toEqual(journal().map(({ type }) => type));
    expect(frames[1]?.data).toEqual({
      ...{
        seq: 2,
        at: '2026-11-10T08:00:00.000Z',
        session_id: id,
        iteration: 0,
        type: 'agent.text',
        text: '0\n\nid: 7',
      },
    });
  });

  it('resumed after any id is exactly the rest (G8)', async () => {
    const { watch, rest, id, journal } = await viewed();
    await rest(id, end, [...long(8), ['agent.completed']]);
    const all = journal().map(({ seq }) => seq);
    const seqs = (text: string) => framesOf(text).flatMap((frame) => (frame.id ? [Number(frame.id)] : []));
    for (const last of [0, ...all]) {
      expect(seqs((await watch({ 'last-event-id': String(last) })).text)).toEqual(all.filter((seq) => seq > last));
      expect(seqs((await watch({}, `?after=${last}`)).text)).toEqual(all.filter((seq) => seq > last));
    }
    expect(seqs((await watch({ 'last-event-id': '3' }, '?after=1')).text)).toEqual(all.filter((seq) => seq > 3));
  });
});

describe('a number beyond the end', () => {
  const numbered = (text: string) => framesOf(text).filter(({ id }) => id);

  it('is told where the journal ends, and the stream of an ended session ends', async () => {
    const { watch, rest, id, journal, state } = await viewed();
    await rest(id, end, [...long(8), ['agent.completed']]);
    const seq = journal().length;
    for (const after of ['1000', String(Number.MAX_SAFE_INTEGER), String(seq + 1)]) {
      const { text } = await watch({ 'last-event-id': after });
      const resync = { session_id: id, type: 'agent.resync', seq, after: Number(after) };
      expect(numbered(text)).toEqual([{ id: String(seq), event: 'agent.resync', data: resync }]);
      expect(framesOf(text).at(-1)).toEqual({ retry: '3600000' });
    }
    expect(state.elapsed).toBe(0);
    expect(numbered((await watch({ 'last-event-id': String(seq) })).text)).toEqual([]);
  });

  it('of a living one is followed by what comes, to its end', async () => {
    const { watch, rest, id, at } = await viewed();
    at(2_000, () => rest(id, end, [['agent.text'], ['agent.completed']]));
    const frames = numbered((await watch({ 'last-event-id': '1000' })).text);
    expect(frames.map(({ id, event }) => [id, event])).toEqual([
      ['1', 'agent.resync'],
      ['2', 'agent.text'],
      ['3', 'agent.completed'],
    ]);
  });
});

describe('the stream of a living session', () => {
  it('brings what is saved while it is open, and ends with the session', async () => {
    const { watch, rest, asleep, world, id, journal, at } = await viewed();
    at(2_000, () => asleep(id));
    at(100_000, async () => {
      world.advance(24 * 3_600_000);
      await rest(id, end, [['agent.waking'], ['agent.completed']]);
    });
    const frames = framesOf((await watch()).text).filter(({ id }) => id);
    expect(frames.map(({ event }) => event)).toEqual([
      'agent.started',
      'agent.sleeping',
      'agent.waking',
      'agent.completed',
    ]);
    expect(frames).toHaveLength(journal().length);
  });

  it('leaves Postgres asleep while the session sleeps, and shows signs of life', async () => {
    const { watch, asleep, id, asked, state } = await viewed();
    await asleep(id);
    const { text } = await watch();
    expect(state.elapsed).toBeGreaterThanOrEqual(14 * 60_000);
    expect(asked.postgres).toBe(1);
    expect(asked.live).toBeLessThan(1_000);
    const beats = text.split(': still here\n\n').length - 1;
    expect(beats).toBeGreaterThanOrEqual(50);
    expect(beats).toBeLessThanOrEqual(56);
    expect(framesOf(text).at(-1)).toMatchObject({ event: 'agent.sleeping' });
  });

  it('asks Postgres once a second where the live view is away, and a tenth as often for a sleeper', async () => {
    const away = ({ live }: Deps) => ({ live: { ...live, watch: () => Promise.reject(new Error('away')) } });
    const working = await viewed(away, { streamMs: 60_000 });
    working.at(30_000, () =>
      working.rest(working.id, { state: 'waiting', question: null }, [['agent.waiting_for_input']]),
    );
    const frames = framesOf((await working.watch()).text);
    expect(frames.at(-1)?.event).toBe('agent.waiting_for_input');
    expect(working.asked.postgres).toBeGreaterThan(25);
    expect(working.asked.postgres).toBeLessThan(40);
  });

  it('finds what a lost mirror write did not announce', async () => {
    const { watch, world, id, at, asked } = await viewed(() => ({}), { streamMs: 120_000 });
    await world.live.draft(id, draft(1, 'x'));
    at(5_000, () =>
      world.store.sessions
        .get(id)
        ?.journal.push({ seq: 2, at: world.now(), iteration: 1, type: 'agent.text', data: { text: 'hidden' } }),
    );
    expect(framesOf((await watch()).text).some(({ id }) => id === '2')).toBe(true);
    expect(asked.postgres).toBeLessThan(10);
  });

  it('asks only once for a number that Postgres does not have', async () => {
    const { watch, asleep, world, id, asked } = await viewed();
    await asleep(id);
    const view = world.live.views.get(id)!;
    world.live.views.set(id, { ...view, seq: 99 });
    await watch();
    expect(asked.postgres).toBe(2);
  });

  it('shows the reply as it is written, each piece once and without an id', async () => {
    const { watch, world, id, at, rest } = await viewed();
    at(600, () => world.live.draft(id, draft(1, 'Jup')));
    at(1_200, () => world.live.draft(id, draft(1, 'Jupiter')));
    at(2_400, () => world.live.draft(id, draft(1, 'Jupiter has')));
    at(3_000, () => world.live.draft(id, draft(1, 'Saturn')));
    at(3_600, () => world.live.draft(id, draft(2, 'Saturn')));
    at(4_200, () => rest(id, end, [['agent.completed']]));
    const deltas = framesOf((await watch()).text).filter(({ event }) => event === 'agent.delta');
    const pieces = deltas.map(({ data }) => [data?.iteration, data?.offset, data?.text]);
    expect(pieces).toEqual([
      [1, 0, 'Jup'],
      [1, 3, 'iter'],
      [1, 7, ' has'],
      [1, 0, 'Saturn'],
      [2, 0, 'Saturn'],
    ]);
    for (const delta of deltas) {
      expect(delta.id).toBeUndefined();
      expect(delta.data).toMatchObject({ session_id: id, type: 'agent.delta' });
    }
  });

  it('shows the thoughts behind it as well, told apart', async () => {
    const { watch, world, id, at, rest } = await viewed();
    const muse = (thought: string, text = '') => world.live.draft(id, { iteration: 1, text, thought });
    at(600, () => muse('Which'));
    at(1_200, () => muse('Which moon?'));
    at(2_400, () => muse('Which moon?', 'Io'));
    at(3_000, () => muse('Which moon? Io.', 'Io it'));
    at(4_200, () => rest(id, end, [['agent.completed']]));
    const deltas = framesOf((await watch()).text).filter(({ event }) => event === 'agent.delta');
    expect(deltas.map(({ data }) => [data?.kind, data?.offset, data?.text])).toEqual([
      ['thought', 0, 'Which'],
      ['thought', 5, ' moon?'],
      ['text', 0, 'Io'],
      ['thought', 11, ' Io.'],
      ['text', 2, ' it'],
    ]);
  });

  it('does not repeat a reply that is in the journal already', async () => {
    const { watch, world, id } = await viewed(() => ({}), { streamMs: 5_000 });
    world.store.sessions.get(id)!.iteration = 1;
    await world.live.draft(id, draft(1, 'old'));
    expect((await watch()).text).not.toContain('agent.delta');
  });

  it('ends with the session that is deleted', async () => {
    const { watch, call, key, id, at, state } = await viewed(({ live }) => ({
      live: { ...live, watch: () => Promise.reject(new Error('away')) },
    }));
    at(3_000, () => call('DELETE', `/v1/sessions/${id}`, { key }));
    expect(framesOf((await watch()).text).at(-1)?.event).toBe('agent.started');
    expect(state.elapsed).toBeLessThan(10_000);
  });

  it('that breaks ends, so that the client comes back', async () => {
    let broken = false;
    const { watch, at, lines } = await viewed(({ userSessions, live }) => ({
      live: { ...live, watch: () => Promise.reject(new Error('away')) },
      userSessions: {
        ...userSessions,
        events: (...args) => (broken ? Promise.reject(new Error('gone')) : userSessions.events(...args)),
      },
    }));
    at(3_000, () => {
      broken = true;
    });
    expect(framesOf((await watch()).text).at(-1)?.event).toBe('agent.started');
    expect(lines.some(({ message }) => message === 'stream broke')).toBe(true);
  });

  it('stops asking when the client hangs up, and the session goes on', async () => {
    const { hono, key, path, world, id, asked } = await viewed();
    const response = await hono.request(path, { headers: { authorization: `Bearer ${key}` } });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 20; i++) await turn();
    const before = { ...asked };
    for (let i = 0; i < 200; i++) await turn();
    expect(asked).toEqual(before);
    expect(world.store.sessions.get(id)?.desired).toBe('run');
  });

  it('stops asking when nobody reads any more, too', async () => {
    const { hono, key, path, asked } = await viewed(() => ({}), { stallMs: 1, streamMs: 1e12 });
    const response = await hono.request(path, { headers: { authorization: `Bearer ${key}` } });
    let before = -1;
    await vi.waitUntil(() => {
      const still = asked.live === before;
      before = asked.live;
      return still;
    });
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  it("ends before the function's time does", async () => {
    const { hono, key, path, state } = await viewed();
    const headers = { authorization: `Bearer ${key}` };
    const env = { context: { getRemainingTimeInMillis: () => 65_000 } };
    await (await hono.request(path, { headers }, env)).text();
    expect(state.elapsed).toBeGreaterThanOrEqual(60_000);
    expect(state.elapsed).toBeLessThan(62_000);
  });
});
