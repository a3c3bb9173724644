/** The local model server, spoken to as any HTTP client would. Cache and bill are in model-money.test.ts. */
import { describe, expect, it } from 'vitest';
import { call, overloaded, reply, scriptedModel } from '../kit/model.ts';
import { assistant, base, HEADERS, post, result, text, tool, use, user } from './messages-api.ts';

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
    expect(events[1]?.data.content_block).toEqual({ type: 'thinking', thinking: '', signature: '' });
    expect(events[3]?.data.delta).toEqual({ type: 'signature_delta', signature: expect.stringMatching(/.{40}/) });
    expect(events[8]?.data.content_block).toEqual({ type: 'tool_use', id: 'toolu_1', name: 'bash', input: {} });
    const { delta, usage } = events[12]?.data ?? {};
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
      content: [
        expect.objectContaining({ type: 'thinking' }),
        text('Hello.'),
        { type: 'tool_use', id: expect.stringMatching(/^toolu_/), input: { a: 1 } },
      ],
    });
  });

  it('gets the same tool ids when it is repeated, and others when it differs', async () => {
    const server = await scriptedModel([1, 2, 3].map(() => reply(call('bash'))));
    const idOf = async (messages: unknown[]) =>
      JSON.parse((await post(`${server.url}/v1/messages`, { ...base, messages })).text).content[1].id;
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

describe('thinking', () => {
  const ask = async (url: string, more: object, key = 'test') => {
    const headers = { ...HEADERS, 'x-api-key': key };
    const { status, text: body } = await post(`${url}/v1/messages`, { ...base, ...more }, headers);
    return { status, ...JSON.parse(body) };
  };
  const [first, next] = [user(text('Hi.')), user(text('And?'))];

  it('is shown as the request wants it, comes back, and is refused after a change, as by count_tokens', async () => {
    const server = await scriptedModel([{ ...reply('Ho.'), thought: 'A greeting.' }, 'So.', 'Never.']);
    const { content } = await ask(server.url, { thinking: { type: 'adaptive', display: 'summarized' } });
    expect(content).toEqual([
      { type: 'thinking', thinking: 'A greeting.', signature: expect.any(String) },
      text('Ho.'),
    ]);
    const messages = [first, assistant(...content), next];
    expect((await ask(server.url, { messages })).content).toMatchObject([{ thinking: '' }, text('So.')]);
    const broken = { messages, system: 'Other.' };
    const refused = await ask(server.url, broken);
    expect(refused).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('bound to a different conversation') },
    });
    const { max_tokens: _, ...prompt } = { ...base, ...broken };
    expect((await post(`${server.url}/v1/messages/count_tokens`, prompt)).status).toBe(400);
    expect(server.takeRefusals().map(({ path, message }) => [path, message])).toEqual([
      ['/v1/messages', refused.error.message],
      ['/v1/messages/count_tokens', refused.error.message],
    ]);
    expect(server.takeRefusals()).toEqual([]);
  });

  it('is not paid for where it is dropped: under the key of another account', async () => {
    const server = await scriptedModel(['Ho.', 'So.', 'So.']);
    const { content } = await ask(server.url, {});
    const messages = [first, assistant(...content), next];
    const own = await ask(server.url, { messages });
    const other = await ask(server.url, { messages }, 'another');
    expect(own.usage.input_tokens - other.usage.input_tokens).toBeGreaterThan(30);
  });

  it('is left out by a model or a request that does not think', async () => {
    const server = await scriptedModel(['Ho.', 'Ho.', { ...reply('Ho.'), thought: null }]);
    for (const more of [{ model: 'claude-haiku-4-5' }, { thinking: { type: 'between_tools' } }, {}])
      expect((await ask(server.url, more)).content).toEqual([text('Ho.')]);
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
    ['assistant last', { messages: [user(text('a')), assistant(text('b'))] }, /must end with a user message/],
    ['blank text', { messages: [user(text(' \n'))] }, /messages\.0\.content\.0\.text: text content blocks/],
    ['no blocks', { messages: [user()] }, /messages\.0\.content/],
    [
      'a call without result',
      { messages: [user(text('a')), assistant(use('x')), user(text('b'))] },
      /without `tool_result` blocks immediately after: x/,
    ],
    ['a result without call', { messages: [user(result('x'))] }, /unexpected `tool_use_id` .*x/],
    [
      'a result too late',
      { messages: [user(text('a')), assistant(use('x')), user(text('b'), result('x'))] },
      /must come first/,
    ],
    [
      'a result twice',
      { messages: [user(text('a')), assistant(use('x')), user(result('x'), result('x'))] },
      /single result/,
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
    expect((await post(at, { ...base, model: 'claude-hasUnreadMessages-of' })).text).toMatch(
      /not_found_error.*claude-hasUnreadMessages-of/,
    );
    expect((await post(`${server.url}/v1/complete`, base)).status).toBe(404);
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
