/**
 * A model server on loopback that speaks the Messages API: POST /v1/messages (streamed and whole), POST /v1/messages/count_tokens. What it
 * says comes from a player; what it costs, it accounts itself. For tests and tools: GET /bill, and POST /control/answers, whose answers come
 * before the player's.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiProblem, type Asked } from '../messages-api/index.ts';
import type { Answer } from './answer.ts';
import { authenticate, problemOf, rateLimits, readJson, sendJson } from './http.ts';
import { errorBody, type Provider, type ProviderOptions, startProvider } from './provider.ts';
import { send } from './send.ts';

export type { Refusal } from './provider.ts';

export type ModelServerOptions = ProviderOptions & {
  /** 0, the default: any free port. */
  port?: number;
  /** Pause after each event, for people who watch. */
  delayMs?: number;
  /** When the accounts that ask were created, ISO 8601; left out, their thinking is checked by default. */
  accountsCreated?: string;
  /** Whose key it is that asks. Left out, every key is an account of its own. */
  accountOf?: (key: string) => string;
};

export type ModelServer = Pick<Provider, 'bill' | 'takeRefusals'> & {
  url: string;
  port: number;
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

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { player, now = Date.now, delayMs = 0, accountOf = (key) => key } = options;
  const queued: Answer[] = [];
  const provider = startProvider({
    ...options,
    player: async (...request) => queued.shift() ?? (await player(...request)),
  });

  const askedBy = (headers: IncomingHttpHeaders): Asked => ({
    account: accountOf(keyOf(headers)),
    betas: betasOf(headers),
    now: now(),
    ...(options.accountsCreated && { created: options.accountsCreated }),
  });

  const onMessages = async (body: unknown, asked: Asked, requestId: string, response: ServerResponse) => {
    const served = await provider.messages(body, asked, requestId);
    if ('message' in served) return send({ response, ...served, requestId, delayMs });
    const { status, headers, ...fault } = served.refused;
    sendJson(response, status, errorBody(fault, requestId), headers);
  };

  const route = async (incoming: IncomingMessage, response: ServerResponse, requestId: string) => {
    const path = `${incoming.method} ${new URL(incoming.url ?? '/', 'http://model').pathname}`;
    if (path === 'GET /bill') return sendJson(response, 200, { data: provider.bill() });
    if (path === 'POST /control/answers') {
      queued.push(...((await readJson(incoming)) as Answer[]));
      return sendJson(response, 202, { queued: queued.length });
    }
    authenticate(incoming.headers);
    const asked = askedBy(incoming.headers);
    if (path === 'POST /v1/messages') return onMessages(await readJson(incoming), asked, requestId, response);
    if (path === 'POST /v1/messages/count_tokens')
      return sendJson(response, 200, { input_tokens: provider.count(await readJson(incoming), asked) });
    throw new ApiProblem(404, 'not_found_error', `Not found: ${path}`);
  };

  const server = createServer((incoming, response) => {
    const requestId = `req_${randomBytes(12).toString('hex')}`;
    for (const [name, value] of rateLimits(now())) response.setHeader(name, value);
    response.setHeader('request-id', requestId);
    route(incoming, response, requestId).catch((error: unknown) => {
      const { status, type, message } = problemOf(error);
      if (response.headersSent) return response.destroy();
      sendJson(response, status, errorBody({ type, message }, requestId));
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
    bill: provider.bill,
    takeRefusals: provider.takeRefusals,
    answerNext: (...answers) => void queued.push(...answers),
    close,
  };
}
