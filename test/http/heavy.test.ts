/** Bodies that are small as sent and huge once read, on every route that takes one, against a process with little memory. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { meter } from '../../lib/http/bounds.ts';

type Told = { name: string; status: number; code: string; detail: string; errors: number; ms: number; longest: number };

describe('a process with 96 MB for what it builds', () => {
  let answers: Told[];
  let peak: number;
  beforeAll(async () => {
    const child = join(import.meta.dirname, 'heavy/child.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=96', child], {
      maxBuffer: 10_000_000,
    });
    ({ answers, peak } = JSON.parse(stdout));
  }, 120_000);

  it('refuses each of them with a sentence', () => {
    const wrong = answers.filter(({ name, status, code }) => {
      const codes = name.startsWith('token') ? ['401 unauthorized'] : ['413 payload_too_large', '422 invalid_request'];
      return !codes.includes(`${status} ${code}`);
    });
    expect(wrong).toEqual([]);
    expect(answers.length).toBeGreaterThan(60);
    for (const { detail } of answers) expect(detail).toMatch(/^.{20,}\. Nothing was .*; (send|correct|sign)/s);
  });

  it('names the first few faults and no more', () => {
    expect(Math.max(...answers.map(({ errors }) => errors))).toBeLessThanOrEqual(20);
    const faulty = answers.filter(({ name }) => /as many faulty (turns|blocks|calls)/.test(name));
    expect(faulty.map(({ errors }) => errors)).toEqual([5, 5, 5]);
  });

  it('answers others meanwhile, and is soon done with what has too many parts', () => {
    for (const { name, longest } of answers) expect(longest, name).toBeLessThan(3_000);
    for (const { name, ms, code } of answers) if (code === 'payload_too_large') expect(ms, name).toBeLessThan(3_000);
  });

  it('stays small', () => expect(peak).toBeLessThan(400));
});

describe('what a text may hold', () => {
  const bounds = { depth: 3, items: 4, fields: 2, values: 12 };
  const bytes = (text: string) => new TextEncoder().encode(text);
  it.each([
    ['[1,2,3,4]', null],
    ['[1,2,3,4,5]', 'items'],
    ['[[],[],[],[]]', null],
    ['{"a":1,"b":2}', null],
    ['{"a":1,"b":2,"c":3}', 'fields'],
    ['[[[]]]', null],
    ['[[[[]]]]', 'depth'],
    ['[[1,2,3,4],[1,2,3,4],[1]]', 'values'],
    ['"[[[[[,,,,,,,,"', null],
    ['["\\"[[[[","\\\\",[[]]]', null],
    ['["\\\\",[[[]]]]', 'depth'],
    ['{"[,,,,,":"{,,,,,,"}', null],
    [']]]][[[', null],
    ['[1,2 3,,,', 'items'],
  ])('is counted outside of its strings: %s', (text, bound) => {
    expect(meter(bounds)(bytes(text))?.bound ?? null).toBe(bound);
    const byByte = meter(bounds);
    for (const byte of bytes(text)) byByte(Uint8Array.of(byte));
    expect(byByte(bytes(''))?.bound ?? null).toBe(bound);
  });
});
