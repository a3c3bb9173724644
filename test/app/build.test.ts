/** The committed module of the dashboard is what its sources make, and small. */
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BuiltAsset, buildApp } from '../../lib/app/build.ts';
import { APP_ASSETS } from '../../lib/http/app-assets.ts';

const built = await buildApp();
/** Names of a format, and the address for faults of a library, which stands in a message. */
const KNOWN = ['www.w3.org', 'github.com'];
const gzipped = (files: BuiltAsset[]) =>
  files.reduce((sum, { bytes }) => sum + gzipSync(bytes, { level: 9 }).length, 0);

describe('the files of the dashboard', () => {
  it('are those of the sources: `npm run build:app` was run', () => {
    const committed = Object.entries(APP_ASSETS).map(([path, { type, br }]) => [
      path,
      type,
      brotliDecompressSync(Buffer.from(br, 'base64')).toString(),
    ]);
    expect(committed).toEqual([...built].map(([path, { type, bytes }]) => [path, type, Buffer.from(bytes).toString()]));
  });

  it('are at most 35 kB of script and 6 kB of style, gzipped, for the first screen', () => {
    const page = Buffer.from(built.get('/app')!.bytes).toString();
    const first = [...built].filter(([path]) => path !== '/app' && page.includes(path));
    const scripts = first.filter(([path]) => path.endsWith('.js')).map(([, file]) => file);
    const styles = first.filter(([path]) => path.includes('/style-')).map(([, file]) => file);
    expect([scripts.length > 0, styles.length]).toEqual([true, 1]);
    expect(gzipped(scripts)).toBeLessThan(35_000);
    expect(gzipped(styles)).toBeLessThan(6_000);
  });

  it('hold no code that makes code of texts, and ask no other host', () => {
    for (const [path, { bytes }] of built) {
      const text = Buffer.from(bytes).toString();
      expect(text, path).not.toMatch(/\beval\(|new Function\b/);
      const hosts = [...text.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host);
      expect(
        hosts.filter((host) => !KNOWN.includes(host!)),
        path,
      ).toEqual([]);
    }
  });
});
