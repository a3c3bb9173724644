/** What each answer of a receiver of traces means, by the words of OTLP/HTTP, and which addresses are asked at all. */
import { describe, expect, it } from 'vitest';
import { otlpReceiver } from '../../lib/adapters/otlp.ts';
import { headersOf } from '../../lib/config/traces.ts';
import { otlpReceiver as receiver } from '../kit/otlp.ts';

const partial = (told: object) => JSON.stringify({ partialSuccess: told });

describe('a receiver of traces', () => {
  it.each([
    [
      { status: 200, body: '{}' },
      { type: 'taken', rejected: 0, reason: null },
    ],
    [
      { status: 202, body: 'no JSON' },
      { type: 'taken', rejected: 0, reason: null },
    ],
    [
      { status: 200, body: partial({ rejectedSpans: '7', errorMessage: 'old' }) },
      { type: 'taken', rejected: 7, reason: 'old' },
    ],
    [
      { status: 200, body: partial({ errorMessage: 'beware' }) },
      { type: 'taken', rejected: 0, reason: 'beware' },
    ],
    [{ status: 400 }, { type: 'refused', reason: 'HTTP 400' }],
    [{ status: 413 }, { type: 'refused', reason: 'HTTP 413' }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { type: 'away', reason: 'HTTP 429', waitMs: 7_000 },
    ],
    [
      { status: 503, headers: { 'retry-after': 'soon' } },
      { type: 'away', reason: 'HTTP 503', waitMs: null },
    ],
    [
      { status: 503, headers: { 'retry-after': 'Tue, 10 Nov 2020 08:00:00 GMT' } },
      { type: 'away', reason: 'HTTP 503', waitMs: 0 },
    ],
    [
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { type: 'away', reason: 'HTTP 302', waitMs: null },
    ],
    [{ status: 404 }, { type: 'away', reason: 'HTTP 404', waitMs: null }],
    [{ status: 500 }, { type: 'away', reason: 'HTTP 500', waitMs: null }],
  ])('reads %j', async (answer, meaning) => {
    const { url, answers } = await receiver();
    answers.push(answer);
    expect(await otlpReceiver({ url, headers: {} }).post('{}')).toEqual(meaning);
  });

  it('says of a connection no more than its code, and nothing of the address', async () => {
    const answer = await otlpReceiver({ url: 'http://127.0.0.1:1/a-secret/v1/traces', headers: {} }).post('{}');
    expect(answer).toEqual({ type: 'away', reason: 'ECONNREFUSED', waitMs: null });
  });

  it('asks an address inside that the operator named, but no metadata service', async () => {
    const reach = { resolve: async () => [{ address: '169.254.169.254', family: 4 }] };
    const answer = await otlpReceiver({ url: 'http://collector.internal:4318/v1/traces', headers: {}, reach }).post(
      '{}',
    );
    expect(answer).toMatchObject({ type: 'away', reason: expect.stringContaining('not asked') });
  });
});

it('reads headers as OpenTelemetry writes them, and none that would forge a request', () => {
  expect(headersOf('authorization=Bearer%20a,x-team = b=c')).toEqual({ authorization: 'Bearer a', 'x-team': 'b=c' });
  for (const wrong of ['', 'no pair', '=x', 'a=%E0%A4%A', 'a=b%0D%0Ac', 'host=x', 'a=ü'])
    expect(headersOf(wrong), wrong).toBeNull();
});
