/** Secrets are found in every dress in which they could come along, and nothing else is touched. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discreetLive, discreetLog, discreetSessions, redactAll, redactor } from '../../lib/observe/redact.ts';
import type { Live, MemorySave, WorkerSessions } from '../../lib/ports/index.ts';

const SECRET = 'sk-ant-9/+ü"Zz?&=%\\end';
const URL_SECRET = 'postgresql://owner:p%40ss-w0rd-of-owner@ep-x.neon.tech/db?sslmode=require';
const redact = redactor([SECRET, URL_SECRET, undefined, '', 'local']);
const base64 = (text: string) => Buffer.from(text).toString('base64');

const hex = Buffer.from(SECRET).toString('hex');
const bytes = hex.match(/../g)!;
const percentAll = bytes.map((byte) => `%${byte.toUpperCase()}`).join('');
const jsonAll = [...SECRET].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const wrappedTwice = JSON.stringify(JSON.stringify(base64(SECRET).replace(/.{9}/g, '$&\n')));

describe('a secret is taken out', () => {
  it.each([
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in small letters', encodeURIComponent(SECRET).replace(/%\w\w/g, (code) => code.toLowerCase())],
    ['as a part of an address', encodeURI(SECRET)],
    ['within JSON', JSON.stringify({ key: SECRET })],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in base64', base64(SECRET)],
    ['in base64 for addresses', Buffer.from(SECRET).toString('base64url')],
    ['in base64 behind one byte', base64(`:${SECRET}`)],
    ['in base64 behind two bytes, as a password', base64(`me:${SECRET}`)],
    ['in base64 behind and before others', base64(`user:${SECRET}, and more`)],
    ['in base64, wrapped after 20 characters', base64(SECRET).replace(/.{20}/g, '$&\n')],
    ['in base64, wrapped as in a mail and quoted', base64(`x${SECRET}`).replace(/.{11}/g, '$&\r\n> ')],
    ['in base64, wrapped, within JSON within JSON', wrappedTwice],
    ['in base64 for addresses, wrapped', Buffer.from(`xy${SECRET}`).toString('base64url').replace(/.{7}/g, '$&\n  ')],
    ['in base64, percent-encoded', encodeURIComponent(base64(SECRET))],
    ['percent-encoded to the last character', percentAll],
    ['percent-encoded to the last character in small letters', percentAll.toLowerCase()],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['percent-encoded in part, as another program does it', SECRET.replace('/', '%2f').replace('a', '%61')],
    ['as a form writes it', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['within JSON within JSON', JSON.stringify(JSON.stringify({ key: SECRET }))],
    ['as JSON in escapes only', jsonAll],
    ['in hexadecimal in capitals', hex.toUpperCase()],
    ['in hexadecimal with blanks', bytes.join(' ')],
    ['in hexadecimal with colons, in capitals', bytes.join(':').toUpperCase()],
    ['in hexadecimal in pairs, wrapped', hex.replace(/.{4}/g, '$& ').replace(/.{20}/g, '$&\n')],
    ['in hexadecimal as of C', bytes.map((byte) => `\\x${byte}`).join('')],
    ['in hexadecimal as an array', bytes.map((byte) => `0x${byte}`).join(', ')],
    ['quoted-printable', bytes.map((byte) => `=${byte.toUpperCase()}`).join('')],
    ['as the bytes of UTF-8 taken for Latin-1', Buffer.from(SECRET).toString('latin1')],
    ["as a server's address", `connect ${URL_SECRET} failed`],
    ['as the password of an address', 'wrong password p@ss-w0rd-of-owner'],
    ['as the password as it is written there', 'wrong password p%40ss-w0rd-of-owner'],
  ])('%s', (_, leaked) => {
    const clean = redact(`before ${leaked} after ${leaked}`);
    expect(clean).toMatch(/^before .*\[redacted\].* after .*\[redacted\]/s);
    for (const part of [SECRET, 'p@ss-w0rd', 'p%40ss', 'sk-ant', leaked]) expect(clean).not.toContain(part);
    // What is left of it is no part that would help: at most the characters that its neighbours share.
    expect(clean.replaceAll('[redacted]', '').length).toBeLessThan(60);
  });

  it('from every depth, from the names of fields, from errors and from bytes', () => {
    const bytes = new TextEncoder().encode(`ü ${SECRET.slice(0, 0)}plain-ascii-secret ü`);
    const plain = redactor(['plain-ascii-secret']);
    const value = {
      a: [{ 'plain-ascii-secret': 'x plain-ascii-secret' }],
      b: 7n,
      c: Number.POSITIVE_INFINITY,
      d: null,
      e: new Error('of plain-ascii-secret', { cause: 'plain-ascii-secret' }),
      f: bytes,
    };
    const clean = redactAll(value, plain);
    expect(clean).toEqual({
      a: [{ '[redacted]': 'x [redacted]' }],
      b: 7n,
      c: Number.POSITIVE_INFINITY,
      d: null,
      e: { name: 'Error', message: 'of [redacted]' },
      f: new TextEncoder().encode('ü [redacted] ü'),
    });
    const other = new Uint8Array([0, 255, 1]);
    expect(redactAll({ other }, plain).other).toBe(other);
  });

  it('without end: what nobody writes that deep is left out, and nothing of it gets through', () => {
    const secret = redactor(['plain-ascii-secret']);
    const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}"plain-ascii-secret"${'}'.repeat(levels)}`);
    for (const levels of [64, 190, 1_000, 100_000]) {
      const clean = JSON.stringify(redactAll(deep(levels), secret));
      expect(clean).toContain('[redacted]');
      expect(clean).not.toContain('plain-ascii-secret');
    }
  });
});

describe('whatever a secret is made of, and however it is dressed', () => {
  const percent = (byte: string) => [`%${byte}`, `%${byte.toUpperCase()}`, `%25${byte}`, `%2525${byte}`];
  const between = fc.constantFrom('', ' ', ':', '\n', '\r\n  ', ', ', '\\n', '\\\\r\\\\n', ' 0x', '\\x', '-');
  const wraps = fc.constantFrom('', '', '', '\n', '\r\n', '\n> ', '\\n', '\\\\n', '\n    ');
  const joined = (parts: readonly string[], gaps: fc.Arbitrary<string>) =>
    fc
      .array(gaps, { minLength: parts.length, maxLength: parts.length })
      .map((chosen) => parts.map((part, i) => (i === 0 ? part : chosen[i] + part)).join(''));
  const secrets = fc.string({ unit: fc.constantFrom(...'aAbB07xnrtu+/_-=%\\"& ü'), minLength: 14, maxLength: 24 });
  const character = (one: string) => {
    const codes = [...Buffer.from(one)].map((byte) => byte.toString(16).padStart(2, '0'));
    const json = `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const percents = [0, 1, 2, 3].map((i) => codes.map((code) => percent(code)[i]).join(''));
    // No program that encodes anything leaves these as they are.
    const plain = one === '%' ? [] : one === '\\' ? ['\\\\'] : [one];
    return fc.constantFrom(...plain, ...percents, json);
  };
  const dressed = secrets.chain((secret) => {
    const bytes = Buffer.from(secret);
    const hex = bytes.toString('hex').match(/../g)!;
    return fc.tuple(
      fc.constant(secret),
      fc.oneof(
        fc.tuple(...[...secret].map(character)).map((parts) => parts.join('')),
        joined(hex, between),
        joined(hex.join('').toUpperCase().match(/../g)!, between),
        joined([...base64(secret)], wraps),
        joined([...base64(`me:${secret}`)], wraps),
        joined([...bytes.toString('base64url')], wraps),
      ),
    );
  });
  it('it is taken out', () => {
    fc.assert(
      fc.property(dressed, ([secret, leaked]) => {
        expect(redactor([secret])(`before(${leaked})after`)).toMatch(/^before\(.{0,30}\[redacted\].{0,30}\)after$/s);
      }),
      { numRuns: Number(process.env.CIRCADIAN_RUNS ?? 500) },
    );
  });
});

describe('what is no secret stays', () => {
  it('as it was, byte by byte', () => {
    for (const text of ['', 'local', 'a local word', 'sk-ant', '{"a":"ü\\u0000"}', 'x'.repeat(100_000)]) {
      expect(redact(text)).toBe(text);
    }
    expect(redactor(['short', undefined])('short and undefined')).toBe('short and undefined');
  });

  it.each([
    ['words', 'The quick brown fox. '],
    ['backslashes', '\\'],
    ['blanks', ' \n'],
    ['percent signs', '%25'],
    ['beginnings of it', 'sk-ant-9/'],
    ['beginnings of its base64, wrapped', `${base64(SECRET).slice(0, 12)}\n`],
    ['beginnings of its hexadecimal', `${hex.slice(0, 10)} `],
    ['hexadecimal', '7365 '],
  ])('is not slow on a megabyte of %s', (_, unit) => {
    const text = unit.repeat(1_000_000 / unit.length);
    const started = performance.now();
    expect(redact(text)).toBe(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('the log', () => {
  it('has no key, token or password of anybody, by their form', () => {
    const lines: object[] = [];
    const log = discreetLog((line) => lines.push(line), redact);
    const key = 'ck_01m81r5mpby0g208wrsr4cxyhq_0123456789abcdefghjkmnpqrstv0123456';
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
    const error = new Error(`Bearer ${key}, ${token}, sk-ant-api03-abcdefgh_ijk, postgres://me:pw@host/db`);
    log({ level: 'error', message: 'failed', error, deep: [{ text: `${SECRET} ${token}` }], url: URL_SECRET });
    expect(lines).toEqual([
      {
        ...{ level: 'error', message: 'failed', url: '[redacted]', deep: [{ text: '[redacted] [redacted]' }] },
        error: {
          name: 'Error',
          message:
            'Bearer ck_01m81r5mpby0g208wrsr4cxyhq_[redacted], [redacted], [redacted], postgres://me:[redacted]@host/db',
        },
      },
    ]);
  });
});

describe('the ports', () => {
  it('get everything that is written down without secrets', async () => {
    const written: unknown[] = [];
    const note = (...args: unknown[]) => {
      written.push(...args);
      return Promise.resolve({}) as never;
    };
    const sessions = discreetSessions({ reserve: note, settle: note, save: note } as unknown as WorkerSessions, redact);
    const live = discreetLive({ draft: note } as unknown as Live, redact);
    const leak = { text: SECRET } as never;
    await sessions.reserve('s', 1, leak);
    await sessions.settle('s', 1, leak);
    await sessions.save('s', 1, leak, [{ path: '/a', mode: 0, content: new TextEncoder().encode('postgresql') }]);
    const entry = { path: 'a', source: 'agent', sessionId: 's', content: new TextEncoder().encode(SECRET) } as const;
    await sessions.save('s', 1, leak, [], { revision: 7, changes: [entry] });
    const memory = written.at(-1) as MemorySave;
    expect([memory.revision, new TextDecoder().decode(memory.changes[0]!.content!)]).toEqual([7, '[redacted]']);
    await live.draft('s', { iteration: 1, text: SECRET });
    expect(JSON.stringify(written)).not.toContain('sk-ant');
    expect(JSON.stringify(written).match(/\[redacted\]/g)).toHaveLength(5);
  });
});
