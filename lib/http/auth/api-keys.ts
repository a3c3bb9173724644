/**
 * API keys: `ck_<id>_<secret>`. The id (26 characters) names the row and may be shown. The secret is 32 random bytes and a checksum. Keys made
 * before have 17 random bytes and go on working. The checksum lets a mistyped or invented key be refused without a query to the database.
 * Leaked keys can be found by their form. Only the SHA-256 of the whole key is stored: with that much randomness, a slow hash would add
 * nothing.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base32, newId, randomText } from '../../ids.ts';

const SECRET_BYTES = 32;
const CHECKSUM_CHARACTERS = 7;
const KEY = /^(ck_[0-9a-z]{26}_(?:[0-9a-z]{52}|[0-9a-z]{28}))([0-9a-z]{7})$/;

export type NewKey = { id: string; key: string; hash: string; prefix: string };

/** A new key: `key` is shown once and forgotten, the rest is stored. `prefix` is the part that may be shown later. */
export function mintKey(): NewKey {
  const id = newId('key');
  const prefix = prefixOfId(id);
  const body = `${prefix}_${randomText(SECRET_BYTES)}`;
  const key = body + checksum(body);
  return { id, key, hash: sha256(key), prefix };
}

/** The hash by which the key is looked up, or null if no such key can exist. */
export function hashOfKey(key: string): string | null {
  const [, body, sum] = KEY.exec(key) ?? [];
  return body !== undefined && sum === checksum(body) ? sha256(key) : null;
}

/** The part of a key that may be shown. */
export const prefixOf = (key: string): string => key.slice(0, key.lastIndexOf('_'));

/** The same, of the key whose row is called so. */
export const prefixOfId = (id: string): string => id.replace(/^key_/, 'ck_');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const checksum = (body: string): string => base32(BigInt(crc32(body)), CHECKSUM_CHARACTERS);
