/** The example of docs/testing.md, run by Node's own test runner as a user of the package has it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('runs as it stands, and prints what each day cost', () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}docs/testing.md`, 'utf8'))!;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--input-type=module-typescript', '--eval', example!];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^# pass 2$|^ℹ pass 2$/m);
  expect(stdout.match(/2026-12-\d\d \$0\.\d+ of \$\d+\.\d\d/g)?.length).toBeGreaterThanOrEqual(30);
}, 120_000);
