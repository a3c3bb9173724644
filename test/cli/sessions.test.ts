import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { api } from '../http/kit.ts';
import { served, terminal } from './kit.ts';

describe('sessions', () => {
  it('begin with what people say in dollars, and are shown in dollars', async () => {
    const { circadian } = await served();
    const { code, out } = await circadian([
      'run',
      'Count the moons.',
      '--cap',
      '2.50',
      '--share',
      '40',
      '--meta',
      'team=red',
      '--meta',
      'a=b',
    ]);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^ses_\w{26} {2}assistant · claude-sonnet-5-5 · cap \$2\.50\n$/),
    ]);
    const [session] = JSON.parse((await circadian(['ls', '--json'])).out);
    expect(session).toMatchObject({
      ...{ max_cost_microdollars: 2_500_000, daily_share_percent: 40, metadata: { team: 'red', a: 'b' } },
    });
    expect((await circadian(['ls'])).out).toMatch(
      /^◌ Queued {2}Count the moons\. {2}it\. 0 {2}\$0\.00 {2}now {2}\w{8}\n$/,
    );
    expect(JSON.parse((await circadian(['--json', 'show', '@last'])).out)).toEqual(session);
  });

  it('take their goal from a pipe', async () => {
    const { circadian } = await served();
    const { out } = await circadian(['run', '-', '--json'], { input: async () => 'From a file.\n' });
    expect(JSON.parse(out).goal).toBe('From a file.');
  });

  it('are named by their end', async () => {
    const { circadian, start, key } = await served();
    const one = await start(key);
    expect((await circadian(['pause', one.slice(-10)])).out).toContain(`‖ Paused  ${one}`);
    expect((await circadian(['resume', '@last', '--json'])).code).toBe(0);
    expect(await circadian(['show', 'zzzzzzzz'])).toMatchObject({
      code: 3,
      err: '✕ No session of yours ends in zzzzzzzz.\n  → circadian ls\n',
    });
    expect(await circadian(['show', '../x'])).toMatchObject({ code: 2 });
  });

  it('are never named by an end that fits two', async () => {
    const alike = api(({ userSessions }) => ({
      userSessions: {
        ...userSessions,
        list: async (...args) => {
          const page = await userSessions.list(...args);
          return { ...page, data: page.data.map((view, i) => ({ ...view, id: `ses_${i}0000000000000000000000owl` })) };
        },
      },
    }));
    const { circadian, start, key } = await served(alike);
    for (const goal of ['One.', 'Two.']) await start(key, { goal });
    const { code, err } = await circadian(['rm', '-y', 'owl']);
    expect([code, err]).toEqual([2, expect.stringContaining('2 sessions end in owl')]);
  });

  it('say why they sleep, and what wakes them', async () => {
    const { circadian, start, asleep, key } = await served();
    const id = await start(key);
    await asleep(id);
    const { out } = await circadian(['show', id]);
    expect(out).toMatch(/☾ Asleep → 00:00 UTC {2}Until 00:00 UTC \(16 h 0 m\): /);
    expect((await circadian(['ls', '--status', 'sleeping'])).out).toContain('☾ Asleep');
    expect((await circadian(['ls', '--status', 'working'])).out).toBe('No such session.\n');
  });

  it.each([
    ['stopped', 2 * 60_000, true],
    ['stopped', 30_000, false],
    ['exceeded', 2 * 60_000, false],
  ] as const)('say that the operator %s them where they wait for %i ms: %s', async (reason, waited, told) => {
    const { circadian, start, key, world, asked } = await served();
    const id = await start(key);
    const day = {
      userId: 'ada',
      day: '2026-11-10',
      threshold: 'breaker',
      allowance: 0n,
      ceiling: 0n,
      spent: 0n,
      held: 0n,
    };
    world.store.alerts.set('ada 2026-11-10 breaker', { ...day, reason, at: world.store.now } as never);
    world.store.now += waited;
    const said = 'The operator stopped all agents today, told at 08:00 UTC. If that still holds, ';
    for (const [args, who] of [
      [['show', id], 'it waits'],
      [['ls'], 'none goes on'],
    ] as const)
      expect((await circadian([...args])).out.includes(`${said}${who}, and nothing is lost.\n`)).toBe(told);
    const screen = terminal();
    screen.onPicture = () => screen.press('q');
    await circadian(['watch', id], { terminal: screen.io });
    expect(screen.sent.includes(said)).toBe(told);
    expect(asked.includes('/v1/budget/alerts')).toBe(waited > 60_000);
    const asks = asked.length;
    await circadian(['ls', '--json']);
    expect(asked.slice(asks)).toEqual(['/v1/sessions']);
  });

  it('are deleted when that is meant', async () => {
    const { circadian, start, key } = await served();
    const id = await start(key);
    expect(await circadian(['rm', id])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(`→ circadian rm -y ${id}`),
    });
    expect(await circadian(['rm', '-y', id])).toMatchObject({ code: 0, out: `${id} is deleted.\n` });
    expect((await circadian(['show', id])).code).toBe(3);
  });

  it('are named once each, and all of them before one is deleted', async () => {
    const { circadian, start, key } = await served();
    const old = await start(key);
    const last = await start(key);
    expect((await circadian(['rm', '-y', last, 'nowhere'])).code).toBe(3);
    expect((await circadian(['show', last])).code).toBe(0);
    expect(await circadian(['rm', '-y', '@last', '@last', last])).toEqual({
      code: 0,
      out: `${last} is deleted.\n`,
      err: '',
    });
    expect((await circadian(['show', old])).code).toBe(0);
  });

  it('are left alone after a failure that is not of one of them', async () => {
    const { circadian, start, key } = await served();
    const ids = [await start(key), await start(key), await start(key)];
    const asked: string[] = [];
    const through = async (request: Request) => {
      if (request.method !== 'POST') return fetch(request);
      asked.push(request.url);
      if (asked.length === 1) return Response.json({ code: 'session_ended', detail: 'It has ended.' }, { status: 409 });
      return Response.json({ code: 'unauthorized', detail: 'No valid key.' }, { status: 401 });
    };
    const { code, err } = await circadian(['pause', ...ids], {}, { fetch: through as never, retries: 0 });
    expect([code, asked.length]).toEqual([4, 2]);
    expect(err).toMatch(/It has ended.*No valid key/s);
  });

  it('go to a file and come back paused', async () => {
    const { circadian, start, complete, key, folder } = await served();
    const id = await start(key);
    await complete(id);
    expect((await circadian(['export', id, '-o', 'moons.json'])).code).toBe(0);
    expect(statSync(join(folder, 'moons.json')).mode & 0o777).toBe(0o600);
    const { code, out, err } = await circadian(['import', 'moons.json']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ses_\w{26} is here, paused\./);
    expect((await circadian(['import', 'none.json'])).code).toBe(2);
  });
});

