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
    const committed = Object.entries(APP_ASSETS).map(([path, { type, br, style }]) => [
      path,
      { type, style, text: brotliDecompressSync(Buffer.from(br, 'base64')).toString() },
    ]);
    expect(committed).toEqual(
      [...built].map(([path, { type, style, bytes }]) => [path, { type, style, text: Buffer.from(bytes).toString() }]),
    );
  });

  it('are a page of at most 6 kB with its style in it, and 35 kB of script in two files, gzipped, for the first screen', () => {
    const page = built.get('/app')!;
    const text = Buffer.from(page.bytes).toString();
    const scripts = [...built].filter(([path]) => path.endsWith('.js') && text.includes(path)).map(([, file]) => file);
    expect(text).not.toMatch(/rel="stylesheet"|\{\{/);
    expect(scripts).toHaveLength(2);
    expect(gzipped(scripts)).toBeLessThan(35_000);
    expect(gzipped([page])).toBeLessThan(6_000);
  });

  it('pass on the licenses of all packages that they hold', () => {
    const page = Buffer.from(built.get('/app')!.bytes).toString();
    const [, path] = /rel="license" href="([^"]+)"/.exec(page)!;
    const licenses = Buffer.from(built.get(path!)!.bytes).toString();
    expect(licenses.split('\n').filter((line) => ['htm', 'marked', 'preact'].includes(line))).toHaveLength(3);
    expect(licenses.match(/Copyright/g)!.length).toBeGreaterThanOrEqual(3);
  });

  it('hold no code that makes code of texts, and ask no other host', () => {
    for (const [path, { bytes }] of built) {
      if (path.endsWith('.txt')) continue;
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
