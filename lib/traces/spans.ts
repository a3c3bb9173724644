/**
 * Spans from a session's journal, by OpenTelemetry's conventions for generative AI (status Development, as of semantic conventions 1.41:
 * https://github.com/open-telemetry/semantic-conventions-genai/tree/main/docs/gen-ai). Pure: the same entries give the same spans under the same ids,
 * wherever a page of them begins or ends.
 *
 * A stretch of work, from the first call after a rest to the next rest, is one trace: `invoke_agent`, and below it `chat` for each model call and
 * `execute_tool` for each tool call. A stretch ends with its UTC day, since a trace of weeks can be shown by nobody. Each links to the one before.
 * `invoke_agent` comes when its stretch has ended, and a `chat` when something has followed it.
 */
import * as z from 'zod';
import type { DueTrace, TracedEntry } from '../ports/index.ts';
import { attributesOf, double, failedWith, idOf, nanos, SPAN_KIND, type TraceSpan } from './otlp.ts';
import { closingOf, isOpening, isWork, messageOf, type Part } from './stretch.ts';

const Call = z.object({
  seq: z.int(),
  at: z.number(),
  start: z.number(),
  model: z.string(),
  attributes: z.record(z.string(), z.union([z.string(), z.number()])),
  error: z.string().optional(),
  parts: z.array(z.looseObject({ type: z.string() })),
});

const Stretch = z.object({
  /** The number of the entry with which it began: its ids are made of it. */
  from: z.int(),
  /** The same of the one before. */
  before: z.int().nullable(),
  day: z.string(),
  start: z.number(),
  /** When what is known of it had ended; the next tool call began then. */
  end: z.number(),
  model: z.string().nullable(),
  cost: z.int(),
  input: z.int(),
  output: z.int(),
  percent: z.number().nullable(),
  /** The last call, whose reply the next entries tell. */
  call: Call.nullable(),
});

const State = z.object({
  open: Stretch.nullable(),
  /** The stretch that ended last. */
  last: z.int().nullable(),
  /** Arguments of tool calls that have no result yet; none where content is off. */
  args: z.record(z.string(), z.string()),
});
type State = z.infer<typeof State>;
type Stretch = z.infer<typeof Stretch>;

/** How far apart a call and what its settlement says of its failure may stand. */
const SETTLEMENT_ENTRIES = 3;

const BEGINNING: State = { open: null, last: null, args: {} };

type Reading = {
  trace: Omit<DueTrace, 'stretch' | 'entries' | 'seq'>;
  content: boolean;
  state: State;
  spans: TraceSpan[];
};

/** `content`: whether texts, arguments and results are told. `stretch` is for the next entries, and `seq` the last one read. */
export function spansOf(due: DueTrace, { content }: { content: boolean }) {
  const { entries, stretch, seq, ...trace } = due;
  const state = structuredClone(State.safeParse(stretch).data ?? BEGINNING);
  if (!content) forgetContent(state);
  const reading: Reading = { trace, content, state, spans: [] };
  for (const entry of entries) read(reading, entry);
  return { spans: reading.spans, stretch: reading.state, seq: entries.at(-1)?.seq ?? seq };
}

