import { isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { ARCHIVE_LIMITS, type ArchivedFile, refused, tooMuch } from './archive-limits.ts';

/** The upper half of an entry's external attributes is its mode as in stat, where the packer was of Unix; else nought. */
const KIND = 0o170000;
const [PLAIN, FOLDER] = [0o100000, 0o040000];
const PERMISSIONS = 0o777;
const UTF8_FLAG = 0x800;

const modeOf = ({ externalFileAttributes }: Entry): number => externalFileAttributes >>> 16;

/**
 * Throws `invalid_archive` for what is no file or folder, `payload_too_large` for more than the limits, and an error of its reader's for a damaged
 * archive. What entries say of their size is summed up before the first is unpacked, and yauzl holds each to its word.
 */
export async function filesOfZip(bytes: Uint8Array): Promise<ArchivedFile[]> {
  const zip = await fromBufferPromise(Buffer.from(bytes), { decodeStrings: false });
  if (zip.entryCount > ARCHIVE_LIMITS.entries) throw tooMuch(`more than ${ARCHIVE_LIMITS.entries} entries`);
  const entries: { name: string; entry: Entry }[] = [];
  let size = 0;
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry);
    if (isFolder(entry, name)) continue;
    const flaw = flawOf(entry);
    if (flaw) throw refused(flaw, name);
    size += entry.uncompressedSize;
    if (size > ARCHIVE_LIMITS.bytes) throw tooMuch(`more than ${ARCHIVE_LIMITS.bytes} bytes`);
    entries.push({ name, entry });
  }
  const files: ArchivedFile[] = [];
  for (const { name, entry } of entries) {
    const content = await contentOf(zip, entry);
    if (crc32(content) !== entry.crc32) throw refused('holds a damaged file', name);
    files.push({ name, content, mode: modeOf(entry) === 0 ? null : modeOf(entry) & PERMISSIONS });
  }
  return files;
}

/** Packers of Unix write UTF-8 without the flag that says so, and what is UTF-8 by chance means hardly anything in CP437. */
function nameOf({ generalPurposeBitFlag: flags, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(isUtf8(fileNameRaw) ? flags | UTF8_FLAG : flags, fileNameRaw, extraFields, false);
}

const isFolder = (entry: Entry, name: string): boolean =>
  (modeOf(entry) & KIND) === FOLDER || (name.endsWith('/') && entry.uncompressedSize === 0);

function flawOf(entry: Entry): string | null {
  const kind = modeOf(entry) & KIND;
  if (kind !== 0 && kind !== PLAIN) return 'holds what is no plain file';
  if (entry.isEncrypted()) return 'holds an encrypted file';
  return entry.canDecodeFileData() ? null : 'holds a file that is compressed by another method than deflate';
}

const contentOf = async (zip: ZipFile, entry: Entry): Promise<Uint8Array> =>
  buffer(await zip.openReadStreamPromise(entry));
