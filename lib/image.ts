/**
 * What an image is by its first bytes, whatever its name or a header says: type and size. No pixel is unpacked, so no image can do harm here.
 * Sources: PNG (W3C, 5.2 and 11.2.2), JPEG (ITU T.81, B.1 and B.2.2), GIF89a (17, 18), WebP (RFC 9649, 2.3 to 2.7).
 */

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
/** Pixels; null: the header is damaged or cut off. What a header says may be a lie. */
export type ImageHead = { type: ImageType; size: { width: number; height: number } | null };

/** Segments of a JPEG before its frame; a hostile one has millions. */
const MOST_SEGMENTS = 1_000;

/** Null: none of the four. */
export function imageHead(bytes: Uint8Array): ImageHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = typeOf(view);
  if (type === null) return null;
  const size = SIZES[type](view);
  return { type, size: size && size.width > 0 && size.height > 0 ? size : null };
}

const text = (view: DataView, at: number, length: number): string =>
  at + length > view.byteLength
    ? ''
    : String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));

function typeOf(view: DataView): ImageType | null {
  if (text(view, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(view, 0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (/^GIF8[79]a$/.test(text(view, 0, 6))) return 'image/gif';
  return text(view, 0, 4) === 'RIFF' && text(view, 8, 4) === 'WEBP' ? 'image/webp' : null;
}

type Size = ImageHead['size'];

const SIZES: Record<ImageType, (view: DataView) => Size> = {
  'image/png': (view) =>
    text(view, 12, 4) === 'IHDR' && view.byteLength >= 33
      ? { width: view.getUint32(16), height: view.getUint32(20) }
      : null,
  'image/gif': (view) =>
    view.byteLength >= 13 ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : null,
  'image/webp': webp,
  'image/jpeg': jpeg,
};

function webp(view: DataView): Size {
  if (view.byteLength < 30) return null;
  const u24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (text(view, 12, 4)) {
    case 'VP8X':
      return { width: u24(24) + 1, height: u24(27) + 1 };
    case 'VP8L': {
      const packed = view.getUint32(21, true);
      return view.getUint8(20) === 0x2f
        ? { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 }
        : null;
    }
    case 'VP8 ':
      return text(view, 23, 3) === '\x9d\x01\x2a'
        ? { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
        : null;
    default:
      return null;
  }
}

/** Frames of every process but tables (C4, CC) and the reserved C8. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** The pixels begin, or the image ends. */
const isPastFrame = (marker: number): boolean => marker === 0xda || marker === 0xd9;

function jpeg(view: DataView): Size {
  let at = 2;
  for (let segments = 0; segments < MOST_SEGMENTS && at + 9 <= view.byteLength; segments += 1) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else if (isPastFrame(marker)) return null;
    else {
      const length = view.getUint16(at + 2);
      if (length < 2) return null;
      at += 2 + length;
    }
  }
  return null;
}
