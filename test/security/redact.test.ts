/** Secrets are found in every dress in which they could come along, and nothing else is touched. */
import { describe, expect, it } from 'vitest';
import type { Live, Sessions } from '../../lib/ports.ts';
import { discreetLive, discreetLog, discreetSessions, redactAll, redactor } from '../../lib/redact.ts';

const SECRET = 'sk-ant-9/+ü"Zz?&=%\\end';
const URL_SECRET = 'postgresql://owner:p%40ss-w0rd-of-owner@ep-x.neon.tech/db?sslmode=require';
const redact = redactor([SECRET, URL_SECRET, undefined, '', 'local']);
const base64 = (text: string) => Buffer.from(text).toString('base64');

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
    ["as a server's address", `connect ${URL_SECRET} failed`],
    ['as the password of an address', 'wrong password p@ss-w0rd-of-owner'],
    ['as the password as it is written there', 'wrong password p%40ss-w0rd-of-owner'],
  ])('%s', (_, leaked) => {
    const clean = redact(`before ${leaked} after ${leaked}`);
    expect(clean).toMatch(/^before .*\[redacted\].* after .*\[redacted\]/);
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

describe('what is no secret stays', () => {
  it('as it was, byte by byte', () => {
    for (const text of ['', 'local', 'a local word', 'sk-ant', '{"a":"ü\\u0000"}', 'x'.repeat(100_000)]) {
      expect(redact(text)).toBe(text);
    }
    expect(redactor(['short', undefined])('short and undefined')).toBe('short and undefined');
  });

  it('is not slow on a megabyte', () => {
    const text = 'The quick brown fox. '.repeat(50_000);
    const started = performance.now();
    redact(text);
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
    const sessions = discreetSessions({ reserve: note, settle: note, save: note } as unknown as Sessions, redact);
    const live = discreetLive({ draft: note } as unknown as Live, redact);
    const leak = { text: SECRET } as never;
    await sessions.reserve('s', 1, leak);
    await sessions.settle('s', 1, leak);
    await sessions.save('s', 1, leak, [{ path: '/a', mode: 0, content: new TextEncoder().encode('postgresql') }]);
    await live.draft('s', { iteration: 1, text: SECRET });
    expect(JSON.stringify(written)).not.toContain('sk-ant');
    expect(JSON.stringify(written).match(/\[redacted\]/g)).toHaveLength(4);
  });
});
