/** .ci/run stops at a known hole in what is deployed, and not because a registry has no answer. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const RUN = readFileSync(fileURLToPath(new URL('../../.ci/run', import.meta.url)), 'utf8');
const [block = ''] = /^# Known holes[\s\S]*?^fi$/m.exec(RUN) ?? [];

/** With an npm that says this and ends so. */
async function audited(says: string, status: number): Promise<{ code: number; printed: string; asked: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho "$@" >"${folder}/asked"\ncat "${folder}/says"\nexit ${status}\n`);
  writeFileSync(join(folder, 'says'), says);
  chmodSync(join(folder, 'npm'), 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  return new Promise((resolve) => {
    execFile('bash', ['-c', `set -euo pipefail\n${block}\necho went on`], { env }, (error, printed) =>
      resolve({ code: Number(error?.code ?? 0), printed, asked: readFileSync(join(folder, 'asked'), 'utf8') }),
    );
  });
}

it('goes on when there is no known hole', async () => {
  const { code, printed, asked } = await audited('{"auditReportVersion": 2, "vulnerabilities": {}}', 0);
  expect([code, printed]).toEqual([0, 'No known hole in what is deployed.\nwent on\n']);
  expect(asked).toMatch(/audit .*--omit=dev/);
});

it('stops at one, and says which', async () => {
  const { code, printed } = await audited('{"auditReportVersion": 2, "vulnerabilities": {"left-pad": {}}}', 1);
  expect(code).toBe(1);
  expect(printed).toContain('left-pad');
  expect(printed).not.toContain('went on');
});

it.each(['{"message": "405 Method Not Allowed", "statusCode": 405}', '', 'no JSON'])(
  'goes on without an answer: %j',
  async (says) => {
    const { code, printed } = await audited(says, 1);
    expect([code, printed]).toEqual([0, 'The registry does not answer an audit.\nwent on\n']);
  },
);
