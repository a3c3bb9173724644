/** Equal inputs are equal texts, as JSON with sorted keys, however deep. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../lib/core/hash.ts';
import { isBlank, nestedDeeper } from '../../lib/text.ts';

/** The same by JSON.stringify, for values that it can walk. */
const recursive = (value: unknown): string =>
  JSON.stringify(value, (_key, v) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
const nested = (levels: number): unknown => JSON.parse(`${'{"b":1,"a":['.repeat(levels)}${']}'.repeat(levels)}`);

describe('canonical', () => {
  it('is JSON with sorted keys', () => {
    expect(canonical({ b: [1, { d: null, c: 'ü"' }], a: undefined, 10: 1, 9: 2 })).toBe(
      '{"9":2,"10":1,"b":[1,{"c":"ü\\"","d":null}]}',
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => canonical(value) === recursive(value)));
  });

  it('is the same for every order of keys', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        (value) => canonical(Object.fromEntries(Object.entries(value).reverse())) === canonical(value),
      ),
    );
  });

  it('takes any depth and any width', () => {
    expect(canonical(nested(100_000))).toHaveLength(100_000 * '{"a":[],"b":1}'.length);
    expect(canonical(Array.from({ length: 500_000 }, () => 1))).toHaveLength(1_000_001);
  });
});

describe('depth', () => {
  it('counts objects and arrays within each other', () => {
    expect([nestedDeeper('x', 0), nestedDeeper({}, 0), nestedDeeper({}, 1), nestedDeeper({ a: [] }, 1)]).toEqual([
      ...[false, true, false, true],
    ]);
    expect([nestedDeeper(nested(32)), nestedDeeper(nested(33)), nestedDeeper(nested(100_000))]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('what nobody sees', () => {
  it.each([
    '',
    ' \t\r\n',
    '\u00a0\u2003\u3000',
    '\u200b\u200c\u200d\u2060\ufeff',
    '\u00ad\u034f\u061c',
    '\u3164\uffa0\u115f\u1160',
    '\ufe00\ufe0f\u{e0100}\u{e0041}',
    '\u202a\u202e\u2066\u2069',
    '\u2800',
    '\0\u001b\u0085',
    '\u180b\u180e\u17b4',
    '\u{1d159}\u{1d173}',
    '\u2028\u2029',
  ])('%j is blank', (text) => expect(isBlank(text)).toBe(true));

  it.each(['a', '.', '\u200ba', '👨‍👩‍👧', 'ﷺ', '\u0301', '\ufffd', '\u2801', '한'])('%j is not', (text) =>
    expect(isBlank(text)).toBe(false),
  );

  it('is told of a long text at once', () => {
    const began = process.cpuUsage().user;
    expect(isBlank(`${'\u200b'.repeat(1_000_000)}x`)).toBe(false);
    expect(process.cpuUsage().user - began).toBeLessThan(2_000_000);
  });
});
