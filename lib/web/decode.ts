/**
 * The bytes of an answer as text. They are unpacked with a bound on what comes out: a small answer may unpack to gigabytes. Then they are
 * read in the character set that they are in.
 */
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

/** `cut`: there was more than the bound, or the packed bytes ended before their end. */
export type Unpacked = { body: Uint8Array; cut: boolean };

const MOST_LAYERS = 2;

/** What remains of a stream that was cut off is given, too. */
const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH };
const UNPACKERS = {
  gzip: () => createGunzip(PARTIAL),
  'x-gzip': () => createGunzip(PARTIAL),
  deflate: (body: Uint8Array) => (hasZlibHeader(body) ? createInflate(PARTIAL) : createInflateRaw(PARTIAL)),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush }),
};
/** As `accept-encoding` says them. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br, zstd';

/** Servers say deflate of bytes without the header, too. RFC 1950, 2.2. */
const hasZlibHeader = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;

const isKnown = (name: string): name is keyof typeof UNPACKERS => Object.hasOwn(UNPACKERS, name);

/** `encoding`: the field `content-encoding`. Throws a sentence for one that is not known, for more than two, and for bytes that are none of it. */
export async function unpacked(body: Uint8Array, encoding: string | undefined, most: number): Promise<Unpacked> {
  const layers = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  if (layers.length > MOST_LAYERS)
    throw new Error(`it is packed ${layers.length} times, and ${MOST_LAYERS} is the most`);
  let result: Unpacked = { body: body.subarray(0, most), cut: body.length > most };
  for (const name of layers) {
    if (!isKnown(name))
      throw new Error(`it is packed as ${JSON.stringify(name.slice(0, 40))}, which is not known here`);
    const { body, cut } = await unpack(name, result.body, most);
    result = { body, cut: cut || result.cut };
  }
  return result;
}

async function unpack(name: keyof typeof UNPACKERS, packed: Uint8Array, most: number): Promise<Unpacked> {
  const stream = UNPACKERS[name](packed);
  const pieces: Buffer[] = [];
  let size = 0;
  stream.end(packed);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > most) break;
    }
  } catch (error) {
    if (size === 0) throw new Error(`its bytes are no ${name}: ${(error as Error).message}`);
    return { body: Buffer.concat(pieces), cut: true };
  } finally {
    stream.destroy();
  }
  return { body: Buffer.concat(pieces).subarray(0, most), cut: size > most };
}

/** Where a page names its own character set. Source: https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding */
const HEAD_BYTES = 1_024;
const IN_META = /<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
const IN_XML = /^\s{0,10}<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})/;
const MARKS = [
  ['\xEF\xBB\xBF', 'utf-8'],
  ['\xFE\xFF', 'utf-16be'],
  ['\xFF\xFE', 'utf-16le'],
] as const;
const IN_HEADER = /charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;

/** By the mark at the beginning, the header, the page itself, else UTF-8. A name that is not known counts as none. ISO-8859-1 means windows-1252. */
export function decoded(body: Uint8Array, contentType = ''): string {
  const head = Buffer.from(body.subarray(0, HEAD_BYTES)).toString('latin1');
  const own = IN_XML.exec(head)?.[1] ?? IN_META.exec(head)?.[1];
  const named = [
    MARKS.find(([mark]) => head.startsWith(mark))?.[1],
    IN_HEADER.exec(contentType.slice(0, 500))?.[1],
    // What can be read byte by byte is no UTF-16, whatever it says.
    own?.replace(/^utf-?16.*$/i, 'utf-8'),
    'utf-8',
  ];
  return new TextDecoder(named.find(isCharset)).decode(body);
}

function isCharset(name: string | undefined): boolean {
  try {
    return name !== undefined && new TextDecoder(name) !== null;
  } catch {
    return false;
  }
}
