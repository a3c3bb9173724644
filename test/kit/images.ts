/** Heads of images of a given size, and one whole PNG. */
import { crc32, deflateSync } from 'node:zlib';

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** One that readers take where the sizes are small; `pixels` false: it has none. */
export function png(width: number, height: number, { pixels = false } = {}): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8);
  const rows = pixels ? deflateSync(Buffer.alloc((width + 1) * height)) : Buffer.alloc(0);
  const parts = [chunk('IHDR', head), ...(pixels ? [chunk('IDAT', rows)] : []), chunk('IEND', Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]));
}

export function gif(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(40);
  bytes.write('GIF89a', 0, 'latin1');
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return new Uint8Array(bytes);
}

export function jpeg(width: number, height: number, { frame = 0xc0, padding = 0 } = {}): Uint8Array {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const fill = Array(padding).fill(0xff);
  return new Uint8Array([
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 6, 1, 2, 3, 4],
    ...[...fill, 0xff, frame, 0, 17, 8, ...size, 3],
    ...Array(20).fill(0),
  ]);
}

export function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X' | 'ALPH', width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(40);
  bytes.write(`RIFF\0\0\0\0WEBP${kind}`, 0, 'latin1');
  if (kind === 'VP8X') {
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
  } else if (kind === 'VP8L') {
    bytes[20] = 0x2f;
    bytes.writeUInt32LE(((height - 1) << 14) | (width - 1), 21);
  } else {
    bytes.write('\x9d\x01\x2a', 23, 'latin1');
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
  }
  return new Uint8Array(bytes);
}
