/** What SST has linked to each function: it lies encrypted among its code, and only the function's environment has the key (SST 4, `sst/resource`). */
import { createDecipheriv } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readZip } from './zip.ts';

/** Function → the properties of all that is linked to it, `App` apart. */
export type Links = Record<string, Record<string, unknown>>;

const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

/** `artifacts`: where SST packs what it uploads; `key`: the one with which it encrypted, base64. */
export const linksOf = (artifacts: string, key: string): Links => {
  if (!existsSync(artifacts)) return {};
  const packed = readdirSync(artifacts).filter((name) => existsSync(join(artifacts, name, 'code.zip')));
  return Object.fromEntries(packed.map((name) => [name, linked(join(artifacts, name, 'code.zip'), key)]));
};

const linked = (zip: string, key: string): Record<string, unknown> => {
  const encrypted = readZip(zip).get('resource.enc');
  if (!encrypted) return {};
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), NONCE);
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  const text = Buffer.concat([decipher.update(encrypted.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
  const { App: _, ...resources } = JSON.parse(text) as Record<string, Record<string, unknown>>;
  return Object.assign({}, ...Object.values(resources).map(({ type, ...properties }) => properties));
};
