/** A message as Server-Sent Events, in the shapes and the order of the Messages API, and as one JSON body. */
import type { OutBlock, Output } from './output.ts';

type Json = Record<string, unknown>;
export type Message = { id: string; model: string; usage: Json; output: Output };

/** Characters per delta: small enough to watch, large enough that a long file is not thousands of events. */
const PIECE = 48;

const frame = (data: Json): string => `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;

/** Cuts between characters, never inside one. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    piece += character;
    if (piece.length >= PIECE) {
      pieces.push(piece);
      piece = '';
    }
  }
  return piece ? [...pieces, piece] : pieces;
}

function deltasOf({ block, json }: OutBlock): { start: Json; deltas: Json[] } {
  if (json !== null) {
    const deltas = ['', ...piecesOf(json)].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    return { start: { ...block, input: {} }, deltas };
  }
  if (block.type === 'text') {
    const deltas = piecesOf(String(block.text)).map((text) => ({ type: 'text_delta', text }));
    return { start: { ...block, text: '' }, deltas };
  }
  if (block.type === 'thinking') {
    const thinking = piecesOf(String(block.thinking)).map((piece) => ({ type: 'thinking_delta', thinking: piece }));
    return {
      start: { ...block, thinking: '', signature: '' },
      deltas: [...thinking, { type: 'signature_delta', signature: block.signature }],
    };
  }
  return { start: block, deltas: [] };
}

function blockEvents(out: OutBlock, index: number): Json[] {
  const { start, deltas } = deltasOf(out);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** message_delta repeats the counts, cumulative, without the cache split, tier, region and speed that message_start told. */
const deltaUsage = ({
  input_tokens,
  cache_creation_input_tokens,
  cache_read_input_tokens,
  output_tokens,
  server_tool_use,
}: Json): Json => ({
  input_tokens,
  cache_creation_input_tokens,
  cache_read_input_tokens,
  output_tokens,
  ...(server_tool_use !== undefined && { server_tool_use }),
});

const envelope = ({ id, model }: Message) => ({ id, type: 'message', role: 'assistant', model });

/** Each event is one frame, blank line included. */
export function framesOf(message: Message): string[] {
  const { usage, output } = message;
  const start = {
    ...envelope(message),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: Math.min(1, output.tokens) },
  };
  const [first = [], ...rest] = output.blocks.map(blockEvents);
  return [
    { type: 'message_start', message: start },
    ...first.slice(0, 1),
    { type: 'ping' },
    ...first.slice(1),
    ...rest.flat(),
    { type: 'message_delta', delta: { stop_reason: output.stopReason, stop_sequence: null }, usage: deltaUsage(usage) },
    { type: 'message_stop' },
  ].map(frame);
}

export const errorFrame = (type: string, message: string, requestId: string): string =>
  frame({ type: 'error', error: { type, message }, request_id: requestId });

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

export const bodyOf = (message: Message): Json => ({
  ...envelope(message),
  content: message.output.blocks.map(({ block, json }) => (json === null ? block : { ...block, input: parsed(json) })),
  stop_reason: message.output.stopReason,
  stop_sequence: null,
  usage: message.usage,
});
