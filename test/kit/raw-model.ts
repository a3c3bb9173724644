/**
 * A model server whose streams a test writes event by event, right or wrong, and a whole session against it through the official SDK. It
 * refuses what the Messages API would: a wrong request answers 400 and is remembered.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { anthropic } from '../../lib/adapters/anthropic/index.ts';
import type { Policy } from '../../lib/core/session.ts';
import { sign, validate } from '../../lib/local/messages-api/index.ts';
import type { MessagesRequest } from '../../lib/local/messages-api/shape.ts';
import type { World } from '../../lib/ports/index.ts';
import { newSession, settleDown, testWorld, withUser } from './world.ts';

export type Json = Record<string, unknown>;
/** Events as they go out, or a status with headers. */
export type RawAnswer = Json[] | { status: number; headers?: Record<string, string>; error?: string };
export type RawStep = RawAnswer | ((request: MessagesRequest) => RawAnswer);

export const USAGE = { input_tokens: 1_000, output_tokens: 1 };

export const start = (usage: unknown = USAGE, more: Json = {}): Json => ({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5-5', content: [], usage, ...more },
});
/** A block with its deltas. */
export const block = (index: number, content_block: Json, ...deltas: Json[]): Json[] => [
  { type: 'content_block_start', index, content_block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
  { type: 'content_block_stop', index },
];
export const textAt = (index: number, text: string): Json[] =>
  block(index, { type: 'text', text: '' }, { type: 'text_delta', text });
/** `json`: the arguments as they are streamed. */
export const callAt = (index: number, id: unknown, name: unknown, json = '{"key":"k"}'): Json[] =>
  block(index, { type: 'tool_use', id, name, input: {} }, { type: 'input_json_delta', partial_json: json });
export const thoughtAt = (index: number, thinking: string): Json[] =>
  block(
    index,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking },
    { type: 'signature_delta', signature: 'c2ln' },
  );
/** `usage` left out: as it should be; undefined: the field is missing. */
export const stop = (stop_reason: string, ...[usage]: [usage?: unknown]): Json[] => [
  { type: 'message_delta', delta: { stop_reason }, usage },
  { type: 'message_stop' },
];
const OUTPUT = { output_tokens: 50 };
export const said = (...blocks: Json[][]): Json[] => [start(), ...blocks.flat(), ...stop('end_turn', OUTPUT)];
export const asked = (...blocks: Json[][]): Json[] => [start(), ...blocks.flat(), ...stop('tool_use', OUTPUT)];
export const finish = asked(callAt(0, 'toolu_finish', 'finish', '{"result":"Done."}'));

const ACCOUNT = 'the account of the tests';

/** The stream with its thoughts signed for the request, as the provider would. */
const signed = (request: MessagesRequest, events: Json[]): Json[] => {
  const deltas = events.map(({ delta }) => (delta ?? {}) as Json);
  const thoughts = deltas.flatMap(({ type, thinking }) =>
    type === 'thinking_delta' ? [{ type: 'thinking', thinking }] : [],
  );
  const left: Json[] = sign(request, ACCOUNT, thoughts);
  return events.map((event, i) => {
    const { type } = deltas[i]!;
    if (type === 'thinking_delta') return { ...event, delta: { type, thinking: left[0]!.thinking } };
    return type === 'signature_delta' ? { ...event, delta: { type, signature: left.shift()!.signature } } : event;
  });
};

const bodyOf = async (incoming: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
};

const send = (response: ServerResponse, answer: RawAnswer) => {
  if (Array.isArray(answer)) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const frames = answer.map((event) => `event: ${String(event.type)}\ndata: ${dataOf(event)}\n\n`);
    return response.end(frames.join(''));
  }
  const { status, headers = {}, error = 'No.' } = answer;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: error } }));
};

/** `raw`: the data as it is, for JSON that no object writes. */
const dataOf = ({ raw, ...event }: Json): string => (typeof raw === 'string' ? raw : JSON.stringify(event));

/** `refused`: what was wrong with requests. The last step goes on for ever. */
export const rawModel = async (steps: RawStep[]) => {
  const requests: MessagesRequest[] = [];
  const refused: string[] = [];
  const answer = async (incoming: IncomingMessage): Promise<RawAnswer> => {
    const body = await bodyOf(incoming);
    const wrong = validate(body, { account: ACCOUNT, now: Date.parse('2026-11-22T10:00:00Z') });
    if (wrong) {
      refused.push(wrong.message);
      return { status: wrong.status, error: wrong.message };
    }
    const request = body as MessagesRequest;
    requests.push(request);
    const step = steps[Math.min(requests.length, steps.length) - 1]!;
    const found = typeof step === 'function' ? step(request) : step;
    return Array.isArray(found) ? signed(request, found) : found;
  };
  const server = createServer((incoming, response) => {
    if (incoming.url?.includes('count_tokens')) return send(response, { status: 404 });
    answer(incoming).then((found) => send(response, found));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, refused };
};

/** A session of `u1` whose model says `steps`, played until it moves no more; it sleeps at most `naps` times. `with`: changes of the world. */
export const played = async (
  steps: RawStep[],
  options: {
    policy?: Partial<Policy>;
    with?: (world: World) => Partial<World>;
    naps?: number;
    onEndTurn?: 'wait';
  } = {},
) => {
  const model = await rawModel(steps);
  const t = testWorld(() => [], options);
  const world: World = { ...t.world, model: anthropic({ apiKey: 'test', baseURL: model.url }) };
  const changed = { ...world, ...options.with?.(world) };
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession({ onEndTurn: options.onEndTurn ?? 'complete' }), null);
  const row = () => t.store.sessions.get('ses_1')!;
  const play = async () => {
    await settleDown(t, changed);
    for (let left = options.naps ?? 20; left > 0 && row().state.state === 'sleeping'; left--) {
      t.setNow(row().due);
      await settleDown(t, changed);
    }
  };
  await play();
  expect(model.refused).toEqual([]);
  return {
    ...t,
    model,
    play,
    view: async () => (await t.userSessions.get('u1', 'ses_1'))!,
    rows: async () => (await t.userSessions.messages('u1', 'ses_1'))!.data,
    journal: () => row().journal,
    memory: () => row().memory as Record<string, unknown>,
    ledger: () => [...t.store.ledger.values()],
  };
};