/** What a page read while content was on must not leave once it is off. */
function forgetContent(state: State): void {
  state.args = {};
  if (state.open?.call) state.open.call.parts = [];
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function read(reading: Reading, entry: TracedEntry): void {
  const { state } = reading;
  if (state.open && isOpening(entry) && state.open.day !== dayOf(entry.at)) close(reading, state.open, state.open.end);
  if (state.open === null && isOpening(entry)) begin(reading, entry);
  const { open } = state;
  if (open === null) return;
  if (isWork(entry) && entry.type !== 'agent.tool.called') tellCall(reading, open);
  switch (entry.type) {
    case 'agent.model_called':
      called(open, entry);
      break;
    case 'agent.retrying':
      if (entry.data.status !== undefined) failed(reading, open, entry);
      break;
    case 'agent.budget_updated':
      open.percent = entry.data.budget_pct;
      break;
    case 'agent.thought':
      said(reading, open, { type: 'reasoning', content: entry.data.text });
      break;
    case 'agent.text':
      said(reading, open, { type: 'text', content: entry.data.text });
      break;
    case 'agent.tool.called':
      asked(reading, open, entry);
      break;
    case 'agent.tool.result':
      ran(reading, open, entry);
      break;
    default: {
      const closing = closingOf(entry);
      if (closing) close(reading, open, entry.at, closing);
    }
  }
}

/** It may begin with what ended: after an approval the result of the tool is all that is journalled of its run. */
function begin({ state }: Reading, { seq, at, type, data }: TracedEntry): void {
  const ms = type === 'agent.model_called' || type === 'agent.tool.result' ? (data.duration_ms ?? 0) : 0;
  const start = Math.max(0, at - ms);
  const none = { model: null, cost: 0, input: 0, output: 0, percent: null, call: null };
  state.open = { from: seq, before: state.last, day: dayOf(at), start, end: start, ...none };
}

type EntryOf<T extends TracedEntry['type']> = Extract<TracedEntry, { type: T }>;

function called(open: Stretch, { seq, at, iteration, data }: EntryOf<'agent.model_called'>): void {
  const { model, kind, cost_microdollars: cost, charge, duration_ms: ms } = data;
  const written = (data.cache_write_5m_tokens ?? 0) + (data.cache_write_1h_tokens ?? 0);
  const read = data.cache_read_tokens ?? 0;
  // By the conventions, tokens from and to the cache are part of the input.
  const tokens =
    data.input_tokens === null
      ? null
      : {
          'gen_ai.usage.input_tokens': data.input_tokens + written + read,
          'gen_ai.usage.cache_read.input_tokens': read,
          'gen_ai.usage.cache_creation.input_tokens': written,
          'gen_ai.usage.output_tokens': data.output_tokens ?? 0,
        };
  const attributes = {
    ...tokens,
    ...{ 'circadian.iteration': iteration, 'circadian.cost_microdollars': cost, 'circadian.charge': charge },
    ...(kind === 'compact' && { 'circadian.call': kind }),
  };
  const error = kind === null ? { error: 'worker_died' } : {};
  open.call = { seq, at, start: Math.min(at, Math.max(open.start, at - ms)), model, attributes, ...error, parts: [] };
  open.model = model;
  open.cost += cost;
  open.input += tokens?.['gen_ai.usage.input_tokens'] ?? 0;
  open.output += data.output_tokens ?? 0;
  open.end = Math.max(open.end, at);
}

/** A call that broke off and may be billed has an entry of its own, which the same settlement wrote shortly before. Any other was not served. */
function failed(reading: Reading, open: Stretch, { seq, at, iteration, data }: EntryOf<'agent.retrying'>): void {
  const error = typeof data.status === 'number' ? String(data.status) : '_OTHER';
  const { call } = open;
  const isOfCall = call?.error === undefined && call?.attributes['circadian.charge'] === 'unknown';
  if (call && isOfCall && seq - call.seq <= SETTLEMENT_ENTRIES) {
    call.error = error;
    return;
  }
  tellCall(reading, open);
  const attributes = { 'circadian.iteration': iteration, 'circadian.cost_microdollars': data.cost_microdollars ?? 0 };
  open.end = Math.max(open.end, at);
  open.call = { seq, at, start: at, model: open.model ?? '', attributes, error, parts: [] };
}

function said({ content }: Reading, open: Stretch, part: Part): void {
  if (content) open.call?.parts.push(part);
}

function asked(reading: Reading, open: Stretch, { data }: EntryOf<'agent.tool.called'>): void {
  const { tool_use_id: id, name, input, input_preview: preview } = data;
  if (reading.content) reading.state.args[id] = preview ?? JSON.stringify(input ?? {});
  said(reading, open, { type: 'tool_call', id, name, arguments: input ?? preview });
}

const traceOf = (sessionId: string, from: number) => ({
  traceId: idOf(16, sessionId, from),
  spanId: idOf(8, sessionId, from, 'invoke_agent'),
});

/** The ids of a span below that of the stretch. */
function below({ trace }: Reading, open: Stretch, seq: number): Pick<TraceSpan, 'traceId' | 'spanId' | 'parentSpanId'> {
  const { traceId, spanId: parentSpanId } = traceOf(trace.sessionId, open.from);
  return { traceId, spanId: idOf(8, trace.sessionId, seq, 'span'), parentSpanId };
}

const ofAgent = ({ trace }: Reading) => ({
  'gen_ai.agent.name': trace.agent,
  'gen_ai.conversation.id': trace.sessionId,
});

function tellCall(reading: Reading, open: Stretch): void {
  const { call } = open;
  if (call === null) return;
  open.call = null;
  const { seq, at, start, model, attributes, error, parts } = call;
  reading.spans.push({
    ...below(reading, open, seq),
    ...{ name: `chat ${model}`.trim(), kind: SPAN_KIND.client },
    ...{ startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(at) },
    attributes: attributesOf({
      ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic' },
      ...ofAgent(reading),
      'gen_ai.request.model': model || undefined,
      ...attributes,
      'gen_ai.output.messages': reading.content && parts.length > 0 ? messageOf(parts, error) : undefined,
      'error.type': error,
    }),
    ...failedWith(error),
  });
}

/** The journal knows how long a call took, and that the calls of a reply ran one after another; not when each began. */
function ran(reading: Reading, open: Stretch, { seq, at, iteration, data }: EntryOf<'agent.tool.result'>): void {
  const { tool_use_id: id, name, is_error, duration_ms: ms = 0, cost_microdollars: cost, content } = data;
  const start = Math.max(open.start, Math.min(open.end, at - ms));
  const error = is_error ? 'tool_error' : undefined;
  open.end = Math.max(open.end, start + ms);
  open.cost += cost ?? 0;
  reading.spans.push({
    ...below(reading, open, seq),
    ...{ name: `execute_tool ${name ?? ''}`.trim(), kind: SPAN_KIND.internal },
    ...{ startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(start + ms) },
    attributes: attributesOf({
      'gen_ai.operation.name': 'execute_tool',
      ...ofAgent(reading),
      ...{ 'gen_ai.tool.name': name ?? undefined, 'gen_ai.tool.call.id': id, 'gen_ai.tool.type': 'function' },
      ...{ 'circadian.iteration': iteration, 'circadian.cost_microdollars': cost ?? undefined },
      'gen_ai.tool.call.arguments': reading.content ? reading.state.args[id] : undefined,
      'gen_ai.tool.call.result': reading.content ? content : undefined,
      'error.type': error,
    }),
    ...failedWith(error),
  });
  delete reading.state.args[id];
}

function close(reading: Reading, open: Stretch, at: number, closing: ReturnType<typeof closingOf> = null): void {
  tellCall(reading, open);
  const { trace, state, content, spans } = reading;
  const { from, before, model, cost, input, output, percent } = open;
  const end = Math.max(open.end, at);
  spans.push({
    ...traceOf(trace.sessionId, from),
    ...{ name: `invoke_agent ${trace.agent}`, kind: SPAN_KIND.internal },
    ...{ startTimeUnixNano: nanos(open.start), endTimeUnixNano: nanos(end) },
    attributes: attributesOf({
      ...{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.provider.name': 'anthropic' },
      ...ofAgent(reading),
      'gen_ai.request.model': model ?? undefined,
      ...{ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output },
      ...{ 'user.id': trace.userId, 'circadian.cost_microdollars': cost, 'circadian.day': open.day },
      'circadian.budget_percent': percent === null ? undefined : double(percent),
      ...{ 'circadian.end': closing?.end ?? 'day_over', 'circadian.sleep_reason': closing?.reason },
      'gen_ai.output.messages': content ? closing?.messages : undefined,
      'error.type': closing?.error,
    }),
    ...(before !== null && { links: [traceOf(trace.sessionId, before)] }),
    ...failedWith(closing?.error),
  });
  state.open = null;
  state.last = from;
}
