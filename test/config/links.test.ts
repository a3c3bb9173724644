/** What SST links is read as its own `sst/resource` reads it, from variables and from the encrypted file. */
import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { linksOf } from '../../lib/config/links.ts';

const folder = mkdtempSync(join(tmpdir(), 'circadian-links-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = randomBytes(32);
const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
const linked = { ApiEnv: { type: 'sst:sst:Linkable', DATABASE_URL: 'postgresql://ü@b/c' }, App: { name: 'a' } };
const sealed = Buffer.concat([cipher.update(JSON.stringify(linked)), cipher.final(), cipher.getAuthTag()]);
const file = join(folder, 'resource.enc');
writeFileSync(file, sealed);

const WAYS: [string, Record<string, string>][] = [
  [
    'variables',
    { SST_RESOURCE_App: '{"stage":"dev"}', SST_RESOURCE_WakeEnv: '{"QUEUE_URL":"q"}', SST_RESOURCE_No: '' },
  ],
  [
    'one variable',
    { SST_RESOURCE_App: '{"stage":"dev"}', SST_RESOURCES_JSON: '{"App":{"stage":"later"},"B":{"c":1}}' },
  ],
  ['the file', { SST_RESOURCE_App: '{"stage":"dev"}', SST_KEY_FILE: file, SST_KEY: key.toString('base64') }],
];

it.each(WAYS)('reads %s as SST does', (_way, variables) => {
  const code = `import { Resource } from 'sst/resource'; process.stdout.write(JSON.stringify({ ...Resource }));`;
  const bySst = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    ...{ cwd: fileURLToPath(new URL('../..', import.meta.url)), env: variables, encoding: 'utf8' },
  });
  expect(linksOf(variables)).toEqual(JSON.parse(bySst));
});

it('refuses a file of another key', () => {
  expect(() => linksOf({ SST_KEY_FILE: file, SST_KEY: randomBytes(32).toString('base64') })).toThrow();
});
