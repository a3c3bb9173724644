import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../lib/config/settings.ts';
import { logger } from '../../lib/local/lines.ts';
import { asksForHelp, checkSettings, help, readOptions } from '../../lib/local/options.ts';

const main = fileURLToPath(new URL('../../lib/local/main.ts', import.meta.url));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'circadian-main-'));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

type Started = { child: ChildProcess; output: () => string; exit: Promise<number | string> };
const start = (env: Record<string, string>): Started => {
  const child = spawn(process.execPath, [main], {
    env: { PORT: '0', SAMPLE: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more) => {
      text += more;
      child.emit('said');
    });
  }
  const exit = once(child, 'close').then(([code, signal]) => code ?? signal);
  closers.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return { child, output: () => text, exit };
};

/** Waits until the whole greeting is there, and picks what a user would copy. */
const greeted = async ({ child, output, exit }: Started) => {
  let over = false;
  void exit.then(() => {
    over = true;
    child.emit('said');
  });
  while (!output().includes('a day passes')) {
    if (over) throw new Error(output());
    await once(child, 'said');
  }
  const [first = ''] = output().split('\n');
  const [, apiKey] = /API key +(\S+)/.exec(output()) ?? [];
  const [, adminKey] = /Admin key +(\S+)/.exec(output()) ?? [];
  return { first, apiKey, adminKey };
};

describe('npm start', () => {
  it('prints its URL first, goes on after kill -9, is alone on its data, and stops on a signal', {
    timeout: 240_000,
  }, async () => {
    const env = { DATA_DIR: folder(), NOW: '2026-11-10T08:00:00Z' };
    const one = start(env);
    const before = await greeted(one);
    expect(before.first).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const headers = { authorization: `Bearer ${before.apiKey}` };
    expect((await fetch(`${before.first}/v1/budget`, { headers })).status).toBe(200);
    const moved = await fetch(`${before.first}/local/clock`, {
      method: 'POST',
      body: '{"now":"2026-11-20T00:00:00Z"}',
    });
    expect(moved.status).toBe(200);

    const second = start(env);
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/^Another Circadian is running on the data directory .+\.\n$/);

    one.child.kill('SIGKILL');
    await one.exit;
    const again = start({ ...env, NOW: '2026-12-24T00:00:00Z' });
    const after = await greeted(again);
    expect([after.apiKey, after.adminKey]).toEqual([before.apiKey, before.adminKey]);
    const { now } = (await (await fetch(`${after.first}/local/clock`)).json()) as { now: string };
    expect(now.slice(0, 10)).toBe('2026-11-20');
    expect((await fetch(`${after.first}/v1/budget`, { headers })).status).toBe(200);

    again.child.kill('SIGTERM');
    expect(await again.exit).toBe(0);
  });

  it('says in a sentence that its port is taken, before it has begun anything', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const taken = start({ PORT: String(port), DATA_DIR: 'memory' });
    expect(await taken.exit).toBe(1);
    expect(taken.output()).toBe(
      `Port ${port} is in use. Stop what listens there, or set PORT to another (0: any free one).\n`,
    );
  });
});

