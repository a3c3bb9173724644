import { unpackTar } from 'modern-tar';
import { ARCHIVE_LIMITS, type ArchivedFile, refused, tooMuch } from './archive-limits.ts';

const BLOCK = 512;
const MAGIC = { at: 257, text: 'ustar' };
const TYPE_AT = 156;
/** Files, links, devices and folders by POSIX, its extended headers, GNU's long names, and a file as it was before POSIX. */
const TYPES = new Set([...'01234567xgLK\0'].map((type) => type.charCodeAt(0)));
const PERMISSIONS = 0o777;

const isHeader = (tar: Uint8Array, at: number): boolean =>
  Buffer.from(tar.buffer, tar.byteOffset + at + MAGIC.at, MAGIC.text.length).toString('latin1') === MAGIC.text;

/** It begins with a header, or with the end of an empty archive. */
export const isTar = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 * BLOCK && (isHeader(bytes, 0) || bytes.subarray(0, 2 * BLOCK).every((byte) => byte === 0));

/** Throws `invalid_archive` for what is no file or folder, and an error of its reader's for a damaged archive. */
export async function filesOfTar(tar: Uint8Array): Promise<ArchivedFile[]> {
  if (holdsOddType(tar)) throw refused('holds an entry of a kind that is no file, a sparse one for example,');
  const entries = await unpackTar(tar, { strict: true });
  if (entries.length > ARCHIVE_LIMITS.entries) throw tooMuch(`more than ${ARCHIVE_LIMITS.entries} entries`);
  return entries.flatMap(({ header, data }) => {
    const { name, type, mode } = header;
    if (type === 'directory') return [];
    const sparse = Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.'));
    if (type !== 'file' || sparse) throw refused('holds what is no plain file', name);
    return [{ name, content: data ?? new Uint8Array(), mode: (mode ?? 0o644) & PERMISSIONS }];
  });
}

/**
 * modern-tar 0.7.7 takes an entry of a type that it does not know for a file. GNU's sparse files would lose their holes that way. A header begins a
 * block; the header of an archive within this one looks the same, and is then refused, too.
 */
function holdsOddType(tar: Uint8Array): boolean {
  for (let at = 0; at + BLOCK <= tar.length; at += BLOCK)
    if (!TYPES.has(tar[at + TYPE_AT]!) && isHeader(tar, at)) return true;
  return false;
}
