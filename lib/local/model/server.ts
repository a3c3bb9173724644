/**
 * A model server on loopback that speaks the Messages API: POST /v1/messages (streamed and whole), POST /v1/messages/count_tokens. What it
 * says comes from a player; what it costs, it accounts itself. For tests and tools: GET /bill, and POST /control/answers, whose answers come
 * before the player's.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiProblem } from '../messages-api/problem.ts';
import { type MessagesRequest, type PromptRequest, parseMessages, parsePrompt } from '../messages-api/shape.ts';
import { checkTurns } from '../messages-api/turns.ts';
import { priceOfCall, usageOf } from './account.ts';
import type { Answer, Player } from './answer.ts';
import { type BillLine, openBill } from './bill.ts';
import { promptCache } from './cache.ts';
import type { Message } from './events.ts';
import { authenticate, problemOf, rateLimits, readJson, sendJson } from './http.ts';
import { checkLimits, leastCached } from './limits.ts';
import { outputOf } from './output.ts';
import { conversationOf, type Segment, segmentsOf } from './prompt.ts';
import { send } from './send.ts';

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
};

export type ModelServer = {
  url: string;
  port: number;
  bill(): BillLine[];
  /** These answers come next, before the player's. */
  answerNext(...answers: Answer[]): void;
  close(): Promise<void>;
};

const served = ({ fault }: Answer): boolean =>
  !fault || (fault.billed ?? !(fault.kind === 'status' && (fault.status < 500 || fault.status === 529)));

export const startModelServer = async (options: ModelServerOptions): Promise<ModelServer> => {
  const { player, now = Date.now, delayMs = 0, countTokens = () => null } = options;
  const bill = openBill(options.billPath ?? null);
  const cache = promptCache();
  const queued: Answer[] = [];

  const answerTo = async (request: MessagesRequest): Promise<Answer> =>
    queued.shift() ?? (await player(request, request.messages.filter(({ role }) => role === 'assistant').length));

  const messageOf = (request: MessagesRequest, segments: Segment[], answer: Answer): Message => {
    const output = outputOf(answer, request.max_tokens, segments.at(-1)?.hash ?? '');
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

  const onMessages = async (body: unknown, requestId: string, response: ServerResponse) => {
    const request = parseMessages(body);
    checkTurns(request);
    const segments = segmentsOf(request);
    const last = segments.at(-1);
    checkLimits(request.model, last?.tokens ?? 0, request.max_tokens);
    const answer = await answerTo(request);
    const { fault = null } = answer;
    const charged = served(answer);
    if (charged || fault?.kind !== 'status') {
      const message = messageOf(request, segments, answer);
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

  const onCount = (body: unknown, response: ServerResponse) => {
    const request = parsePrompt(body);
    checkTurns(request);
    const tokens = countTokens(request) ?? segmentsOf(request).at(-1)?.tokens ?? 0;
    checkLimits(request.model, 0, null);
    sendJson(response, 200, { input_tokens: tokens });
  };

  const route = async (incoming: IncomingMessage, response: ServerResponse, requestId: string) => {
    const path = `${incoming.method} ${new URL(incoming.url ?? '/', 'http://model').pathname}`;
    if (path === 'GET /bill') return sendJson(response, 200, { data: bill.lines() });
    if (path === 'POST /control/answers') {
      queued.push(...((await readJson(incoming)) as Answer[]));
      return sendJson(response, 202, { queued: queued.length });
    }
    authenticate(incoming.headers);
    if (path === 'POST /v1/messages') return onMessages(await readJson(incoming), requestId, response);
    if (path === 'POST /v1/messages/count_tokens') return onCount(await readJson(incoming), response);
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
    answerNext: (...answers) => void queued.push(...answers),
    close,
  };
};
