/** The program itself, as a process: in a pipe, and in a real terminal where the machine has `script`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loopback } from '../kit/loopback.ts';
import { served, visible } from './kit.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const SCRIPT = '/usr/bin/script';

type Result = { code: number | null; out: string; err: string };

/** `onOut` is told of all that came so far. */
function ran(child: ChildProcess, onOut: (out: string) => void = () => {}): Promise<Result> {
  onTestFinished(() => void child.kill('SIGKILL'));
  const result: Result = { code: null, out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    result.out += text;
    onOut(result.out);
  });
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    result.err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...result, code })));
}

async function program() {
  const made = await served();
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...made.env };
  return {
    ...made,
    env,
    circadian: (...args: string[]) => spawn(process.execPath, [MAIN, ...args], { env, cwd: made.folder }),
  };
}

it('answers in a pipe without colours, with what it was told on its input', async () => {
  const { circadian } = await program();
  const child = circadian('run', '-', '--cap', '1');
  child.stdin!.end('Count the moons.');
  const { code, out, err } = await ran(child);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^ses_\w{26} {2}assistant · claude-sonnet-5-5 · cap \$1\.00\n$/);
});

it('is left by an interrupt, and says how to come back', async () => {
  const { circadian, start, key } = await program();
  const id = await start(key);
  const child = circadian('watch', id);
  const { code, err } = await ran(child, () => child.kill('SIGINT'));
  expect([code, err]).toEqual([130, `It goes on without you. See it again: circadian watch ${id}\n`]);
});

it.runIf(existsSync('/proc/self'))('ends where a folder is there in which none can be made', async () => {
  const { circadian, start, complete, key } = await program();
  const id = await start(key);
  await complete(id);
  for (const args of [
    ['files', 'pull', id, '-o', '/proc/x'],
    ['init', '/proc/x'],
  ]) {
    const { code, out, err } = await ran(circadian(...args));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('✕ /proc/x cannot be written (ENOENT).');
  }
});

it.runIf(existsSync(SCRIPT))('draws in a terminal, and leaves it as it was', async () => {
  const { env, folder, start, key } = await program();
  const id = await start(key, { goal: 'Field guide to owls' });
  const command = `stty rows 16 cols 90; ${process.execPath} ${MAIN} watch ${id}`;
  const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], { env: { ...env, TERM: 'xterm' }, cwd: folder });
  let left = false;
  const { code, out } = await ran(child, (text) => {
    if (left || !text.includes('q leaves, it goes on')) return;
    left = true;
    child.stdin!.write('q');
  });
  expect(code).toBe(0);
  expect(visible(out)).toMatch(/␛\[\?1049h.*␛\[5;1H␛\[K␛\[1mField guide to owls.*␛\[\?1049l/s);
  expect(out).toContain(`circadian watch ${id}`);
});

it('tests a deployment with the key of its profile', async () => {
  const { folder, env } = await program();
  const keys: (string | null)[] = [];
  await using deployment = await loopback((request) => {
    keys.push(request.headers.get('authorization'));
    const isHealth = request.url.endsWith('/healthz');
    return Response.json(isHealth ? { status: 'ok' } : { id: 'ses_1', status: 'failed', error: { message: 'no' } });
  });
  const profiles = { current: 'own', profiles: { own: { url: deployment.url, key: 'ck_own' } } };
  mkdirSync(join(folder, '.config/circadian'), { recursive: true });
  writeFileSync(join(folder, '.config/circadian/config.json'), JSON.stringify(profiles));
  const { CIRCADIAN_URL: _, CIRCADIAN_API_KEY: _key, ...rest } = env;
  const { code, out, err } = await ran(spawn(process.execPath, [MAIN, 'smoke'], { env: rest, cwd: folder }));
  expect([code, err]).toEqual([1, `Tests ${deployment.url} (profile own) for some cents of today's allowance.\n`]);
  expect(out).toMatch(/^Health: ok\.\n.*Not well: Session ses_1 is failed: no\n$/s);
  expect(new Set(keys)).toEqual(new Set(['Bearer ck_own']));
});