describe('what agents wrote', () => {
  const EVIL = 'moon\u001b\u009b2J]52;c;ZXZpbA==\u0007\u001b[2J\u202egnp.exe';

  it('never reaches a terminal as a command to it', async () => {
    const { circadian, start, rest, key, t } = await served();
    const id = await start(key, { goal: EVIL });
    await t.call('PUT', `/v1/sessions/${id}/files/a.txt`, { key, raw: EVIL });
    await rest(id, { state: 'ended', outcome: 'completed', result: EVIL, error: null }, [
      ['agent.text', { text: EVIL }],
      ['agent.tool.called', { tool_use_id: 't', name: EVIL, input: { command: EVIL } }],
      ['agent.completed', { outcome: 'completed', result: EVIL, iterations: 1 }],
    ]);
    for (const args of [
      ['ls', '--json'],
      ['logs', id, '--json'],
      ['ls'],
      ['show', id],
      ['logs', id],
      ['watch', id],
      ['files', 'cat', id, 'a.txt'],
    ]) {
      const { out, err } = await circadian(args, args[0] === 'files' ? { terminal: terminal().io } : {});
      expect(err).toBe('');
      expect(out).toContain(args.includes('--json') ? 'moon\\u001b' : 'moon\uFFFD');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect((await circadian(['files', 'cat', id, 'a.txt'])).out).toBe(EVIL);
  });

  it('stays in the folder that it is pulled into', async () => {
    const { circadian, start, complete, key, folder } = await served();
    const id = await start(key);
    await complete(id);
    expect((await circadian(['files', 'ls', id])).out).toMatch(/^\/notes\/a b\.md {2}7 B/);
    expect((await circadian(['files', 'pull', id, '-o', 'out'])).out).toBe('out/notes/a b.md\n');
    expect(readFileSync(join(folder, 'out/notes/a b.md'), 'utf8')).toBe('# Moons');
    expect((await circadian(['files', 'pull', id, '-o', 'out'])).code).toBe(5);
    expect((await circadian(['files', 'pull', id, 'notes', '-o', 'out', '--force'])).code).toBe(0);
    expect((await circadian(['files', 'pull', id, 'other'])).code).toBe(3);
    mkdirSync(join(folder, 'linked'));
    symlinkSync(folder, join(folder, 'linked/notes'));
    const linked = await circadian(['files', 'pull', id, '-o', 'linked', '--force']);
    expect([linked.code, linked.err]).toEqual([1, expect.stringContaining('a link leads there')]);
    expect(existsSync(join(folder, 'a b.md'))).toBe(false);
  });

  it('is refused where it would lie elsewhere', async () => {
    const evil = api(({ userSessions }) => ({
      userSessions: {
        ...userSessions,
        fileList: async (...args) => {
          const found = await userSessions.fileList(...args);
          return found && { ...found, data: found.data.map((file) => ({ ...file, path: '/../../evil.md' })) };
        },
      },
    }));
    const { circadian, start, complete, key } = await served(evil);
    const id = await start(key);
    await complete(id);
    expect(await circadian(['files', 'pull', id, '-o', 'out'])).toMatchObject({
      ...{ code: 1, out: '', err: expect.stringContaining('would lie outside of') },
    });
  });
});

describe('the journal', () => {
  it('is one line an event, of the kinds that are wanted', async () => {
    const { circadian, start, complete, key } = await served();
    const id = await start(key);
    await complete(id);
    const { out } = await circadian(['logs', id]);
    expect(out).toBe('08:00:00  started: assistant · claude-sonnet-5-5\n08:00:00  ✓ done 95\n');
    expect((await circadian(['logs', id, '-f', '--since', '1'])).out).toBe('08:00:00  ✓ done 95\n');
    expect((await circadian(['logs', id, '--only', 'text,tools'])).out).toBe('');
    expect(await circadian(['logs', id, '--only', 'noise'])).toMatchObject({ code: 2 });
    const rows = (await circadian(['logs', id, '--json'])).out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'agent.started'],
      [2, 'agent.completed'],
    ]);
  });

  it('is followed over its pages', async () => {
    const { circadian, start, rest, key } = await served();
    const id = await start(key);
    const many = Array.from({ length: 1_200 }, (_, i): ['agent.text', object] => ['agent.text', { text: `${i}` }]);
    await rest(id, { state: 'ended', outcome: 'completed', result: 'x', error: null }, many);
    expect((await circadian(['logs', id])).out.split('\n')).toHaveLength(1_202);
  });
});
