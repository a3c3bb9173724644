/** read_file on what is no text: images are shown, PDFs read or shown, by their bytes and whatever they are called. */
import { describe, expect, it } from 'vitest';
import type { MediaBlock } from '../../lib/core/session.ts';
import { readFile } from '../../lib/tools/read-file.ts';
import { gif, jpeg, png, webp } from '../kit/images.ts';
import { pdfOf } from '../kit/pdf.ts';
import { call, tree } from './kit.ts';

const read = (content: Uint8Array | string, more: object = {}) =>
  call(readFile, { path: 'a/x.txt', ...more }, tree({ '/a/x.txt': content }));
const base64 = (content: Uint8Array) => Buffer.from(content).toString('base64');

describe('an image', () => {
  it.each([
    ['image/png', png(80, 60)],
    ['image/jpeg', jpeg(80, 60)],
    ['image/gif', gif(80, 60)],
    ['image/webp', webp('VP8 ', 80, 60)],
  ])('of type %s is shown whatever its name', async (type, content) => {
    expect(await read(content)).toEqual({
      content: 'a/x.txt is shown after the results.',
      isError: false,
      media: [
        {
          type: 'image',
          source: { type: 'base64', media_type: type, data: base64(content) },
          file: { path: 'a/x.txt', bytes: content.length, width: 80, height: 60 },
        },
      ] satisfies MediaBlock[],
    });
  });

  it.each([
    ['cut off', png(80, 60).subarray(0, 20), /begins as image\/png, but is damaged or cut off/],
    ['too large for the model', png(8_001, 1), /has 8,001 × 1 px, and 8,000 a side can be shown/],
    ['too long to be sent', Buffer.concat([png(1, 1), Buffer.alloc(3_750_000)]), /bytes, and 3,750,000 can be shown/],
    ['SVG', '<svg xmlns="x"/>', /^1\t<svg xmlns="x"\/>$/],
    ['a word called PNG', 'PNG', /^1\tPNG$/],
  ])('that is %s is not shown', async (_, content, told) => {
    const observed = await read(content);
    expect(observed.content).toMatch(told);
    expect(observed.media).toBeUndefined();
  });
});

describe('a PDF', () => {
  it('is its text with numbered lines, or its pages for who wants to look', async () => {
    const content = pdfOf(['First line\nand second', 'Page two']);
    const { content: text, media } = await read(content, { offset: 2 });
    expect([text, media]).toEqual(['2\tFirst line\n3\tand second\n4\t\n5\t[page 2]\n6\tPage two', undefined]);
    const looked = await read(content, { look: true });
    expect(looked.media).toEqual([
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: base64(content) },
        file: { path: 'a/x.txt', bytes: content.length, pages: 2, textBytes: 29 },
      },
    ]);
  });

  it('without text is shown, and with too many pages it is not', async () => {
    expect((await read(pdfOf(['', '']))).media).toMatchObject([{ type: 'document', file: { pages: 2, textBytes: 0 } }]);
    const long = await read(pdfOf(Array(21).fill('x')), { look: true });
    expect([long.isError, long.media, long.content]).toEqual([
      true,
      undefined,
      expect.stringMatching(/^a\/x\.txt has 21 pages, and 20 can be looked at\. Read its text instead/),
    ]);
  });
});
