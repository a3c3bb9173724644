/** The client as a page or a worker carries it. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

async function bundled(contents: string): Promise<Uint8Array> {
  const { outputFiles, warnings } = await build({
    stdin: { contents, resolveDir: new URL('../../client', import.meta.url).pathname },
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent' },
  });
  expect(warnings).toEqual([]);
  return outputFiles[0]!.contents;
}

it('needs nothing of Node, and is less than 9 kB', async () => {
  const code = await bundled("export { CircadianError, createClient, dollars } from './index.ts'");
  // 600 bytes of it watch over the key and over answers that break off.
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(9_000);
});

it('leaves all else behind where only messages are checked', async () => {
  const code = await bundled("export { verifyWebhook } from './index.ts'");
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(1_000);
});
