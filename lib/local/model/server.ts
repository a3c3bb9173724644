/**
 * A model server on loopback that speaks the Messages API: POST /v1/messages (streamed and whole), POST /v1/messages/count_tokens. What it
 * says comes from a player; what it costs, it accounts itself. For tests and tools: GET /bill, and POST /control/answers, whose answers come
 * before the player's.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiProblem, type Asked, acceptMessages, acceptPrompt } from '../messages-api/index.ts';
import type { MessagesRequest, PromptRequest } from '../messages-api/shape.ts';
import { priceOfCall, usageOf } from './account.ts';
import type { Answer, Player } from './answer.ts';
import { type BillLine, openBill } from './bill.ts';
import { promptCache } from './cache.ts';
import type { Message } from './events.ts';
import { authenticate, problemOf, rateLimits, readJson, sendJson } from './http.ts';
import { leastCached } from './limits.ts';
import { outputOf } from './output.ts';
import { conversationOf, type Segment, segmentsOf } from './prompt.ts';
import { send } from './send.ts';
import { signed, thoughtful } from './thought.ts';

export type ModelServerOptions = {
  player: Player;
  /** 0, the default: any free port. */
  port?: number;
  /** Milliseconds, for the cache's lifetimes and dated prices. */
  now?: () => number;
  /** JSON-lines file of the bill; left out, it is kept in memory. */
  billPath?: string | null;
  /** Pause after each event, for people who watch. */
  delayMs?: number;
  /** Prompt tokens that count_tokens answers, instead of the estimate. */
  countTokens?: (request: PromptRequest) => number | null;
  /** False: it answers without thinking, as a model may that decides by itself how much it thinks. */
  thinks?: boolean;
  /** When the accounts that ask were created, ISO 8601; left out, their thinking is checked by default. */
  accountsCreated?: string;
  /** Whose key it is that asks. Left out, every key is an account of its own. */
  accountOf?: (key: string) => string;
};

/** A request that the Messages API would not have served, and why. `body` as it came. */
export type Refusal = { at: number; path: string; status: number; message: string; body: unknown };

export type ModelServer = {
  url: string;
  port: number;
  bill(): BillLine[];
  /** The requests that were refused since it was last asked: each is a mistake of the caller's. */
  takeRefusals(): Refusal[];
  /** These answers come next, before the player's. */
  answerNext(...answers: Answer[]): void;
  close(): Promise<void>;
};

const keyOf = ({ 'x-api-key': key, authorization }: IncomingHttpHeaders): string =>
  String(key ?? authorization).replace(/^Bearer /, '');

const betasOf = ({ 'anthropic-beta': betas }: IncomingHttpHeaders): string[] =>
  String(betas ?? '')
    .split(',')
    .map((beta) => beta.trim());

const served = ({ fault }: Answer): boolean =>
  !fault || (fault.billed ?? !(fault.kind === 'status' && (fault.status < 500 || fault.status === 529)));

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const {
    player,
    now = Date.now,
    delayMs = 0,
    countTokens = () => null,
    accountOf = (key) => key,
    thinks = true,
  } = options;
  const bill = openBill(options.billPath ?? null);
  const cache = promptCache();
  const queued: Answer[] = [];
  const refusals: Refusal[] = [];

  const askedBy = (headers: IncomingHttpHeaders): Asked => ({
    account: accountOf(keyOf(headers)),
    betas: betasOf(headers),
    now: now(),
    ...(options.accountsCreated && { created: options.accountsCreated }),
  });

  /** Throws what `accept` does, and keeps it. */
  const accepted = <A>(accept: (body: unknown, asked: Asked) => A, body: unknown, asked: Asked, path: string): A => {
    try {
      return accept(body, asked);
    } catch (error) {
      if (error instanceof ApiProblem)
        refusals.push({ at: asked.now, path, status: error.status, message: error.message, body });
      throw error;
    }
  };

  const answerTo = async (request: MessagesRequest): Promise<Answer> =>
    queued.shift() ?? (await player(request, request.messages.filter(({ role }) => role === 'assistant').length));

  const messageOf = (request: MessagesRequest, segments: Segment[], answer: Answer, account: string): Message => {
    const said = thinks ? thoughtful(request, answer) : answer;
    const whole = outputOf(said, request.max_tokens, segments.at(-1)?.hash ?? '');
    const output = signed(request, account, whole);
    const usage = answer.usage
      ? { ...answer.usage, output_tokens: output.tokens }
      : usageOf(cache.use(segments, leastCached(request.model), now()), output, request.inference_geo ?? null);
    return { id: `msg_${randomBytes(12).toString('hex')}`, model: request.model, usage, output };
  };

  const charge = (request: MessagesRequest, { model, usage, output }: Message, requestId: string) => {
    const at = now();
    const cost = priceOfCall(model, usage, output, at);
    const conversation = conversationOf(request);
    bill.add({
      request_id: requestId,
      at: new Date(at).toISOString(),
      model,
      conversation,
      usage,
      cost_microdollars: cost,
    });
  };

  const onMessages = async (body: unknown, asked: Asked, requestId: string, response: ServerResponse) => {
    const { request, read } = accepted(acceptMessages, body, asked, '/v1/messages');
    const segments = segmentsOf(read);
    const answer = await answerTo(request);
    const { fault = null } = answer;
    const charged = served(answer);
    if (charged || fault?.kind !== 'status') {
      const message = messageOf(request, segments, answer, asked.account);
      if (charged) charge(request, message, requestId);
      if (fault?.kind !== 'status') {
        return send({ response, message, stream: request.stream ?? false, requestId, delayMs, fault });
      }
    }
    const { status, type, message, headers, details } = fault;
    sendJson(
      response,
      status,
      { type: 'error', error: { type, message, ...(details && { details }) }, request_id: requestId },
      headers,
    );
  };

  const onCount = (body: unknown, asked: Asked, response: ServerResponse) => {
    const { request, promptTokens } = accepted(acceptPrompt, body, asked, '/v1/messages/count_tokens');
    sendJson(response, 200, { input_tokens: countTokens(request) ?? promptTokens });
  };

  const route = async (incoming: IncomingMessage, response: ServerResponse, requestId: string) => {
    const path = `${incoming.method} ${new URL(incoming.url ?? '/', 'http://model').pathname}`;
    if (path === 'GET /bill') return sendJson(response, 200, { data: bill.lines() });
    if (path === 'POST /control/answers') {
      queued.push(...((await readJson(incoming)) as Answer[]));
      return sendJson(response, 202, { queued: queued.length });
    }
    authenticate(incoming.headers);
    const asked = askedBy(incoming.headers);
    if (path === 'POST /v1/messages') return onMessages(await readJson(incoming), asked, requestId, response);
    if (path === 'POST /v1/messages/count_tokens') return onCount(await readJson(incoming), asked, response);
    throw new ApiProblem(404, 'not_found_error', `Not found: ${path}`);
  };

  const server = createServer((incoming, response) => {
    const requestId = `req_${randomBytes(12).toString('hex')}`;
    for (const [name, value] of rateLimits(now())) response.setHeader(name, value);
    response.setHeader('request-id', requestId);
    route(incoming, response, requestId).catch((error: unknown) => {
      const { status, type, message } = problemOf(error);
      if (response.headersSent) return response.destroy();
      sendJson(response, status, { type: 'error', error: { type, message }, request_id: requestId });
    });
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve),
  );
  const { port } = server.address() as AddressInfo;

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    bill: bill.lines,
    takeRefusals: () => refusals.splice(0),
    answerNext: (...answers) => void queued.push(...answers),
    close,
  };
}
