/** `npm run redrive` and `circadian` beside a running local system, by the variables that it keeps in its data directory. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';

const project = mkdtempSync(join(tmpdir(), 'circadian-redrive-'));
const folder = join(project, '.circadian');
let system: LocalSystem;
beforeAll(async () => {
  system = await startLocal({ dataDir: folder });
});
afterAll(async () => {
  await system?.close();
  rmSync(project, { recursive: true, force: true });
});

/** With no environment but what finds the command. */
const redrive = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      ['lib/ops/cli/redrive.ts', ...args],
      { env: { PATH: process.env.PATH } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), said: out + err }),
    ),
  );
const env = ['--env', join(folder, 'env')];

it('sets a session going whose hints were all lost', async () => {
  expect(await redrive(...env)).toEqual({ code: 0, said: expect.stringContaining('there is nothing to do') });
  // While everything is stopped its hint is taken and comes to nothing; the sweep would not look for a long time.
  await system.database.query('update operator_limits set stopped = true');
  const headers = { authorization: `Bearer ${system.apiKey}`, 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ goal: 'Say hello.', max_iterations: 1 }) };
  const { id } = (await (await fetch(`${system.url}/v1/sessions`, request)).json()) as { id: string };
  await system.invoker.drain();
  await system.database.query("update agent_sessions set hint_at = clock_timestamp() + interval '1 hour'");
  expect(await redrive(...env)).toEqual({ code: 1, said: expect.stringContaining('everything is stopped') });
  await system.database.query('update operator_limits set stopped = false');
  expect(await redrive(...env, id)).toEqual({ code: 0, said: expect.stringContaining('1 session hinted') });
  const shown = async () => (await fetch(`${system.url}/v1/sessions/${id}`, { headers })).json();
  await vi.waitFor(async () => expect(await shown()).toMatchObject({ iteration_number: 1, step: null }), {
    timeout: 60_000,
  });
  expect(await redrive(...env, 'ses_none')).toEqual({ code: 1, said: 'ses_none: there is no such session.\n' });
}, 120_000);

it('is found by the command line, which moves its clock and has both of its keys', async () => {
  const main = resolve('cli/main.ts');
  const circadian = (...args: string[]): Promise<string> =>
    new Promise((done) => {
      const env = { PATH: process.env.PATH, HOME: project, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
      execFile(process.execPath, [main, ...args], { env, cwd: project }, (_, out, err) => done(out + err));
    });
  expect(await circadian('whoami')).toContain(`${system.url} (${folder}/env)`);
  expect(await circadian('admin', 'users', 'ls')).toContain('developer');
  const day = (await circadian('clock')).slice(6, 16);
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  expect(await circadian('clock', '+1d')).toMatch(new RegExp(`^It is ${next}T.*\\.\n$`));
  expect(await circadian('clock', '2020-01-01')).toContain('clock stands as it was');
});

it('says what is missing without that file, and what is away', async () => {
  expect(await redrive()).toEqual({ code: 2, said: expect.stringContaining('DATABASE_URL is missing') });
  expect(await redrive('--nonsense')).toEqual({ code: 2, said: expect.stringContaining('--nonsense') });
});
