import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replacedOnce, withMemoryOf } from '../../lib/infra/wasm-memory.ts';

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A module with one memory, exported as `m`. */
const moduleOf = (...limits: number[]) =>
  Uint8Array.from([...HEAD, 5, 1 + limits.length, 1, ...limits, 7, 5, 1, 1, 0x6d, 2, 0]);

type Memory = { grow(pages: number): number };
/** The types of Node have only a part of it. */
const { instantiate, validate } = Reflect.get(globalThis, 'WebAssembly') as {
  instantiate(module: Uint8Array): Promise<{ instance: { exports: { m: Memory } } }>;
  validate(module: Uint8Array): boolean;
};

describe('the memory of a WebAssembly module', () => {
  it('is as large as it may be, and not a page larger', async () => {
    const { instance } = await instantiate(withMemoryOf(moduleOf(1, 1, 0x80, 0x80, 2), 3));
    expect(instance.exports.m.grow(47)).toBe(1);
    expect(() => instance.exports.m.grow(1)).toThrow(RangeError);
  });

  it('of SQLite is lowered from 2 GB', () => {
    const sqlite = readFileSync(createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm'));
    const lowered = withMemoryOf(sqlite, 192);
    expect(validate(lowered)).toBe(true);
    expect(lowered.filter((byte, at) => byte !== sqlite[at]).length).toBeGreaterThan(0);
    expect(() => withMemoryOf(lowered, 193)).toThrow('cannot be limited to 193 MB');
    expect(() => withMemoryOf(sqlite, 2049)).toThrow();
  });

  it('of CPython is lowered from 512 MB', () => {
    const folder = dirname(createRequire(import.meta.url).resolve('just-bash')).replace(/dist.*/, '');
    const python = readFileSync(`${folder}vendor/cpython-emscripten/python.wasm`);
    expect(validate(withMemoryOf(python, 256))).toBe(true);
    expect(() => withMemoryOf(python, 513)).toThrow('cannot be limited to 513 MB');
  });

  it('is never left as it is in silence', () => {
    expect(() => replacedOnce('max(9)', 'max(8)', 'max(2)')).toThrow('"max(8)" is 0 times in the program, not once');
    expect(() => replacedOnce('max(8)max(8)', 'max(8)', 'max(2)')).toThrow('2 times');
    expect(() => withMemoryOf(moduleOf(0, 1), 3)).toThrow('cannot be limited');
    expect(() => withMemoryOf(Uint8Array.from(HEAD), 3)).toThrow('no memory of its own');
  });
});
