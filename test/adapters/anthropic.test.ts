/** The model port over real HTTP: the official SDK against the local model server. Failures are in anthropic-failures.test.ts. */
import { describe, expect, it } from 'vitest';
import { pieces } from '../../lib/adapters/anthropic/clean.ts';
import { anthropic } from '../../lib/adapters/anthropic/index.ts';
import { replyOf } from '../../lib/adapters/anthropic/reply.ts';
import { type Folded, fold, mergeUsage } from '../../lib/adapters/anthropic/stream.ts';
import { call, ending, reply, scriptedModel } from '../kit/model.ts';
import { freePort, never, replied, request, thinking } from './thinking.ts';

describe('a reply', () => {
  it('is put together from the stream, with usage and the text as it came', async () => {
    const { server, model } = await thinking([
      reply('Dig, then water. ⏳'.repeat(9), call('bash', { command: 'ls' }, { id: 'toolu_1' })),
    ]);
    const heard: string[] = [];
    const got = replied(await model.think(request(), { signal: never, onText: (text) => heard.push(text) }));
    expect(got.content).toEqual([
      { type: 'text', text: 'Dig, then water. ⏳'.repeat(9) },
      { type: 'tool_use', id: 'toolu_1', name: 'bash', input: { command: 'ls' } },
    ]);
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.join('')).toBe('Dig, then water. ⏳'.repeat(9));
    expect(got).toMatchObject({ model: 'claude-haiku-5-5', stopReason: 'tool_use' });
    expect(got.usage).toEqual(server.bill()[0]?.usage);
    expect(got.usage).toMatchObject({
      service_tier: 'standard',
      cache_creation: { ephemeral_5m_input_tokens: expect.any(Number) },
    });
    server.done();
  });

  it('passes the request through as it is', async () => {
    const { server, think } = await thinking(['Done.']);
    await think();
    const { stream, ...sent } = server.requests[0] ?? {};
    expect(stream).toBe(true);
    expect(sent).toEqual(request());
  });

  it.each([
    'end_turn',
    'stop_sequence',
    'pause_turn',
    'refusal',
    'model_context_window_exceeded',
    'max_tokens',
  ] as const)('tells the stop reason %s', async (stopReason) => {
    const { think } = await thinking([ending(stopReason, 'So far.')]);
    expect(replied(await think())).toMatchObject({ stopReason, content: [{ type: 'text', text: 'So far.' }] });
  });

  it('lets the thoughts be heard as they come, told apart from the text', async () => {
    const thought = 'Oak or ash? ⏳ '.repeat(12);
    const { server, model } = await thinking([
      reply({ type: 'thinking', thinking: thought, signature: 'c2lnbmVk' }, 'Oak.'),
    ]);
    const heard: [string | undefined, string][] = [];
    await model.think(request(), { signal: never, onText: (text, kind) => heard.push([kind, text]) });
    const of = (kind?: string) => heard.flatMap(([one, text]) => (one === kind ? [text] : []));
    expect(of('thought').length).toBeGreaterThan(1);
    expect([of('thought').join(''), of().join('')]).toEqual([thought, 'Oak.']);
    server.done();
  });

  it('keeps thinking, signatures and server blocks unchanged and drops blank text', async () => {
    const blocks = [
      { type: 'thinking', thinking: 'Oak or ash? '.repeat(12), signature: 'c2lnbmVk' },
      { type: 'redacted_thinking', data: 'b3BhcXVl' },
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'oak' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: [{ type: 'web_search_result', encrypted_content: 'x' }],
      },
    ];
    const { think } = await thinking([reply(...blocks, ' \n ', 'Oak.')]);
    expect(replied(await think()).content).toEqual([...blocks, { type: 'text', text: 'Oak.' }]);
  });

  it('drops a thought without its signature, and never ends a turn on a thought', async () => {
    const whole = { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' };
    const { think } = await thinking([reply({ ...whole, signature: '' }, 'Oak.'), reply(whole)]);
    expect(replied(await think()).content).toEqual([{ type: 'text', text: 'Oak.' }]);
    expect(replied(await think()).content).toEqual([whole, { type: 'text', text: '(no text)' }]);
  });

  it('comes back as the API wants it, thought and signature whole, and is refused only when what stood before it changed', async () => {
    const { think, server } = await thinking(
      [{ ...reply('Oak.'), thought: 'Oak or ash? '.repeat(12) }, 'Oak.', 'Oak.'],
      {},
      true,
    );
    const { content } = replied(await think());
    expect(content).toEqual([
      { type: 'thinking', thinking: '', signature: expect.any(String) },
      { type: 'text', text: 'Oak.' },
    ]);
    const model = anthropic({ apiKey: 'test', baseURL: server.url });
    const [first] = request().messages;
    const next = { role: 'user' as const, content: [{ type: 'text' as const, text: 'Why?' }] };
    const again = request({ messages: [first!, { role: 'assistant', content }, next] });
    expect(await model.think(again, { signal: never })).toMatchObject({ type: 'replied' });
    expect(server.takeRefusals()).toEqual([]);
    const changed = { ...again, tools: [] };
    expect(await model.think(changed, { signal: never })).toMatchObject({
      type: 'failed',
      failure: {
        proof: 'not_served',
        status: 400,
        message: expect.stringContaining('bound to a different conversation'),
      },
    });
    expect(server.takeRefusals()).toHaveLength(1);
  });

  it('without content says so in words', async () => {
    const { think } = await thinking([reply(), ending('refusal')]);
    expect(replied(await think())).toMatchObject({
      stopReason: 'end_turn',
      content: [{ type: 'text', text: '(no text)' }],
    });
    expect(replied(await think())).toMatchObject({
      stopReason: 'refusal',
      content: [{ type: 'text', text: '(no text)' }],
    });
  });

  it('replaces NUL and lone surrogates, also in keys of tool input, and drops a signed block it would have to change', async () => {
    const odd = reply(
      'a\u0000b\ud800c',
      { type: 'thinking', thinking: 'x\u0000', signature: 's' },
      call('bash', { 'k\u0000': ['\udfff', 1] }),
    );
    const { think } = await thinking([odd]);
    expect(replied(await think()).content).toEqual([
      { type: 'text', text: 'a\ufffdb\ufffdc' },
      expect.objectContaining({ type: 'tool_use', input: { 'k\ufffd': ['\ufffd', 1] } }),
    ]);
  });

  it('hands live text on without splitting a character', () => {
    const heard: string[] = [];
    const say = pieces((text) => heard.push(text));
    for (const piece of ['a\ud83c', '\udf33b', '\u0000']) say(piece);
    expect(heard).toEqual(['a', '🌳b', '\ufffd']);
  });
});

