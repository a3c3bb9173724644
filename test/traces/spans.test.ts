/** What traces say of a journal: which spans, how they hang together, and that no way of reading it changes them. */
import { expect, it } from 'vitest';
import type { TracedEntry } from '../../lib/ports/index.ts';
import { requestOf, type TraceSpan } from '../../lib/traces/otlp.ts';
import { spansOf } from '../../lib/traces/spans.ts';
import { anEntry, entriesOfAllTypes } from '../kit/events.ts';
import { spansIn } from '../kit/otlp.ts';

const START = Date.parse('2026-11-10T08:00:00Z');
const MINUTE_MS = 60_000;
type Told = [entry: ReturnType<typeof anEntry>, minutes: number];

const journal = (told: Told[], from = START): TracedEntry[] =>
  told.map(([entry, minutes], i) => ({ ...entry, seq: i + 1, at: from + minutes * MINUTE_MS, iteration: 1 }));

const due = (entries: TracedEntry[], stretch: unknown = null, seq = 0) => ({
  ...{ sessionId: 'ses_1', userId: 'ada', agent: 'assistant' },
  ...{ seq, stretch, entries },
});

/** Through the eyes of a strict receiver. */
const received = (spans: TraceSpan[]) => spansIn(requestOf(spans, 'circadian'));
const read = (entries: TracedEntry[], content = false) => received(spansOf(due(entries), { content }).spans);

const LIFE: Told[] = [
  [anEntry('agent.message_received', { content: 'a secret wish' }), 0],
  [anEntry('agent.thinking'), 1],
  [anEntry('agent.model_called', { input_tokens: 10, cache_read_tokens: 500, cache_write_1h_tokens: 40 }), 2],
  [anEntry('agent.thought', { text: 'a secret thought' }), 2],
  [anEntry('agent.text', { text: 'a secret answer' }), 2],
  [anEntry('agent.tool.called', { tool_use_id: 't1', input: { command: 'secret' } }), 2],
  [anEntry('agent.tool.called', { tool_use_id: 't2', input: { command: 'secret' } }), 2],
  [anEntry('agent.tool.result', { tool_use_id: 't1', duration_ms: 4_000, content: 'a secret result' }), 3],
  [anEntry('agent.tool.result', { tool_use_id: 't2', duration_ms: 5_000, is_error: true }), 3],
  [anEntry('agent.sleeping', { reason: 'allowance', note: 'a secret note' }), 4],
  [anEntry('agent.waking'), 20],
  [anEntry('agent.thinking'), 21],
  [anEntry('agent.model_called', { cost_microdollars: 3_000 }), 22],
  [anEntry('agent.completed', { result: 'a secret result' }), 22],
];

it('tells a stretch of work as one trace, with a link to the one before', () => {
  const spans = read(journal(LIFE));
  expect(spans.map(({ name }) => name)).toEqual([
    ...['chat claude-haiku-5-5', 'execute_tool bash', 'execute_tool bash', 'invoke_agent assistant'],
    ...['chat claude-haiku-5-5', 'invoke_agent assistant'],
  ]);
  const [chat, first, second, root, later, last] = spans;
  for (const span of [chat, first, second]) {
    expect(span).toMatchObject({ traceId: root!.traceId, parentSpanId: root!.spanId });
  }
  expect(root!.parentSpanId).toBeUndefined();
  expect(last!.links).toEqual([{ traceId: root!.traceId, spanId: root!.spanId }]);
  expect(later!.parentSpanId).toBe(last!.spanId);
  expect(last!.traceId).not.toBe(root!.traceId);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

it('names model, tokens, cost and end by the conventions', () => {
  const [chat, first, second, root] = read(journal(LIFE));
  expect(chat).toMatchObject({
    kind: 3,
    startTimeUnixNano: `${START + 2 * MINUTE_MS - 1_200}000000`,
    endTimeUnixNano: `${START + 2 * MINUTE_MS}000000`,
    attributes: {
      ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic' },
      ...{ 'gen_ai.conversation.id': 'ses_1', 'gen_ai.agent.name': 'assistant' },
      ...{ 'gen_ai.request.model': 'claude-haiku-5-5', 'gen_ai.usage.input_tokens': 550 },
      ...{ 'gen_ai.usage.cache_read.input_tokens': 500, 'gen_ai.usage.cache_creation.input_tokens': 40 },
      ...{ 'gen_ai.usage.output_tokens': 20, 'circadian.cost_microdollars': 1_000, 'circadian.charge': 'settled' },
    },
  });
  expect(root!.attributes).toMatchObject({
    ...{ 'gen_ai.operation.name': 'invoke_agent', 'circadian.cost_microdollars': 1_000 },
    ...{ 'circadian.end': 'sleeping', 'circadian.sleep_reason': 'allowance', 'circadian.day': '2026-11-10' },
  });
  // One after another, from the reply on.
  expect(second!.startTimeUnixNano).toBe(first!.endTimeUnixNano);
  expect(first).toMatchObject({ kind: 1, attributes: { 'gen_ai.tool.call.id': 't1', 'gen_ai.tool.name': 'bash' } });
  expect(second).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'tool_error' } });
});

