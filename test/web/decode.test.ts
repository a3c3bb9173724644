/** Bytes as text: unpacked within a bound, and in the character set that they are in. */
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../lib/web/content.ts';
import { unpacked } from '../../lib/web/decode.ts';

const MOST = 2_000_000;
const quickly = (body: Uint8Array) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
const PACKERS: [string, (body: Uint8Array) => Uint8Array][] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', quickly],
  ['zstd', zstdCompressSync],
];
const bytes = (text: string) => new TextEncoder().encode(text);
const ZEROS = Buffer.alloc(60_000_000);
const page = bytes('<p>Grüße, 世界 </p>'.repeat(2_000));

describe.each(PACKERS)('what is packed as %s', (name, pack) => {
  it('is unpacked, also beneath another layer, and as far as it came', async () => {
    expect(Buffer.compare((await unpacked(pack(page), name, MOST)).body, page)).toBe(0);
    const twice = await unpacked(gzipSync(pack(page)), `${name}, GZIP`, MOST);
    expect([Buffer.compare(twice.body, page), twice.cut]).toEqual([0, false]);
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7919 + (i >> 3)) % 251));
    const packed = pack(noise);
    const part = await unpacked(packed.subarray(0, packed.length - 20), name, MOST);
    expect(part.body.length).toBeLessThanOrEqual(noise.length);
    expect(Buffer.from(part.body).equals(noise.subarray(0, part.body.length))).toBe(true);
  });

  it('ends at the bound when it is a bomb', async () => {
    const bomb = pack(ZEROS);
    expect(bomb.length).toBeLessThan(100_000);
    const { body, cut } = await unpacked(bomb, name, MOST);
    expect([body.length, cut]).toEqual([MOST, true]);
  });
});

it('is not unpacked where its packing is unknown, is packed too often, or is not what it says', async () => {
  await expect(unpacked(page, 'compress', MOST)).rejects.toThrow('it is packed as "compress", which is not known here');
  await expect(unpacked(page, 'gzip, br, gzip', MOST)).rejects.toThrow('it is packed 3 times, and 2 is the most');
  await expect(unpacked(page, 'gzip', MOST)).rejects.toThrow('its bytes are no gzip');
  await expect(unpacked(page, 'constructor', MOST)).rejects.toThrow('not known');
  expect((await unpacked(page, 'identity', 100)).body.length).toBe(100);
});

describe('a character set', () => {
  const latin = Buffer.from('<meta charset="iso-8859-1"><p>Straße – \x80'.replace('–', '\x96'), 'latin1');
  const text = (body: Uint8Array, type?: string) => Reflect.get(contentOf(body, type), 'text');
  it.each([
    ['the mark at the beginning before all', Buffer.from('\uFEFFä', 'utf16le'), 'text/html; charset=latin1', 'ä'],
    ['the header before the page', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), 'text/html; charset="Shift_JIS"', '日本'],
    [
      'the page where the header has none, as browsers read it',
      latin,
      'text/html',
      '<meta charset="iso-8859-1"><p>Straße – €',
    ],
    [
      'the page where the header has an unknown one',
      latin,
      'text/html; charset=nonsense',
      '<meta charset="iso-8859-1"><p>Straße – €',
    ],
    [
      'the declaration of XML',
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?>\xcf', 'latin1'),
      'application/rss+xml',
      '<?xml version="1.0" encoding="windows-1251"?>П',
    ],
    [
      'UTF-8 where a page claims to be UTF-16',
      bytes('<meta charset="utf-16">ä'),
      'text/html',
      '<meta charset="utf-16">ä',
    ],
    ['UTF-8 where nobody says anything', bytes('ä'), 'text/plain', 'ä'],
    [
      'UTF-8 where the page says it too late',
      bytes(`${' '.repeat(1_024)}<meta charset="koi8-r">ä`),
      'text/html',
      `${' '.repeat(1_024)}<meta charset="koi8-r">ä`,
    ],
  ])('is that of %s', (_, body, type, told) => {
    expect(text(body, type)).toBe(told);
  });
});

describe('what an answer is', () => {
  it.each([
    ['text/html; charset=utf-8', '<p>', 'html', 'text/html'],
    ['application/xhtml+xml', '<p>', 'html', 'application/xhtml+xml'],
    ['', '<!-- x --> <!DOCTYPE html><p>', 'html', 'text/plain'],
    ['', 'plain', 'text', 'text/plain'],
    ['application/octet-stream', 'a,b\n', 'text', 'text/plain'],
    ['text/markdown', '# A <html>', 'text', 'text/markdown'],
    ['text/plain', '<html>', 'text', 'text/plain'],
    ['application/ld+json', '{}', 'text', 'application/ld+json'],
    ['application/atom+xml', '<feed>', 'text', 'application/atom+xml'],
    ['image/png', 'whatever', 'other', 'image/png'],
    ['text/html', '\x89PNG\r\n\x1a\n', 'other', 'image/png'],
    ['text/plain', 'a\0b', 'other', 'text/plain'],
    ['', 'a\0b', 'other', 'unknown bytes'],
    ['text/html', '%PDF-1.7', 'other', 'application/pdf'],
    ['video/mp4', '', 'other', 'video/mp4'],
    ['"><script>', 'x', 'text', 'text/plain'],
  ])('by its header %j and bytes %j: %s', (header, body, kind, type) => {
    expect(contentOf(Buffer.from(body, 'latin1'), header)).toMatchObject({ kind, type });
  });
});
