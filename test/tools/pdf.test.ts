/** The text of PDFs, good and hostile: what each comes to, and that the host stays as small as it was. */
import { describe, expect, it } from 'vitest';
import { contained, memoryMb } from '../../lib/tools/contained.ts';
import { PDF_BOUNDS, pdfReader } from '../../lib/tools/pdf.ts';
import { processes } from '../../lib/tools/processes.ts';
import { packedSpaces, pdfOf } from '../kit/pdf.ts';

const NEVER = new AbortController().signal;
const read = (content: Uint8Array) => pdfReader()('"a.pdf"', content, NEVER);
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the text of a PDF', () => {
  it('comes page by page', async () => {
    const answer = await read(pdfOf(['Hello (world)\nline two', 'Second']));
    expect(answer).toEqual({ pages: 2, texts: ['Hello (world)\nline two', 'Second'], cut: false });
  });

  it('ends with so many pages, or in the midst of one', async () => {
    const many = await read(pdfOf(Array.from({ length: 205 }, (_, i) => `page ${i}`)));
    expect([many.pages, many.texts.length, many.texts.at(-1), many.cut]).toEqual([205, 200, 'page 199', true]);
    const ask = { content: pdfOf(['0123456789', 'x']), mostPages: 9, mostCharacters: 5 };
    expect(await contained('pdf', ask, PDF_BOUNDS, NEVER)).toMatchObject({
      sent: { answer: { pages: 2, texts: ['01234'], cut: true } },
    });
  });

  it.each([
    ['a truncated one', pdfOf(['Hello', 'x']).slice(0, 300)],
    ['junk', bytes(`%PDF-1.4\n${'x'.repeat(1000)}`)],
    ['HTML', bytes('<html>hi</html>')],
    ['a tree of pages that has itself for a child', pdfOf(['a', 'b'], { kids: '4 0 R 2 0 R' })],
  ])('is refused with a sentence where it is %s', async (_, content) => {
    await expect(read(content)).rejects.toThrow(/^"a\.pdf" cannot be read as a PDF: it is damaged, cut off or none/);
  });

  it('is refused where a small file inflates to gigabytes, and the host does not grow', async () => {
    const bomb = pdfOf(['a'], { packed: await packedSpaces(400_000_000) });
    expect(bomb.length).toBeLessThan(500_000);
    const before = memoryMb(process.pid);
    await expect(pdfReader(processes, { ...PDF_BOUNDS, processMb: 300 })('"bomb.pdf"', bomb, NEVER)).rejects.toThrow(
      /cannot be read as a PDF: It used more than 300 MB of memory and was ended/,
    );
    expect(memoryMb(process.pid) - before).toBeLessThan(60);
  });
});
