/**
 * The model's provider, in a process of its own: it survives what it serves, and its bill is what everything is held against. What it says
 * follows from the agents' goals; how it fails is asked for over `POST /control`, by session or at random. BILL, REFUSALS: its files. SEED.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ApiProblem, acceptMessages, acceptPrompt } from '../../../lib/local/messages-api/index.ts';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import type { Fault } from '../../../lib/local/model/answer.ts';
import { outputOf } from '../../../lib/local/model/output.ts';
import { segmentsOf } from '../../../lib/local/model/prompt.ts';
import { send } from '../../../lib/local/model/send.ts';
import { signed, thoughtful } from '../../../lib/local/model/thought.ts';
import type { BillLine, RefusalLine } from '../evidence.ts';
import { ANSWER_OF, MISHAPS, type Mishap } from '../mishaps.ts';
import { between, pick, randomFrom } from '../random.ts';
import { answer, bodyOf, serve, writeLine } from './line.ts';
import { played } from './plot.ts';
import { priceOf, type Tokens, usageOf } from './price.ts';

/** `next`: what happens to the next calls of this session. `rate`: from now on, the part of all calls to which something happens. */
export type Control = { next?: { session: string; mishap: Mishap }; rate?: number };

const { BILL: billPath, REFUSALS: refusalsPath, SEED } = process.env as Record<string, string>;
const random = randomFrom(Number(SEED));
const planned = new Map<string, Mishap[]>();
const calls = new Map<string, number>();
let rate = 0;

const STATUS: Partial<Record<Mishap, { status: number; type: string; headers?: Record<string, string> }>> = {
  429: { status: 429, type: 'rate_limit_error', headers: { 'retry-after': '1' } },
  529: { status: 529, type: 'overloaded_error' },
  500: { status: 500, type: 'api_error' },
};
const SLOW_MS = 150;
/** All workers are one deployment, which has one account. */
const ACCOUNT = 'the deployment';
const asked = () => ({ account: ACCOUNT, now: Date.now() });

type Caller = { worker: string; session: string; call: number };

const whoOf = (path: string, text: string): Omit<Caller, 'call'> => ({
  worker: /^\/(w\d+)\//.exec(path)?.[1] ?? '',
  session: /ses_[0-9a-z]{26}/.exec(text)?.[0] ?? '',
});

const callerOf = (path: string, text: string): Caller => {
  const who = whoOf(path, text);
  const call = (calls.get(who.worker) ?? 0) + 1;
  calls.set(who.worker, call);
  return { ...who, call };
};

const mishapOf = ({ session }: Caller): Mishap | null =>
  planned.get(session)?.shift() ?? (random() < rate ? pick(random, MISHAPS) : null);

/** Split at random between what was cached and what was not: the caller cannot know, and pays for what it was. */
const tokensOf = (request: MessagesRequest, output: number): Tokens => {
  const all = segmentsOf(request).at(-1)?.tokens ?? 0;
  const read = Math.floor(all * random());
  const write = Math.floor((all - read) * random());
  return { input: all - read - write, write, read, output };
};

const faultOf = (mishap: Mishap | null): Fault | null => {
  const after = between(random, 0, 6);
  if (mishap === 'hang') return { kind: 'hang', after };
  if (mishap === 'cut') return { kind: 'cut', after: between(random, 0, 1_500), unit: 'bytes' };
  if (mishap === 'malformed') return { kind: 'malformed', after: Math.max(1, after) };
  if (mishap === 'error_event') return { kind: 'error_event', after, type: 'overloaded_error', message: 'Overloaded' };
  return null;
};

/** As it stands on the bill. */
const answerOf = (mishap: Mishap | null, stopReason: string): BillLine['answer'] =>
  mishap && mishap !== '429' && mishap !== '529'
    ? ANSWER_OF[mishap]
    : stopReason === 'max_tokens'
      ? 'max_tokens'
      : 'whole';

async function serveCall(text: string, caller: Caller, response: ServerResponse): Promise<void> {
  const { request, read } = acceptMessages(JSON.parse(text), asked());
  const mishap = mishapOf(caller);
  const status = mishap && STATUS[mishap];
  if (status && mishap !== '500') return refuse(response, caller, status);
  const said = played(request);
  const chosen =
    mishap === 'long'
      ? { content: [{ type: 'text' as const, text: 'More and more. '.repeat(3_000) }] }
      : mishap === 'refusal'
        ? { content: [{ type: 'text' as const, text: 'I will not.' }], stopReason: 'refusal' as const }
        : said;
  const whole = outputOf(thoughtful(request, chosen), request.max_tokens, caller.session + caller.worker + caller.call);
  const output = signed(request, ACCOUNT, whole);
  const id = `req_${randomBytes(12).toString('hex')}`;
  const tokens = tokensOf(read, output.tokens);
  const usage = usageOf(tokens, id);
  writeLine(billPath!, {
    ...{ request: id, at: Date.now(), ...caller, model: request.model, usage, cost: priceOf(request.model, tokens) },
    answer: answerOf(mishap, output.stopReason),
  } satisfies BillLine);
  if (status)
    return void answer(response, 500, {
      type: 'error',
      error: { type: status.type, message: 'Internal server error' },
    });
  const message = { id: `msg_${randomBytes(12).toString('hex')}`, model: request.model, usage, output };
  const delayMs = mishap === 'slow' ? SLOW_MS : 0;
  await send({ response, message, stream: request.stream ?? false, requestId: id, delayMs, fault: faultOf(mishap) });
}

function refuse(
  response: ServerResponse,
  caller: Caller,
  { status, type, headers }: { status: number; type: string; headers?: Record<string, string> },
): void {
  const { session, worker } = caller;
  writeLine(refusalsPath!, { at: Date.now(), session, worker, status, message: type } satisfies RefusalLine);
  answer(response, status, { type: 'error', error: { type, message: `Refused with ${status}.` } }, headers);
}

function control(text: string, response: ServerResponse): void {
  const { next, rate: asked } = JSON.parse(text) as Control;
  if (next) planned.set(next.session, [...(planned.get(next.session) ?? []), next.mishap]);
  if (asked !== undefined) rate = asked;
  answer(response, 200, {});
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  const text = await bodyOf(request);
  if (path === '/control') return control(text, response);
  if (path.endsWith('/v1/messages/count_tokens')) {
    try {
      return answer(response, 200, { input_tokens: acceptPrompt(JSON.parse(text), asked()).promptTokens });
    } catch (error) {
      return refused(response, whoOf(path, text), error);
    }
  }
  const caller = callerOf(path, text);
  await serveCall(text, caller, response).catch((error: unknown) => refused(response, caller, error));
}

/** What the Messages API would not have served, as it stands in the evidence, where the checkers find it. */
function refused(response: ServerResponse, { session, worker }: Omit<Caller, 'call'>, error: unknown): void {
  const { status, type } = error instanceof ApiProblem ? error : { status: 500, type: 'api_error' };
  if (response.headersSent) return void response.destroy();
  const message = String(error);
  writeLine(refusalsPath!, { at: Date.now(), session, worker, status, message } satisfies RefusalLine);
  answer(response, status, { type: 'error', error: { type, message } });
}

serve(createServer((request, response) => void route(request, response).catch(() => response.destroy())));
