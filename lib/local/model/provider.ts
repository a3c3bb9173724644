/**
 * What the Messages API does with a request, whatever brings it: checks it, asks a player for the answer, accounts it with the prompt cache, and
 * writes it on the bill before anything of it goes out.
 */
import { randomBytes } from 'node:crypto';
import { ApiProblem, type Asked, acceptMessages, acceptPrompt } from '../messages-api/index.ts';
import type { MessagesRequest, PromptRequest } from '../messages-api/shape.ts';
import { priceOfCall, usageOf } from './account.ts';
import type { Answer, Fault, Player } from './answer.ts';
import { type BillLine, openBill } from './bill.ts';
import { promptCache } from './cache.ts';
import type { Message } from './events.ts';
import { leastCached } from './limits.ts';
import { outputOf } from './output.ts';
import { conversationOf, type Segment, segmentsOf } from './prompt.ts';
import { signed, thoughtful } from './thought.ts';

export type ProviderOptions = {
  player: Player;
  /** Milliseconds, for the cache's lifetimes and dated prices. */
  now?: () => number;
  /** JSON-lines file of the bill; left out, it is kept in memory. */
  billPath?: string | null;
  /** Prompt tokens that count_tokens answers, instead of the estimate. */
  countTokens?: (request: PromptRequest) => number | null;
  /** False: it answers without thinking, as a model may that decides by itself how much it thinks. */
  thinks?: boolean;
};

/** A request that the Messages API would not have served, and why. `body` as it came. */
export type Refusal = { at: number; path: string; status: number; message: string; body: unknown };

type StatusFault = Extract<Fault, { kind: 'status' }>;
/** A message with what goes wrong on its way, or the status that comes in its place. */
export type Served =
  | { message: Message; stream: boolean; fault: Exclude<Fault, StatusFault> | null }
  | { refused: StatusFault };

export type Provider = {
  /** Throws `ApiProblem`, and keeps it. */
  messages(body: unknown, asked: Asked, requestId: string): Promise<Served>;
  /** Prompt tokens. Throws likewise. */
  count(body: unknown, asked: Asked): number;
  bill(): BillLine[];
  /** The requests that were refused since it was last asked: each is a mistake of the caller's. */
  takeRefusals(): Refusal[];
};

const served = ({ fault }: Answer): boolean =>
  !fault || (fault.billed ?? !(fault.kind === 'status' && (fault.status < 500 || fault.status === 529)));

export function startProvider(options: ProviderOptions): Provider {
  const { player, now = Date.now, countTokens = () => null, thinks = true } = options;
  const bill = openBill(options.billPath ?? null);
  const cache = promptCache();
  const refusals: Refusal[] = [];

  function accepted<A>(accept: (body: unknown, asked: Asked) => A, body: unknown, asked: Asked, path: string): A {
    try {
      return accept(body, asked);
    } catch (error) {
      if (error instanceof ApiProblem)
        refusals.push({ at: asked.now, path, status: error.status, message: error.message, body });
      throw error;
    }
  }

  function messageOf(request: MessagesRequest, segments: Segment[], answer: Answer, account: string): Message {
    const said = thinks ? thoughtful(request, answer) : answer;
    const whole = outputOf(said, request.max_tokens, segments.at(-1)?.hash ?? '');
    const output = signed(request, account, whole);
    const usage = answer.usage
      ? { ...answer.usage, output_tokens: output.tokens }
      : usageOf(cache.use(segments, leastCached(request.model), now()), output, request.inference_geo ?? null);
    return { id: `msg_${randomBytes(12).toString('hex')}`, model: request.model, usage, output };
  }

  function charge(request: MessagesRequest, { model, usage, output }: Message, requestId: string): void {
    const at = now();
    const cost = priceOfCall(model, usage, output, at);
    bill.add({
      request_id: requestId,
      at: new Date(at).toISOString(),
      model,
      conversation: conversationOf(request),
      usage,
      cost_microdollars: cost,
    });
  }

  return {
    async messages(body, asked, requestId) {
      const { request, read } = accepted(acceptMessages, body, asked, '/v1/messages');
      const segments = segmentsOf(read);
      const answer = await player(request, request.messages.filter(({ role }) => role === 'assistant').length);
      const { fault = null } = answer;
      const charged = served(answer);
      if (fault?.kind === 'status' && !charged) return { refused: fault };
      const message = messageOf(request, segments, answer, asked.account);
      if (charged) charge(request, message, requestId);
      return fault?.kind === 'status' ? { refused: fault } : { message, stream: request.stream ?? false, fault };
    },
    count(body, asked) {
      const { request, promptTokens } = accepted(acceptPrompt, body, asked, '/v1/messages/count_tokens');
      return countTokens(request) ?? promptTokens;
    },
    bill: bill.lines,
    takeRefusals: () => refusals.splice(0),
  };
}

/** The body of an error, as the API writes it. */
export const errorBody = ({ type, message, details }: Omit<StatusFault, 'kind' | 'status'>, requestId: string) => ({
  type: 'error',
  error: { type, message, ...(details && { details }) },
  request_id: requestId,
});