describe('a cut tool call (R13)', () => {
  const cutAt = (json: string) => ending('max_tokens', 'First. ', call('bash', {}, { json }));

  it.each(['{"command":"rm -rf /tm', '{"command":"ls"}', ''])('is never given as a call: %j', async (json) => {
    const { think } = await thinking([cutAt(json)]);
    const { content, stopReason } = replied(await think());
    expect(stopReason).toBe('max_tokens');
    expect(content).toEqual([
      { type: 'text', text: 'First. ' },
      { type: 'text', text: expect.stringMatching(/call of bash was cut off/) },
    ]);
  });

  it('leaves a whole call before the cut', async () => {
    const { think } = await thinking([
      ending('max_tokens', call('bash', { command: 'ls' }, { id: 'toolu_1' }), 'and th'),
    ]);
    expect(replied(await think()).content[0]).toMatchObject({ type: 'tool_use', id: 'toolu_1' });
  });

  it.each(['[1]', '{"command":', '"ls"', 'null'])('counts input that is no object as cut: %j', async (json) => {
    const { think } = await thinking([reply(call('bash', {}, { json }))]);
    expect(replied(await think())).toMatchObject({ stopReason: 'max_tokens', content: [{ type: 'text' }] });
  });

  it('comes about by itself when max_tokens ends the output', async () => {
    const { server, think } = await thinking([reply('Now.', call('bash', { command: 'x'.repeat(10_000) }))]);
    const { content, stopReason, usage } = replied(await think());
    expect(stopReason).toBe('max_tokens');
    expect(content.map(({ type }) => type)).toEqual(['text', 'text']);
    expect(usage).toMatchObject({ output_tokens: 1_000 });
    expect(server.bill()[0]?.usage).toMatchObject({ output_tokens: 1_000 });
  });

  it('takes a call without arguments as one with none', async () => {
    const { think } = await thinking([reply(call('bash', {}, { json: '' }))]);
    expect(replied(await think())).toMatchObject({
      stopReason: 'tool_use',
      content: [{ type: 'tool_use', input: {} }],
    });
  });
});

describe('usage', () => {
  it('takes cumulative counts from message_delta and keeps what only message_start tells', () => {
    const start = {
      input_tokens: 5,
      output_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 7 },
      service_tier: 'priority',
      speed: 'fast',
    };
    const delta = {
      input_tokens: null,
      output_tokens: 30,
      cache_read_input_tokens: 9,
      server_tool_use: { web_search_requests: 2 },
    };
    expect(mergeUsage(start, delta)).toEqual({
      ...start,
      output_tokens: 30,
      cache_read_input_tokens: 9,
      server_tool_use: { web_search_requests: 2 },
    });
  });

  it('is never lost to a null', () => {
    const events = [
      {
        type: 'message_start',
        message: { id: 'm', model: 'x', usage: { input_tokens: 5, cache_creation_input_tokens: 8, output_tokens: 1 } },
      },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        usage: { cache_creation_input_tokens: null, output_tokens: 3 },
      },
    ];
    let folded: Folded | null = null;
    for (const event of events) folded = fold(folded, event, () => {});
    expect(folded && replyOf(folded)?.usage).toEqual({
      input_tokens: 5,
      cache_creation_input_tokens: 8,
      output_tokens: 3,
    });
  });
});

describe('count', () => {
  it('gives the prompt tokens that the provider counts', async () => {
    const server = await scriptedModel([], { countTokens: () => 4_711 });
    expect(await anthropic({ apiKey: 'test', baseURL: server.url }).count(request())).toBe(4_711);
  });

  it('gives null when the provider does not say', async () => {
    const { model } = await thinking([]);
    expect(await model.count(request({ model: 'claude-hasUnreadMessages-of' }))).toBeNull();
    const port = await freePort();
    expect(await anthropic({ apiKey: 'test', baseURL: `http://127.0.0.1:${port}` }).count(request())).toBeNull();
  });
});
