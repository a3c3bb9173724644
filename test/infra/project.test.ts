/** A project with the package: its own tool is deployed by the same infrastructure, from the few lines of its sst.config.ts. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeProject } from '../../cli/project.ts';
import type { Deployed } from './kit/deployed.ts';
import { installed, ROOT, SECRETS, startProject } from './kit/project.ts';
import { readZip } from './kit/zip.ts';
import { functions } from './rules/functions.ts';

it.skipIf(!installed)('deploys what this repository deploys, with its own tool', { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-user-'));
  try {
    makeProject({ folder, template: join(ROOT, 'package/template'), name: 'mine' });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/circadian'));
    symlinkSync(join(ROOT, 'node_modules/zod'), join(folder, 'node_modules/zod'));
    await using project = await startProject(SECRETS, { from: folder });
    const diff = await project.diff();
    expect(diff.status, diff.output).toBe(0);
    expect(diff.app).toMatchObject({ name: 'circadian-mine', providers: { aws: { region: 'us-east-1' } } });
    // The app's name is part of all names.
    const named = JSON.parse(JSON.stringify({ ...diff, output: '' }).replaceAll('circadian-mine', 'circadian'));
    const deployed: Deployed = { ...named, production: false };
    for (const { name, holds } of functions) expect(() => holds(deployed), name).not.toThrow();
    const files = readZip(join(project.folder, '.sst/artifacts/Iterate/code.zip'));
    expect([...files.values()].some((code) => code.includes('Counts the words of a text file'))).toBe(true);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['sandbox/main.mjs', 'sandbox/node_modules/just-bash/package.json']),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
