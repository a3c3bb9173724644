/** Type and size of images by their bytes: each format, and headers that lie, are cut off or go on for ever. */
import { describe, expect, it } from 'vitest';
import { imageHead } from '../lib/image.ts';
import { gif, jpeg, png, webp } from './kit/images.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('the head of an image', () => {
  it.each([
    ['PNG', png(1920, 1080), 'image/png', 1920, 1080],
    ['GIF', gif(800, 600), 'image/gif', 800, 600],
    ['JPEG', jpeg(1920, 1080), 'image/jpeg', 1920, 1080],
    [
      'progressive JPEG behind padding and a segment',
      jpeg(17, 65_535, { frame: 0xc2, padding: 3 }),
      'image/jpeg',
      17,
      65_535,
    ],
    ['lossy WebP', webp('VP8 ', 1600, 900), 'image/webp', 1600, 900],
    ['lossless WebP', webp('VP8L', 16_383, 1), 'image/webp', 16_383, 1],
    ['extended WebP', webp('VP8X', 100_000, 70_000), 'image/webp', 100_000, 70_000],
    ['a PNG that lies', png(0xffff_ffff, 1), 'image/png', 0xffff_ffff, 1],
  ])('says type and size of %s', (_, content, type, width, height) => {
    expect(imageHead(content)).toEqual({ type, size: { width, height } });
    // A view into a larger buffer, as files are.
    const inside = new Uint8Array([9, 9, 9, ...content, 9]).subarray(3, 3 + content.length);
    expect(imageHead(inside)).toEqual({ type, size: { width, height } });
  });

  it.each([png(3, 5), gif(3, 5), jpeg(3, 5), webp('VP8 ', 3, 5), webp('VP8L', 3, 5), webp('VP8X', 3, 5)])(
    'never throws for one that is cut off anywhere',
    (content) => {
      for (let end = 0; end < content.length; end++) {
        const size = imageHead(content.subarray(0, end))?.size ?? null;
        expect([null, { width: 3, height: 5 }]).toContainEqual(size);
      }
    },
  );

  it.each([
    ['no pixels', png(0, 7)],
    ['a JPEG of scans alone', jpeg(1, 1, { frame: 0xda })],
    ['a JPEG whose frame is a table', jpeg(1, 1, { frame: 0xc4 })],
    ['a JPEG that is padded for ever', new Uint8Array([0xff, 0xd8, ...Array(200_000).fill(0xff)])],
    ['a JPEG with a segment of no length', new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, ...Array(30).fill(0)])],
    ['a WebP of another kind', webp('ALPH', 3, 5)],
  ])('says no size of %s', (_, content) => {
    expect(imageHead(content)).toMatchObject({ size: null });
  });

  it.each([
    ['SVG', bytes('<svg width="10" height="10" xmlns="http://www.w3.org/2000/svg"></svg>')],
    ['HTML called PNG', bytes('<html>PNG</html>')],
    ['an icon', bytes(`\0\0\x01\0\xff\xff${'\0'.repeat(40)}`)],
    ['zeros', new Uint8Array(100)],
    ['a WAV', bytes('RIFF\0\0\0\0WAVEfmt             ')],
    ['nothing', new Uint8Array()],
  ])('is none of %s', (_, content) => {
    expect(imageHead(content)).toBeNull();
  });
});
