/** `npm run reconcile` beside a running local system, by the variables that it keeps in its data directory. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'circadian-audit-'));
const file = join(folder, 'env');
let system: LocalSystem;
beforeAll(async () => {
  system = await startLocal({ dataDir: folder });
});
afterAll(async () => {
  await system?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** With no environment but what finds the command. */
const reconcile = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      ['lib/ops/cli/reconcile.ts', ...args],
      { env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    ),
  );

it('compares the sums, finds what is wrong with them, and repairs it', async () => {
  expect(statSync(file).mode & 0o077).toBe(0);
  const request = { method: 'GET', headers: { authorization: `Bearer ${system.apiKey}` } };
  expect((await fetch(`${system.url}/v1/budget`, request)).status).toBe(200);
  expect(await reconcile('--env', file)).toEqual({
    code: 0,
    said: expect.stringContaining('0 found, 0 left ('),
  });
  await system.database.query('update budget_days set spent = spent + 7');
  expect(await reconcile('--env', file)).toEqual({ code: 1, said: expect.stringMatching(/^DRIFT {4}spent /m) });
  expect(await reconcile('--env', file, '--repair')).toEqual({
    code: 0,
    said: expect.stringMatching(/^repaired spent /m),
  });
});

it('says what is missing without that file', async () => {
  expect(await reconcile()).toEqual({ code: 2, said: expect.stringContaining('DATABASE_URL is missing') });
  expect(await reconcile('--env', join(folder, 'none'))).toEqual({ code: 2, said: expect.stringContaining('ENOENT') });
});
