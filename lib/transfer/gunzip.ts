import { createGunzip } from 'node:zlib';

/** Unpacked at a time; between two of them others are served. */
const CHUNK = 65_536;

/** What starts as gzip does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * All of it unpacked. `each` sees every piece as it comes out and throws where it is too much, so that a bomb costs no more than its limit. Rejects
 * with what `each` threw, or with zlib's error for damaged bytes.
 */
export async function gunzipped(packed: Uint8Array, each: (piece: Buffer) => void): Promise<Buffer> {
  const stream = createGunzip({ chunkSize: CHUNK });
  stream.end(packed);
  const pieces: Buffer[] = [];
  for await (const piece of stream) {
    each(piece);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
