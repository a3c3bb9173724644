/**
 * What SST has linked to this function. It is read here, because the package `sst` carries its 72 MB program along.
 * Source: `sst/resource` of SST 4.17.1 (dist/resource/node.js), which test/config/links.test.ts compares.
 */
import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type Links = Record<string, Record<string, unknown>>;

const PREFIX = 'SST_RESOURCE_';
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

/** SST's own wrapper of a function may have read the file before. */
const alreadyRead = (): Links | undefined => (globalThis as { SST_KEY_FILE_DATA?: Links }).SST_KEY_FILE_DATA;

/**
 * Name of the linked resource → its properties. `sst dev` and `sst shell` hand over variables, a deployed function an encrypted file beside its code.
 * Throws if that file is missing, or was not written with this key.
 */
export function linksOf(variables: Record<string, string | undefined>): Links {
  const { SST_RESOURCES_JSON, SST_KEY_FILE, SST_KEY } = variables;
  const single = Object.entries(variables).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && value ? [[name.slice(PREFIX.length), JSON.parse(value)] as const] : [],
  );
  const sealed = alreadyRead() ?? (SST_KEY_FILE && SST_KEY ? opened(SST_KEY_FILE, SST_KEY) : {});
  return { ...Object.fromEntries(single), ...(SST_RESOURCES_JSON && JSON.parse(SST_RESOURCES_JSON)), ...sealed };
}

/** AES-256-GCM with a nonce of zeros; the tag stands at the end. */
function opened(path: string, key: string): Links {
  const sealed = readFileSync(path);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), NONCE);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString());
}
