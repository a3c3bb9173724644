/**
 * What the shell may ask of the web. It runs in a process that has no secrets and decides nothing: here its requests are judged by the session's
 * rules, secrets are put in, and what comes back is rid of them. Requests that change something are marked before they are made, since a script
 * that made one must not run again.
 */
import { STATUS_CODES } from 'node:http';
import {
  type Http,
  type HttpAnswer,
  type HttpMethod,
  MOST_REDIRECTS,
  type SandboxWeb,
  type ToolContext,
  type WebAnswer,
  type WebRequest,
} from '../ports/index.ts';
import { isSafe, METHODS, type Method, shellRuleFor, type WebAccess } from '../web/access.ts';
import { unpacked } from '../web/decode.ts';
import { addressOf } from '../web/known.ts';
import { type Credentials, carrying, secretFor } from './credentials.ts';
import { grouped } from './text.ts';

/** Of one call: requests, redirects among them, and bytes of all answers. Of one request: bytes sent, bytes of the answer, milliseconds. */
export const SHELL_WEB = {
  ...{ requests: 50, bytes: 20_000_000 },
  ...{ sentBytes: 5_000_000, answerBytes: 5_000_000, timeoutMs: 15_000 },
};

export type ShellWeb = Credentials & { http: Http; redact: (text: string) => string };

/** Null: the session's rules give the shell no network. `refusals`: what was not asked or not given, and why; the first few. */
export function shellWeb(
  { http, redact, ...credentials }: ShellWeb,
  { web: { access }, once }: Pick<ToolContext, 'web' | 'once'>,
): { web: SandboxWeb; refusals: string[] } | null {
  if (!access?.shell?.length) return null;
  const left = { requests: SHELL_WEB.requests, bytes: SHELL_WEB.bytes };
  const refusals: string[] = [];

  const ask = async (request: WebRequest, over: AbortSignal): Promise<WebAnswer> => {
    const { url, method, body } = judged(request, access);
    // Before anything is sent. A redirect may turn a safe request into no other than a safe one.
    if (!isSafe(method) && !(await once()))
      throw new Error(
        'it was not asked: the session is to stop, or an earlier attempt may have asked. Check before you ask again',
      );
    let hops = 0;
    const judge = (address: string, by: HttpMethod): Record<string, string> => {
      if (hops > Math.min(request.redirects, MOST_REDIRECTS)) throw new Error('Too many redirects');
      if (left.requests === 0)
        throw new Error(`it was not asked: one call makes ${SHELL_WEB.requests} requests at most`);
      hops += 1;
      left.requests -= 1;
      const { secret } = ruleFor(address, by, access);
      return secret === null ? {} : carrying(secretFor(secret, address, credentials));
    };
    const maxBytes = Math.min(SHELL_WEB.answerBytes, left.bytes);
    const timeoutMs = Math.min(request.timeoutMs ?? SHELL_WEB.timeoutMs, SHELL_WEB.timeoutMs);
    const redirect = request.redirects === 0 ? 'manual' : 'follow';
    const asking = { method, headers: own(request.headers), maxBytes, timeoutMs, redirect, judge } as const;
    const answer = await http(url, { ...asking, ...(body !== null && { body }) }, over);
    left.bytes -= answer.body.length;
    return given(answer, method, maxBytes, redact);
  };

  const web: SandboxWeb = async (request, over) => {
    try {
      return await ask(request, over);
    } catch (error) {
      const refused = redact((error as Error).message);
      if (refusals.length < FEW && !refusals.includes(refused)) refusals.push(refused);
      return { refused };
    }
  };
  return { web, refusals };
}

const FEW = 5;

/** Throws for what is no request that may be made at all. */
function judged({ url: text, method: asked, body }: WebRequest, access: WebAccess) {
  const url = addressOf(text);
  if (url === null) throw new Error(`${JSON.stringify(text.slice(0, 300))} is no address of the web`);
  const method = METHODS.find((one) => one === asked.toUpperCase());
  if (method === undefined) throw new Error(`HTTP method ${JSON.stringify(asked.slice(0, 20))} is not allowed`);
  ruleFor(url, method, access);
  if (body !== null && Buffer.byteLength(body) > SHELL_WEB.sentBytes)
    throw new Error(`it was not asked: a request carries ${grouped(SHELL_WEB.sentBytes)} bytes at most`);
  return { url, method, body: isSafe(method) ? null : body };
}

/** Throws a sentence for what the session does not allow. */
function ruleFor(address: string, method: Method, access: WebAccess) {
  const rule = shellRuleFor(address, method, access);
  if (rule !== null) return rule;
  const { host } = new URL(address);
  if (METHODS.some((other) => shellRuleFor(address, other, access) !== null))
    throw new Error(`HTTP method ${method} is not allowed at ${host} in this session`);
  throw new Error(`Network access denied: this session's shell may not ask ${host} for that`);
}

/** What is packed would hide a secret, and a part of an answer a part of one. */
const NOT_SENT = new Set(['accept-encoding', 'range', 'if-range']);
const own = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_SENT.has(name.toLowerCase())));

/** Unpacked, and without the values of secrets. */
async function given(
  { status, url, headers: sent, body: packed, cut: isCut }: HttpAnswer,
  method: HttpMethod,
  most: number,
  redact: (text: string) => string,
): Promise<WebAnswer> {
  const { 'content-encoding': encoding, ...headers } = sent;
  const { body, cut } = await unpacked(packed, method === 'HEAD' ? undefined : encoding, most);
  if (cut || isCut) throw new Error(`${new URL(url).host} answered ${status} with more than ${grouped(most)} bytes`);
  return withoutSecrets({ status, url, statusText: STATUS_CODES[status] ?? '', headers, body }, redact);
}

/** Before it goes to the process that must not have them. */
export function withoutSecrets(answer: Extract<WebAnswer, { status: number }>, redact: (text: string) => string) {
  const { headers, body } = answer;
  const text = Buffer.from(body).toString('latin1');
  const clean = redact(text);
  return {
    ...answer,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, redact(value)])),
    body: clean === text ? body : new Uint8Array(Buffer.from(clean, 'latin1')),
  };
}
