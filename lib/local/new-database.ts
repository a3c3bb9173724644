/**
 * The embedded database as initdb leaves it, packed. The published package has one, made when it is built, since unpacking takes less than half of
 * initdb's time. PGlite is pinned, so that the two fit. The repository has none, and makes each database anew.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { constants, brotliCompressSync as pack, brotliDecompressSync as unpack } from 'node:zlib';

export const PACKED = new URL('./new-database.tar.br', import.meta.url);

/** Its template databases are alike, and lie within so wide a window of each other: 1.5 MB, where gzip takes 4.5. */
const PARAMS = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 9 };

export async function packNewDatabase(file: URL | string): Promise<void> {
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create('memory://');
  const tar = await database.dumpDataDir('none');
  await database.close();
  await writeFile(file, pack(await tar.arrayBuffer(), { params: PARAMS }));
}

/** What PGlite makes a database of; undefined: by initdb. */
export const newDatabase = async (file: URL | string = PACKED): Promise<Blob | undefined> =>
  existsSync(file) ? new Blob([unpack(await readFile(file))], { type: 'application/x-tar' }) : undefined;
