/** What a failed model call proves about the bill (R7), over real HTTP. */
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../lib/adapters/anthropic/failure.ts';
import { anthropic } from '../../lib/adapters/anthropic/index.ts';
import { FenceLost, Stopped } from '../../lib/ports/index.ts';
import { type Fault, failing, overloaded, rateLimited, reply, scriptedModel, serverError } from '../kit/model.ts';
import { failed, freePort, never, replied, request, thinking } from './thinking.ts';

describe('a refusal before the stream', () => {
  it('429 proves that nothing was served and tells when to come back', async () => {
    const { server, think } = await thinking([rateLimited(7)]);
    expect(failed(await think())).toEqual({
      proof: 'not_served',
      status: 429,
      code: 'rate_limit_error',
      message: expect.stringContaining('rate limit'),
      retryAfterMs: 7_000,
    });
    expect(server.bill()).toEqual([]);
  });

  it('529 likewise, without a time', async () => {
    const { think } = await thinking([overloaded()]);
    expect(failed(await think())).toMatchObject({
      proof: 'not_served',
      status: 529,
      code: 'overloaded_error',
      retryAfterMs: null,
    });
  });

  it('a validation error of the API', async () => {
    const { think } = await thinking([], {
      messages: [{ role: 'assistant', content: [{ type: 'text', text: 'Hi' }] }],
    });
    expect(failed(await think())).toMatchObject({
      proof: 'not_served',
      status: 400,
      code: 'invalid_request_error',
      message: /first message/,
    });
  });

  it('gives the stable error code when there is one', async () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    const { think } = await thinking([
      failing({ kind: 'status', status: 429, type: 'rate_limit_error', message: 'No.', details }),
    ]);
    expect(failed(await think())).toMatchObject({
      proof: 'not_served',
      code: 'enforced_spend_limit_reached',
      message: 'No.',
    });
  });

  it('nobody listening proves it too', async () => {
    const port = await freePort();
    const model = anthropic({ apiKey: 'test', baseURL: `http://localhost:${port}` });
    expect(failed(await model.think(request(), { signal: never }))).toMatchObject({
      proof: 'not_served',
      status: 0,
      code: 'unreachable',
    });
  });

  it.each([
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Wed, 01 Jan 2025 00:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 31 Dec 2024 00:00:00 GMT' }, 0],
    [{ 'retry-after': '99999999999' }, 86_400_000],
    [{ 'retry-after': '9'.repeat(400) }, 86_400_000],
    [{ 'retry-after-ms': '1e99', 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '99999999999999' }, 86_400_000],
    [{ 'retry-after-ms': 'NaN' }, null],
    [{ 'retry-after-ms': '-250' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '2030' }, 2_030_000],
    [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 86_400_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': '0.0001' }, 1],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j', (headers, ms) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), Date.UTC(2025, 0, 1))).toBe(ms);
  });
});

describe('what proves nothing', () => {
  it('500, which may have been billed, and is not tried again', async () => {
    const { server, think } = await thinking([serverError(), 'never']);
    expect(failed(await think())).toMatchObject({ proof: 'unknown', status: 500 });
    expect(server.bill()).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  it.each([408, 499, 503, 504])('status %i', async (status) => {
    const { think } = await thinking([failing({ kind: 'status', status, type: 'timeout_error', message: 'Late.' })]);
    expect(failed(await think())).toMatchObject({ proof: 'unknown', status });
  });

  it('silence until the time is up', async () => {
    const server = await scriptedModel([failing({ kind: 'hang', after: 0 })]);
    const model = anthropic({ apiKey: 'test', baseURL: server.url, timeoutMs: 50 });
    expect(failed(await model.think(request(), { signal: never }))).toMatchObject({ proof: 'unknown', status: null });
    expect(server.bill()).toHaveLength(1);
  });

  it.each<Fault>([
    { kind: 'cut', after: 0 },
    { kind: 'cut', after: 5, unit: 'bytes' },
    { kind: 'malformed', after: 0 },
    { kind: 'error_event', after: 0, type: 'overloaded_error', message: 'Overloaded' },
  ])('a stream that breaks before message_start: %j', async (fault) => {
    const { think } = await thinking([failing(fault)]);
    expect(failed(await think())).toMatchObject({ proof: 'unknown', status: null });
  });

  it('an abort before message_start', async () => {
    const abort = new AbortController();
    const { think } = await thinking([
      () => {
        abort.abort(new Stopped('paused'));
        return failing({ kind: 'hang', after: 0 });
      },
    ]);
    expect(failed(await think(abort.signal))).toMatchObject({
      proof: 'unknown',
      status: null,
      message: 'aborted: paused',
    });
  });

  it('an abort before anything was sent', async () => {
    const { server, think } = await thinking([]);
    expect(failed(await think(AbortSignal.abort()))).toMatchObject({ proof: 'unknown' });
    expect(server.requests).toEqual([]);
  });
});

describe('a stream that breaks after message_start', () => {
  it.each<Fault>([
    { kind: 'cut', after: 1 },
    { kind: 'cut', after: 6 },
    { kind: 'malformed', after: 3 },
    { kind: 'error_event', after: 4, type: 'overloaded_error', message: 'Overloaded' },
  ])('is cut, with the exact input: %j', async (fault) => {
    const { server, think } = await thinking([failing(fault, reply('Long. '.repeat(100)))]);
    const failure = failed(await think());
    const { output_tokens: _, ...input } = server.bill()[0]?.usage ?? {};
    expect(failure).toMatchObject({ proof: 'cut', model: 'claude-haiku-5-5', stopped: false, usage: input });
  });

  it.each([
    [new Stopped('paused'), true],
    [new FenceLost('another owner'), true],
    [new Error('deadline'), false],
  ])('by an abort, because of %s', async (reason, stopped) => {
    const abort = new AbortController();
    const hanging = failing({ kind: 'hang', after: 5 }, reply('Once upon a time. '.repeat(20)));
    const server = await scriptedModel([hanging], { thinks: false });
    const model = anthropic({ apiKey: 'test', baseURL: server.url });
    const thought = await model.think(request(), { signal: abort.signal, onText: () => abort.abort(reason) });
    expect(failed(thought)).toMatchObject({ proof: 'cut', stopped, message: `aborted: ${reason.message}` });
  });

  it('counts as a reply when the final usage had come', async () => {
    const { think } = await thinking([failing({ kind: 'cut', after: 6 }, reply('Hi.'))]);
    expect(replied(await think())).toMatchObject({ stopReason: 'end_turn', content: [{ type: 'text', text: 'Hi.' }] });
  });
});
