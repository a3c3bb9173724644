/** The local model server, spoken to as any HTTP client would. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { costMicrodollars } from '../../lib/budget/index.ts';
import { openBill } from '../../lib/local/model/bill.ts';
import { call, ending, failing, overloaded, reply, scriptedModel, serverError } from '../kit/model.ts';

const HEADERS = { 'content-type': 'application/json', 'x-api-key': 'test', 'anthropic-version': '2026-10-21' };

const post = async (url: string, body: unknown, headers: Record<string, string> = HEADERS) => {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const text = (words: string, cache_control?: object) => ({
  type: 'text',
  text: words,
  ...(cache_control && { cache_control }),
});
const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const tool = { name: 'bash', input_schema: { type: 'object' } };
const base = { model: 'claude-sonnet-5-5', max_tokens: 500, tools: [tool], messages: [user(text('Hi.'))] };

describe('a valid request', () => {
  it('is streamed in the shape and order of the API', async () => {
    const server = await scriptedModel([reply('Hello.', call('bash', { a: 1 }, { id: 'toolu_1' }))]);
    const { status, headers, text: body } = await post(`${server.url}/v1/messages`, { ...base, stream: true });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch('text/event-stream');
    const frames = body
      .trim()
      .split('\n\n')
      .map((frame) => frame.split('\n'));
    const events = frames.map(([event, data]) => ({
      event: event?.slice('event: '.length),
      data: JSON.parse(data?.slice('data: '.length) ?? ''),
    }));
    for (const { event, data } of events) expect(data.type).toBe(event);
    expect(events.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]?.data.message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      usage: { output_tokens: 1 },
    });
    expect(events[5]?.data.content_block).toEqual({ type: 'tool_use', id: 'toolu_1', name: 'bash', input: {} });
    const { delta, usage } = events[9]?.data ?? {};
    expect(delta).toEqual({ stop_reason: 'tool_use', stop_sequence: null });
    expect(usage).not.toHaveProperty('cache_creation');
    expect(usage.output_tokens).toBeGreaterThan(1);
  });

  it('is answered whole without stream', async () => {
    const server = await scriptedModel([reply('Hello.', call('bash', { a: 1 }))]);
    const { text: body } = await post(`${server.url}/v1/messages`, base);
    expect(JSON.parse(body)).toMatchObject({
      type: 'message',
      stop_reason: 'tool_use',
      content: [text('Hello.'), { type: 'tool_use', id: expect.stringMatching(/^toolu_/), input: { a: 1 } }],
    });
  });

  it('gets the same tool ids when it is repeated, and others when it differs', async () => {
    const server = await scriptedModel([1, 2, 3].map(() => reply(call('bash'))));
    const idOf = async (messages: unknown[]) =>
      JSON.parse((await post(`${server.url}/v1/messages`, { ...base, messages })).text).content[0].id;
    const first = await idOf([user(text('Hi.'))]);
    expect(await idOf([user(text('Hi.'))])).toBe(first);
    expect(await idOf([user(text('Ho.'))])).not.toBe(first);
  });

  it('carries request id and rate limits, also when it fails', async () => {
    const server = await scriptedModel(['Hello.', overloaded()]);
    for (const status of [200, 529]) {
      const answer = await post(`${server.url}/v1/messages`, base);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('request-id')).toMatch(/^req_/);
      expect(answer.headers.get('anthropic-ratelimit-requests-remaining')).toMatch(/^\d+$/);
    }
  });

  it('may mix joined user texts behind tool results, and content as a string', async () => {
    const server = await scriptedModel(['Hello.']);
    const messages = [
      { role: 'user', content: 'Hi.' },
      assistant(use('a'), use('b')),
      user(result('a'), result('b'), text('And?')),
    ];
    expect((await post(`${server.url}/v1/messages`, { ...base, messages })).status).toBe(200);
  });
});

describe('an invalid request', () => {
  const long = { type: 'ephemeral', ttl: '1h' };
  const short = { type: 'ephemeral' };
  it.each<[string, object, RegExp]>([
    ['no messages', { messages: [] }, /messages/],
    [
      'assistant first',
      { messages: [assistant(text('Hi.')), user(text('Hi.'))] },
      /first message must use the "user" role/,
    ],
    ['two users in a row', { messages: [user(text('a')), user(text('b'))] }, /messages\.1: roles must alternate/],
    ['assistant last', { messages: [user(text('a')), assistant(text('b'))] }, /must end with a user message/],
    ['blank text', { messages: [user(text(' \n'))] }, /messages\.0\.content\.0\.text: text content blocks/],
    ['no blocks', { messages: [user()] }, /messages\.0\.content/],
    [
      'a call without result',
      { messages: [user(text('a')), assistant(use('x')), user(text('b'))] },
      /without tool_result blocks immediately after: x/,
    ],
    ['a result without call', { messages: [user(result('x'))] }, /unexpected tool_use_id .*x/],
    [
      'a result too late',
      { messages: [user(text('a')), assistant(use('x')), user(text('b'), result('x'))] },
      /must come first/,
    ],
    [
      'a result twice',
      { messages: [user(text('a')), assistant(use('x')), user(result('x'), result('x'))] },
      /once each/,
    ],
    [
      'results in the wrong order',
      { messages: [user(text('a')), assistant(use('x'), use('y')), user(result('y'), result('x'))] },
      /in the order/,
    ],
    [
      'an id used twice',
      { messages: [user(text('a')), assistant(use('x')), user(result('x')), assistant(use('x')), user(result('x'))] },
      /unique: x/,
    ],
    [
      'a bad tool id',
      { messages: [user(text('a')), assistant(use('x y')), user(result('x y'))] },
      /messages\.1\.content\.0\.id/,
    ],
    ['a bad tool name', { tools: [{ ...tool, name: 'my tool' }] }, /tools\.0\.name/],
    ['a tool twice', { tools: [tool, tool] }, /unique/],
    ['max_tokens 0', { max_tokens: 0 }, /max_tokens/],
    ['max_tokens above the model', { max_tokens: 999_999 }, /max_tokens: 999999 > /],
    [
      'five breakpoints',
      { messages: [user(...[1, 2, 3, 4, 5].map((n) => text(`${n}`, short)))] },
      /maximum of 4 .* Found 5/,
    ],
    ['an hour after five minutes', { messages: [user(text('a', short), text('b', long))] }, /ttl='1h'/],
    ['a lone surrogate', { messages: [user(text('a\ud800'))] }, /messages\.0\.content\.0\.text: .*surrogate/],
    ['an unknown field', { cheap: true }, /cheap/],
    [
      'an unsigned thinking block',
      { messages: [user(text('a')), assistant({ type: 'thinking', thinking: 'x' }), user(text('b'))] },
      /signature/,
    ],
    [
      'a prompt beyond the window',
      { model: 'claude-haiku-4-5', messages: [user(text('x'.repeat(700_000)))] },
      /prompt is too long: \d+ tokens > 200000/,
    ],
  ])('%s', async (_, more, message) => {
    const server = await scriptedModel([]);
    const { status, text: body } = await post(`${server.url}/v1/messages`, { ...base, ...more });
    expect(JSON.parse(body)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
      request_id: expect.any(String),
    });
    expect(status).toBe(400);
    expect(server.requests).toEqual([]);
    expect(server.bill()).toEqual([]);
  });

  it('of another kind: no JSON, no key, unknown model, unknown path', async () => {
    const server = await scriptedModel([]);
    const at = `${server.url}/v1/messages`;
    expect((await post(at, '{')).status).toBe(400);
    expect((await post(at, base, { 'anthropic-version': '2026-10-21' })).text).toContain('authentication_error');
    expect((await post(at, { ...base, model: 'claude-unheard-of' })).text).toMatch(
      /not_found_error.*claude-unheard-of/,
    );
    expect((await post(`${server.url}/v1/complete`, base)).status).toBe(404);
  });
});

describe('the prompt cache', () => {
  const MINUTE = 60_000;
  const essay = (n: number) => `${n} ${'Sunlight resets the clock. '.repeat(400)}`;
  const start = async (replies: number) => {
    const clock = { now: Date.UTC(2026, 10, 22) };
    const server = await scriptedModel(
      Array.from({ length: replies }, () => 'Ok.'),
      { now: () => clock.now },
    );
    const ask = async (messages: unknown[], more = {}) => {
      const { usage } = JSON.parse((await post(`${server.url}/v1/messages`, { ...base, messages, ...more })).text);
      return {
        input: usage.input_tokens,
        read: usage.cache_read_input_tokens,
        written: usage.cache_creation_input_tokens,
        usage,
      };
    };
    return { clock, server, ask };
  };
  const five = { type: 'ephemeral' };

  it('writes a prefix once and reads it after, growing', async () => {
    const { ask } = await start(2);
    const first = await ask([user(text(essay(1), five))]);
    expect(first).toMatchObject({ input: 0, read: 0 });
    const second = await ask([user(text(essay(1))), assistant(text('Ok.')), user(text(essay(2), five))]);
    expect(second).toMatchObject({ input: 0, read: first.written });
    expect(second.written).toBeGreaterThan(1_000);
  });

  it('accounts what stands behind the last breakpoint, and short prefixes, as plain input', async () => {
    const { ask } = await start(2);
    const { input, written } = await ask([user(text(essay(1), five), text('short tail '.repeat(30)))]);
    expect(input).toBeGreaterThan(50);
    expect(written).toBeGreaterThan(1_000);
    expect(await ask([user(text('short', five))])).toMatchObject({ read: 0, written: 0, input: expect.any(Number) });
  });

  it('forgets after five minutes or an hour, counted from the last use', async () => {
    const { ask, clock } = await start(4);
    const prompt = [user(text(essay(1), { type: 'ephemeral', ttl: '1h' }), text(essay(2), five))];
    const { usage } = await ask(prompt);
    const { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: minutes } = usage.cache_creation;
    expect([hour > 1_000, minutes > 1_000]).toEqual([true, true]);
    clock.now += 4 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: hour + minutes, written: 0 });
    clock.now += 5 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: hour, written: minutes });
    clock.now += 60 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: 0, written: hour + minutes });
  });

  it('misses when the head differs or the model does', async () => {
    const { ask } = await start(3);
    await ask([user(text(essay(1), five))]);
    expect(await ask([user(text(essay(1), five))], { system: 'Other.' })).toMatchObject({ read: 0 });
    expect(await ask([user(text(essay(1), five))], { model: 'claude-opus-5-5' })).toMatchObject({ read: 0 });
  });

  it('looks back twenty blocks, not more', async () => {
    const { ask } = await start(3);
    const blocks = (n: number) => Array.from({ length: n }, (_, i) => text(`block ${i}`));
    const { written } = await ask([user(text(essay(1), five))]);
    expect(await ask([user(text(essay(1)), ...blocks(19), text('end', five))])).toMatchObject({ read: written });
    expect(await ask([user(text(essay(1)), text('x'), ...blocks(20), text('end', five))])).toMatchObject({ read: 0 });
  });
});

describe('the bill', () => {
  it('has one line per served request, at the published price', async () => {
    const server = await scriptedModel([
      'Hello.',
      overloaded(),
      serverError(),
      failing({ kind: 'cut', after: 1 }),
      ending('refusal'),
    ]);
    for (let i = 0; i < 5; i++) await post(`${server.url}/v1/messages`, { ...base, stream: true }).catch(() => null);
    const lines = server.bill();
    expect(lines).toHaveLength(4);
    for (const line of lines.slice(0, 3)) {
      expect(BigInt(line.cost_microdollars)).toBe(costMicrodollars({ model: base.model, usage: line.usage }));
      expect(line.cost_microdollars).toBeGreaterThan(0);
    }
    expect(lines[3]?.cost_microdollars).toBe(0);
    expect(new Set(lines.map((line) => line.conversation)).size).toBe(1);
    const shown = await (await fetch(`${server.url}/bill`)).json();
    expect(shown).toEqual({ data: lines });
  });

  it('never has more output than max_tokens, whatever usage the player reports', async () => {
    const server = await scriptedModel([
      { ...reply('x'.repeat(9_000)), usage: { input_tokens: 1, output_tokens: 9_000 } },
    ]);
    const { text: body } = await post(`${server.url}/v1/messages`, base);
    expect(JSON.parse(body)).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 500 } });
    expect(server.bill()[0]?.usage).toMatchObject({ output_tokens: 500 });
  });

  it('outlasts a restart, and a line that a crash left half-written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bill-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'deep', 'bill.jsonl');
    const line = {
      request_id: 'req_1',
      at: '2026-11-22T00:00:00.000Z',
      model: 'm',
      conversation: 'c',
      usage: {},
      cost_microdollars: 5,
    };
    expect(openBill(path).lines()).toEqual([]);
    openBill(path).add(line);
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n{"request_id":"req_2","co`);
    openBill(path).add({ ...line, request_id: 'req_3' });
    expect(
      openBill(path)
        .lines()
        .map(({ request_id }) => request_id),
    ).toEqual(['req_1', 'req_3']);
  });
});

describe('control', () => {
  it('lets a test put answers before those of the player', async () => {
    const server = await scriptedModel(['From the script.']);
    const { status } = await post(`${server.url}/control/answers`, [overloaded()]);
    expect(status).toBe(202);
    expect((await post(`${server.url}/v1/messages`, base)).status).toBe(529);
    expect((await post(`${server.url}/v1/messages`, base)).text).toContain('From the script.');
    server.done();
  });

  it('tells of unused steps and of requests beyond the script', async () => {
    const server = await scriptedModel(['One.', 'Two.']);
    await post(`${server.url}/v1/messages`, base);
    expect(() => server.done()).toThrow('1 of the script');
    await post(`${server.url}/v1/messages`, base);
    expect((await post(`${server.url}/v1/messages`, base)).text).toContain('this is request 3');
    expect(() => server.done()).toThrow("1 requests came after the script's end");
  });
});

describe('count_tokens', () => {
  it('counts the prompt, free of charge', async () => {
    const server = await scriptedModel([]);
    const { max_tokens: _, ...prompt } = base;
    const { text: body } = await post(`${server.url}/v1/messages/count_tokens`, prompt);
    expect(JSON.parse(body).input_tokens).toBeGreaterThan(10);
    expect(server.bill()).toEqual([]);
    expect((await post(`${server.url}/v1/messages/count_tokens`, { ...prompt, messages: [] })).status).toBe(400);
  });
});