it('tells no word of anybody unless content is on', () => {
  const off = JSON.stringify(spansOf(due(journal(LIFE)), { content: false }));
  expect(off).not.toContain('secret');
  const on = read(journal(LIFE), true);
  expect(on[0]!.attributes['gen_ai.output.messages']).toContain('a secret answer');
  expect(on[1]!.attributes).toMatchObject({
    'gen_ai.tool.call.arguments': '{"command":"secret"}',
    'gen_ai.tool.call.result': 'a secret result',
  });
});

it('tells nothing that it read while content was on, once it is off', () => {
  const entries = journal(LIFE);
  for (let cut = 0; cut <= entries.length; cut++) {
    const on = spansOf(due(entries.slice(0, cut)), { content: true });
    const off = spansOf(due(entries.slice(cut), on.stretch, on.seq), { content: false });
    expect(JSON.stringify(off)).not.toContain('secret');
  }
});

it('says how each message was finished, as the conventions require', () => {
  const told: Told[] = [
    ...LIFE,
    [anEntry('agent.model_called', { charge: 'unknown' }), 23],
    [anEntry('agent.text', { text: 'half a word' }), 23],
    [anEntry('agent.retrying', { status: 500 }), 23],
    [anEntry('agent.failed', { result: 'what there was' }), 24],
  ];
  const messages = read(journal(told), true).flatMap(({ attributes }) => attributes['gen_ai.output.messages'] ?? []);
  expect(messages.map((text) => JSON.parse(String(text))[0].finish_reason)).toEqual([
    ...['tool_call', 'stop', 'error', 'error'],
  ]);
});

it('tells the percentage as a double, whole or not', () => {
  for (const budget_pct of [50, 50.25]) {
    const told: Told[] = [
      [anEntry('agent.model_called'), 0],
      [anEntry('agent.budget_updated', { budget_pct }), 0],
      [anEntry('agent.sleeping'), 1],
    ];
    const [root] = spansOf(due(journal(told)), { content: false }).spans.slice(-1);
    expect(root!.attributes).toContainEqual({ key: 'circadian.budget_percent', value: { doubleValue: budget_pct } });
  }
});

it('begins no span before its parent: what a person approved is the first of its stretch', () => {
  const told: Told[] = [
    [anEntry('agent.tool.result', { duration_ms: 30_000 }), 1],
    [anEntry('agent.model_called'), 2],
    [anEntry('agent.sleeping'), 3],
  ];
  const [tool, , root] = read(journal(told));
  expect(tool!.startTimeUnixNano).toBe(`${START + MINUTE_MS - 30_000}000000`);
  expect(root!.startTimeUnixNano).toBe(tool!.startTimeUnixNano);
});

it('gives the same bytes, wherever a page of the journal ends', () => {
  const entries = journal(LIFE);
  const whole = spansOf(due(entries), { content: true }).spans;
  for (let cut = 0; cut <= entries.length; cut++) {
    const first = spansOf(due(entries.slice(0, cut)), { content: true });
    const kept = JSON.parse(JSON.stringify(first.stretch));
    const second = spansOf(due(entries.slice(cut), kept, first.seq), { content: true });
    expect(JSON.stringify([...first.spans, ...second.spans])).toBe(JSON.stringify(whole));
  }
});

it('begins another trace with another day', () => {
  const eve = Date.parse('2026-11-10T23:59:00Z');
  const told: Told[] = [
    [anEntry('agent.model_called'), 0],
    [anEntry('agent.model_called'), 2],
    [anEntry('agent.sleeping'), 3],
  ];
  const spans = read(journal(told, eve));
  expect(spans.filter(({ name }) => name.startsWith('invoke')).map(({ attributes }) => attributes)).toMatchObject([
    { 'circadian.day': '2026-11-10', 'circadian.end': 'day_over' },
    { 'circadian.day': '2026-11-11', 'circadian.end': 'sleeping' },
  ]);
});

it('shows a call that failed once, whether it was billed or not, and a worker that died', () => {
  const told: Told[] = [
    [anEntry('agent.thinking'), 0],
    [anEntry('agent.retrying', { status: 529 }), 1],
    [anEntry('agent.thinking'), 2],
    [anEntry('agent.model_called', { charge: 'unknown' }), 3],
    // Rows of one statement may differ by a millisecond.
    [anEntry('agent.retrying', { status: null }), 3 + 1 / MINUTE_MS],
    [anEntry('agent.retrying', { reason: 'queue gave up', status: undefined }), 4],
    [anEntry('agent.model_called', { kind: null, charge: 'unknown', input_tokens: null, output_tokens: null }), 5],
    [anEntry('agent.failed'), 6],
  ];
  const spans = read(journal(told));
  expect(spans.map(({ attributes, status }) => [attributes['error.type'], status?.code])).toEqual([
    ['529', 2],
    ['_OTHER', 2],
    ['worker_died', 2],
    ['failed', 2],
  ]);
  expect(spans[2]!.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
});

it('takes every entry that the journal can have, and a state that it does not know', () => {
  const entries = entriesOfAllTypes().map((entry, i) => ({ ...entry, seq: i + 1, at: START, iteration: 1 }));
  expect(read(entries, true).length).toBeGreaterThan(2);
  expect(spansOf(due(journal(LIFE), { of: 'another release' }), { content: false }).spans).toHaveLength(6);
});
