/** A project that cannot be used: nothing of the local system is started, and a sentence says what to mend. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startLocal } from '../../lib/local/system.ts';
import config from './circadian.config.ts';

it('is refused before anything is started where its secret has no value', async () => {
  await expect(startLocal({ config, toolSecrets: {} })).rejects.toThrow(
    'circadian.config.ts cannot be used. The tool "weather" needs the secret WEATHER_KEY: set the variable TOOL_SECRET_WEATHER_KEY.',
  );
});

it('is refused by `npm start` with the place of what cannot be loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-project-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync('package.json', join(folder, 'package.json'));
  for (const name of ['functions', 'lib', 'migrations', 'node_modules', 'schema'])
    symlinkSync(resolve(name), join(folder, name));
  writeFileSync(join(folder, 'scale.ts'), '\nexport enum Scale { Celsius }\n');
  writeFileSync(
    join(folder, 'circadian.config.ts'),
    `import { Scale } from './scale.ts';\nexport default { Scale };\n`,
  );
  // With these flags `#config` is the one of this folder.
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];
  const { status, stderr } = spawnSync(process.execPath, [...flags, 'lib/local/main.ts'], {
    ...{ cwd: folder, encoding: 'utf8', timeout: 60_000 },
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: 'memory', SAMPLE: '0' },
  });
  expect([status, stderr]).toEqual([
    1,
    'circadian.config.ts cannot be loaded: TypeScript enum is not supported in strip-only mode (scale.ts:2). Nothing was started.\n',
  ]);
});
