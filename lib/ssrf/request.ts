/**
 * The one way to ask an address that a user gave (SSRF). Its host is resolved once, and all its addresses must be public. The connection goes
 * to one of those addresses. So a name that resolves to another address in between (DNS rebinding) gains nothing. No redirect is followed,
 * nothing is kept open, and time and size are limited. `fetch` could not do it: it resolves by itself, after any check.
 */
import { promises as dns, type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isInside, isLoopback, isPublic } from './address.ts';
import { checkUrl, hostOf, isForLoopback, isOfOrigin, type UrlRules } from './url.ts';

/** The address may not be asked. Nothing was sent. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}
/** There was no whole answer in time. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

export type SafeRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Calls it off: what is thrown then is the signal's reason. */
  signal?: AbortSignal | undefined;
  /** For all of it, from resolving on; milliseconds. */
  timeoutMs: number;
  /** What is beyond is not read; 0: the status is enough. */
  maxBytes: number;
  /** Is given each piece of the body; true: the rest is not read. */
  enough?: (piece: Uint8Array) => boolean;
};
/** `cut`: there was more than `maxBytes`. A redirect is an answer like every other. */
export type SafeResponse = { status: number; headers: IncomingHttpHeaders; body: Uint8Array; cut: boolean };

/** How the world is reached, for tests. `ca`: the authorities that may sign the host's certificate; by default those known to Node. */
export type Reach = {
  resolve?: (host: string) => Promise<LookupAddress[]>;
  isAllowed?: (address: string) => boolean;
  port?: number;
  ca?: string;
};

const resolveAll = (host: string): Promise<LookupAddress[]> => dns.lookup(host, { all: true, verbatim: true });

/** Throws `RefusedError`, `TimeoutError`, or what the connection failed with. */
export async function ask(
  address: string,
  { timeoutMs, signal, ...asking }: SafeRequest,
  rules: UrlRules = {},
  reach: Reach = {},
): Promise<SafeResponse> {
  const checked = checkUrl(address, rules);
  if ('fault' in checked) throw new RefusedError(checked.fault);
  const { url } = checked;
  const isAllowed = isForLoopback(url, rules)
    ? isLoopback
    : (reach.isAllowed ?? (isOfOrigin(url, rules) ? isInside : isPublic));
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs);
  const deadline = signal ? AbortSignal.any([late, signal]) : late;
  const over = new Promise<never>((_, reject) => {
    const end = () => reject(late.aborted ? new TimeoutError('no answer in time') : deadline.reason);
    deadline.addEventListener('abort', end, { once: true });
  });
  const answer = async (): Promise<SafeResponse> => {
    const found = await (reach.resolve ?? resolveAll)(hostOf(url));
    if (found.length === 0 || !found.every((one) => isAllowed(one.address))) {
      throw new RefusedError('must name a public host');
    }
    return exchange(url, asking, { found, deadline, reach });
  };
  return Promise.race([answer(), over]);
}

type Way = { found: LookupAddress[]; deadline: AbortSignal; reach: Reach };

function exchange(
  url: URL,
  asking: Omit<SafeRequest, 'timeoutMs' | 'signal'>,
  { found, deadline, reach }: Way,
): Promise<SafeResponse> {
  const { method = 'GET', headers = {}, body, maxBytes, enough = () => false } = asking;
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      // A connection of its own: one that is kept could be to an address that the host had before.
      agent: false,
      lookup: pinned(found),
      signal: deadline,
      ...(reach.port !== undefined && { port: reach.port }),
      ...(secure && reach.ca !== undefined && { ca: reach.ca }),
    });
    request.once('error', reject);
    request.once('response', (response) => read(response, maxBytes, enough).then(resolve, reject));
    request.end(body);
  });
}

/** Answers every question of the socket with the addresses that were checked. A host that is an address is never looked up. */
const pinned =
  (found: LookupAddress[]) =>
  (
    _host: string,
    options: LookupOptions,
    done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    const [first] = found;
    if (options.all) done(null, found);
    else done(null, first?.address ?? '', first?.family);
  };

async function read(
  response: IncomingMessage,
  maxBytes: number,
  enough: (piece: Uint8Array) => boolean,
): Promise<SafeResponse> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  if (maxBytes > 0) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes || enough(chunk)) break;
    }
  }
  response.destroy();
  const cut = maxBytes === 0 || size > maxBytes;
  return { status, headers, body: Buffer.concat(chunks).subarray(0, maxBytes), cut };
}
