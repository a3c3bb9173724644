import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EventType } from '../../lib/core/events.ts';
import { preview } from '../../lib/core/runtime-messages.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { served, terminal, visible } from './kit.ts';

const DAY = Date.parse('2026-11-11T00:00:00Z');
type Rest = [Exclude<StoredState, { state: 'ready' }>, EventType, object];
const ended = (outcome: string) => ({ state: 'ended', outcome, result: 'x', error: null }) as Rest[0];
const RESTS: Record<string, Rest> = {
  completed: [ended('completed'), 'agent.completed', { outcome: 'completed', result: 'x', iterations: 1 }],
  failed: [
    ended('failed'),
    'agent.failed',
    { outcome: 'failed', error: { code: 'x', message: 'It broke.' }, iterations: 1 },
  ],
  cancelled: [ended('cancelled'), 'agent.cancelled', { outcome: 'cancelled', iterations: 1 }],
  asleep: [
    { state: 'sleeping', until: DAY, reason: 'allowance' },
    'agent.sleeping',
    { reason: 'allowance', wake_at: '2026-11-11T00:00:00.000Z' },
  ],
  waiting: [{ state: 'waiting', question: 'Which moons?' }, 'agent.waiting_for_input', { question: 'Which moons?' }],
  paused: [{ state: 'paused', error: null }, 'agent.paused', {}],
};

/** A session that comes to rest so as soon as its stream has waited once. */
async function resting(kind: string) {
  const made = await served();
  const [to, type, data] = RESTS[kind]!;
  made.t.state.onSleep = async () => {
    made.t.state.onSleep = () => undefined;
    const { data: list } = (await made.call('GET', '/v1/sessions', { key: made.key })).json;
    await made.rest(list[0].id, to, [
      ['agent.text', { text: 'I look.' }],
      [type, data],
    ]);
  };
  return made;
}

describe('in a pipe', () => {
  it.each([
    ['completed', 0, '✓ done\n✓ Done  now · 0 iterations\nx\n→ circadian files ls'],
    ['failed', 10, '✕ failed It broke.'],
    ['asleep', 11, '☾ asleep until 2026-11-11 00:00 UTC'],
    ['waiting', 12, '? Which moons?'],
    ['paused', 12, '‖ paused'],
    ['cancelled', 13, 'cancelled'],
  ])('a session that is %s ends with %i', async (kind, code, said) => {
    const { circadian } = await resting(kind);
    const ran = await circadian(['run', 'Go.', '-w', '--no-wait-sleep']);
    expect([ran.code, ran.err]).toEqual([code, '']);
    expect(ran.out).toMatch(/^ses_.*\n08:00:00 {2}started: .*\n08:00:00 {2}I look\.\n/);
    expect(ran.out).toContain(said);
    const watched = await circadian(['watch', '@last', '--no-wait-sleep']);
    expect(watched).toMatchObject({ code, err: '' });
    expect(watched.out).toMatch(/^Go\. {2}ses_\w{26}\n/);
  });

  it('its sleep is waited through', async () => {
    const { circadian, t, complete, world } = await resting('asleep');
    const sleep = t.state.onSleep;
    t.state.onSleep = async (elapsed) => {
      await sleep(elapsed);
      t.state.onSleep = async () => {
        t.state.onSleep = () => undefined;
        world.store.now = DAY;
        const [id] = world.store.sessions.keys();
        await complete(id!);
      };
    };
    const { code, out } = await circadian(['run', 'Go.', '-w']);
    expect([code, out.match(/☾ asleep|✓ done/g)]).toEqual([0, ['☾ asleep', '✓ done']]);
  });

  it.each([
    ['said before it ended', 'Moons:\n- Io\n- Europa', (result: string) => result],
    ['so long that the journal has its beginning', `Moons:\n${'- Io\n'.repeat(500)}- Europa`, preview],
  ])('prints a result once, also where it was %s', async (_, result, inJournal) => {
    const { circadian, t, rest, world } = await served();
    t.state.onSleep = async () => {
      t.state.onSleep = () => undefined;
      const [id] = world.store.sessions.keys();
      const state = { ...ended('completed'), result } as Rest[0];
      const spent = { budget_pct: 1, spent_microdollars: 1, daily_budget_microdollars: 100, cost_microdollars: 1 };
      await rest(id!, state, [
        ['agent.text', { text: 'I look.' }],
        ['agent.text', { text: inJournal(result) }],
        ['agent.budget_updated', spent],
        ['agent.completed', { outcome: 'completed', result, iterations: 1 }],
      ]);
    };
    const { code, out } = await circadian(['run', 'Go.', '-w']);
    expect(code).toBe(0);
    expect(out).toContain(`  I look.\n08:00:00  ✓ done\n✓ Done  now · 0 iterations\n${result}\n→ circadian files ls`);
    expect(out.match(/Moons:/g)).toHaveLength(1);
  });

  it('is left by Ctrl-C, and goes on', async () => {
    const { circadian, t, start, key } = await served();
    const id = await start(key);
    const stop = new AbortController();
    t.state.onSleep = () => stop.abort();
    const { code, err } = await circadian(['watch', id], { signal: stop.signal });
    expect([code, err]).toEqual([130, `It goes on without you. See it again: circadian watch ${id}\n`]);
    expect((await circadian(['show', id, '--json'])).out).toContain('"status":"working"');
  });

  it('that comes to rest between the look and its events is looked at again', async () => {
    const { circadian, t, start, rest, key } = await served();
    const id = await start(key);
    let looked = false;
    const through = async (request: Request) => {
      const answer = await fetch(request);
      if (looked || !request.url.endsWith(id)) return answer;
      looked = true;
      await rest(id, ...([RESTS.waiting![0], [RESTS.waiting!.slice(1)]] as never as [never, never]));
      return answer;
    };
    t.state.onSleep = () => Promise.reject(new Error('it waits for ever'));
    expect((await circadian(['watch', id], {}, { fetch: through as never, retries: 0 })).code).toBe(12);
  });

  it('is not guessed in a pipe', async () => {
    const { circadian } = await served();
    expect(await circadian(['watch'])).toMatchObject({ code: 2, err: expect.stringContaining('Which session?') });
  });

  it('is one event a line for scripts', async () => {
    const { circadian } = await resting('completed');
    const { out } = await circadian(['run', 'Go.', '-w', '--json']);
    expect(
      out
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row).type),
    ).toEqual(['agent.started', 'agent.text', 'agent.completed']);
  });
});