describe('its variables', () => {
  it('have the documented defaults', () => {
    expect(readOptions({})).toMatchObject({ port: 3000, dataDir: '.circadian', sample: true });
    expect(readOptions({}).model).toBeUndefined();
    expect(readOptions({ DATA_DIR: 'memory', SAMPLE: '0', ANTHROPIC_API_KEY: '' })).toMatchObject({
      dataDir: null,
      sample: false,
    });
    expect(readOptions({ NOW: '2026-11-10T08:00:00Z' }).startAt).toBe(Date.parse('2026-11-10T08:00:00Z'));
    expect(readOptions({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://x' }).model).toEqual({
      apiKey: 'k',
      baseUrl: 'http://x',
    });
  });

  it('include all settings of the functions but those that the local system makes itself', () => {
    const own = [
      'DATABASE_URL',
      'FRONT_SECRET',
      'UPSTASH_REDIS_REST_URL',
      'UPSTASH_REDIS_REST_TOKEN',
      'QUEUE_URL',
      'SCHEDULE_GROUP',
      'SCHEDULE_ROLE_ARN',
      'WAKE_FUNCTION_ARN',
      'SANDBOX_FUNCTION',
      'ANTHROPIC_API_KEY',
      'ADMIN_API_KEY',
      'ANTHROPIC_ADMIN_KEY',
      'ANTHROPIC_WORKSPACE_ID',
      'USER_DATABASE_URL',
      'METRICS_NAMESPACE',
      'ANTHROPIC_BASE_URL',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
    ];
    const names = Object.keys(SETTINGS);
    const { env } = readOptions(Object.fromEntries(names.map((name) => [name, 'set'])));
    expect(Object.keys(env ?? {}).sort()).toEqual(names.filter((name) => !own.includes(name)).sort());
  });

  it('are looked at before anything is started', async () => {
    const dir = folder();
    const { exit, output } = start({ ADMIN_API_KEY: 'short', DATA_DIR: join(dir, 'data') });
    expect(await exit).toBe(1);
    expect(output()).toBe(
      'ADMIN_API_KEY is set to what cannot be used: must be at least 16 characters. Set it otherwise, or not at all. Nothing was started.\n',
    );
    expect(readdirSync(dir)).toEqual([]);
    expect(() => checkSettings({ WAKE_WINDOW_MS: 'soon' })).toThrow(/^WAKE_WINDOW_MS is soon, which cannot be used: /);
    expect(() => checkSettings({ WAKE_WINDOW_MS: '60000', ADMIN_API_KEY: '' })).not.toThrow();
  });

  it('are listed by --help, and arguments are refused', () => {
    expect(asksForHelp([])).toBe(false);
    expect(asksForHelp(['--help'])).toBe(true);
    expect(help()).toMatch(/^ {2}DATA_DIR +Where all data is kept\. memory keeps nothing\. \(\.circadian\)$/m);
    expect(() => asksForHelp(['--port', '80'])).toThrow(/^npm start takes no arguments, and was given --port 80\. /);
  });

  it.each([{ PORT: 'x' }, { PORT: '-1' }, { PORT: '65536' }, { PORT: '1.5' }, { NOW: 'soon' }, { NOW: '12' }])(
    'are refused with a sentence: %j',
    (variables) => {
      expect(() => readOptions(variables)).toThrow(/^(PORT|NOW) is .+\.$/);
    },
  );
});

describe('of the logs of functions', () => {
  const shownOf = (all: boolean) => {
    const shown: string[] = [];
    const machine = { now: 0 };
    const show = logger(
      all,
      (line) => shown.push(line),
      () => machine.now,
    );
    const log = (level: string, message: string) => show(JSON.stringify({ level, message }));
    return { shown, machine, show, log };
  };

  it('a warning that repeats itself is shown once a minute, with how often it came', () => {
    const { shown, machine, show, log } = shownOf(false);
    for (let n = 0; n < 5; n++) log('warn', 'live view away');
    log('warn', 'queue away');
    for (let n = 0; n < 2; n++) log('error', 'a');
    for (let n = 0; n < 2; n++) show('plain');
    expect(shown).toHaveLength(6);
    machine.now = 60_000;
    log('warn', 'live view away');
    expect(shown.at(-1)).toBe('{"level":"warn","message":"live view away"} (and 4 more like it within a minute)');
  });

  it.each([
    [false, ['queue away']],
    [true, ['transition', 'rate limiter away', 'queue away']],
  ])('what concerns nobody here is shown with LOG=all alone: %s', (all, expected) => {
    const { shown, log } = shownOf(all);
    log('info', 'transition');
    for (const message of ['rate limiter away', 'queue away']) log('warn', message);
    expect(shown.map((line) => JSON.parse(line).message)).toEqual(expected);
  });
});
