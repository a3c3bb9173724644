/** PDFs written for a test: a page for each text, in the plainest form that readers take. */
import { once } from 'node:events';
import { createDeflate } from 'node:zlib';

type Options = {
  /** What the first page draws instead, packed by deflate. */
  packed?: Uint8Array;
  /** What stands for the list of pages: the number of the object that it names as its own child. */
  kids?: string;
};

const escaped = (text: string): string => text.replace(/[\\()]/g, '\\$&');
const shown = (text: string): string =>
  `BT /F1 12 Tf 14 TL 72 720 Td ${text
    .split('\n')
    .map((line) => `(${escaped(line)}) Tj T*`)
    .join(' ')} ET`;

export function pdfOf(pages: string[], { packed, kids }: Options = {}): Uint8Array {
  const objects: Buffer[] = [];
  const add = (number: number, body: string | Buffer) => {
    objects[number] = Buffer.concat([Buffer.from(`${number} 0 obj\n`), Buffer.from(body), Buffer.from('\nendobj\n')]);
  };
  const names = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  add(1, '<< /Type /Catalog /Pages 2 0 R >>');
  add(2, `<< /Type /Pages /Kids [${kids ?? names}] /Count ${pages.length} >>`);
  add(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [i, text] of pages.entries()) {
    const content = packed && i === 0 ? packed : Buffer.from(shown(text), 'latin1');
    const filter = packed && i === 0 ? ' /Filter /FlateDecode' : '';
    add(
      4 + 2 * i,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
    );
    add(
      5 + 2 * i,
      Buffer.concat([
        Buffer.from(`<< /Length ${content.length}${filter} >>\nstream\n`),
        content,
        Buffer.from('\nendstream'),
      ]),
    );
  }
  const places: number[] = [];
  let at = 9;
  for (const object of objects.slice(1)) {
    places.push(at);
    at += object.length;
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const end = `xref\n0 ${objects.length}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  return new Uint8Array(Buffer.concat([Buffer.from('%PDF-1.4\n'), ...objects.slice(1), Buffer.from(end)]));
}

/** So many spaces, packed without ever having been there together. */
export async function packedSpaces(bytes: number): Promise<Uint8Array> {
  const deflate = createDeflate({ level: 9 });
  const packed: Buffer[] = [];
  deflate.on('data', (piece) => packed.push(piece));
  const megabyte = Buffer.alloc(1_000_000, ' ');
  for (let left = bytes; left > 0; left -= megabyte.length)
    if (!deflate.write(megabyte.subarray(0, left))) await once(deflate, 'drain');
  deflate.end();
  await once(deflate, 'end');
  return Buffer.concat(packed);
}