describe('on a terminal', () => {
  it('is drawn on the other screen until it has ended, and its result stays', async () => {
    const { circadian } = await resting('completed');
    const screen = terminal();
    const { code, out } = await circadian(['run', `Go.${' On.'.repeat(100)}`, '-w'], { terminal: screen.io });
    expect(code).toBe(0);
    expect(visible(screen.sent)).toMatch(/^␛\[\?1049h.*Today {2}\$0\.00 of \$1\.00.*␛\[\?25h␛\[\?1049l$/s);
    expect(screen.closed).toBe(true);
    expect(out).toMatch(/✓ Done {2}now · 0 iterations\nx\n→ circadian files ls ses_\w+\n$/);
    const again = await circadian(['watch', '@last'], { terminal: terminal().io });
    expect(again.out).toMatch(/^Go\.[ On.]+… {2}ses_\w{26}\n✓ Done/);
    expect(again.out.indexOf('\n')).toBe(terminal().columns);
  });

  it.each([
    ['q', 0],
    ['\u0003', 130],
  ])('is left by %j with %i, and goes on', async (key, expected) => {
    const { circadian, start, key: ofUser } = await served();
    const id = await start(ofUser);
    const screen = terminal();
    screen.onPicture = () => screen.press(key);
    const { code, err } = await circadian(['watch', id], { terminal: screen.io });
    expect([code, err]).toEqual([expected, expect.stringContaining('It goes on without you.')]);
    expect(screen.sent.endsWith('\u001b[?1049l')).toBe(true);
  });

  it.each([
    ['asks for nothing but its events while it rests', true, 0],
    ['looks at it while it works', false, 1],
  ])('%s', async (_, rests, least) => {
    const { circadian, start, asleep, key, asked } = await served();
    const id = await start(key);
    if (rests) await asleep(id);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const looks = () => asked.filter((path) => !path.endsWith('/stream')).length;
    const screen = terminal();
    let before = 0;
    screen.onPicture = async () => {
      screen.onPicture = () => undefined;
      before = looks();
      vi.advanceTimersByTime(600_000);
      if (least > 0) await vi.waitFor(() => expect(looks()).toBeGreaterThan(before));
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
      screen.press('q');
    };
    expect((await circadian(['watch', id], { terminal: screen.io })).code).toBe(0);
    if (least === 0) expect(looks()).toBe(before);
    expect(before).toBe(2);
  });

  it('asks for nothing but the events of all while all rest, and shows what happens', async () => {
    const { circadian, start, asleep, key, asked } = await served();
    await asleep(await start(key, { goal: 'Owls' }));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const looks = () => asked.filter((path) => path !== '/v1/events').length;
    const settled = async () => {
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    };
    const screen = terminal();
    const seen: number[] = [];
    screen.onPicture = async () => {
      screen.onPicture = () => undefined;
      // The second look is that after the beginning of the stream.
      await vi.waitFor(() => {
        vi.advanceTimersByTime(2_000);
        expect(looks()).toBe(4);
      });
      for (const _ of [1, 2, 3]) {
        vi.advanceTimersByTime(600_000);
        await settled();
        await vi.waitFor(() => expect(looks() % 2).toBe(0));
        seen.push(looks());
      }
      await start(key, { goal: 'Moons' });
      await vi.waitFor(() => {
        vi.advanceTimersByTime(2_000);
        expect(screen.sent).toContain('started: assistant');
        expect(screen.sent).toMatch(/Queued +Moons/);
      });
      screen.press('q');
    };
    expect((await circadian(['watch'], { terminal: screen.io })).code).toBe(0);
    expect(seen).toEqual([4, 4, 4]);
  });

  it.each([
    ['a sleeper', true],
    ['no agent', false],
  ])('looks again when a new day begins with %s, though nothing happens in it', async (_, sleeps) => {
    const { circadian, start, asleep, key, asked } = await served();
    if (sleeps) await asleep(await start(key, { goal: 'Owls' }));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const looks = () => asked.filter((path) => path !== '/v1/events').length;
    const here = { now: Date.parse('2020-01-01T00:00:00Z') };
    const screen = terminal();
    screen.onPicture = async () => {
      screen.onPicture = () => undefined;
      await vi.waitFor(() => {
        vi.advanceTimersByTime(2_000);
        expect(looks()).toBe(4);
      });
      here.now += 86_400_000;
      await vi
        .waitFor(() => {
          vi.advanceTimersByTime(2_000);
          expect(looks()).toBeGreaterThan(4);
        })
        .finally(() => screen.press('q'));
    };
    expect((await circadian(['watch'], { terminal: screen.io, now: () => here.now })).code).toBe(0);
    expect(looks()).toBeGreaterThan(4);
  });

  it('looks again after a look that failed', async () => {
    const { circadian, start, asleep, key, asked } = await served();
    await asleep(await start(key, { goal: 'Owls' }));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const away = { is: false, failures: 0 };
    const through = async (request: Request) => {
      if (!away.is || request.url.endsWith('/v1/events')) return fetch(request);
      away.failures += 1;
      throw new TypeError('fetch failed');
    };
    const screen = terminal();
    screen.onPicture = async () => {
      screen.onPicture = () => undefined;
      const later = (check: () => void) =>
        vi.waitFor(() => {
          vi.advanceTimersByTime(2_000);
          check();
        });
      await later(() => expect(asked.filter((path) => path !== '/v1/events')).toHaveLength(4));
      away.is = true;
      await start(key, { goal: 'Moons' });
      await later(() => expect(away.failures).toBeGreaterThan(0));
      away.is = false;
      await later(() => expect(screen.sent).toMatch(/Queued +Moons/)).finally(() => screen.press('q'));
    };
    const options = { fetch: through as never, retries: 0 };
    expect((await circadian(['watch'], { terminal: screen.io }, options)).code).toBe(0);
    expect(screen.sent).toMatch(/Queued +Moons/);
  });

  it('shows all sessions in a table', async () => {
    const { circadian, start, key } = await served();
    await start(key, { goal: 'Owls' });
    await start(key, { goal: 'Moons' });
    const screen = terminal();
    screen.onPicture = () => screen.press('q');
    expect((await circadian(['budget', '-w'], { terminal: screen.io })).code).toBe(0);
    expect(screen.sent).toMatch(/Today {2}\$0\.00 of .*Queued {2}Moons.*Queued {2}Owls/s);
  });
});
