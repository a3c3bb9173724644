import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hashOfKey, mintKey, sha256 } from '../../lib/http/auth/api-keys.ts';
import { clean } from '../../lib/http/text.ts';
import { base32, isId, newId } from '../../lib/ids.ts';
import { cleanText } from '../../lib/text.ts';

describe('ids', () => {
  it('sort by time, are lowercase and never the same', () => {
    const ids = [1, 2, 3].map((second) => newId('ses', Date.parse('2026-11-10T00:00:00Z') + second * 1_000));
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^ses_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(new Set(Array.from({ length: 1_000 }, () => newId('ses', 0))).size).toBe(1_000);
    expect(ids.every(isId)).toBe(true);
  });

  it('can be told from what names nothing', () => {
    for (const text of ['', '..', '../x', 'a b', 'a\0', '-a', 'x'.repeat(200), 'é']) expect(isId(text)).toBe(false);
  });
});

describe('keys', () => {
  it('are known by the hash that was stored', () => {
    const { id, key, hash, prefix } = mintKey();
    expect(hashOfKey(key)).toBe(hash);
    expect(hash).toBe(sha256(key));
    expect(key.startsWith(`${prefix}_`)).toBe(true);
    expect(prefix).toBe(`ck_${id.slice(4)}`);
  });

  it('hold 256 random bits, and those that were made with fewer go on working', () => {
    const secrets = Array.from({ length: 200 }, () => mintKey().key.split('_')[2]!);
    expect(new Set(secrets).size).toBe(200);
    // 52 characters of 5 bits for 256 bits, of which each but the first takes every value, and 7 for the checksum.
    expect(new Set(secrets.map(({ length }) => length))).toEqual(new Set([59]));
    for (const place of [1, 25, 51]) expect(new Set(secrets.map((secret) => secret[place])).size).toBeGreaterThan(24);
    const old = 'ck_01m81r5mpby0g208wrsr4cxyhq_0123456789abcdefghjkmnpqrstv';
    const sum = base32(BigInt(crc32(old)), 7);
    expect(hashOfKey(old + sum)).toBe(sha256(old + sum));
    expect(hashOfKey(old)).toBeNull();
  });

  it('are refused by their checksum when one character is wrong', () => {
    const { key } = mintKey();
    for (let i = 0; i < key.length; i++) {
      const wrong = key.slice(0, i) + (key[i] === '7' ? '8' : '7') + key.slice(i + 1);
      expect(hashOfKey(wrong), `character ${i}`).toBeNull();
    }
    expect(hashOfKey(`${key}x`)).toBeNull();
  });
});

describe('text', () => {
  it('loses NUL and lone surrogates at any depth, keys included, and nothing else', () => {
    expect(cleanText('a\0b\ud800c\udc00d😀')).toBe('a\ufffdb\ufffdc\ufffdd😀');
    const dirty = JSON.parse('{"a\\u0000":["\\ud800",{"__proto__":"\\u0000","n":1,"b":true,"z":null}]}');
    expect(JSON.stringify(clean(dirty))).toBe('{"a\ufffd":["\ufffd",{"__proto__":"\ufffd","n":1,"b":true,"z":null}]}');
  });

  it('is refused when nested without end', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(() => clean(deep)).toThrow(/invalid_request/);
  });
});
