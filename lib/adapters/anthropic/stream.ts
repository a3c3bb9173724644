/**
 * The events of a Messages API stream, folded into one message as they come. Events are read as plain JSON: the SDK hands them on
 * unchecked, and a provider may add blocks and fields before its types know them. Facts about events and usage: @anthropic-ai/sdk 1.12.0.
 */
import type { Usage } from '../../budget/pricing.ts';
import type { OnText } from '../../ports.ts';

type Json = Record<string, unknown>;

/** One content block under construction. `json` is the text of a tool's input so far, null when no delta brought any. */
export type OpenBlock = { block: Json; json: string | null; closed: boolean };

export type Folded = {
  id: string;
  model: string;
  usage: Usage;
  stopReason: string | null;
  /** What message_delta says of a refusal, as it came. */
  stopDetails: unknown;
  blocks: Map<number, OpenBlock>;
};

/** An event that cannot be understood: the stream is broken, though not necessarily over. */
export class BrokenStream extends Error {
  override name = 'BrokenStream';
}

const object = (value: unknown, what: string): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BrokenStream(`${what} is not an object`);
  return value as Json;
};

const string = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new BrokenStream(`${what} is not a string`);
  return value;
};

/**
 * message_start tells the cache split, tier, region and speed; message_delta has cumulative counts without them, some of which may be
 * null for "no news". So later values win, except null ones.
 */
export const mergeUsage = (before: Usage, delta: Json): Usage => ({
  ...before,
  ...Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== null && value !== undefined)),
});

const started = (event: Json): Folded => {
  const message = object(event.message, 'message');
  return {
    id: string(message.id, 'message.id'),
    model: string(message.model, 'message.model'),
    usage: object(message.usage, 'message.usage') as Usage,
    stopReason: null,
    stopDetails: null,
    blocks: new Map(),
  };
};

const openBlock = (folded: Folded, event: Json): OpenBlock => {
  const open = folded.blocks.get(event.index as number);
  if (!open || open.closed) throw new BrokenStream(`no open content block ${String(event.index)}`);
  return open;
};

const append = (block: Json, key: string, piece: string) => {
  block[key] = `${typeof block[key] === 'string' ? block[key] : ''}${piece}`;
};

/** Deltas of kinds that are not known here leave the block as it is: it was whole at its start, or nobody can replay it. */
const applyDelta = (open: OpenBlock, delta: Json, onText: OnText) => {
  switch (delta.type) {
    case 'text_delta': {
      const text = string(delta.text, 'text_delta.text');
      append(open.block, 'text', text);
      return onText(text);
    }
    case 'input_json_delta':
      open.json = (open.json ?? '') + string(delta.partial_json, 'input_json_delta.partial_json');
      return;
    case 'thinking_delta': {
      const thought = string(delta.thinking, 'thinking_delta.thinking');
      append(open.block, 'thinking', thought);
      return onText(thought, 'thought');
    }
    case 'signature_delta':
      return append(open.block, 'signature', string(delta.signature, 'signature_delta.signature'));
    case 'citations_delta':
      open.block.citations = [...(Array.isArray(open.block.citations) ? open.block.citations : []), delta.citation];
  }
};

/** Folds one event in; `folded` is null until message_start. Changes what it is given. Throws `BrokenStream`. */
export const fold = (folded: Folded | null, raw: unknown, onText: OnText): Folded | null => {
  const event = object(raw, 'event');
  if (event.type === 'message_start') {
    if (folded) throw new BrokenStream('a second message_start');
    return started(event);
  }
  if (!folded) return null;
  switch (event.type) {
    case 'content_block_start': {
      if (typeof event.index !== 'number') throw new BrokenStream('a content block without index');
      folded.blocks.set(event.index, {
        block: { ...object(event.content_block, 'content_block') },
        json: null,
        closed: false,
      });
      break;
    }
    case 'content_block_delta':
      applyDelta(openBlock(folded, event), object(event.delta, 'delta'), onText);
      break;
    case 'content_block_stop':
      openBlock(folded, event).closed = true;
      break;
    case 'message_delta': {
      const { stop_reason, stop_details } = object(event.delta, 'delta');
      if (typeof stop_reason === 'string') folded.stopReason = stop_reason;
      folded.stopDetails = stop_details ?? folded.stopDetails;
      folded.usage = mergeUsage(folded.usage, object(event.usage, 'usage'));
    }
  }
  return folded;
};
