/**
 * The events of a Messages API stream, folded into one message as they come. Events are read as plain JSON: the SDK hands them on
 * unchecked, and a provider may add blocks and fields before its types know them. SessionConfig about events and usage: @anthropic-ai/sdk 1.12.0.
 */
import type { Usage } from '../../budget/pricing.ts';
import type { OnText } from '../../ports/index.ts';
import { cleanText, nestedDeeper } from '../../text.ts';

type Json = Record<string, unknown>;

/** One content block under construction. `json` is the text of a tool's input so far, null when no delta brought any. */
export type OpenBlock = { block: Json; json: string | null; closed: boolean };

/** `counted`: the final count of output tokens has come, with the stop reason or after it. */
export type Folded = {
  id: string;
  model: string;
  usage: Usage;
  stopReason: string | null;
  /** What message_delta says of a refusal, as it came. */
  stopDetails: unknown;
  counted: boolean;
  /** By their place in the message: their index, or a place at the end where that was taken. */
  blocks: Map<number, OpenBlock>;
  /** Index → place of the newest block that has it. */
  places: Map<number, number>;
  characters: number;
};

/** What no reply has: 128,000 tokens of output are far less. A stream beyond it is not kept in memory. */
const MOST_BLOCKS = 16_384;
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** Ids, names of models and stop reasons are short; what is longer is cut. Characters. */
const LONGEST_NAME = 200;

/** An event that cannot be understood: the stream is broken, though not necessarily over. */
export class BrokenStream extends Error {
  override name = 'BrokenStream';
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function object(value: unknown, what: string): Json {
  if (!isObject(value)) throw new BrokenStream(`${what} is not an object`);
  return value;
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new BrokenStream(`${what} is not a string`);
  return value;
}

const name = (value: unknown, what: string): string => cleanText(string(value, what).slice(0, LONGEST_NAME));

/**
 * message_start tells the cache split, tier, region and speed; message_delta has cumulative counts without them, some of which may be
 * null for "no news". So later values win, except null ones.
 */
export const mergeUsage = (before: Usage, delta: Json): Usage => ({
  ...before,
  ...Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== null && value !== undefined)),
});

function started(event: Json): Folded {
  const message = object(event.message, 'message');
  return {
    id: name(message.id, 'message.id'),
    model: name(message.model, 'message.model'),
    usage: object(message.usage, 'message.usage') as Usage,
    stopReason: null,
    stopDetails: null,
    counted: false,
    blocks: new Map(),
    places: new Map(),
    characters: 0,
  };
}

function grow(folded: Folded, characters: number) {
  folded.characters += characters;
  if (folded.characters > MOST_CHARACTERS) throw new BrokenStream(`more than ${MOST_CHARACTERS} characters`);
}

/** An index that comes again begins another block: what stood there stays. */
function begin(folded: Folded, event: Json) {
  if (typeof event.index !== 'number') throw new BrokenStream('a content block without index');
  const { blocks, places } = folded;
  if (blocks.size === MOST_BLOCKS) throw new BrokenStream(`more than ${MOST_BLOCKS} content blocks`);
  const block = { ...object(event.content_block, 'content_block') };
  if (!nestedDeeper(block)) grow(folded, JSON.stringify(block).length);
  const taken = blocks.has(event.index);
  const place = taken ? 1 + [...blocks.keys()].reduce((last, at) => Math.max(last, at), 0) : event.index;
  places.set(event.index, place);
  blocks.set(place, { block, json: null, closed: false });
}

function openBlock(folded: Folded, event: Json): OpenBlock {
  const open = folded.blocks.get(folded.places.get(event.index as number) ?? Number.NaN);
  if (!open || open.closed) throw new BrokenStream(`no open content block ${String(event.index)}`);
  return open;
}

function append(block: Json, key: string, piece: string) {
  block[key] = `${typeof block[key] === 'string' ? block[key] : ''}${piece}`;
}

/** Deltas of kinds that are not known here leave the block as it is: it was whole at its start, or nobody can replay it. */
function applyDelta(open: OpenBlock, delta: Json, onText: OnText) {
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
      if (!Array.isArray(open.block.citations)) open.block.citations = [];
      (open.block.citations as unknown[]).push(delta.citation);
  }
}

/** What a delta adds, or all of a citation. */
function pieceOf(delta: Json): string {
  const piece = delta.text ?? delta.partial_json ?? delta.thinking ?? delta.signature ?? delta.citation;
  if (nestedDeeper(piece)) throw new BrokenStream('a delta is nested too deep');
  return typeof piece === 'string' ? piece : (JSON.stringify(piece) ?? '');
}

/** Folds one event in; `folded` is null until message_start. Changes what it is given. Throws `BrokenStream`. */
export function fold(folded: Folded | null, raw: unknown, onText: OnText): Folded | null {
  const event = object(raw, 'event');
  if (event.type === 'message_start') {
    if (folded) throw new BrokenStream('a second message_start');
    return started(event);
  }
  if (!folded) return null;
  switch (event.type) {
    case 'content_block_start':
      begin(folded, event);
      break;
    case 'content_block_delta': {
      const open = openBlock(folded, event);
      const delta = object(event.delta, 'delta');
      grow(folded, pieceOf(delta).length);
      applyDelta(open, delta, onText);
      break;
    }
    case 'content_block_stop':
      openBlock(folded, event).closed = true;
      break;
    case 'message_delta': {
      const { stop_reason, stop_details } = object(event.delta, 'delta');
      const usage = isObject(event.usage) ? event.usage : {};
      const counts = usage.output_tokens !== null && usage.output_tokens !== undefined;
      if (typeof stop_reason === 'string') {
        folded.stopReason = name(stop_reason, 'stop_reason');
        folded.counted = counts;
      } else folded.counted ||= counts;
      folded.stopDetails = stop_details ?? folded.stopDetails;
      folded.usage = mergeUsage(folded.usage, usage);
    }
  }
  return folded;
}
