/**
 * What a player answers to a request: content blocks, how they end, and, for tests, what goes wrong on the way. Small builders make
 * scripts read like a conversation.
 */
import type { MessagesRequest } from '../messages-api/shape.ts';

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded';

/** `json` is what is streamed instead of the input's own JSON: for calls that are cut or malformed. Ids left out are minted. */
export type CallBlock = { type: 'tool_use'; id?: string; name: string; input: Record<string, unknown>; json?: string };
export type AnswerBlock = { type: 'text'; text: string } | CallBlock | ({ type: string } & Record<string, unknown>);

/**
 * What goes wrong. `after` counts the SSE events that still arrive whole; with `unit: 'bytes'` the bytes of the stream. `billed`: whether
 * the provider charges the whole answer; by default it does unless it refused with a 4xx or 529, which is the hardest case for a caller.
 */
export type Fault = { billed?: boolean } & (
  | {
      kind: 'status';
      status: number;
      type: string;
      message: string;
      headers?: Record<string, string>;
      details?: object;
    }
  /** Silence until the caller hangs up; with `after: 0` not even headers come. */
  | { kind: 'hang'; after: number }
  | { kind: 'cut'; after: number; unit?: 'events' | 'bytes' }
  | { kind: 'malformed'; after: number }
  | { kind: 'error_event'; after: number; type: string; message: string }
);

export type Answer = {
  content: AnswerBlock[];
  /** Left out: `tool_use` with a tool call, else `end_turn`. */
  stopReason?: StopReason;
  /** Left out: accounted from the request, the cache and the content. Given: reported as it is, whatever the request was. */
  usage?: Record<string, unknown>;
  fault?: Fault;
  /** What it thinks first, on a request to a model that thinks. Left out: a few words. Null: nothing, as a model may. */
  thought?: string | null;
};

/**
 * `index` is the number of assistant messages in the request: the place of the answer in the conversation. In `circadian/testing` it is the number of
 * replies to the session so far, whatever a summary has taken out of the request.
 */
export type Player = (request: MessagesRequest, index: number) => Answer | Promise<Answer>;

export const text = (words: string): AnswerBlock => ({ type: 'text', text: words });
export const call = (
  name: string,
  input: Record<string, unknown> = {},
  more: { id?: string; json?: string } = {},
): CallBlock => ({
  type: 'tool_use',
  name,
  input,
  ...more,
});

/** An answer of these blocks; a string is a text block. */
export const reply = (...content: (AnswerBlock | string)[]): Answer => ({
  content: content.map((block) => (typeof block === 'string' ? text(block) : block)),
});
export const ending = (stopReason: StopReason, ...content: (AnswerBlock | string)[]): Answer => ({
  ...reply(...content),
  stopReason,
});
export const failing = (fault: Fault, answer: Answer = reply('never read')): Answer => ({ ...answer, fault });

const status = (code: number, type: string, message: string, headers?: Record<string, string>): Answer =>
  failing({ kind: 'status', status: code, type, message, headers });
export const rateLimited = (retryAfterSeconds: number): Answer =>
  status(429, 'rate_limit_error', 'Number of request tokens has exceeded your rate limit.', {
    'retry-after': String(retryAfterSeconds),
  });
export const overloaded = (): Answer => status(529, 'overloaded_error', 'Overloaded');
export const serverError = (): Answer => status(500, 'api_error', 'Internal server error');
