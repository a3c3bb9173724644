/**
 * The files of an archive that a user sends: .tar.gz, .tar or .zip, told apart by its first bytes. An archive comes from a stranger. So
 * what it unpacks to is counted while it comes out, and what is no plain file or folder is refused.
 */
import { WORKSPACE_LIMITS } from '../core/workspace.ts';
import { Problem } from '../problem.ts';
import { ARCHIVE_LIMITS, type ArchivedFile, quoted, refused, tooMuch } from './archive-limits.ts';
import { gunzipped, isGzip } from './gunzip.ts';
import { filesOfTar, isTar } from './tar.ts';

const { files: MOST_FILES, fileBytes: MOST_FILE_BYTES } = WORKSPACE_LIMITS;

/** A zip begins with the header of a file, or with the end of an empty archive. */
const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));

/** Throws `invalid_archive` for what it cannot read or will not take, and `payload_too_large` for what unpacks to too much. */
export async function filesOf(archive: Uint8Array): Promise<ArchivedFile[]> {
  const files = await read(archive);
  if (files.length > MOST_FILES) throw tooMuch(`more than ${MOST_FILES} files`);
  const large = files.find(({ content }) => content.length > MOST_FILE_BYTES);
  if (large) throw tooMuch(`a file of more than ${MOST_FILE_BYTES} bytes, ${quoted(large.name)}`);
  return files;
}

async function read(archive: Uint8Array): Promise<ArchivedFile[]> {
  try {
    // Its reader is loaded with the first archive that needs it.
    if (isZip(archive)) return await (await import('./zip.ts')).filesOfZip(archive);
    const tar = isGzip(archive) ? await gunzipped(archive, counting()) : archive;
    if (tar.length > ARCHIVE_LIMITS.bytes) throw tooManyBytes();
    if (isTar(tar)) return await filesOfTar(tar);
  } catch (error) {
    throw error instanceof Problem ? error : refused('is damaged or cut off');
  }
  throw refused('is no .tar.gz, .tar or .zip');
}

function counting() {
  let bytes = 0;
  return (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes > ARCHIVE_LIMITS.bytes) throw tooManyBytes();
  };
}

const tooManyBytes = () => tooMuch(`more than ${ARCHIVE_LIMITS.bytes} bytes`);
